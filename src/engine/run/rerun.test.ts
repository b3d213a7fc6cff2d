import { describe, expect, test } from 'vitest';
import type { Json } from '../format/json.ts';
import type { NodeSpec } from '../format/model.ts';
import { catalog } from '../nodes/catalog.ts';
import { quiet } from '../testing/fake-clock.ts';
import type { Deed, TestWorld, TestWorldOptions } from '../testing/harness.ts';
import { testWorld } from '../testing/harness.ts';
import type { StartRequest } from './api.ts';
import { checkPin } from './given.ts';
import type { RunView } from './view.ts';

type Nodes = Record<string, Partial<NodeSpec>>;

/** Runs a flow, and once more on the same disk with `more`; gives back the second run. */
async function again(
  first: TestWorldOptions,
  more: Omit<Partial<StartRequest>, 'rerunOf'>,
  changed: Partial<TestWorldOptions> = {},
): Promise<{ world: TestWorld; view: RunView; outcome: string; earlier: string }> {
  const before = testWorld(first);
  const run = await before.start();
  await run.done;
  const world = testWorld({
    ...first,
    ...changed,
    runs: before.runs,
    clock: before.clock,
    start: { ...first.start, ...more, rerunOf: run.id },
  });
  const handle = await world.start();
  const outcome = await handle.done;
  return { world, view: handle.view(), outcome, earlier: run.id };
}

const behind = (source: string, outlet = 'success'): Pick<NodeSpec, 'after'> => ({ after: { [source]: outlet } });
const chain: Nodes = { a: {}, b: behind('a'), c: { ...behind('b'), with: { say: '{{ steps.a.output }}' } }, side: {} };
const ask: Json = { type: 'approval', with: { message: 'Go on?' } };
const loop = (inner: Json): Partial<NodeSpec> => ({ type: 'loop', with: { until: 'true', maxIterations: 1, nodes: { inner } } });
const fileOf = (nodes: Json): string => JSON.stringify({ version: 1, nodes });
const stampOf = (view: RunView): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(view.nodes).map(([id, { given }]) => [id, given]));

describe('a run from a node', () => {
  test('keeps what is not behind it, with its label, and says so', async () => {
    const { world, view, outcome, earlier } = await again(
      { nodes: chain, deeds: { a: () => 'first', b: () => 1 } },
      { from: 'b' },
      { deeds: { a: () => 'second', b: () => 2 } },
    );
    expect(outcome).toBe('succeeded');
    expect(world.performed).toEqual(['b#1', 'c#1']);
    expect(view).toMatchObject({ rerunOf: earlier, rerunFrom: 'b' });
    expect(stampOf(view)).toEqual({ a: 'kept', side: 'kept', b: undefined, c: undefined });
    expect(view.nodes.a).toMatchObject({ output: 'first', state: 'succeeded', outlet: 'success', trust: 'trusted' });
    expect(view.nodes.c?.input).toEqual({ say: 'first' });
  });

  test('that stands in a body begins with the node around it', async () => {
    const body = { inner: { type: 'work' }, next: { type: 'work', ...behind('inner') } } as unknown as Json;
    const nodes: Nodes = { a: {}, l: { type: 'loop', ...behind('a'), with: { until: 'true', maxIterations: 1, nodes: body } } };
    const { world, view } = await again({ nodes }, { from: 'next' });
    expect(world.performed).toEqual(['l[0]/inner#1', 'l[0]/next#1']);
    expect(view.rerunFrom).toBe('l');
  });

  test('asks for approvals anew: a yes belongs to what it was given for', async () => {
    const nodes: Nodes = {
      ask: { type: 'approval', with: { message: 'Go on?' } },
      write: { ...behind('ask', 'approved'), with: { effect: 'write' } },
    };
    const before = testWorld({ nodes, start: { approved: ['ask'] } });
    const run = await before.start();
    expect(await run.done).toBe('succeeded');
    const world = testWorld({ nodes, runs: before.runs, clock: before.clock, start: { rerunOf: run.id, from: 'write' } });
    const handle = await world.start();
    await new Promise<void>((resolve) => handle.onIdle(({ signals }) => signals === 1 && resolve()));
    expect(world.performed).toEqual([]);
    await handle.park();
  });

  test.each<[string, Nodes, Record<string, string>]>([
    ['the body of a loop', { box: loop(ask) }, {}],
    ['the body of a body', { box: loop({ type: 'loop', with: { until: 'true', maxIterations: 1, nodes: { deep: ask } } }) }, {}],
    ['a gate in a body', { box: loop({ type: 'work', gate: true, with: { effect: 'write' } }) }, {}],
    ['a sub-flow', { box: { type: 'flow', with: { flow: 'a/sub.flow.json' } } }, { 'a/sub.flow.json': fileOf({ ask }) }],
    [
      'the sub-flow of a sub-flow',
      { box: { type: 'flow', with: { flow: 'a/sub.flow.json' } } },
      { 'a/sub.flow.json': fileOf({ inner: { type: 'flow', with: { flow: '../b.flow.json' } } }), 'b.flow.json': fileOf({ ask }) },
    ],
  ])('makes anew, and takes no pin for, what a yes was given in: %s', async (_where, box, files) => {
    const nodes: Nodes = { ...box, write: { ...behind('box'), with: { effect: 'write' } } };
    const readFile = async (path: string): Promise<string | undefined> => files[path];
    const before = testWorld({ nodes, start: { readFile } });
    const run = await before.start();
    await quiet();
    const [question] = run.view().signals;
    await before.service.decide(run.id, question?.key ?? '', { decision: 'approved', by: 'ada, test', at: 1 });
    expect(await run.done).toBe('succeeded');
    const world = testWorld({ nodes, runs: before.runs, clock: before.clock, start: { readFile, rerunOf: run.id, from: 'write' } });
    const handle = await world.start();
    await quiet();
    expect(handle.view().signals).toHaveLength(1);
    expect(world.performed).toEqual([]);
    await handle.park();
    const pinned = { box: { outlet: 'success', output: {}, trust: 'trusted' as const } };
    await expect(testWorld({ nodes, start: { readFile, pinned } }).start()).rejects.toMatchObject({ code: 'GIVEN_REFUSED' });
  });

  test('keeps a body and a sub-flow in which nobody is asked', async () => {
    const nodes: Nodes = {
      box: loop({ type: 'work' }),
      sub: { type: 'flow', with: { flow: 'sub.flow.json' } },
      b: { after: { box: 'success', sub: 'success' } },
    };
    const start = { readFile: async () => fileOf({ t: { type: 'template', with: { template: 'x' } } }) };
    const { view } = await again({ nodes, start }, { from: 'b' });
    expect(stampOf(view)).toMatchObject({ box: 'kept', sub: 'kept', b: undefined });
  });

  test('keeps labels: what came from outside stays untrusted, and an irreversible step is asked about', async () => {
    const nodes: Nodes = {
      model: { type: 'prompt', with: { prompt: 'Hi' } },
      post: { ...behind('model'), with: { effect: 'irreversible', say: '{{ steps.model.output.text }}' } },
    };
    const before = testWorld({ nodes, replies: ['hello'] });
    const run = await before.start();
    await new Promise<void>((resolve) => run.onIdle(({ signals }) => signals === 1 && resolve()));
    run.cancel('test');
    await run.done;
    const world = testWorld({
      nodes,
      runs: before.runs,
      clock: before.clock,
      start: { rerunOf: run.id, from: 'post', approved: ['post'] },
    });
    const handle = await world.start();
    await new Promise<void>((resolve) => handle.onIdle(({ signals }) => signals === 1 && resolve()));
    expect(handle.view().signals[0]?.request).toMatchObject({ kind: 'gate', untrusted: true });
    expect(world.requests).toEqual([]);
    await handle.park();
  });

  test('makes anew what failed before, was cut short, or has another outlet now', async () => {
    const nodes: Nodes = { a: {}, bad: { ...behind('a') }, b: behind('a') };
    const { world } = await again({ nodes, deeds: { bad: () => Promise.reject(new Error('no')) } }, { from: 'b' }, { deeds: {} });
    expect(world.performed.toSorted()).toEqual(['b#1', 'bad#1']);
  });

  test('has large results of the earlier run as its own', async () => {
    const nodes: Nodes = { a: {}, b: { ...behind('a'), with: { say: '{{ steps.a.output | size }}' } } };
    const { world, view, earlier } = await again({ nodes, deeds: { a: () => 'x'.repeat(100_000) } }, { from: 'b' });
    await world.service.remove(earlier);
    expect(view.nodes.b?.input).toEqual({ say: '100000' });
    expect(await world.service.whole(view.id, view.nodes.a?.output ?? null)).toBe('x'.repeat(100_000));
  });

  test('is resumed with what it was given', async () => {
    const nodes: Nodes = { a: {}, b: { ...behind('a'), with: { say: '{{ steps.a.output }}' } }, c: behind('b') };
    const before = testWorld({ nodes, deeds: { a: () => 'kept' } });
    const run = await before.start();
    await run.done;
    let hold = true;
    const world = testWorld({
      nodes,
      runs: before.runs,
      clock: before.clock,
      deeds: {
        a: () => 'new',
        b: (_info, { signal }) => (hold ? new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason))) : 'b'),
      },
      start: { rerunOf: run.id, from: 'b' },
    });
    const handle = await world.start();
    while (world.performed.length === 0) await new Promise(setImmediate);
    await handle.park();
    await world.service.remove(run.id);
    hold = false;
    const more = await world.service.resume(handle.id);
    expect(await more.done).toBe('succeeded');
    expect(more.view().nodes.a).toMatchObject({ output: 'kept', given: 'kept' });
    expect(world.performed).toEqual(['b#1', 'b#1', 'c#1']);
  });
});

describe('a node alone', () => {
  const nodes: Nodes = {
    a: {},
    b: { ...behind('a'), with: { say: '{{ steps.a.output }}' } },
    check: { type: 'validate', ...behind('b'), with: { value: 'x', schema: { type: 'number' } } },
    c: { ...behind('check', 'valid') },
    mend: behind('check', 'invalid'),
  };

  test.each<[string, string[], object]>([
    ['b', ['b#1'], { b: { state: 'succeeded', input: { say: 'A' } } }],
    ['a', ['a#1'], { a: { state: 'succeeded' } }],
    ['check', [], { check: { state: 'succeeded', outlet: 'invalid' } }],
  ])('%s is run on earlier results, and nothing else', async (only, performed, expected) => {
    const { world, view, outcome } = await again({ nodes, deeds: { a: () => 'A' } }, { only });
    expect(outcome).toBe('succeeded');
    expect(world.performed).toEqual(performed);
    expect(view.nodes).toMatchObject(expected);
    expect(Object.keys(view.nodes)).toEqual([only]);
    expect(view.only).toBe(only);
  });

  test('that fails fails the run', async () => {
    const { outcome, view } = await again({ nodes }, { only: 'b' }, { deeds: { b: () => Promise.reject(new Error('no')) } });
    expect(outcome).toBe('failed');
    expect(view.error).toMatchObject({ node: 'b' });
  });

  test('needs the results that it reads, which a pin gives too', async () => {
    const world = (start: Partial<StartRequest>): TestWorld => testWorld({ nodes, start });
    await expect(world({ only: 'b' }).start()).rejects.toMatchObject({ code: 'RERUN_NO_RESULT', details: { missing: ['a'] } });
    const handle = await world({ only: 'b', pinned: { a: { outlet: 'success', output: 'P', trust: 'trusted' } } }).start();
    expect(await handle.done).toBe('succeeded');
    expect(handle.view()).toMatchObject({ nodes: { b: { input: { say: 'P' } } }, pinned: ['a'] });
  });
});

describe('pinned results', () => {
  const pin = (output: Json, outlet = 'success') => ({ outlet, output, trust: 'untrusted' as const });

  test('stand in for running the node, and the run says so', async () => {
    const world = testWorld({
      nodes: { ...chain, b: { ...behind('a'), with: { effect: 'irreversible' } } },
      start: { pinned: { b: pin('P') } },
    });
    const handle = await world.start();
    expect(await handle.done).toBe('succeeded');
    expect(world.performed.toSorted()).toEqual(['a#1', 'c#1', 'side#1']);
    expect(handle.view()).toMatchObject({ pinned: ['b'], nodes: { b: { given: 'pinned', output: 'P', trust: 'untrusted' } } });
  });

  test.each<[string, Nodes, NonNullable<StartRequest['pinned']>, string]>([
    ['an unknown node', chain, { z: pin(1) }, 'NODE_UNKNOWN'],
    ['an outlet it does not have', chain, { a: pin(1, 'left') }, 'GIVEN_REFUSED'],
    ['a yes', { a: { type: 'approval', with: { message: 'x' } } }, { a: pin({}, 'approved') }, 'GIVEN_REFUSED'],
    ['a result that its schema does not allow', { a: { output: { type: 'number' } } }, { a: pin('x') }, 'GIVEN_INVALID'],
  ])('%s is refused', async (_name, nodes, pinned, code) => {
    await expect(testWorld({ nodes, start: { pinned } }).start()).rejects.toMatchObject({ code });
  });

  test('a node in a body is not pinned, but the one around it', async () => {
    const flow = {
      version: 1 as const,
      nodes: { it: { type: 'each', with: { items: [], nodes: { a: { type: 'transform', with: { value: 1 } } } } } },
    };
    const result = { outlet: 'success', output: 1, trust: 'trusted' as const };
    const tools = { catalog, readFile: async () => undefined };
    await expect(checkPin('a', result, flow, tools)).rejects.toMatchObject({ code: 'GIVEN_REFUSED', hint: 'Pin "it" instead.' });
    await expect(checkPin('it', result, flow, tools)).resolves.toBeUndefined();
  });

  test('a node that is chosen is run all the same', async () => {
    const { world } = await again({ nodes: chain }, { from: 'b', pinned: { b: pin('P') } });
    expect(world.performed).toEqual(['b#1', 'c#1']);
  });

  test('secrets do not get into what is frozen', async () => {
    const world = testWorld({ nodes: chain, secrets: { key: 'hunter2hunter2' }, start: { pinned: { a: pin('hunter2hunter2') } } });
    const handle = await world.start();
    await handle.done;
    expect(await world.runs.getObject(handle.view().bundle)).not.toContain('hunter2');
  });
});

test('a run of another flow has nothing to give', async () => {
  await expect(again({ nodes: chain }, { from: 'b', flowPath: 'flows/other.flow.json' })).rejects.toMatchObject({
    code: 'RERUN_OTHER_FLOW',
  });
});

test('untrusted inputs stay so', async () => {
  const { world, view } = await again(
    {
      nodes: { a: { with: { say: '{{ inputs.x }}' } } },
      flow: { inputs: { x: { type: 'string' } } },
      start: { inputs: { x: '1' }, inputsTrust: 'untrusted' },
    },
    { inputsTrust: 'trusted' },
  );
  expect(world.performed).toEqual(['a#1']);
  expect(view.nodes.a?.trust).toBe('untrusted');
});

describe('a run to a node', () => {
  const nodes: Nodes = {
    a: {},
    side: {},
    b: behind('a'),
    sorry: behind('b', 'failure'),
    c: behind('b'),
    d: behind('c'),
  };

  test('ends with it, and begins nothing that it does not need', async () => {
    const world = testWorld({ nodes, start: { to: 'b' } });
    const run = await world.start();
    expect(await run.done).toBe('succeeded');
    expect(world.performed).toEqual(['a#1', 'b#1']);
    expect(run.view()).toMatchObject({ to: 'b' });
    expect(run.view().outputs).toBeUndefined();
    expect(Object.keys(run.view().nodes)).toEqual(['a', 'b']);
  });

  test('fails as the whole flow would', async () => {
    const fail = () => {
      throw new Error('no');
    };
    const unhandled = testWorld({ nodes, start: { to: 'c' }, deeds: { a: fail } });
    expect(await (await unhandled.start()).done).toBe('failed');
    const handled = testWorld({ nodes, start: { to: 'b' }, deeds: { b: fail } });
    expect(await (await handled.start()).done).toBe('succeeded');
    expect(handled.performed).toEqual(['a#1', 'b#1']);
  });

  test('stops what is only there for it', async () => {
    const untilAborted: Deed = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
    const race: Nodes = { quick: {}, slow: {}, win: { after: { quick: 'success', slow: 'success' }, join: 'any' }, later: behind('win') };
    const world = testWorld({ nodes: race, start: { to: 'win' }, deeds: { slow: untilAborted } });
    const run = await world.start();
    expect(await run.done).toBe('succeeded');
    expect(run.view().nodes).toMatchObject({ win: { state: 'succeeded' }, slow: { state: 'cancelled' } });
    expect(run.view().nodes).not.toHaveProperty('later');
  });

  test('that stands in a body ends with the node around it; one that is not there or disabled is refused', async () => {
    const body = { inner: { type: 'work' } } as unknown as Json;
    const boxed: Nodes = {
      l: { type: 'loop', with: { until: 'true', maxIterations: 1, nodes: body } },
      after: behind('l'),
      off: { disabled: true },
    };
    const world = testWorld({ nodes: boxed, start: { to: 'inner' } });
    const run = await world.start();
    await run.done;
    expect(run.view().to).toBe('l');
    expect(world.performed).toEqual(['l[0]/inner#1']);
    await expect(testWorld({ nodes: boxed, start: { to: 'gone' } }).start()).rejects.toMatchObject({ code: 'NODE_UNKNOWN' });
    await expect(testWorld({ nodes: boxed, start: { to: 'off' } }).start()).rejects.toMatchObject({ code: 'NODE_DISABLED' });
  });

  test('goes on to it after a restart, and no further', async () => {
    const asking: Nodes = {
      ask: { type: 'approval', with: { message: 'Go on?' } },
      write: behind('ask', 'approved'),
      more: behind('write'),
    };
    const before = testWorld({ nodes: asking, start: { to: 'write' } });
    const run = await before.start();
    await new Promise<void>((resolve) => run.onIdle(({ signals }) => signals === 1 && resolve()));
    const [signal] = run.view().signals;
    await run.park();
    const world = testWorld({ nodes: asking, runs: before.runs, clock: before.clock });
    const resumed = await world.service.resume(run.id);
    await world.service.decide(run.id, signal?.key ?? '', { decision: 'approved', by: 'ada', at: 1 });
    expect(await resumed.done).toBe('succeeded');
    expect(world.performed).toEqual(['write#1']);
  });
});
