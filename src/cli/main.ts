/** The composition root of the command line: the only place here that touches the process. */
import { CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { toErrorData } from '../engine/errors.ts';
import type { CliContext, Workspace } from './context.ts';
import type { Exit } from './exit-codes.ts';
import { EXIT_CODES, exitOfFault } from './exit-codes.ts';
import { whoAmI } from './people.ts';
import { createProgram } from './program.ts';
import { Terminal } from './terminal.ts';
import { harmless } from './text.ts';

const terminal = new Terminal(process);
const { env: environment } = process;

const opened: Workspace[] = [];
const context: CliContext = {
  terminal,
  cwd: process.cwd(),
  by: whoAmI(),
  mcpToken: environment.BELAY_MCP_TOKEN || undefined,
  now: Date.now,
  async open(root) {
    const { openWorkspace } = await import('./runtime.ts');
    const workspace = await openWorkspace(root, { environment, terminal, version: packageJson.version });
    opened.push(workspace);
    return workspace;
  },
  onInterrupt(listener) {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    const listeners = signals.map((signal) => [signal, () => listener(signal)] as const);
    for (const [signal, call] of listeners) process.on(signal, call);
    return () => {
      for (const [signal, call] of listeners) process.off(signal, call);
    };
  },
  kill: (code) => process.exit(code),
};

async function main(): Promise<number> {
  let exit: Exit = 'ok';
  try {
    const ended = (end: Exit): void => {
      exit = end;
    };
    await createProgram(packageJson.version, context, ended, process.argv[2]).parseAsync(process.argv);
  } catch (error) {
    // Commander has said what it does not understand; help and version are no faults.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES.usage.code;
    exit = complain(error);
  }
  return EXIT_CODES[exit].code;
}

function complain(error: unknown): Exit {
  const { code, message, hint } = toErrorData(error);
  terminal.complain(harmless(`${code}: ${message}\n${hint}`));
  if (code === 'INTERNAL' && error instanceof Error) terminal.complain(error.stack ?? '');
  return exitOfFault(code);
}

/** Does what the arguments say, and ends the process. */
export async function run(): Promise<never> {
  // Whoever reads may stop (`belay runs | head`); a run goes on all the same.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const code = await main();
  await Promise.all(opened.map((workspace) => workspace.dispose()));
  await terminal.flushed();
  // Leaving by itself, Node would first take the heap apart piece by piece, which takes longer than a small flow does.
  process.exit(code);
}
