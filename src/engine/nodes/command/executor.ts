import { BelayError } from '../../errors.ts';
import type { JsonObject } from '../../format/json.ts';
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
          env,
          ...(stdin === undefined ? {} : { stdin }),
          maxOutputBytes: optionalNumber(params.maxOutput) ?? DEFAULT_MAX_OUTPUT,
        },
        { signal, onOutput: (stream, text) => context.live({ type: 'live.output', stream, text }) },
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
