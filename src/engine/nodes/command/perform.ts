/** One command, run to its end. */
import { BelayError } from '../../errors.ts';
import type { Json, JsonObject } from '../../format/json.ts';
import { StreamRedactor } from '../../policy/redact.ts';
import type { CommandRequest, EnginePorts } from '../../ports.ts';

/** Characters of stderr that an error carries: the end of it is where programs say what went wrong. */
const STDERR_TAIL = 2000;

export interface Commanding {
  ports: Pick<EnginePorts, 'commands' | 'secrets'>;
  signal: AbortSignal;
  /** Called with what it writes, redacted. */
  show(stream: 'stdout' | 'stderr', text: string): void;
  /** Exit codes that are fine; undefined: all. */
  allowed: readonly Json[] | undefined;
}

/** Throws `COMMAND_…`. */
export async function performCommand(request: CommandRequest, { ports, signal, show, allowed }: Commanding): Promise<JsonObject> {
  const redact = (text: string): string => ports.secrets.redact(text);
  const shown = { stdout: new StreamRedactor(redact), stderr: new StreamRedactor(redact) };
  const pass = (stream: 'stdout' | 'stderr', text: string): void => {
    if (text !== '') show(stream, text);
  };
  const result = await ports.commands.run(request, { signal, onOutput: (stream, text) => pass(stream, shown[stream].push(text)) });
  pass('stdout', shown.stdout.end());
  pass('stderr', shown.stderr.end());
  const { stdout, stderr, exitCode, truncated } = result;
  if (exitCode === null || allowed?.includes(exitCode) === false) {
    const how = exitCode === null ? `was ended by ${result.signal ?? 'a signal'}` : `ended with exit code ${exitCode}`;
    const line = 'shell' in request.command ? request.command.shell : request.command.argv.join(' ');
    throw new BelayError('COMMAND_EXIT', `\`${line}\` ${how}.`, {
      hint: 'Read its error output; codes that are fine belong into "allowedExitCodes".',
      kind: 'exit',
      // Redacted before they are cut: half a secret is not recognised any more.
      details: {
        exitCode,
        signal: result.signal,
        stderr: redact(stderr).slice(-STDERR_TAIL),
        stdout: redact(stdout).slice(-STDERR_TAIL),
      },
    });
  }
  return { stdout, stderr, exitCode, truncated };
}
