import { BelayError } from '../../errors.ts';
import type { JsonObject } from '../../format/json.ts';
import { secretPlaceholders, substituteSecrets } from '../../format/resolve-secrets.ts';
import type { Secrets } from '../../ports.ts';
import type { NodeExecutor } from '../executor.ts';
import { list, optionalNumber, optionalText, textList, textRecord } from '../params.ts';
import { command, DEFAULT_MAX_OUTPUT } from './manifest.ts';

/** Characters of stderr that an error carries: the end of it is where programs say what went wrong. */
const STDERR_TAIL = 2000;

export const commandExecutor: NodeExecutor = {
  type: 'command',
  async run(params, context) {
    const { ports } = context;
    const folder = await ports.files.resolve(optionalText(params.cwd) ?? '.', context.flowDir);
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
    const output = await context.step<JsonObject>('run', { effect: command.effect(params), args }, async ({ signal, attempt }) => {
      if (attempt > 1) context.live({ type: 'live.reset' });
      const result = await ports.commands.run(
        {
          command: shell === undefined ? { argv } : { shell },
          cwd: folder.absolute,
          env: await withSecrets(env, ports.secrets),
          ...(stdin === undefined ? {} : { stdin }),
          maxOutputBytes: optionalNumber(params.maxOutput) ?? DEFAULT_MAX_OUTPUT,
        },
        { signal, onOutput: (stream, text) => context.live({ type: 'live.output', stream, text: ports.secrets.redact(text) }) },
      );
      const { stdout, stderr, exitCode, truncated } = result;
      if (exitCode === null || !allowed.includes(exitCode)) {
        const how = exitCode === null ? `was ended by ${result.signal ?? 'a signal'}` : `ended with exit code ${exitCode}`;
        throw new BelayError('COMMAND_EXIT', `\`${shell ?? argv.join(' ')}\` ${how}.`, {
          hint: 'Read its error output; codes that are fine belong into "allowedExitCodes".',
          kind: 'exit',
          details: { exitCode, signal: result.signal, stderr: stderr.slice(-STDERR_TAIL), stdout: stdout.slice(-STDERR_TAIL) },
        });
      }
      return { stdout, stderr, exitCode, truncated };
    });
    return { outlet: 'success', output };
  },
};

/** The environment with the secrets it refers to: put in at the last moment, so that arguments, gates and the journal never hold them. */
async function withSecrets(env: Record<string, string>, secrets: Secrets): Promise<Record<string, string>> {
  const values = new Map<string, string>();
  for (const name of new Set(Object.values(env).flatMap(secretPlaceholders))) {
    const value = await secrets.get(name);
    if (value === undefined) {
      throw new BelayError('SECRET_MISSING', `There is no secret "${name}".`, {
        hint: `Store it in the editor's secret storage, or in a terminal set BELAY_SECRET_${name}.`,
        kind: 'auth',
        details: { name },
      });
    }
    values.set(name, value);
  }
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, substituteSecrets(value, values)]));
}
