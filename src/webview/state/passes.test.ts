import { describe, expect, it } from 'vitest';
import { catalog } from '../../engine/nodes/catalog.ts';
import type { RunEvent } from '../../engine/run/events.ts';
import { createEditor } from './editor.ts';
import { passNumbers, pathOf, questionAt, shownPass, spot, stateOf, viewOf } from './passes.ts';

const body = { until: 'true', maxIterations: 9 };
const TEXT = JSON.stringify({
  version: 1,
  nodes: {
    all: {
      type: 'each',
      title: 'All',
      with: {
        items: [1, 2],
        nodes: { again: { type: 'loop', title: 'Again', with: { ...body, nodes: { x: { type: 'template', title: 'X' } } } } },
      },
    },
    fix: { type: 'flow', title: 'Fix', with: { flow: 'fix.flow.json' } },
  },
});

type New<E> = E extends unknown ? Omit<E, 'seq' | 't'> : never;
let seq = 0;
const at = (event: New<RunEvent>): RunEvent => {
  seq += 1;
  return { ...event, seq, t: 1000 + seq } as RunEvent;
};
const started = (node: string) => at({ type: 'node.started', node });
const done = (node: string, outlet = 'success') => at({ type: 'node.finished', node, outlet, output: node, trust: 'trusted' });
const asked = (node: string) =>
  at({ type: 'signal.requested', node, key: node, request: { kind: 'approval', title: '', message: '', argsHash: '', untrusted: false } });

function start(...events: RunEvent[]) {
  const editor = createEditor({
    catalog,
    host: { post: () => {}, saved: {}, save: () => {} },
    nextFrame: (draw) => draw(),
    arrange: async () => ({}),
  });
  editor.receive({ type: 'document', text: TEXT, version: 1, fileName: 'x', readonly: false });
  editor.receive({ type: 'run', run: { id: 'r', events, interrupted: false, flowText: '', sameFlow: true } });
  const more = (...fresh: RunEvent[]) => editor.receive({ type: 'runEvents', runId: 'r', events: fresh, live: [] });
  return { editor, more, state: () => editor.store.getState() };
}

describe('the pass that is shown', () => {
  it('is the newest, through all bodies, as the run goes on', () => {
    const { more, state } = start(started('all'), started('all[0]/again'), done('all[0]/again[0]/x'));
    expect(pathOf(state(), 'x')).toBe('all[0]/again[0]/x');
    more(done('all[0]/again[0]', 'again'), started('all[0]/again[1]/x'));
    expect(viewOf(state(), 'x')).toMatchObject({ node: 'all[0]/again[1]/x', state: 'running' });
    more(started('all[1]/again'));
    expect(pathOf(state(), 'again')).toBe('all[1]/again');
    expect(pathOf(state(), 'x')).toBeUndefined();
    expect(stateOf(state(), pathOf(state(), 'x'))).toBe('pending');
  });

  it('is the one that was chosen; choosing the newest follows again', () => {
    const { editor, more, state } = start(started('all'), started('all[0]/again'), started('all[1]/again'));
    editor.showPass('all[0]');
    more(started('all[2]/again'));
    expect(pathOf(state(), 'again')).toBe('all[0]/again');
    editor.showPass('all[2]');
    more(started('all[3]/again'));
    expect(pathOf(state(), 'again')).toBe('all[3]/again');
  });

  it('is one in which somebody is asked', () => {
    const { state } = start(started('all'), started('all[0]/again'), asked('all[0]/again'), started('all[1]/again'));
    expect(shownPass(state(), 'all')?.path).toBe('all[0]');
    expect(stateOf(state(), 'all')).toBe('awaiting');
    expect(questionAt(state(), 'all', false)).toBeUndefined();
    expect(questionAt(state(), 'all', true)?.node).toBe('all[0]/again');
  });

  it('is forgotten with its run', () => {
    const { editor, state } = start(started('all'), started('all[0]/again'), started('all[1]/again'));
    editor.showPass('all[0]');
    editor.receive({ type: 'run', run: { id: 'r2', events: [], interrupted: false, flowText: '', sameFlow: true } });
    expect(state().passes).toEqual({});
  });
});

describe('paths on the graph', () => {
  const { editor, state } = start(started('all'), done('all[1]/again[4]/x'), started('fix'), started('fix[0]/deep'));
  it.each([
    ['x', 'x', {}],
    ['all[1]/again[4]/x', 'x', { all: 'all[1]', 'all[1]/again': 'all[1]/again[4]' }],
    ['all~2[1]/again', 'again', { all: 'all~2[1]' }],
    ['all[1]', 'all', { all: 'all[1]' }],
    ['fix[0]/deep', 'fix', {}],
    ['fix[0]/x[2]/y', 'fix', {}],
  ])('%s is seen at %s', (path, id, passes) => expect(spot(state(), path)).toEqual({ id, passes }));

  it('a path that is revealed shows its passes', () => {
    editor.reveal('all[1]/again[4]/x', 'canvas');
    expect(state().selection).toEqual(['x']);
    expect(pathOf(state(), 'x')).toBe('all[1]/again[4]/x');
  });

  it.each([
    ['x', ''],
    ['all[1]/again', '2'],
    ['all[1]/again~2[4]/x', '2.5'],
  ])('the numbers of %s: %s', (path, numbers) => expect(passNumbers(path)).toBe(numbers));
});

it('says of a long loop only what a person has to know', () => {
  const { more, state } = start(started('all'));
  more(started('all[0]/again'));
  expect(state().announcement).toBe('All: running');
  more(asked('all[0]/again'));
  expect(state().announcement).toBe('Again (1): waiting for you');
});
