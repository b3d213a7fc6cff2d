import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../format/json.ts';
import type { State } from '../../ports.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { testWorld } from '../../testing/harness.ts';
import { MemoryRuns } from '../../testing/memory-runs.ts';
import { MemoryState } from '../../testing/memory-state.ts';

const AT = '2026-01-05T07:00:00.000Z';
const expr = (text: string): Json => ({ $expr: text });

/** What runs share. */
class Disk {
  readonly clock = new FakeClock();
  readonly runs = new MemoryRuns(() => this.clock.now());
  readonly state = new MemoryState();
}

/** Runs a flow of one state node, with these inputs, on what earlier runs remembered. */
async function once(
  { state, runs, clock }: Disk,
  params: JsonObject,
  inputs: Record<string, Json> = {},
  flowPath = 'flows/test.flow.json',
) {
  const declared = Object.fromEntries(Object.keys(inputs).map((name) => [name, {}]));
  const world = testWorld({
    state,
    runs,
    clock,
    nodes: { it: { type: 'state', with: params } },
    flow: { inputs: declared },
    start: { inputs, flowPath },
    secrets: { KEY: 'sesame-open' },
  });
  const handle = await world.start();
  await handle.done;
  const { output, error } = handle.view().nodes.it ?? {};
  return { id: handle.id, output, error, view: handle.view() };
}

test('remembers from run to run, with history', async () => {
  const disk = new Disk();
  expect((await once(disk, { action: 'get', key: 'n', default: 7 })).output).toEqual({ value: 7, found: false });
  const first = await once(disk, { action: 'set', key: 'n', value: { n: expr('inputs.n') } }, { n: 1 });
  expect(first.output).toEqual({ value: { n: 1 }, previous: null });
  const second = await once(disk, { action: 'set', key: '{{ inputs.key }}', value: null }, { key: ' n ' });
  expect(second.output).toEqual({ value: null, previous: { n: 1 } });
  expect((await once(disk, { action: 'get', key: 'n', default: 7 })).output).toEqual({ value: null, found: true });
  expect((await once(disk, { action: 'history', key: 'n' })).output).toEqual({
    entries: [
      { value: null, at: AT, run: second.id },
      { value: { n: 1 }, at: AT, run: first.id },
    ],
  });
  expect((await once(disk, { action: 'append', key: 'l', value: 1 })).output).toEqual({ value: [1], size: 1 });
  expect((await once(disk, { action: 'delete', key: 'n' })).output).toEqual({ found: true });
  expect((await once(disk, { action: 'delete', key: 'n' })).output).toEqual({ found: false });
  expect((await once(disk, { action: 'history', key: 'n' })).output).toEqual({ entries: [] });
});

test('a value belongs to the flow, or to all flows of the workspace', async () => {
  const disk = new Disk();
  const get = async (scope: string, flow: string) => (await once(disk, { action: 'get', key: 'k', scope }, {}, flow)).output;
  await once(disk, { action: 'set', key: 'k', value: 'mine' }, {}, 'a.flow.json');
  await once(disk, { action: 'set', key: 'k', value: 'ours', scope: 'workspace' }, {}, 'a.flow.json');
  expect([await get('flow', 'a.flow.json'), await get('flow', 'b.flow.json')]).toEqual([
    { value: 'mine', found: true },
    { value: null, found: false },
  ]);
  expect(await get('workspace', 'b.flow.json')).toEqual({ value: 'ours', found: true });
});

describe('what is new', () => {
  const items = [{ id: 1, text: 'a' }, { id: 2 }, { id: 1, text: 'changed' }];

  test('stays new until it has been marked as seen; each item counts once', async () => {
    const disk = new Disk();
    const look = { action: 'new', key: 'issues', items: expr('inputs.items'), by: 'id' };
    for (let run = 0; run < 2; run += 1) {
      expect((await once(disk, look, { items })).output).toEqual({ items: [{ id: 1, text: 'a' }, { id: 2 }], count: 2 });
    }
    expect((await once(disk, { ...look, action: 'seen' }, { items: [{ id: 1 }] })).output).toEqual({ count: 1 });
    expect((await once(disk, look, { items })).output).toEqual({ items: [{ id: 2 }], count: 1 });
    expect((await once(disk, { ...look, action: 'seen' }, { items })).output).toEqual({ count: 1 });
    expect((await once(disk, look, { items })).output).toEqual({ items: [], count: 0 });
  });

  test('is told by the whole item without "by"', async () => {
    const disk = new Disk();
    await once(disk, { action: 'seen', key: 'k', items: expr('inputs.items') }, { items: ['a', { x: 1, y: 2 }] });
    expect(
      (await once(disk, { action: 'new', key: 'k', items: expr('inputs.items') }, { items: [{ y: 2, x: 1 }, 'a', 'b', 'b'] })).output,
    ).toEqual({
      items: ['b'],
      count: 1,
    });
  });

  test.each<[what: string, items: Json]>([
    ['no list', { id: 1 }],
    ['an item without the field', [{ id: 1 }, { no: 2 }]],
    ['an item that is no object', ['x']],
    ['an item whose field is null', [{ id: null }]],
  ])('cannot be told of %s', async (_what, value) => {
    const { error } = await once(new Disk(), { action: 'new', key: 'k', items: expr('inputs.items'), by: 'id' }, { items: value });
    expect(error).toMatchObject({ code: 'STATE_ITEMS_INVALID', kind: 'badRequest' });
  });
});

test('a key has to be left when its template is filled in', async () => {
  expect((await once(new Disk(), { action: 'get', key: '{{ inputs.k }}' }, { k: ' ' })).error).toMatchObject({
    code: 'PARAM_INVALID',
  });
});

test('secrets are not remembered, and what is read is not trusted', async () => {
  const disk = new Disk();
  await once(disk, { action: 'set', key: 'k', value: expr('inputs.v') }, { v: 'open with sesame-open' });
  const { output, view } = await once(disk, { action: 'get', key: 'k' });
  expect(output).toEqual({ value: 'open with •••', found: true });
  expect(view.nodes.it?.trust).toBe('untrusted');
  expect(JSON.stringify([...disk.state.documents])).not.toContain('sesame-open');
});

describe('after a crash', () => {
  /** Dies before or after the change has been made. */
  class DyingState extends MemoryState {
    die: 'before' | 'after' | undefined;
    changes = 0;

    override async change(...args: Parameters<State['change']>): ReturnType<State['change']> {
      this.changes += 1;
      if (this.die === 'before') return new Promise(() => undefined);
      const result = await super.change(...args);
      return this.die === 'after' ? new Promise(() => undefined) : result;
    }
  }

  test.each(['before', 'after'] as const)('a change is made once and nobody is asked (it died %s it)', async (die) => {
    const state = new DyingState();
    await state.change(
      { scope: { flow: 'flows/test.flow.json' }, key: 'k' },
      { action: 'append', value: 'old' },
      { id: 'x', run: 'r', at: 0 },
    );
    state.die = die;
    const world = testWorld({ state, nodes: { it: { type: 'state', with: { action: 'append', key: 'k', value: 'new' } } } });
    const handle = await world.start();
    await expect.poll(() => state.changes).toBe(2);
    world.runs.crash(handle.id);
    state.die = undefined;
    const next = testWorld({ nodes: {}, state, runs: world.runs, clock: world.clock });
    const resumed = await next.service.resume(handle.id);
    expect(await resumed.done).toBe('succeeded');
    expect(resumed.view().nodes.it?.output).toEqual({ value: ['old', 'new'], size: 2 });
    expect(resumed.view().signals).toEqual([]);
  });

  test('a run goes on with what it saw', async () => {
    const state = new MemoryState();
    const address = { scope: { flow: 'flows/test.flow.json' }, key: 'k' };
    await state.change(address, { action: 'set', value: 'seen' }, { id: 'x', run: 'r', at: 0 });
    const nodes = {
      get: { type: 'state', with: { action: 'get', key: 'k' } },
      ask: { type: 'approval', after: { get: 'success' }, with: { message: 'Go?' } },
      use: { type: 'template', after: { ask: 'approved' }, with: { template: '{{ steps.get.output.value }}' } },
    };
    const world = testWorld({ state, nodes });
    const handle = await world.start();
    await expect.poll(() => handle.view().signals.length).toBe(1);
    await handle.park();
    await state.change(address, { action: 'set', value: 'changed since' }, { id: 'y', run: 'r', at: 0 });
    await world.service.decide(handle.id, 'ask/approval', { decision: 'approved', by: 'ada', at: 0 });
    const resumed = await world.service.resume(handle.id);
    await resumed.done;
    expect(resumed.view().nodes.use?.output).toEqual({ text: 'seen' });
  });
});
