import { BelayError } from '../../errors.ts';
import type { JsonObject } from '../../format/json.ts';
import { StreamRedactor } from '../../policy/redact.ts';
import type { WorkspaceFiles } from '../../ports.ts';
import type { NodeExecutor } from '../executor.ts';
import { list, optionalNumber, optionalText, textList, textRecord } from '../params.ts';
import { withSecrets } from '../secret-values.ts';
import { command, DEFAULT_MAX_OUTPUT } from './manifest.ts';

/** Characters of stderr that an error carries: the end of it is where programs say what went wrong. */
const STDERR_TAIL = 2000;

export const commandExecutor: NodeExecutor = {
  type: 'command',
  async run(params, context) {
    const { ports } = context;
    const cwd = optionalText(params.cwd) ?? '.';
    const folder = await ports.files.resolve(cwd, context.flowDir);
    const shell = optionalText(params.shell);
    const argv = textList(params.run);
    const stdin = optionalText(params.stdin);
    const env = textRecord(params.env);
    const allowed = params.allowedExitCodes === undefined ? [0] : list(params.allowedExitCodes);
    const args: JsonObject = {
      ...(shell === undefined ? { run: argv } : { shell }),
      cwd: folder.relative,
      ...(params.env === undefined ? {} : { env }),
      ...(stdin === undefined ? {} : { stdin }),
    };
    const output = await context.step<JsonObject>(
      'run',
      { effect: command.effect(params), args },
      async ({ signal, attempt, idempotencyKey }) => {
        if (attempt > 1) context.live({ type: 'live.reset' });
        const redact = (text: string) => ports.secrets.redact(text);
        const shown = { stdout: new StreamRedactor(redact), stderr: new StreamRedactor(redact) };
        const show = (stream: 'stdout' | 'stderr', text: string): void => {
          if (text !== '') context.live({ type: 'live.output', stream, text });
        };
        refuseMoved(folder, await ports.files.resolve(cwd, context.flowDir));
        const result = await ports.commands.run(
          {
            command: shell === undefined ? { argv } : { shell },
            cwd: folder.absolute,
            env: await withSecrets(env, ports.secrets),
            ...(stdin === undefined ? {} : { stdin }),
            id: idempotencyKey,
            maxOutputBytes: optionalNumber(params.maxOutput) ?? DEFAULT_MAX_OUTPUT,
          },
          { signal, onOutput: (stream, text) => show(stream, shown[stream].push(text)) },
        );
        show('stdout', shown.stdout.end());
        show('stderr', shown.stderr.end());
        const { stdout, stderr, exitCode, truncated } = result;
        if (exitCode === null || !allowed.includes(exitCode)) {
          const how = exitCode === null ? `was ended by ${result.signal ?? 'a signal'}` : `ended with exit code ${exitCode}`;
          throw new BelayError('COMMAND_EXIT', `\`${shell ?? argv.join(' ')}\` ${how}.`, {
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
      },
    );
    return { outlet: 'success', output };
  },
};

type Folder = Awaited<ReturnType<WorkspaceFiles['resolve']>>;

/** A yes may have been waited for: the folder it was given for must still be the one that the path leads to. */
function refuseMoved(agreed: Folder, now: Folder): void {
  if (now.absolute === agreed.absolute) return;
  throw new BelayError(
    'COMMAND_FOLDER_MOVED',
    `The folder of the command led to "${agreed.relative}" and now leads to "${now.relative}".`,
    {
      hint: 'Find out who changes the folder, then run the flow again.',
      kind: 'permission',
    },
  );
}
