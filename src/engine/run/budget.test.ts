import { describe, expect, test } from 'vitest';
import type { NodeSpec } from '../format/model.ts';
import { quiet } from '../testing/fake-clock.ts';
import type { TestWorld, TestWorldOptions } from '../testing/harness.ts';
import { testWorld } from '../testing/harness.ts';
import type { RunHandle } from './api.ts';
import type { NewRunEvent, RunEvent } from './events.ts';
import { Spending } from './spending.ts';
import { openSignals } from './view.ts';

const reply = (decision: 'more' | 'stop') => ({ decision, by: 'ada, test', at: 1 });
const chain = (...ids: string[]): Record<string, Partial<NodeSpec>> =>
  Object.fromEntries(ids.map((id, i) => [id, { ...(i === 0 ? {} : { after: { [ids[i - 1] as string]: 'success' } }) }]));

function limited(budget: object, options: TestWorldOptions): TestWorld {
  return testWorld({ ...options, flow: { ...options.flow, limits: { budget } } });
}

const asked = (handle: RunHandle): string[] =>
  openSignals(handle.view()).map(({ key, node, request }) => `${key} at "${node}": ${request.title}`);

describe('a budget of steps', () => {
  test('lets so many begin, then asks; more gives as many again, and the run ends as it would have', async () => {
    const world = limited({ steps: 2 }, { nodes: chain('a', 'b', 'c', 'd', 'e') });
    const handle = await world.start();
    await quiet();
    expect(world.performed).toEqual(['a#1', 'b#1']);
    expect(asked(handle)).toEqual(['budget/steps/1 at "": Budget of 2 steps']);
    expect(handle.view()).toMatchObject({
      status: 'waiting',
      signals: [{ request: { kind: 'budget', budget: 'steps', used: 2, limit: 2 } }],
    });
    expect(Object.keys(handle.view().nodes)).toEqual(['a', 'b']);
    expect((await world.service.list())[0]).toMatchObject({
      status: 'waiting',
      waiting: [{ key: 'budget/steps/1', node: '', kind: 'budget' }],
    });
    expect(await world.service.decide(handle.id, 'budget/steps/1', reply('more'))).toEqual({ accepted: true });
    await quiet();
    expect(asked(handle)).toEqual(['budget/steps/2 at "": Budget of 4 steps']);
    await world.service.decide(handle.id, 'budget/steps/2', reply('more'));
    expect(await handle.done).toBe('succeeded');
    expect(world.performed).toEqual(['a#1', 'b#1', 'c#1', 'd#1', 'e#1']);
    expect(world.complaints).toEqual([]);
  });

  test('that suffices asks nothing', async () => {
    const world = limited({ steps: 2, tokens: 1, time: '1h', cost: 1 }, { nodes: chain('a', 'b') });
    const handle = await world.start();
    expect(await handle.done).toBe('succeeded');
    expect(handle.view().signals).toEqual([]);
  });

  test('after a stop fails what would go beyond it, like any other failure', async () => {
    const world = limited({ steps: 2 }, { nodes: chain('a', 'b', 'c') });
    const handle = await world.start();
    await quiet();
    await world.service.decide(handle.id, 'budget/steps/1', reply('stop'));
    expect(await handle.done).toBe('failed');
    expect(handle.view()).toMatchObject({
      error: { code: 'BUDGET_EXCEEDED', kind: 'quota', node: 'c', details: { budget: 'steps', used: 2, limit: 2 } },
    });
    const through = limited({ steps: 2 }, { nodes: { ...chain('a', 'b'), c: { after: { b: 'success' }, continueOnFailure: true } } });
    const second = await through.start();
    await quiet();
    await through.service.decide(second.id, 'budget/steps/1', reply('stop'));
    expect(await second.done).toBe('succeeded');
    expect(through.performed).toEqual(['a#1', 'b#1']);
  });

  test('is one for all branches: one question, and never more than were given', async () => {
    const ids = Array.from({ length: 9 }, (_, i) => `n${i}`);
    const world = limited({ steps: 4 }, { nodes: Object.fromEntries(ids.map((id) => [id, {}])) });
    const handle = await world.start();
    await quiet();
    expect(world.performed).toHaveLength(4);
    expect(asked(handle)).toHaveLength(1);
    await world.service.decide(handle.id, 'budget/steps/1', reply('more'));
    await quiet();
    expect(world.performed).toHaveLength(8);
    expect(asked(handle)).toEqual(['budget/steps/2 at "": Budget of 8 steps']);
    await world.service.decide(handle.id, 'budget/steps/2', reply('more'));
    expect(await handle.done).toBe('succeeded');
  });

  test('counts the steps of each pass, those that are over in a moment too', async () => {
    const template = { type: 'template', with: { template: 'x' } };
    const improve = {
      type: 'loop',
      with: { maxIterations: 3, until: 'false', nodes: { text: template, use: { type: 'work', after: { text: 'success' } } } },
    };
    const world = limited({ steps: 6 }, { nodes: { improve } });
    const handle = await world.start();
    await quiet();
    // The loop itself, two steps in each of two passes, and the first one of the third.
    expect(asked(handle)).toEqual(['budget/steps/1 at "": Budget of 6 steps']);
    expect(world.performed).toEqual(['improve[0]/use#1', 'improve[1]/use#1']);
    expect(Object.keys(handle.view().nodes)).toContain('improve[2]/text');
    await world.service.decide(handle.id, 'budget/steps/1', reply('more'));
    await handle.done;
    expect(world.performed).toHaveLength(3);
  });

  test('goes on counting where the run is resumed, and the question stands', async () => {
    const world = limited({ steps: 2 }, { nodes: chain('a', 'b', 'c', 'd') });
    const first = await world.start();
    await quiet();
    await first.park();
    const other = limited({ steps: 2 }, { nodes: chain('a', 'b', 'c', 'd'), runs: world.runs, clock: world.clock });
    const second = await other.service.resume(first.id);
    await quiet();
    expect(asked(second)).toEqual(['budget/steps/1 at "": Budget of 2 steps']);
    await other.service.decide(first.id, 'budget/steps/1', reply('more'));
    expect(await second.done).toBe('succeeded');
    expect(other.performed).toEqual(['c#1', 'd#1']);
    expect(world.story(first.id).filter((line) => line.includes('asked'))).toEqual(['budget/steps/1 asked: budget']);
  });

  test.each([0, 1, 2, 3])('holds over crashes: cut after %i events behind the answer', async (behind) => {
    const nodes = chain('a', 'b', 'c', 'd');
    const world = limited({ steps: 3 }, { nodes });
    const first = await world.start();
    await quiet();
    await world.service.decide(first.id, 'budget/steps/1', reply('more'));
    await first.done;
    const events = world.runs.events(first.id);
    const answered = events.findIndex(({ type }) => type === 'signal.received');
    world.runs.restore(first.id, events.slice(0, answered + 1 + behind));
    const second = await limited({ steps: 3 }, { nodes, runs: world.runs, clock: world.clock }).service.resume(first.id);
    expect(await second.done).toBe('succeeded');
    expect(second.view().signals).toHaveLength(1);
  });

  test('that is asked about does not outlive a cancellation', async () => {
    const world = limited({ steps: 1 }, { nodes: chain('a', 'b') });
    const handle = await world.start();
    await quiet();
    handle.cancel('ada, test');
    expect(await handle.done).toBe('cancelled');
    expect(await world.service.decide(handle.id, 'budget/steps/1', reply('more'))).toEqual({ accepted: false, earlier: undefined });
  });
});

describe('budgets of models', () => {
  const prompts = (...ids: string[]): Record<string, Partial<NodeSpec>> =>
    Object.fromEntries(Object.entries(chain(...ids)).map(([id, node]) => [id, { ...node, type: 'prompt', with: { prompt: 'Hi' } }]));

  test('of tokens ask before a model is called, and keep nobody else from going on', async () => {
    // Each reply of the test model takes 3 tokens.
    const world = limited(
      { tokens: 5 },
      { nodes: { ...prompts('a', 'b', 'c'), other: { after: { b: 'success' } } }, replies: ['1', '2', '3'] },
    );
    const handle = await world.start();
    await quiet();
    expect(world.requests).toHaveLength(2);
    expect(world.performed).toEqual(['other#1']);
    expect(asked(handle)).toEqual(['budget/tokens/1 at "": Budget of 5 tokens']);
    expect(handle.view().status).toBe('waiting');
    await world.service.decide(handle.id, 'budget/tokens/1', reply('more'));
    expect(await handle.done).toBe('succeeded');
    expect(world.requests).toHaveLength(3);
  });

  test('are not asked for a reply that is recorded already', async () => {
    const world = limited({ tokens: 3 }, { nodes: { ...prompts('a'), use: { after: { a: 'success' } } }, replies: ['1'] });
    const first = await world.start();
    await first.done;
    const events = world.runs.events(first.id);
    world.runs.restore(first.id, events.slice(0, events.findIndex(({ type }) => type === 'step.finished') + 1));
    const again = limited(
      { tokens: 3 },
      { nodes: { ...prompts('a'), use: { after: { a: 'success' } } }, runs: world.runs, clock: world.clock },
    );
    const second = await again.service.resume(first.id);
    expect(await second.done).toBe('succeeded');
    expect(again.requests).toEqual([]);
  });
});

describe('a budget of time', () => {
  test('counts work, and neither the time in which a person thinks nor that in which nobody has the run', async () => {
    let finish = (): void => undefined;
    const options: TestWorldOptions = {
      nodes: {
        slow: {},
        ask: { type: 'approval', after: { slow: 'success' }, with: { message: 'Go on?' } },
        late: { after: { ask: 'approved' } },
        end: { after: { late: 'success' } },
      },
      deeds: {
        slow: () => new Promise((resolve) => (finish = () => resolve('slow'))),
        late: () => new Promise((resolve) => (finish = () => resolve('late'))),
      },
    };
    const world = limited({ time: '10s' }, options);
    const first = await world.start();
    await quiet();
    await world.clock.advance(6000);
    finish();
    await quiet();
    await world.clock.advance(3_600_000);
    await first.park();
    await world.clock.advance(3_600_000);
    const other = limited({ time: '10s' }, { ...options, runs: world.runs, clock: world.clock });
    const second = await other.service.resume(first.id);
    await quiet();
    await world.clock.advance(3_600_000);
    await other.service.decide(second.id, openSignals(second.view())[0]?.key ?? '', { decision: 'approved', by: 'ada, test', at: 1 });
    await quiet();
    expect(other.performed).toEqual(['late#1']);
    await world.clock.advance(5000);
    finish();
    await quiet();
    expect(second.view().signals.at(-1)?.request).toMatchObject({ kind: 'budget', budget: 'time', used: 11_000, limit: 10_000 });
    expect(second.view().signals.at(-1)?.request.message).toMatch(/used up 11 s, and 10 s is all it may.*with 10 s more/);
    await world.clock.advance(3_600_000);
    await other.service.decide(second.id, 'budget/time/1', reply('more'));
    expect(await second.done).toBe('succeeded');
  });

  const owner = { kind: 'test' as const, nonce: 'n', pid: 1, processStart: '', bootId: '', host: 'here' };
  const opened: NewRunEvent = { type: 'segment.opened', segment: 1, owner };
  const closed: NewRunEvent = { type: 'segment.closed', reason: 'parked' };
  const starts = (node: string): NewRunEvent => ({ type: 'node.started', node });
  const ends = (node: string): NewRunEvent => ({ type: 'node.finished', node, outlet: 'success', output: null, trust: 'trusted' });
  const asks = (node: string): NewRunEvent => ({
    type: 'signal.requested',
    node,
    key: `${node}/ask`,
    request: { kind: 'approval', title: '', message: '', argsHash: '', untrusted: false },
  });
  const answers = (node: string): NewRunEvent => ({ type: 'signal.received', node, key: `${node}/ask`, reply: reply('more') });
  const timer = (type: 'set' | 'fired', node: string): NewRunEvent =>
    type === 'set' ? { type: 'timer.set', node, key: `${node}/t`, until: 0 } : { type: 'timer.fired', node, key: `${node}/t` };
  const tries = (node: string, attempt: number): NewRunEvent => ({
    type: 'step.started',
    node,
    step: `${node}/do`,
    attempt,
    effect: 'read',
    idempotencyKey: '',
  });
  const fails = (node: string, attempt: number): NewRunEvent => ({
    type: 'step.finished',
    node,
    step: `${node}/do`,
    attempt,
    retryInMs: 1,
  });

  /** One event each second; the time worked when the last one is recorded. */
  test.each<[string, NewRunEvent[], number]>([
    ['work', [opened, starts('a'), ends('a')], 2],
    ['a person who thinks', [opened, starts('a'), asks('a'), answers('a'), ends('a')], 3],
    ['a timer', [opened, starts('a'), timer('set', 'a'), timer('fired', 'a'), ends('a')], 3],
    ['the wait before another attempt', [opened, starts('a'), tries('a', 1), fails('a', 1), tries('a', 2), ends('a')], 4],
    ['somebody at work while another waits', [opened, starts('a'), starts('b'), asks('a'), ends('b'), answers('a')], 4],
    ['nobody who has the run', [opened, starts('a'), closed, opened, ends('a')], 3],
    ['an owner that died', [opened, starts('a'), opened, ends('a')], 2],
    [
      'a loop in which a person thinks',
      [opened, starts('l'), starts('l[0]/a'), asks('l[0]/a'), answers('l[0]/a'), ends('l[0]/a'), ends('l')],
      5,
    ],
    ['a loop that pauses', [opened, starts('l'), starts('l[0]/a'), ends('l[0]/a'), timer('set', 'l'), timer('fired', 'l'), ends('l')], 5],
    [
      'lists in lists',
      [
        opened,
        starts('o'),
        starts('o[0]/i'),
        starts('o[0]/i[0]/a'),
        asks('o[0]/i[0]/a'),
        starts('o[0]/i[1]/a'),
        asks('o[0]/i[1]/a'),
        ends('o[0]/i[0]/a'),
      ],
      5,
    ],
    ['the queue', [opened, { type: 'run.queued' }, { type: 'run.admitted' }, starts('a'), ends('a')], 3],
    [
      'a node that was cancelled while it waited',
      [opened, starts('a'), asks('a'), { type: 'node.skipped', node: 'a', reason: 'cancelled' }, starts('b')],
      3,
    ],
  ])('counts %s', (_name, events, seconds) => {
    const spending = new Spending();
    const stamped = events.map((event, seq) => ({ seq, t: seq * 1000, ...event }) as RunEvent);
    for (const event of stamped) spending.add(event);
    expect(spending.used('time', (events.length - 1) * 1000)).toBe(seconds * 1000);
  });
});
