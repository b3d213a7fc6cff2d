import { describe, expect, it } from 'vitest';
import type { RunEvent } from './events.ts';
import { nestingOf } from './nesting.ts';
import { emptyView, reduceView } from './view.ts';

type New<E> = E extends unknown ? Omit<E, 'seq' | 't'> : never;
const view = (...events: New<RunEvent>[]) =>
  events.map((event, seq) => ({ ...event, seq, t: 1000 + seq }) as RunEvent).reduce(reduceView, emptyView());
const started = (node: string): New<RunEvent> => ({ type: 'node.started', node });
const finished = (node: string, outlet = 'success'): New<RunEvent> => ({
  type: 'node.finished',
  node,
  outlet,
  output: null,
  trust: 'trusted',
});
const failed = (node: string): New<RunEvent> => ({
  type: 'node.finished',
  node,
  outlet: 'failure',
  output: null,
  trust: 'trusted',
  error: { code: 'X', kind: 'unknown', message: 'm', hint: 'h' },
});
const asked = (node: string): New<RunEvent> => ({
  type: 'signal.requested',
  node,
  key: `${node}/ask`,
  request: { kind: 'approval', title: '', message: '', argsHash: '', untrusted: false },
});

describe('passes', () => {
  it('begin with the first of their nodes and end by themselves', () => {
    const run = view(
      started('improve'),
      started('improve[0]/a'),
      finished('improve[0]/a'),
      finished('improve[0]', 'again'),
      started('improve[1]/a'),
    );
    expect(nestingOf(run).passes.get('improve')).toEqual([
      { path: 'improve[0]', index: 0, round: 1, state: 'succeeded', startedAt: 1001, finishedAt: 1003 },
      { path: 'improve[1]', index: 1, round: 1, state: 'running', startedAt: 1004 },
    ]);
  });

  it('stand in the order of rounds and indices, whatever came first', () => {
    const run = view(started('all'), finished('all[10]/a'), finished('all[2]/a'), failed('all[2]'), finished('all~2[0]/a'));
    expect(
      nestingOf(run)
        .passes.get('all')
        ?.map(({ path, state }) => [path, state]),
    ).toEqual([
      ['all[2]', 'failed'],
      ['all[10]', 'running'],
      ['all~2[0]', 'running'],
    ]);
  });

  it('are told apart in bodies in bodies', () => {
    const run = view(started('all'), finished('all[3]/again[0]/x'));
    expect([...nestingOf(run).passes.keys()].sort()).toEqual(['all', 'all[3]/again']);
  });

  it('wait where somebody is asked in them, until the run is over', () => {
    const run = view(started('all'), started('all[0]/again'), started('all[0]/again[1]/ok'), asked('all[0]/again[1]/ok'));
    const nesting = nestingOf(run);
    expect([...nesting.asked]).toEqual(['all[0]/again[1]/ok', 'all[0]/again[1]', 'all[0]/again', 'all[0]', 'all']);
    expect(nesting.passes.get('all')?.[0]?.state).toBe('awaiting');
    const over = nestingOf(reduceView(run, { seq: 9, t: 2000, type: 'run.finished', outcome: 'cancelled' }));
    expect(over.asked.size).toBe(0);
    expect(over.passes.get('all')?.[0]?.state).toBe('cancelled');
  });
});

describe('the state of a run with bodies', () => {
  it.each<[string, New<RunEvent>[], string]>([
    ['a loop in which somebody is asked waits', [started('l'), started('l[0]/a'), asked('l[0]/a')], 'waiting'],
    [
      'a sub-flow in which somebody is asked waits',
      [started('f'), { type: 'flow.started', node: 'f[0]', flow: '', title: '', inputs: {} }, asked('f[0]/a')],
      'waiting',
    ],
    ['another item goes on', [started('l'), started('l[1]/b'), started('l[0]/a'), asked('l[0]/a')], 'running'],
    ['another node goes on', [started('l'), started('l[0]/a'), started('z'), asked('l[0]/a')], 'running'],
  ])('%s', (_name, events, status) => expect(view(...events).status).toBe(status));
});
