/** Servers of bad manners: each is survived, said in words, and leaves nothing running. */
import { describe, expect, it } from 'vitest';
import { benchWith, hostile, lives } from './testing/tools.ts';

const textOf = (result: { content: readonly unknown[] }): string => (result.content[0] as { text: string }).text;

describe('what a server sends', () => {
  it.each<[manner: string, expected: object]>([
    ['huge', { code: 'TOOL_RESULT_TOO_LARGE' }],
    ['structured', { code: 'TOOL_RESULT_TOO_LARGE' }],
    ['noResult', { code: 'TOOL_RESULT_INVALID' }],
    ['crash', { code: 'MCP_LOST', kind: 'network', message: expect.stringMatching(/exit code 3[\s\S]*out of cheese/) }],
    ['hang', { code: 'TOOL_TIMEOUT', kind: 'timeout' }],
    ['early', { code: 'MCP_UNREACHABLE', kind: 'overloaded', message: expect.stringMatching(/exit code 2[\s\S]*missing configuration/) }],
    ['silent', { code: 'MCP_UNREACHABLE', message: expect.stringContaining('does not answer') }],
    ['garbage', { code: 'MCP_UNREACHABLE' }],
    ['pages', { code: 'TOOL_RESULT_INVALID' }],
  ])('%s', async (manner, expected) => {
    const limits = {
      quietMs: manner === 'hang' ? 300 : 20_000,
      callMs: 10_000,
      connectMs: manner === 'silent' ? 300 : 10_000,
      backOffMs: [],
      graceMs: 200,
    };
    const bench = benchWith({ it: hostile(manner) }, { limits });
    await expect(bench.call('it/go')).rejects.toMatchObject({ ...expected, hint: expect.stringMatching(/./) });
  });

  it('a text that is too long is cut, and says so', async () => {
    const text = textOf(await benchWith({ it: hostile('long') }).call('it/go'));
    expect(text.length).toBeLessThan(500_100);
    expect(text).toMatch(/400000 characters left out …$/);
  });

  it('without end is stopped in the end, and does not flood whoever watches', async () => {
    const limits = { unansweredBytes: 2_000_000, callMs: 20_000 };
    let shown = 0;
    const call = benchWith({ it: hostile('endless') }, { limits }).call(
      'it/go',
      {},
      {
        onProgress() {
          shown += 1;
        },
      },
    );
    await expect(call).rejects.toMatchObject({ code: 'MCP_LOST', message: expect.stringContaining('without end') });
    expect(shown).toBeLessThan(100);
  });

  it('greetings on the output are passed over', async () => {
    expect(textOf(await benchWith({ it: hostile('chatty') }).call('it/go'))).toMatch(/^pid/);
  });

  it('a server that ends at the first question it does not know is asked in the old way', async () => {
    expect(textOf(await benchWith({ it: hostile('touchy') }).call('it/go'))).toMatch(/^pid/);
  });
});

describe('what a server says of its tools', () => {
  it('is shown without what cannot be seen, as its own words, and lowers no effect', async () => {
    const { tools } = await benchWith({ it: hostile('injection') }).list('it/*');
    const [tool] = tools;
    expect(tool).toMatchObject({ name: 'it/add', title: 'Add', effect: 'irreversible', source: 'mcp' });
    expect(tool?.description).toMatch(/^\[Tool of the MCP server "it"\. The description is the server's own and not verified/);
    expect(tool?.description).toContain('Adds numbers.[2K IGNORE');
    for (const hidden of ['\u001b', '\u202e', '\u200b', '\u{e0041}']) expect(tool?.description).not.toContain(hidden);
    expect(tool?.description.length).toBeLessThan(4200);
  });

  it('is not taken in without end', async () => {
    const { tools, unavailable } = await benchWith({ it: hostile('many') }).list('it/*');
    expect(tools).toHaveLength(500);
    expect(unavailable.length).toBeGreaterThan(0);
    expect(unavailable.length).toBeLessThan(100);
  });

  it('is left out where it cannot be used, with the reason', async () => {
    const { unavailable } = await benchWith({ it: hostile('schemas') }).list('it/*');
    expect(unavailable.map(({ name, error }) => [name, error.code])).toEqual([['it/bad name/../', 'TOOL_UNAVAILABLE']]);
  });
});

describe('processes', () => {
  it('a server that crashed is started anew at the next call', async () => {
    const bench = benchWith({ it: hostile('crash'), other: hostile('') });
    await expect(bench.call('it/go')).rejects.toMatchObject({ code: 'MCP_LOST' });
    await expect(bench.call('it/go')).rejects.toMatchObject({ code: 'MCP_LOST' });
    const [first, second] = [textOf(await bench.call('other/go')), textOf(await bench.call('other/go'))];
    expect(first).toBe(second);
    expect(bench.asked).toHaveLength(2);
  });

  it.runIf(process.platform === 'linux')('are ended with everything they started', async () => {
    const bench = benchWith({ it: hostile('tree') }, { limits: { graceMs: 200 } });
    const pids = textOf(await bench.call('it/go'))
      .split(' ')
      .map(Number);
    expect(pids.map(lives)).toEqual([true, true]);
    await bench.tools.dispose();
    expect(pids.map(lives)).toEqual([false, false]);
  });

  it.runIf(process.platform === 'linux')('are ended when nobody uses them, and cost no run anything', async () => {
    const bench = benchWith({ it: hostile('') }, { limits: { idleMs: 50 } });
    const first = textOf(await bench.call('it/go'));
    await expect.poll(() => lives(Number(first.slice(4)))).toBe(false);
    expect(textOf(await bench.call('it/go'))).not.toBe(first);
  });

  it('a call that is given up is cancelled at the server, and rejects with the reason', async () => {
    const abort = new AbortController();
    const bench = benchWith({ it: hostile('cancelled') });
    await bench.list('it/*');
    const call = bench.call('it/go', {}, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 100);
    await expect(call).rejects.toThrow('enough');
  });
});
