/** Commands as real processes: without a shell unless asked for, in a group of their own, with nothing left behind when they are ended. */
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { BelayError } from '../../engine/errors.ts';
import { sha256 } from '../../engine/policy/hash.ts';
import type { CommandRequest, CommandResult, CommandRunner } from '../../engine/ports.ts';
import { inheritedEnvironment } from './environment.ts';
import { CappedOutput } from './output.ts';
import { endStrays, endTree, killGroup, MARK } from './tree.ts';

export interface ShellOptions {
  /** The host's environment, of which commands inherit a part. Default: that of this process. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** How long, in ms, a process may take to end after SIGTERM before it is killed. Default: 2000. */
  graceMs?: number;
}

/** How long, in ms, a pipe has to be quiet after the command has ended, if something it left in the background holds it open. */
const DRAIN = 250;
/** A background process that never stops talking is not listened to for longer than so many times `DRAIN`. */
const MOST_DRAINS = 20;

/** The context of `CommandRunner.run`. */
type RunContext = Parameters<CommandRunner['run']>[1];

/** Commands that run now: ended with this process, where it ends in good order. */
const running = new Set<number>();
process.on('exit', () => {
  for (const pid of running) killGroup(pid);
});

/**
 * Errors: `COMMAND_NOT_FOUND`, `COMMAND_NOT_ALLOWED`, `COMMAND_NEEDS_SHELL` (Windows: .cmd and .bat files), `COMMAND_FOLDER`,
 * `COMMAND_INVALID`. An exit code is a result, not an error.
 */
export function createCommandRunner(options: ShellOptions = {}): CommandRunner {
  const inherited = inheritedEnvironment(options.environment ?? process.env);
  const graceMs = options.graceMs ?? 2000;
  return {
    async run(request, context) {
      context.signal.throwIfAborted();
      await checkFolder(request.cwd);
      context.signal.throwIfAborted();
      return perform(request, { ...inherited, ...request.env }, graceMs, context);
    },
  };
}

async function perform(request: CommandRequest, env: Record<string, string>, graceMs: number, context: RunContext): Promise<CommandResult> {
  const mark = request.id === undefined ? randomUUID() : sha256(request.id);
  if (request.id !== undefined) await endStrays(mark, graceMs);
  context.signal.throwIfAborted();
  const { child, pid } = await start(request, { ...env, [MARK]: mark });
  running.add(pid);
  const exited = new Promise<{ exitCode: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  // A command that does not read its input closes the pipe early; that is no failure.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(request.stdin ?? '');
  const stdout = collect(child.stdout, 'stdout', request.maxOutputBytes, context);
  const stderr = collect(child.stderr, 'stderr', request.maxOutputBytes, context);

  let ending: Promise<void> | undefined;
  const onAbort = () => {
    ending = endTree(pid, mark, graceMs);
  };
  context.signal.addEventListener('abort', onAbort, { once: true });
  if (context.signal.aborted) onAbort();
  try {
    const { exitCode, signal } = await exited;
    if (!context.signal.aborted) await drain([stdout, stderr], context.signal);
    await ending;
    context.signal.throwIfAborted();
    const [out, err] = [stdout.output.finish(), stderr.output.finish()];
    return { stdout: out.text, stderr: err.text, exitCode, signal, truncated: out.truncated || err.truncated };
  } finally {
    context.signal.removeEventListener('abort', onAbort);
    running.delete(pid);
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

/** Resolves when the process runs; rejects where it cannot be started. */
function start(request: CommandRequest, env: Record<string, string>): Promise<{ child: ChildProcess; pid: number }> {
  const windows = process.platform === 'win32';
  const options: SpawnOptions = { cwd: request.cwd, env, stdio: 'pipe', detached: !windows, windowsHide: true };
  return new Promise((resolve, reject) => {
    let child: ChildProcess;
    try {
      if ('argv' in request.command) {
        const [program = '', ...args] = request.command.argv;
        child = spawn(program, args, options);
      } else if (windows) {
        const line = `"${request.command.shell}"`;
        child = spawn(env.ComSpec ?? env.COMSPEC ?? 'cmd.exe', ['/d', '/s', '/c', line], { ...options, windowsVerbatimArguments: true });
      } else {
        child = spawn('/bin/sh', ['-c', request.command.shell], options);
      }
    } catch (cause) {
      // Thrown at once for what no process can be made of: an empty program, a NUL byte.
      reject(startFailure(request, cause));
      return;
    }
    child.once('error', (cause) => reject(startFailure(request, cause)));
    child.once('spawn', () => resolve({ child, pid: child.pid ?? 0 }));
  });
}

function startFailure(request: CommandRequest, cause: unknown): BelayError {
  const program = 'argv' in request.command ? (request.command.argv[0] ?? '') : 'the shell';
  const code = (cause as NodeJS.ErrnoException).code;
  const forWindows = process.platform === 'win32' ? ' On Windows, .cmd and .bat files (npm, npx) only run through "shell".' : '';
  if (code === 'ENOENT') {
    return new BelayError('COMMAND_NOT_FOUND', `There is no program "${program}".`, {
      hint: `Install it, or correct its name; programs are looked for in PATH.${forWindows}`,
      kind: 'notFound',
      cause,
    });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new BelayError('COMMAND_NOT_ALLOWED', `"${program}" may not be run.`, {
      hint: 'Make it executable, or name the program that runs it first.',
      kind: 'permission',
      cause,
    });
  }
  if (code === 'EINVAL' && process.platform === 'win32') {
    return new BelayError('COMMAND_NEEDS_SHELL', `"${program}" is a batch file.`, { hint: forWindows.trim(), kind: 'badRequest', cause });
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return new BelayError('COMMAND_INVALID', `"${program}" could not be started: ${message}`, {
    hint: 'Correct the program or its arguments.',
    kind: 'badRequest',
    cause,
  });
}

interface Collected {
  output: CappedOutput;
  /** Never rejects: a cut pipe ends the output. */
  done: Promise<void>;
}

/** Reads a stream to its end at the pace of the reader, and shows as much of it as is kept. */
function collect(stream: Readable | null, name: 'stdout' | 'stderr', limit: number, context: RunContext): Collected {
  const output = new CappedOutput(limit);
  const decoder = new StringDecoder('utf8');
  let shown = 0;
  const show = (text: string) => {
    if (text === '' || context.signal.aborted || shown > limit) return;
    shown += text.length;
    context.onOutput(name, shown > limit ? `${text}\n… more is not shown while it runs …\n` : text);
  };
  const read = async () => {
    if (stream === null) return;
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        output.push(chunk);
        show(decoder.write(chunk));
      }
    } catch {
      // Destroyed while something in the background still held it open.
    }
    show(decoder.end());
  };
  return { output, done: read() };
}

/** Waits for the end of the output; but not for what a background process may say some day. */
async function drain(streams: readonly Collected[], signal: AbortSignal): Promise<void> {
  let ended = false;
  const done = Promise.all(streams.map((stream) => stream.done)).then(() => {
    ended = true;
  });
  const length = () => streams.reduce((sum, stream) => sum + stream.output.total, 0);
  for (let round = 0; round < MOST_DRAINS && !ended && !signal.aborted; round += 1) {
    const before = length();
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, DRAIN))]);
    // A stalled event loop fires the timer before it reads the pipe: what waits there is let in first.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    if (length() === before) return;
  }
}

async function checkFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new BelayError('COMMAND_FOLDER', `The folder "${folder}" of the command is not there.`, {
    hint: 'Correct "cwd", or make the folder first.',
    kind: 'notFound',
  });
}
