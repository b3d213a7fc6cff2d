import { expect, it } from 'vitest';
import type { RunEvent } from '../../engine/run/events.ts';
import { emptyView, reduceView } from '../../engine/run/view.ts';
import { subFlowEvents, subFlowsOf } from './sub-flow-source.ts';

type New<E> = E extends unknown ? Omit<E, 'seq' | 't'> : never;
const stamped = (events: New<RunEvent>[]) => events.map((event, seq) => ({ ...event, seq, t: 1000 + seq }) as RunEvent);
const viewOf = (events: readonly RunEvent[]) => events.reduce(reduceView, emptyView());

const RUN: New<RunEvent>[] = [
  {
    type: 'run.created',
    run: { id: 'r', flow: 'main.flow.json', title: 'Main', bundle: '', inputs: { a: 1 }, mode: 'live', startedBy: 'editor', belay: '0' },
  },
  { type: 'node.started', node: 'fix' },
  { type: 'flow.started', node: 'fix[0]', flow: 'sub/fix.flow.json', title: 'Fix', inputs: { text: 'x' } },
  { type: 'node.started', node: 'fix[0]/draft' },
  { type: 'node.finished', node: 'fix[0]/again[1]/one', outlet: 'success', output: 1, trust: 'trusted' },
  { type: 'node.finished', node: 'fix[0]/draft', outlet: 'success', output: 'y', trust: 'trusted' },
  { type: 'node.started', node: 'other' },
];
const DONE: New<RunEvent> = { type: 'node.finished', node: 'fix[0]', outlet: 'done', output: { text: 'y' }, trust: 'trusted' };
const error = { code: 'X', kind: 'unknown', message: 'm', hint: 'h' } as const;

it('shows a sub-flow as if it had been run by itself', () => {
  const view = viewOf(subFlowEvents(stamped(RUN), 'fix[0]'));
  expect(view).toMatchObject({
    id: 'r',
    flow: 'sub/fix.flow.json',
    title: 'Fix',
    inputs: { text: 'x' },
    createdAt: 1002,
    status: 'running',
  });
  expect(Object.keys(view.nodes)).toEqual(['draft', 'again[1]/one']);
});

it.each<[string, New<RunEvent>, object]>([
  ['done', DONE, { status: 'succeeded', outputs: { text: 'y' } }],
  ['failed', { ...DONE, type: 'node.finished', outlet: 'failure', error }, { status: 'failed', error }],
  ['cancelled', { type: 'node.skipped', node: 'fix[0]', reason: 'cancelled' }, { status: 'cancelled' }],
  ['over with the run', { type: 'run.finished', outcome: 'failed', error }, { status: 'failed' }],
])('ends as its pass: %s', (_name, end, expected) => {
  const events = stamped([...RUN, end, ...(end.type === 'run.finished' ? [] : [{ type: 'run.finished', outcome: 'cancelled' } as const])]);
  expect(viewOf(subFlowEvents(events, 'fix[0]'))).toMatchObject(expected);
});

it('lists the sub-flows of a run, each under the one it ran in', () => {
  const deep = { type: 'flow.started', node: 'fix[0]/again[1]/inner[0]', flow: 'in.flow.json', title: '', inputs: {} } as const;
  const view = viewOf(stamped([...RUN, deep, DONE]));
  expect(view.subFlows).toBe(2);
  expect(subFlowsOf(view)).toEqual([
    { pass: 'fix[0]', title: 'Fix', flow: 'sub/fix.flow.json', state: 'succeeded', startedAt: 1002, finishedAt: 1008 },
    // What is still open in a pass ends with it.
    {
      pass: deep.node,
      parent: 'fix[0]',
      title: 'in.flow.json',
      flow: 'in.flow.json',
      state: 'cancelled',
      startedAt: 1007,
      finishedAt: 1008,
    },
  ]);
});
