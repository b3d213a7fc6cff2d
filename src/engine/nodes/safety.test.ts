/** What executors must not be led to by somebody else: a folder that moves, a link with a harmless end, a secret that is cut in two. */
import { describe, expect, it } from 'vitest';
import type { BelayError } from '../errors.ts';
import type { JsonObject } from '../format/json.ts';
import type { WorkspaceFiles } from '../ports.ts';
import { executors } from './executors.ts';
import type { FakeWorld } from './fake-context.ts';
import { fakeContext } from './fake-context.ts';

type Resolve = WorkspaceFiles['resolve'];

function prepare(type: string, params: JsonObject, world: FakeWorld & { resolve?: Resolve }) {
  const { context, seen } = fakeContext({ source: params, ...world });
  if (world.resolve) context.ports.files.resolve = world.resolve;
  const run = async (): Promise<BelayError | undefined> => {
    try {
      await executors.get(type)!.run(params, context);
      return undefined;
    } catch (error) {
      return error as BelayError;
    }
  };
  return { run, seen, context };
}

describe('a file', () => {
  // `.vscode` is a link to `config`: the name is protected, the place is not.
  const resolve: Resolve = async (path) => {
    const relative = path.replace('.vscode/', 'config/');
    return { absolute: `/project/${relative}`, relative, protected: path.startsWith('.vscode/') };
  };

  it.each([
    ['.vscode/settings.json', 'irreversible'],
    ['config/settings.json', 'write'],
  ])('written as %s is %s, wherever a link leads', async (path, effect) => {
    const { run, seen } = prepare('file', { action: 'write', path, content: 'x' }, { resolve });
    expect(await run()).toBeUndefined();
    expect(seen.steps.at(-1)?.options).toMatchObject({ effect, args: { path: 'config/settings.json' } });
  });
});

describe('a command', () => {
  it('does not run in a folder that became another one after the yes', async () => {
    let agreed = false;
    const resolve: Resolve = async () => ({
      absolute: agreed ? '/project/evil' : '/project/good',
      relative: agreed ? 'evil' : 'good',
      protected: false,
    });
    const { run, seen, context } = prepare('command', { run: ['make'], cwd: 'work' }, { resolve });
    const step = context.step.bind(context);
    context.step = (name, options, perform) => {
      agreed = true;
      return step(name, options, perform);
    };
    expect(await run()).toMatchObject({ code: 'COMMAND_FOLDER_MOVED', kind: 'permission' });
    expect(seen.commands).toEqual([]);
  });

  it('shows no half of a secret, neither in its output nor in its failure', async () => {
    const secret = 'abcdefghijklmnopqrstuvwxyz';
    const { run, seen, context } = prepare('command', { run: ['a'] }, { secrets: { S: secret } });
    context.ports.commands.run = async (_request, { onOutput }) => {
      for (const piece of ['say abcdefghijklm', 'nopqrstuvwxyz', ' done']) onOutput('stdout', piece);
      return { stdout: '', stderr: `${secret}${'x'.repeat(1990)}`, exitCode: 1, signal: null, truncated: false };
    };
    const error = await run();
    expect(seen.live).toEqual([{ type: 'live.output', stream: 'stdout', text: 'say ••• done' }]);
    expect(JSON.stringify(error?.details)).not.toContain('wxyz');
  });
});
