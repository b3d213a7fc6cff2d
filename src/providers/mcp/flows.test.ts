/** Servers as flows and agents meet them: what people read of one that was not allowed, and what becomes of schemas that mean harm. */
import { describe, expect, it } from 'vitest';
import type { NodeSpec } from '../../engine/format/model.ts';
import { textOf } from '../../engine/messages.ts';
import { answered, testWorld } from '../../engine/testing/harness.ts';
import { benchWith, hostile } from './testing/tools.ts';
import type { McpHost } from './tools.ts';

/** Runs one node in a flow that has the server `it`; a person says yes to every call. */
async function run(manner: string, node: NodeSpec, more: Partial<McpHost> = {}) {
  const { tools } = benchWith({}, more);
  const world = testWorld({
    nodes: { n: node },
    flow: { mcpServers: { it: hostile(manner) } },
    toolSource: tools,
    replies: ['I could not.'],
    start: { readFile: async (path) => (path.endsWith('worker.agent.md') ? '---\ntools: [it/go]\n---\nYou work.' : undefined) },
  });
  const handle = await world.start();
  await answered(world, handle, () => 'approved');
  const { output, error } = handle.view().nodes.n!;
  return { output, error, requests: world.requests };
}

const use = (tool: string): NodeSpec => ({ type: 'tool', with: { tool } });

describe('a server that was not allowed', () => {
  const no: Partial<McpHost> = { allow: async () => false, howToAllow: (server) => `Run it again with --allow ${server}.` };

  it('fails a node that needs it, and the hint says how to allow it', async () => {
    expect((await run('', use('it/go'), no)).error).toMatchObject({
      code: 'TOOL_UNAVAILABLE',
      message: expect.stringMatching(/^The tool "it\/go" is not there: The MCP server "it" \(.*\) has not been allowed\.$/),
      hint: 'Run it again with --allow it.',
    });
  });

  it('is told to an agent, which goes on without it', async () => {
    const { output, requests } = await run('', { type: 'agent', with: { agent: 'worker', task: 'Go.' } }, no);
    expect(output).toMatchObject({ text: 'I could not.' });
    expect(requests[0]?.tools ?? []).toEqual([]);
    expect(textOf(requests[0]!.messages[0]!)).toMatch(/- it\/go: .*has not been allowed\. Run it again with --allow it\./);
  });
});

describe('what a server promises', () => {
  it.each<[tool: string, manner: string, expected: object]>([
    ['it/go', 'wrongOutput', { code: 'TOOL_RESULT_INVALID', kind: 'invalidOutput', message: expect.stringContaining('/n must be number') }],
    ['it/deep', 'schemas', { code: 'TOOL_UNAVAILABLE', message: expect.stringContaining('too large') }],
    ['it/big', 'schemas', { code: 'TOOL_UNAVAILABLE', message: expect.stringContaining('too large') }],
    ['it/reference', 'schemas', { code: 'SCHEMA_INVALID' }],
  ])('%s of %s', async (tool, manner, expected) => {
    expect((await run(manner, use(tool))).error).toMatchObject(expected);
  });

  it('by a pattern that takes for ever is not tried', async () => {
    expect(await run('schemas', use('it/slow'))).toMatchObject({ output: { a: expect.any(String) }, error: undefined });
  });
});
