import { describe, expect, test } from 'vitest';
import type { NewRunEvent, Owner, RunHeader, RunMode } from './events.ts';
import type { NodeState, RunStatus, RunView } from './view.ts';
import { emptyView, openSignals, reduceView, summaryOf } from './view.ts';

const header: RunHeader = {
  id: 'r1',
  flow: 'a.flow.json',
  title: 'A',
  bundle: 'b',
  inputs: { n: 1 },
  mode: 'recorded',
  startedBy: 'cli',
  belay: '0',
};
const owner: Owner = { kind: 'cli', nonce: 'n', pid: 1, processStart: '', bootId: '', host: 'h' };
const opened: NewRunEvent = { type: 'segment.opened', segment: 1, owner };
const created: NewRunEvent = { type: 'run.created', run: header };
const started = (node: string): NewRunEvent => ({ type: 'node.started', node, input: { x: 1 }, trust: 'trusted' });
const finished = (node: string, more: object = {}): NewRunEvent =>
  ({ type: 'node.finished', node, outlet: 'success', output: 1, trust: 'trusted', ...more }) as NewRunEvent;
const error = { code: 'BROKEN', kind: 'network', message: 'm', hint: 'h' } as const;
const asked: NewRunEvent = {
  type: 'signal.requested',
  node: 'p',
  key: 'p/approval',
  request: { kind: 'approval', title: 'P', message: 'Go?', argsHash: 'x', untrusted: false },
};
const reply = { decision: 'approved', by: 'ada', at: 1 };
const step = (attempt: number): NewRunEvent =>
  ({ type: 'step.started', node: 'a', step: 'a/do', attempt, effect: 'read', idempotencyKey: 'k' }) as NewRunEvent;
const stepped = (attempt: number, more: object): NewRunEvent =>
  ({ type: 'step.finished', node: 'a', step: 'a/do', attempt, ...more }) as NewRunEvent;

const see = (events: NewRunEvent[]): RunView =>
  [opened, created, ...events].reduce((view, event, i) => reduceView(view, { seq: i, t: 100 + i, ...event } as never), emptyView());

describe('view', () => {
  const states: [name: string, events: NewRunEvent[], node: string, state: NodeState][] = [
    ['started', [started('a')], 'a', 'running'],
    ['succeeded', [started('a'), finished('a')], 'a', 'succeeded'],
    ['failed', [started('a'), finished('a', { outlet: 'failure', error })], 'a', 'failed'],
    ['let through', [started('a'), finished('a', { error, failed: false })], 'a', 'succeeded'],
    ['stopped by its own wish', [started('a'), finished('a', { error: { ...error, kind: 'cancelled' } })], 'a', 'cancelled'],
    ['dead', [{ type: 'node.skipped', node: 'a', reason: 'dead' }], 'a', 'skipped'],
    ['cancelled', [started('a'), { type: 'node.skipped', node: 'a', reason: 'cancelled' }], 'a', 'cancelled'],
    ['between attempts', [started('a'), step(1), stepped(1, { error, retryInMs: 5 })], 'a', 'waiting'],
    ['next attempt', [started('a'), step(1), stepped(1, { error, retryInMs: 5 }), step(2)], 'a', 'running'],
    ['on a timer', [started('a'), { type: 'timer.set', node: 'a', key: 'a/w', until: 9 }], 'a', 'waiting'],
    [
      'timer over',
      [started('a'), { type: 'timer.set', node: 'a', key: 'a/w', until: 9 }, { type: 'timer.fired', node: 'a', key: 'a/w' }],
      'a',
      'running',
    ],
    ['on a person', [started('p'), asked], 'p', 'awaiting'],
    ['answered', [started('p'), asked, { type: 'signal.received', node: 'p', key: 'p/approval', reply }], 'p', 'running'],
    ['left behind', [started('a'), { type: 'run.finished', outcome: 'failed' }], 'a', 'cancelled'],
    ['a name that bites', [started('constructor')], 'constructor', 'running'],
  ];
  test.each(states)('node: %s', (_name, events, node, state) => {
    expect(see(events).nodes[node]?.state).toBe(state);
  });

  const statuses: [name: string, events: NewRunEvent[], status: RunStatus][] = [
    ['new', [], 'running'],
    ['only a person can help', [started('p'), asked], 'waiting'],
    ['something else moves', [started('a'), started('p'), asked], 'running'],
    ['something else has ended', [started('a'), started('p'), asked, finished('a')], 'waiting'],
    ['let go with a question', [started('p'), asked, { type: 'segment.closed', reason: 'parked' }], 'waiting'],
    ['let go without', [started('a'), { type: 'segment.closed', reason: 'parked' }], 'interrupted'],
    ['taken up again', [started('a'), { type: 'segment.closed', reason: 'parked' }, opened], 'running'],
    [
      'ended',
      [
        { type: 'run.finished', outcome: 'rejected', reason: 'no' },
        { type: 'segment.closed', reason: 'finished' },
      ],
      'rejected',
    ],
  ];
  test.each(statuses)('run: %s', (_name, events, status) => {
    expect(see(events).status).toBe(status);
  });

  test('tells the attempts of a node, also those a crash left open', () => {
    const usage = { inputTokens: 1, source: 'reported' } as const;
    const view = see([
      started('a'),
      step(1),
      opened,
      step(1),
      stepped(1, { error, retryInMs: 1 }),
      step(2),
      stepped(2, { output: 7, usage, model: 'm', recorded: true }),
      finished('a'),
    ]);
    expect(view.nodes.a?.attempts).toEqual([
      { step: 'a/do', attempt: 1, effect: 'read', startedAt: 103, finishedAt: 105 },
      { step: 'a/do', attempt: 1, effect: 'read', startedAt: 105, finishedAt: 106, error },
      { step: 'a/do', attempt: 2, effect: 'read', startedAt: 107, finishedAt: 108, output: 7, usage, model: 'm', recorded: true },
    ]);
    expect(view.nodes.a).toMatchObject({ startedAt: 102, finishedAt: 109, input: { x: 1 }, output: 1 });
  });

  test.each<[RunMode, string | undefined]>([
    ['live', 'openai/x'],
    ['byHand', undefined],
  ])('shows the mode as it stands: %s', (mode, model) => {
    const view = see([{ type: 'run.mode', mode, by: 'ada', ...(model === undefined ? {} : { model }) }]);
    expect([view.mode, view.model]).toEqual([mode, model]);
  });

  test('sums up what is open, and nothing when it is over', () => {
    const view = see([started('p'), asked]);
    expect(openSignals(view)).toHaveLength(1);
    expect(summaryOf(view, true)).toEqual({
      id: 'r1',
      flow: 'a.flow.json',
      title: 'A',
      mode: 'recorded',
      startedBy: 'cli',
      status: 'waiting',
      createdAt: 101,
      waiting: [{ key: 'p/approval', node: 'p', kind: 'approval', title: 'P', requestedAt: 103 }],
      owner,
      local: true,
    });
    expect(summaryOf(see([started('p'), asked, { type: 'run.finished', outcome: 'failed', error }]), false)).toMatchObject({
      waiting: [],
      error,
      finishedAt: 104,
      local: false,
    });
  });
});
