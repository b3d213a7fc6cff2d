import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../engine/run/events.ts';
import { openSignals } from '../../engine/run/view.ts';
import { edgeFate, isActive, phaseOf, shownRun, withEvents, withLive } from './run.ts';

const created: RunEvent = {
  seq: 0,
  t: 1000,
  type: 'run.created',
  run: { id: 'r', flow: 'f', title: 'T', bundle: '', inputs: {}, mode: 'recorded', startedBy: 'editor', belay: '0' },
};
const started = (node: string, seq: number): RunEvent => ({ seq, t: 1000 + seq, type: 'node.started', node });
const finished = (node: string, seq: number): RunEvent => ({
  seq,
  t: 1000 + seq,
  type: 'node.finished',
  node,
  outlet: 'success',
  output: null,
  trust: 'trusted',
});
const asked: RunEvent = {
  seq: 5,
  t: 2000,
  type: 'signal.requested',
  node: 'a',
  key: 'a/ask',
  request: { kind: 'approval', title: '', message: '', argsHash: '', untrusted: false },
};
const show = (...events: RunEvent[]) => shownRun({ id: 'r', events, interrupted: false, flowText: '', sameFlow: true });

describe('a run that is shown', () => {
  it('renews what an event touches, and nothing else', () => {
    const before = show(created, started('a', 1), started('b', 2));
    const after = withEvents(before, [finished('a', 3)]);
    expect(after.view).not.toBe(before.view);
    expect(after.view.nodes.a).not.toBe(before.view.nodes.a);
    expect(before.view.nodes.a?.state).toBe('running');
    expect(after.view.nodes.a?.state).toBe('succeeded');
    expect(after.view.nodes.b).toBe(before.view.nodes.b);
  });

  it('leaves an earlier view alone when the run ends', () => {
    const before = show(created, started('a', 1));
    const after = withEvents(before, [{ seq: 2, t: 1002, type: 'run.finished', outcome: 'cancelled' }]);
    expect(before.view.nodes.a?.state).toBe('running');
    expect(after.view.status).toBe('cancelled');
  });

  it('keeps open questions until they are answered', () => {
    const before = show(created, started('a', 1), asked);
    expect(openSignals(before.view)[0]?.key).toBe('a/ask');
    const after = withEvents(before, [
      { seq: 6, t: 2001, type: 'signal.received', node: 'a', key: 'a/ask', reply: { decision: 'approved', by: 'ada', at: 1 } },
    ]);
    expect(openSignals(after.view)[0]).toBeUndefined();
    expect(openSignals(before.view)[0]?.key).toBe('a/ask');
  });

  it.each([
    [show(created), 'running', true],
    [{ ...show(created), interrupted: true }, 'interrupted', false],
    [{ ...show(created, { seq: 1, t: 2, type: 'run.finished', outcome: 'failed' }), interrupted: true }, 'failed', false],
  ] as const)('has a phase', (run, phase, active) => {
    expect(phaseOf(run)).toBe(phase);
    expect(isActive(run)).toBe(active);
  });
});

it.each([
  [undefined, 'success', 'none'],
  [{ state: 'running' }, 'success', 'none'],
  [{ state: 'succeeded', outlet: 'success' }, 'success', 'taken'],
  [{ state: 'succeeded', outlet: 'success' }, 'failure', 'dead'],
  [{ state: 'skipped' }, 'success', 'dead'],
] as const)('an edge from %o by %s is %s', (source, outlet, fate) => {
  expect(edgeFate(source && { node: 'a', attempts: [], ...source }, outlet)).toBe(fate);
});

it('goes on behind a node that is disabled', () => {
  expect(edgeFate({ node: 'a', attempts: [], state: 'skipped' }, 'success', true)).toBe('taken');
});

describe('streamed text', () => {
  it('is joined by node and kind, and void with a new attempt', () => {
    const first = withLive({}, [
      { type: 'live.text', node: 'a', text: 'one ' },
      { type: 'live.text', node: 'a', text: 'two' },
      { type: 'live.output', node: 'b', stream: 'stderr', text: '!' },
    ]);
    expect(first).toMatchObject({ a: { text: 'one two' }, b: { output: '!' } });
    expect(withLive(first, [{ type: 'live.reset', node: 'a' }])).toMatchObject({ a: { text: '' }, b: { output: '!' } });
  });

  it('keeps the end of what is too long', () => {
    const live = withLive({}, [{ type: 'live.text', node: 'a', text: `${'x'.repeat(250_000)}end` }]);
    expect(live.a?.text.length).toBe(200_000);
    expect(live.a?.text.endsWith('end')).toBe(true);
  });
});
