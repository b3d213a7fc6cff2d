import { describe, expect, test } from 'vitest';
import { BelayError } from '../errors.ts';
import type { Json } from '../format/json.ts';
import type { NodeSpec } from '../format/model.ts';
import { quiet } from '../testing/fake-clock.ts';
import type { TestWorld, TestWorldOptions } from '../testing/harness.ts';
import { testWorld } from '../testing/harness.ts';

const fails = (message: string, kind: 'exit' | 'network' = 'exit'): never => {
  throw new BelayError('BROKEN', message, { hint: 'x', kind });
};
type Nodes = Record<string, Partial<NodeSpec>>;
const body = (nodes: Nodes): Json => Object.fromEntries(Object.entries(nodes).map(([id, it]) => [id, { type: 'work', ...it }])) as Json;

async function outcome(
  options: TestWorldOptions,
): Promise<{ world: TestWorld; outcome: string; outputs: Json | undefined; error: Json | undefined }> {
  const world = testWorld(options);
  const handle = await world.start();
  let over = false;
  const done = handle.done.finally(() => {
    over = true;
  });
  while (!over) await world.clock.advance(1000);
  const { outputs, error } = handle.view();
  return { world, outcome: await done, outputs, error: error === undefined ? undefined : ({ ...error } as Json) };
}

const out = (expr: string) => ({ outputs: { it: { value: { $expr: expr } } } });

describe('loop', () => {
  const loop = (more: Record<string, Json>, nodes: Nodes, node: Partial<NodeSpec> = {}): Partial<NodeSpec> => ({
    type: 'loop',
    ...node,
    with: { until: 'index == 2', maxIterations: 5, nodes: body(nodes), ...more },
  });

  test('passes see the index, the pass before and what stands around, until the condition holds', async () => {
    const { world, ...end } = await outcome({
      nodes: {
        before: { type: 'transform', with: { value: 'x' } },
        again: loop(
          { result: { $expr: 'first(previous, "") + steps.t.output' } },
          { t: { type: 'transform', with: { value: { $expr: 'steps.before.output + string(index)' } } } },
          { after: { before: 'success' } },
        ),
      },
      flow: out('steps.again.output'),
    });
    expect(end).toMatchObject({ outcome: 'succeeded', outputs: { it: 'x0x1x2' } });
  });

  test.each<[string, Partial<NodeSpec>, Nodes, object]>([
    [
      'goes on by exhausted',
      loop({ until: 'false', maxIterations: 2, result: { $expr: 'index' } }, { t: {} }),
      { more: { after: { it: 'exhausted' } } },
      { outcome: 'succeeded', outputs: { it: 1 } },
    ],
    [
      'exhausted and not connected',
      loop({ until: 'false', maxIterations: 2 }, { t: {} }),
      {},
      { outcome: 'failed', error: { code: 'OUTLET_UNCONNECTED', node: 'it' } },
    ],
    ['an empty body', loop({ until: 'true' }, {}), {}, { outcome: 'succeeded', outputs: { it: null } }],
    ['no result is null', loop({}, { t: {} }), {}, { outcome: 'succeeded', outputs: { it: null } }],
    [
      'a condition that is none',
      loop({ until: 'dyn(index)' }, { t: {} }),
      {},
      { outcome: 'failed', error: { code: 'CONDITION_NOT_BOOLEAN', node: 'it' } },
    ],
    ['a failure inside', loop({}, { bad: {} }), {}, { outcome: 'failed', error: { code: 'BROKEN', node: 'it[0]/bad' } }],
    ['a failure inside, handled outside', loop({}, { bad: {} }), { more: { after: { it: 'failure' } } }, { outcome: 'succeeded' }],
    ['a failure inside, handled there', loop({}, { bad: {}, mend: { after: { bad: 'failure' } } }), {}, { outcome: 'succeeded' }],
    ['a failure let through', loop({}, { bad: {} }, { continueOnFailure: true }), {}, { outcome: 'succeeded', outputs: { it: null } }],
    ['a disabled node inside', loop({ until: 'steps.t.state == "skipped"' }, { t: { disabled: true } }), {}, { outcome: 'succeeded' }],
    [
      'a node inside that is skipped is null',
      loop(
        { until: 'true', result: { $expr: 'steps.no.output' } },
        { b: { type: 'branch', with: { cases: [{ name: 'x', when: 'false' }] } }, no: { after: { b: 'case:x' } } },
      ),
      {},
      { outcome: 'succeeded', outputs: { it: null } },
    ],
    [
      'an end inside ends the flow',
      loop({}, { stop: { type: 'end', with: { outputs: { it: { $expr: '"pass " + string(index)' } } } } }),
      { more: { after: { it: 'success' } } },
      { outcome: 'succeeded', outputs: { it: 'pass 0' } },
    ],
    [
      'an end inside without outputs: the loop came to no result',
      loop({ result: 'never' }, { stop: { type: 'end' } }),
      {},
      { outcome: 'succeeded', outputs: { it: null } },
    ],
    [
      'tried again as a whole',
      loop({ until: 'true', result: 'fine' }, { flaky: {} }, { retry: { attempts: 2, jitter: false, delay: '0ms' } }),
      {},
      { outcome: 'succeeded', outputs: { it: 'fine' } },
    ],
    [
      'not tried again once the world was changed',
      loop({ until: 'true' }, { write: { with: { effect: 'write' } }, flaky: { after: { write: 'success' } } }, { retry: { attempts: 2 } }),
      {},
      { outcome: 'failed', error: { node: 'it[0]/flaky' } },
    ],
  ])('%s', async (_name, it, more, expected) => {
    let flaky = 0;
    const { world: _world, ...end } = await outcome({
      nodes: { it, ...more },
      flow: out('steps.it.output'),
      deeds: { bad: () => fails('no'), flaky: () => (flaky++ === 0 ? fails('once') : 'ok') },
    });
    expect(end).toMatchObject(expected);
  });

  test('waits between passes, also over restarts, and does no pass twice', async () => {
    const options: TestWorldOptions = { nodes: { it: loop({ delay: '1h' }, { t: {} }) } };
    const world = testWorld(options);
    const handle = await world.start();
    await world.clock.advance(90 * 60_000);
    await handle.park();
    expect(world.performed).toEqual(['it[0]/t#1', 'it[1]/t#1']);
    const again = await world.service.resume(handle.id);
    await world.clock.advance(29 * 60_000);
    expect(world.performed).toHaveLength(2);
    await world.clock.advance(60_000);
    expect(await again.done).toBe('succeeded');
    expect(world.performed).toEqual(['it[0]/t#1', 'it[1]/t#1', 'it[2]/t#1']);
  });

  test('a thousand passes keep the memory of one', async () => {
    const { world, outcome: end } = await outcome({ nodes: { it: loop({ until: 'index == 999', maxIterations: 1000 }, { t: {} }) } });
    expect(end).toBe('succeeded');
    expect(world.performed).toHaveLength(1000);
  });

  test('what all rounds may take together is not begun anew with another round', async () => {
    const world = testWorld({
      nodes: { it: loop({}, { t: {} }, { timeout: { total: '1s' }, retry: { attempts: 3, delay: '7s', jitter: false, on: ['timeout'] } }) },
      deeds: { t: ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))) },
    });
    const handle = await world.start();
    await world.clock.advance(1000);
    expect(await handle.done).toBe('failed');
    expect(world.performed).toEqual(['it[0]/t#1']);
  });

  test('a time-out stops the pass that is under way', async () => {
    const world = testWorld({
      nodes: { it: loop({}, { t: {} }, { timeout: '10s' }) },
      deeds: { t: ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))) },
    });
    const handle = await world.start();
    await world.clock.advance(10_000);
    expect(await handle.done).toBe('failed');
    expect(handle.view().error).toMatchObject({ code: 'STEP_TIMEOUT', node: 'it', message: '"It" took longer than 10 s.' });
    expect(handle.view().nodes['it[0]/t']).toMatchObject({ state: 'cancelled' });
  });
});

describe('each', () => {
  const each = (more: Record<string, Json>, nodes: Nodes = { t: {} }, node: Partial<NodeSpec> = {}): Partial<NodeSpec> => ({
    type: 'each',
    ...node,
    with: { items: ['a', 'b', 'c'], result: { $expr: 'item + string(index)' }, nodes: body(nodes), ...more },
  });

  test.each<[string, Partial<NodeSpec>, object]>([
    ['results in the order of the items', each({}), { outcome: 'succeeded', outputs: { it: ['a0', 'b1', 'c2'] } }],
    ['several at a time', each({ concurrency: 3 }), { outcome: 'succeeded', outputs: { it: ['a0', 'b1', 'c2'] } }],
    ['no items', each({ items: [] }), { outcome: 'succeeded', outputs: { it: [] } }],
    ['no list', each({ items: { $expr: 'dyn("abc")' } }), { outcome: 'failed', error: { code: 'EACH_NOT_A_LIST', node: 'it' } }],
    ['an item that fails stops the others', each({}, { b: {} }), { outcome: 'failed', error: { code: 'BROKEN', node: 'it[1]/b' } }],
    ['going on', each({ onItemFailure: 'continue' }, { b: {} }), { outcome: 'succeeded', outputs: { it: ['a0', null, 'c2'] } }],
    [
      'collecting',
      each({ onItemFailure: 'collect', concurrency: 2 }, { b: {} }),
      {
        outcome: 'succeeded',
        outputs: {
          it: [
            { output: 'a0', error: null },
            { output: null, error: { code: 'BROKEN', kind: 'exit', message: 'no', hint: 'x' } },
            { output: 'c2', error: null },
          ],
        },
      },
    ],
    [
      'nested',
      each(
        { result: { $expr: 'steps.inner.output' } },
        { inner: { type: 'each', with: { items: [1, 2], result: { $expr: 'item' }, nodes: {} } } },
      ),
      {
        outcome: 'succeeded',
        outputs: {
          it: [
            [1, 2],
            [1, 2],
            [1, 2],
          ],
        },
      },
    ],
  ])('%s', async (_name, it, expected) => {
    const { world: _world, ...end } = await outcome({
      nodes: { it },
      flow: out('steps.it.output'),
      deeds: { 'it[1]/b': () => fails('no') },
    });
    expect(end).toMatchObject(expected);
  });

  test('never more at a time than allowed; the results keep their order whoever ends first', async () => {
    let now = 0;
    let most = 0;
    const world = testWorld({
      nodes: { it: each({ items: [3, 1, 2, 1], concurrency: 2, result: { $expr: 'steps.t.output' } }) },
      flow: out('steps.it.output'),
      deeds: {
        t: async (_info, context) => {
          now += 1;
          most = Math.max(most, now);
          await world.clock.sleep(Number(context.evaluate('item')) * 1000);
          now -= 1;
          return context.node;
        },
      },
    });
    const handle = await world.start();
    await world.clock.advance(60_000);
    expect(await handle.done).toBe('succeeded');
    expect(most).toBe(2);
    expect(handle.view().outputs).toEqual({ it: ['it[0]/t', 'it[1]/t', 'it[2]/t', 'it[3]/t'] });
  });

  test('a cancelled run stops every item at once', async () => {
    const world = testWorld({
      nodes: { it: each({ concurrency: 3 }) },
      deeds: { t: ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))) },
    });
    const handle = await world.start();
    await quiet();
    handle.cancel('ada', 'enough');
    expect(await handle.done).toBe('cancelled');
    const states = Object.values(handle.view().nodes).map(({ node, state }) => `${node} ${state}`);
    expect(states.sort()).toEqual(['it cancelled', ...[0, 1, 2].flatMap((i) => [`it[${i}] cancelled`, `it[${i}]/t cancelled`])].sort());
  });

  test('resumes at the item, and within it at the node', async () => {
    const world = testWorld({
      nodes: { it: each({}, { t: {}, ask: { type: 'approval', after: { t: 'success' }, with: { message: 'Go?' } } }) },
    });
    let handle = await world.start();
    for (const index of [0, 1, 2]) {
      await quiet();
      await handle.park();
      handle = await world.service.resume(handle.id);
      await quiet();
      const [open] = handle.view().signals.filter(({ reply }) => !reply);
      expect(open?.node).toBe(`it[${index}]/ask`);
      await world.service.decide(handle.id, open?.key ?? '', { decision: 'approved', by: 'ada', at: 0 });
    }
    expect(await handle.done).toBe('succeeded');
    expect(world.performed).toEqual(['it[0]/t#1', 'it[1]/t#1', 'it[2]/t#1']);
  });

  test('a rejected approval in a body that nothing is connected to ends the run as rejected', async () => {
    const world = testWorld({
      nodes: { it: each({}, { ask: { type: 'approval', with: { message: 'Go?' } } }, { continueOnFailure: true }) },
    });
    const handle = await world.start();
    await quiet();
    await world.service.decide(handle.id, 'it[0]/ask/approval', { decision: 'rejected', by: 'ada', at: 0, reason: 'no' });
    expect(await handle.done).toBe('rejected');
    expect(handle.view()).toMatchObject({ reason: 'no' });
  });
});

describe('flow', () => {
  const files: Record<string, object> = {
    'sub/child.flow.json': {
      version: 1,
      title: 'Child',
      inputs: { n: { type: 'integer' }, more: { type: 'string', default: 'dflt' } },
      outputs: { it: { value: { $expr: 'string(inputs.n) + inputs.more + run.title' } } },
      nodes: { a: { type: 'work' } },
    },
    'sub/outer.flow.json': {
      version: 1,
      outputs: { it: { value: { $expr: 'steps.inner.output.it' } } },
      nodes: { inner: { type: 'flow', with: { flow: './child.flow.json', inputs: { n: 7 } } } },
    },
    'bad.flow.json': { version: 1, nodes: { a: { type: 'work' }, bad: { type: 'work', after: { a: 'success' } } } },
    'ends.flow.json': {
      version: 1,
      nodes: { a: { type: 'end', with: { outputs: { it: 'early' } } }, b: { type: 'work', after: { a: 'failure' } } },
    },
    'self.flow.json': { version: 1, nodes: { me: { type: 'flow', with: { flow: 'self.flow.json' } } } },
    'asks.flow.json': { version: 1, nodes: { ask: { type: 'approval', with: { message: 'Go?' } } } },
    'prompt.flow.json': {
      version: 1,
      outputs: { it: { value: { $expr: 'steps.t.output.text' } } },
      nodes: { t: { type: 'template', with: { file: 'sub/t.md' } } },
    },
  };
  const readFile = async (path: string): Promise<string | undefined> =>
    path === 'sub/t.md' ? 'from {{ run.flow }}' : files[path] && JSON.stringify(files[path]);

  test.each<[string, Record<string, Json>, object]>([
    [
      'its own inputs, with defaults',
      { flow: 'sub/child.flow.json', inputs: { n: 1 } },
      { outcome: 'succeeded', outputs: { it: '1dfltChild' } },
    ],
    [
      'flows in flows, paths from where they stand',
      { flow: 'sub/outer.flow.json' },
      { outcome: 'succeeded', outputs: { it: '7dfltChild' } },
    ],
    ['files of the sub-flow', { flow: 'prompt.flow.json' }, { outcome: 'succeeded', outputs: { it: 'from flows/prompt.flow.json' } }],
    [
      'an input of another type',
      { flow: 'sub/child.flow.json', inputs: { n: { $expr: 'dyn("x")' } } },
      { outcome: 'failed', error: { code: 'INPUT_INVALID' } },
    ],
    ['a failure in it', { flow: 'bad.flow.json' }, { outcome: 'failed', error: { code: 'BROKEN', node: 'it[0]/bad' } }],
    ['an end in it ends it alone', { flow: 'ends.flow.json' }, { outcome: 'succeeded', outputs: { it: 'early' } }],
    ['one that never stops', { flow: 'self.flow.json' }, { outcome: 'failed', error: { code: 'FLOW_TOO_DEEP' } }],
  ])('%s', async (_name, params, expected) => {
    const { world, ...end } = await outcome({
      nodes: { it: { type: 'flow', with: params }, then2: { after: { it: 'success' } } },
      flow: out('steps.it.output.it'),
      deeds: { bad: () => fails('no') },
      start: { readFile },
    });
    expect(end).toMatchObject(expected);
    if (end.outcome === 'succeeded') expect(world.performed.at(-1)).toBe('then2#1');
  });

  test('one that is rejected leaves by failure, and ends the run as rejected where nothing handles that', async () => {
    for (const handled of [true, false]) {
      const world = testWorld({
        nodes: { it: { type: 'flow', with: { flow: 'asks.flow.json' } }, ...(handled ? { then2: { after: { it: 'failure' } } } : {}) },
        start: { readFile },
      });
      const handle = await world.start();
      await quiet();
      await world.service.decide(handle.id, 'it[0]/ask/approval', { decision: 'rejected', by: 'ada', at: 0 });
      expect(await handle.done).toBe(handled ? 'succeeded' : 'rejected');
      expect(handle.view().nodes['it[0]']).toMatchObject({ flow: 'flows/asks.flow.json', title: 'asks.flow.json' });
    }
  });
});

test.each<[string, Nodes, object, string[]]>([
  [
    'end stops what runs',
    { slow: {}, stop: { type: 'end', with: { outputs: { it: 1 } } }, never: { after: { slow: 'success' } } },
    { outcome: 'succeeded', outputs: { it: 1 } },
    ['slow cancelled'],
  ],
  ['end without outputs gives those of the flow', { stop: { type: 'end' } }, { outcome: 'succeeded', outputs: { it: null } }, []],
])('%s', async (_name, nodes, expected, states) => {
  const { world, ...end } = await outcome({
    nodes,
    flow: out('first(null, steps.stop.error)'),
    deeds: { slow: ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))) },
  });
  expect(end).toMatchObject(expected);
  const [id = ''] = (await world.service.list()).map((it) => it.id);
  const view = (await world.service.open(id)).view;
  for (const state of states) expect(Object.values(view.nodes).map((it) => `${it.node} ${it.state}`)).toContain(state);
});
