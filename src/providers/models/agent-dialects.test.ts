/** An agent at work over the wire, in every dialect: the same decisions, by calls of tools and by JSON in words, lead to the same actions. */
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isJsonObject } from '../../engine/format/json.ts';
import { testWorld } from '../../engine/testing/harness.ts';
import { systemClock } from '../clock/system-clock.ts';
import { DIALECTS } from './connection.ts';
import { ConnectionGates } from './connection-gate.ts';
import { createModels } from './registry.ts';
import { connection, loadSdks } from './testing/stream.ts';

/** What the model decides, turn by turn; behind them it is done. */
const DECISIONS = [
  { action: 'files_read', arguments: { path: 'numbers.txt' } },
  { action: 'files_write', arguments: { path: 'sum.txt', content: '42' } },
  { action: 'files_read', arguments: { path: 'nowhere.txt' } },
];
const ANSWER = 'The sum is 42.';

loadSdks();
describe.each(DIALECTS)('%s', (dialect) => {
  const mock = new LLMock({ port: 0 });
  let base: string;
  beforeAll(async () => {
    base = `${await mock.start()}/v1`;
  });
  afterAll(() => mock.stop());

  it.each(['calls', 'words'] as const)('by %s', async (way) => {
    mock.clearFixtures();
    mock.clearRequests();
    for (const [turnIndex, decision] of DECISIONS.entries()) {
      const call = { id: `call_${turnIndex}`, name: decision.action, arguments: JSON.stringify(decision.arguments) };
      mock.on({ turnIndex }, way === 'calls' ? { toolCalls: [call] } : { content: JSON.stringify(decision) });
    }
    mock.on({ turnIndex: DECISIONS.length }, { content: way === 'calls' ? ANSWER : JSON.stringify({ final: ANSWER }) });

    const models = createModels(
      { connections: async () => [connection(base, { dialect })], aliases: () => ({}), defaultModel: () => 'test/vendor/small' },
      new ConnectionGates(systemClock),
    );
    const world = testWorld({
      models: { ...models, capabilities: async (model) => ({ ...(await models.capabilities(model)), tools: way === 'calls' }) },
      files: { '/workspace/numbers.txt': '40 and 2' },
      nodes: { work: { type: 'agent', with: { agent: 'adder', task: 'Add them up.' } } },
      start: { readFile: async (path) => (path.endsWith('adder.agent.md') ? '---\ntools: [read, edit]\n---\nYou add.' : undefined) },
    });
    const handle = await world.start();
    expect([await handle.done, handle.view().error]).toEqual(['succeeded', undefined]);

    const { output, attempts } = handle.view().nodes.work!;
    expect(output).toEqual({ text: ANSWER, agent: 'adder' });
    const actions = attempts.flatMap(({ args, error }) =>
      isJsonObject(args) && 'tool' in args ? [[args.tool, args.arguments, error?.code]] : [],
    );
    expect(actions).toEqual([
      ['files/read', { path: 'numbers.txt' }, undefined],
      ['files/write', expect.objectContaining({ path: 'sum.txt' }), undefined],
      ['files/read', { path: 'nowhere.txt' }, 'FILE_NOT_FOUND'],
    ]);
    expect(world.files.get('/workspace/sum.txt')).toBe('42');

    const asked = mock.getRequests().map(({ body }) => JSON.stringify(body));
    expect(asked).toHaveLength(DECISIONS.length + 1);
    expect(asked.map((body) => /"tools":\[/.test(body))).toEqual(asked.map(() => way === 'calls'));
    // The last request tells what came of the actions before.
    expect([/40 and 2/.test(asked[3]!), /not there/.test(asked[3]!)]).toEqual([true, true]);
  });
});
