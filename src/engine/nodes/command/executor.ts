import { BelayError } from '../../errors.ts';
import type { JsonObject } from '../../format/json.ts';
import type { WorkspaceFiles } from '../../ports.ts';
import type { NodeExecutor } from '../executor.ts';
import { list, optionalNumber, optionalText, textList, textRecord } from '../params.ts';
import { withSecrets } from '../secret-values.ts';
import { command, DEFAULT_MAX_OUTPUT } from './manifest.ts';
import { performCommand } from './perform.ts';

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
        refuseMoved(folder, await ports.files.resolve(cwd, context.flowDir));
        return performCommand(
          {
            command: shell === undefined ? { argv } : { shell },
            cwd: folder.absolute,
            env: await withSecrets(env, ports.secrets),
            ...(stdin === undefined ? {} : { stdin }),
            id: idempotencyKey,
            maxOutputBytes: optionalNumber(params.maxOutput) ?? DEFAULT_MAX_OUTPUT,
          },
          {
            ports,
            signal,
            show: (stream, text) => context.live({ type: 'live.output', stream, text }),
            allowed: params.allowedExitCodes === undefined ? [0] : list(params.allowedExitCodes),
          },
        );
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
