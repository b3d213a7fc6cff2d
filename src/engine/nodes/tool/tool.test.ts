import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../format/json.ts';
import type { NodeSpec } from '../../format/model.ts';
import type { FakeTool } from '../../testing/fake-tools.ts';
import { answered, testWorld } from '../../testing/harness.ts';

const answers = (result: Awaited<ReturnType<NonNullable<FakeTool['run']>>>, more: FakeTool = {}): FakeTool => ({
  effect: 'read',
  run: () => result,
  ...more,
});
const text = (it: string) => ({ content: [{ type: 'text' as const, text: it }] });

async function run(tool: string, args: JsonObject | undefined, tools: Record<string, FakeTool> = {}, node: Partial<NodeSpec> = {}) {
  const world = testWorld({
    nodes: { t: { type: 'tool', with: { tool, ...(args && { arguments: args }) }, ...node } },
    tools,
    files: { '/workspace/a.txt': 'text' },
    start: { readFile: async (path) => (path === '../sub/x.flow.json' ? SUB : undefined) },
  });
  const handle = await world.start();
  const asked: { effect?: unknown; args?: unknown }[] = [];
  await answered(world, handle, ({ request }) => {
    asked.push(request as (typeof asked)[number]);
    return 'approved';
  });
  const { output, error } = handle.view().nodes.t!;
  return { output, code: error?.code, asked };
}

const SUB = JSON.stringify({
  version: 1,
  inputs: { n: { type: 'integer', default: 1 } },
  outputs: { twice: { value: { $expr: 'inputs.n * 2' } } },
  nodes: { n: { type: 'template', with: { template: 'x' } } },
});

describe('a tool', () => {
  it.each<[string, string, FakeTool, Partial<NodeSpec>, unknown]>([
    ['gives its data', 's/t', answers({ ...text('x'), structured: { n: 1 } }), {}, { n: 1 }],
    ['gives its text', 's/t', answers(text('x')), {}, { text: 'x' }],
    [
      'gives images too',
      's/t',
      answers({ content: [{ type: 'image', mediaType: 'image/png', data: 'AA==' }] }),
      {},
      { text: '', images: [{ mediaType: 'image/png', data: 'AA==' }] },
    ],
    ['gives JSON where the flow wants data', 's/t', answers(text('{"n":2}')), { output: { type: 'object', required: ['n'] } }, { n: 2 }],
  ])('%s', async (_what, name, tool, node, output) => {
    expect((await run(name, undefined, { [name]: tool }, node)).output).toEqual(output);
  });

  it.each<[string, FakeTool, JsonObject, Partial<NodeSpec>, string]>([
    ['that says it failed', answers({ ...text('no such issue'), failed: true }), {}, {}, 'TOOL_FAILED'],
    ['whose arguments do not fit', answers(text('x'), { parameters: { type: 'object', required: ['id'] } }), {}, {}, 'TOOL_ARGUMENTS'],
    [
      'whose result is not what it promises',
      answers({ ...text('x'), structured: [] }, { output: { type: 'object' } }),
      {},
      {},
      'TOOL_RESULT_INVALID',
    ],
    [
      'whose result does not match the node’s schema',
      answers(text('x')),
      {},
      { output: { type: 'object', required: ['n'] } },
      'OUTPUT_INVALID',
    ],
  ])('%s fails the node', async (_what, tool, args, node, code) => {
    expect((await run('s/t', args, { 's/t': tool }, node)).code).toBe(code);
  });

  it('that is not there fails the node, and says why', async () => {
    expect((await run('s/none', {})).code).toBe('TOOL_UNAVAILABLE');
  });

  it.each<[string, JsonObject, Partial<NodeSpec>, string[]]>([
    ['s/send', { to: 'x' }, {}, ['irreversible']],
    // The author's word, about arguments that the author wrote.
    ['s/send', { to: 'x' }, { effect: 'read' }, []],
    ['files/read', { path: 'a.txt' }, {}, []],
    ['files/write', { path: 'b.txt', content: 'x' }, {}, []],
    ['files/write', { path: '.belay/x', content: 'x' }, {}, ['irreversible']],
    ['files/write', { path: '.belay/x', content: 'x' }, { effect: 'write' }, ['irreversible']],
    ['command/run', { run: ['ls'] }, {}, ['irreversible']],
    ['flow/sub/x.flow.json', { n: 4 }, {}, []],
  ])('%s %j is asked about where it must be', async (name, args, node, effects) => {
    const { asked, code } = await run(name, args, { 's/send': { run: () => text('sent') } }, node);
    expect([code, asked.map(({ effect }) => effect)]).toEqual([undefined, effects]);
    for (const gate of asked) expect(gate.args).toEqual({ tool: name, arguments: args });
  });

  it('that is a flow runs in the node', async () => {
    expect((await run('flow/sub/x.flow.json', { n: 4 })).output).toEqual({ twice: 8 });
    expect((await run('flow/sub/x.flow.json', { n: 'x' })).code).toBe('TOOL_ARGUMENTS');
  });
});
