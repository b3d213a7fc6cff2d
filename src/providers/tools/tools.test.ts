import { describe, expect, it } from 'vitest';
import { fakeTools } from '../../engine/testing/fake-tools.ts';
import { joinTools } from './tools.ts';

const options = { scope: { flow: 'a.flow.json' }, signal: new AbortController().signal };
const call = { ...options, idempotencyKey: 'k' };
const named = (name: string) => fakeTools({ [name]: { run: () => ({ content: [{ type: 'text', text: `by ${name}` }] }) } });
const joined = joinTools(new Map([['vscode', named('vscode/search')]]), named('github/create'));

describe('joined tools', () => {
  it.each([
    [undefined, ['vscode/search', 'github/create'], []],
    [['vscode/*'], ['vscode/search'], []],
    [['github/create', 'vscode/none'], ['github/create'], ['vscode/none']],
    [[], [], []],
  ])('list %j', async (names, tools, unavailable) => {
    const list = await joined.list(names, options);
    expect(list.tools.map(({ name }) => name).sort()).toEqual([...tools].sort());
    expect(list.unavailable.map(({ name, error }) => [name, error.code])).toEqual(unavailable.map((name) => [name, 'TOOL_UNKNOWN']));
  });

  it.each(['vscode/search', 'github/create'])('call %s where it comes from', async (name) => {
    expect(await joined.call(name, {}, call)).toEqual({ content: [{ type: 'text', text: `by ${name}` }] });
  });

  it('say what nobody has', async () => {
    const none = joinTools(new Map());
    expect((await none.list(['a/b'], options)).unavailable).toMatchObject([{ name: 'a/b', error: { code: 'TOOL_UNKNOWN' } }]);
    await expect(none.call('a/b', {}, call)).rejects.toMatchObject({ code: 'TOOL_UNKNOWN' });
  });
});
