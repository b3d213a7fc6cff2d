import { describe, expect, test } from 'vitest';
import type { NodeSpec } from '../format/model.ts';
import { catalog } from '../nodes/catalog.ts';
import { success } from '../testing/deeds.ts';
import { fc } from '../testing/fast-check.ts';
import type { RandomKind } from '../testing/random-flows.ts';
import { randomFlows } from '../testing/random-flows.ts';
import type { Decision, PlannerState } from './planner.ts';
import { initialState, next, reduce } from './planner.ts';

type Nodes = Record<string, Partial<NodeSpec>>;

const state = (nodes: Nodes): PlannerState =>
  initialState({ nodes: Object.fromEntries(Object.entries(nodes).map(([id, node]) => [id, { type: 'template', ...node }])) }, catalog);

interface Played {
  /** Node → `skipped`, `disabled`, `cancelled`, or the outlet it was told to leave by. */
  ends: Record<string, string>;
  /** In the order they were started. */
  started: string[];
  end: Extract<Decision, { do: 'end' }>;
}

/** Plays a flow to its end. `outlets`: by which outlet a node leaves (default `success`); `pick`: which of the running ones ends next. */
function play(nodes: Nodes, outlets: Record<string, string>, pick: (running: string[]) => number = () => 0): Played {
  let now = state(nodes);
  const ends: Record<string, string> = {};
  const joins: Record<string, string> = {};
  const started: string[] = [];
  const running: string[] = [];
  const ended = (id: string, how: string): void => {
    if (id in ends) throw new Error(`${id} ended twice`);
    ends[id] = how;
  };
  for (let round = 0; round < 10_000; round += 1) {
    const decisions = next(now);
    for (const decision of decisions) {
      if (decision.do === 'end') return { ends, started, end: decision };
      if (decision.do === 'start' || decision.do === 'failJoin') {
        if (started.includes(decision.node)) throw new Error(`${decision.node} started twice`);
        if (decision.do === 'failJoin') joins[decision.node] = `JOIN_QUORUM ${decision.arrived}/${decision.needed}`;
        started.push(decision.node);
        running.push(decision.node);
        now = reduce(now, { type: 'nodeStarted', node: decision.node });
      } else if (decision.do === 'skip') {
        ended(decision.node, decision.reason === 'dead' ? 'skipped' : 'disabled');
        now = reduce(now, { type: 'nodeSkipped', node: decision.node, reason: decision.reason });
      } else {
        for (const node of decision.nodes) {
          ended(node, 'cancelled');
          now = reduce(now, { type: 'nodeSkipped', node, reason: 'cancelled' });
        }
        running.length = 0;
      }
    }
    if (decisions.length > 0) continue;
    const [node] = running.splice(pick(running), 1);
    if (node === undefined) throw new Error('nothing runs and nothing is decided');
    ended(node, joins[node] ?? outlets[node] ?? 'success');
    const outlet = node in joins ? 'failure' : (outlets[node] ?? 'success');
    now = reduce(now, { type: 'nodeFinished', node, outlet });
  }
  throw new Error('the flow does not end');
}

const branch = {
  type: 'branch',
  with: {
    cases: [
      { name: 'x', when: 'true' },
      { name: 'y', when: 'true' },
    ],
  },
};
const validate = { type: 'validate' };
const approval = { type: 'approval' };
const abc = (join: NodeSpec['join'], more: Partial<NodeSpec> = {}): Nodes => ({
  a: {},
  b: {},
  c: {},
  j: { after: success('a', 'b', 'c'), ...(join ? { join } : {}), ...more },
  end: { after: success('j') },
});

const rows: [name: string, nodes: Nodes, outlets: Record<string, string>, expected: Record<string, string>, end: string][] = [
  ['a chain', { a: {}, b: { after: success('a') } }, {}, { a: 'success', b: 'success' }, 'succeeded'],
  ['no nodes', {}, {}, {}, 'succeeded'],
  [
    'a branch not taken is skipped with all behind it',
    { b: branch, x: { after: { b: 'case:x' } }, y: { after: { b: 'case:y' } }, z: { after: success('y') } },
    { b: 'case:x' },
    { b: 'case:x', x: 'success', y: 'skipped', z: 'skipped' },
    'succeeded',
  ],
  [
    'several outlets of one source',
    { b: branch, x: { after: { b: ['case:x', 'case:y'] } } },
    { b: 'case:y' },
    { b: 'case:y', x: 'success' },
    'succeeded',
  ],
  [
    'all: branches not taken count as settled',
    { b: branch, x: { after: { b: 'case:x' } }, y: { after: { b: 'case:y' } }, j: { after: success('x', 'y') } },
    { b: 'case:x' },
    { b: 'case:x', x: 'success', y: 'skipped', j: 'success' },
    'succeeded',
  ],
  [
    'all: every one that was taken',
    abc('all'),
    {},
    { a: 'success', b: 'success', c: 'success', j: 'success', end: 'success' },
    'succeeded',
  ],
  [
    'all: an unhandled failure cancels what runs',
    abc('all'),
    { a: 'failure' },
    { a: 'failure', b: 'cancelled', c: 'cancelled' },
    'failed a',
  ],
  [
    'any: the first, later ones are ignored',
    abc('any'),
    {},
    { a: 'success', b: 'success', c: 'success', j: 'success', end: 'success' },
    'succeeded',
  ],
  [
    'any: failures before it are handled',
    abc('any'),
    { a: 'failure', b: 'failure' },
    { a: 'failure', b: 'failure', c: 'success', j: 'success', end: 'success' },
    'succeeded',
  ],
  [
    'any: when every source has failed the join fails',
    abc('any'),
    { a: 'failure', b: 'failure', c: 'failure' },
    { a: 'failure', b: 'failure', c: 'failure', j: 'JOIN_QUORUM 0/1' },
    'failed j',
  ],
  [
    'any: all dead without a failure is skipped',
    { b: branch, x: { after: { b: 'case:x' } }, j: { after: { x: 'success', b: 'case:y' }, join: 'any' } },
    { b: 'else' },
    { b: 'else', x: 'skipped', j: 'skipped' },
    'succeeded',
  ],
  [
    'atLeast: the second of three',
    abc({ atLeast: 2 }),
    { a: 'failure' },
    { a: 'failure', b: 'success', c: 'success', j: 'success', end: 'success' },
    'succeeded',
  ],
  [
    'atLeast: out of reach with one taken',
    abc({ atLeast: 2 }),
    { b: 'failure', c: 'failure' },
    { a: 'success', b: 'failure', c: 'failure', j: 'JOIN_QUORUM 1/2' },
    'failed j',
  ],
  [
    "atLeast: out of reach, handled by the join's failure outlet",
    { ...abc({ atLeast: 2 }), sorry: { after: { j: 'failure' } } },
    { b: 'failure', c: 'failure' },
    { a: 'success', b: 'failure', c: 'failure', j: 'JOIN_QUORUM 1/2', sorry: 'success', end: 'skipped' },
    'succeeded',
  ],
  [
    'a failure absorbed only in part is not handled',
    { a: {}, j: { after: success('a'), join: 'any' }, k: { after: success('a') } },
    { a: 'failure' },
    { a: 'failure' },
    'failed a',
  ],
  [
    'a connected failure is handled',
    { a: {}, b: { after: success('a') }, h: { after: { a: 'failure' } }, j: { after: success('b', 'h') } },
    { a: 'failure' },
    { a: 'failure', b: 'skipped', h: 'success', j: 'success' },
    'succeeded',
  ],
  [
    'the failure outlet is dead after a success',
    { a: {}, h: { after: { a: 'failure' } } },
    {},
    { a: 'success', h: 'skipped' },
    'succeeded',
  ],
  [
    'continueOnFailure leaves by success',
    { a: { continueOnFailure: true }, b: { after: success('a') } },
    { a: 'failure' },
    { a: 'failure', b: 'success' },
    'succeeded',
  ],
  ['unconnected invalid is a failure', { v: validate, b: { after: { v: 'valid' } } }, { v: 'invalid' }, { v: 'invalid' }, 'failed v'],
  [
    'unconnected invalid leaves by a connected failure',
    { v: validate, b: { after: { v: 'valid' } }, h: { after: { v: 'failure' } } },
    { v: 'invalid' },
    { v: 'invalid', b: 'skipped', h: 'success' },
    'succeeded',
  ],
  [
    'connected invalid is an outlet like any other',
    { v: validate, b: { after: { v: 'invalid' } } },
    { v: 'invalid' },
    { v: 'invalid', b: 'success' },
    'succeeded',
  ],
  ['unconnected timedOut is a failure', { p: approval, b: { after: { p: 'approved' } } }, { p: 'timedOut' }, { p: 'timedOut' }, 'failed p'],
  [
    'unconnected rejected ends the run as rejected',
    { p: approval, b: { after: { p: 'approved' } }, c: {} },
    { p: 'rejected' },
    { p: 'rejected', c: 'cancelled' },
    'rejected p',
  ],
  [
    'connected rejected goes on',
    { p: approval, b: { after: { p: 'rejected' } } },
    { p: 'rejected' },
    { p: 'rejected', b: 'success' },
    'succeeded',
  ],
  ['unconnected cases just end', { b: branch }, { b: 'case:x' }, { b: 'case:x' }, 'succeeded'],
  [
    'disabled passes through by success',
    { a: {}, b: { after: success('a'), disabled: true }, c: { after: success('b') }, h: { after: { b: 'failure' } } },
    {},
    { a: 'success', b: 'disabled', c: 'success', h: 'skipped' },
    'succeeded',
  ],
  [
    'disabled behind a dead edge is skipped',
    { b: branch, d: { after: { b: 'case:x' }, disabled: true }, c: { after: success('d') } },
    { b: 'else' },
    { b: 'else', d: 'skipped', c: 'skipped' },
    'succeeded',
  ],
];

describe('planner', () => {
  test.each(rows)('%s', (_name, nodes, outlets, expected, end) => {
    const played = play(nodes, outlets);
    expect(played.ends).toEqual(expected);
    expect([played.end.outcome, ...(played.end.cause === undefined ? [] : [played.end.cause])].join(' ')).toBe(end);
  });

  test('a refusal that nothing handles ends the run as rejected', () => {
    let now = reduce(state({ a: {} }), { type: 'nodeStarted', node: 'a' });
    now = reduce(now, { type: 'nodeFinished', node: 'a', outlet: 'failure', refused: true });
    expect(next(now)).toEqual([{ do: 'end', outcome: 'rejected', cause: 'a' }]);
  });

  test('cancelling lets nothing begin and ends when all is still', () => {
    let now = reduce(state({ a: {}, b: {} }), { type: 'nodeStarted', node: 'a' });
    now = reduce(now, { type: 'cancelRequested' });
    expect(next(now)).toEqual([{ do: 'cancel', nodes: ['a'] }]);
    now = reduce(now, { type: 'nodeSkipped', node: 'a', reason: 'cancelled' });
    expect(next(now)).toEqual([{ do: 'end', outcome: 'cancelled' }]);
  });

  test('what happens after the first unhandled failure does not change the outcome', () => {
    let now = state({ a: {}, b: {}, c: { after: success('b') } });
    for (const node of ['a', 'b']) now = reduce(now, { type: 'nodeStarted', node });
    now = reduce(now, { type: 'nodeFinished', node: 'a', outlet: 'failure' });
    now = reduce(now, { type: 'nodeFinished', node: 'b', outlet: 'success' });
    expect(next(now)).toEqual([{ do: 'end', outcome: 'failed', cause: 'a' }]);
  });

  test('an event that cannot follow is a fault', () => {
    expect(() => reduce(state({ a: {} }), { type: 'nodeFinished', node: 'a', outlet: 'success' })).toThrow('a is decided');
    expect(() => reduce(state({ a: {} }), { type: 'nodeStarted', node: 'z' })).toThrow('no node z');
  });

  test('ten thousand nodes in a chain cost no more each than ten', () => {
    const nodes: Nodes = {};
    for (let i = 0; i < 10_000; i += 1) nodes[`n${i}`] = i === 0 ? {} : { after: success(`n${i - 1}`) };
    let now = state(nodes);
    let looked = 0;
    for (let i = 0; i < 10_000; i += 1) {
      const decisions = next(now);
      looked += decisions.length;
      now = reduce(now, { type: 'nodeStarted', node: `n${i}` });
      now = reduce(now, { type: 'nodeFinished', node: `n${i}`, outlet: 'success' });
    }
    expect(looked).toBe(10_000);
    expect(next(now)).toEqual([{ do: 'end', outcome: 'succeeded' }]);
  });
});

const kinds: RandomKind[] = [
  { type: 'template', with: {}, outlets: ['success', 'success', 'failure'] },
  { ...branch, outlets: ['case:x', 'case:y', 'else', 'failure'] },
  { type: 'validate', with: {}, outlets: ['valid', 'invalid', 'failure'] },
  { type: 'approval', with: {}, outlets: ['approved', 'rejected', 'timedOut', 'failure'] },
];
const outcomes = fc.dictionary(
  fc.integer({ min: 0, max: 11 }).map((n) => `n${n}`),
  fc.constantFrom('success', 'failure', 'case:x', 'invalid', 'rejected', 'valid', 'approved'),
);
const order = fc.infiniteStream(fc.nat(11));

describe('planner properties', () => {
  test('every flow ends, no node starts or ends twice, and in a run that succeeded every node ended', () => {
    fc.assert(
      fc.property(randomFlows(['all', 'any', { atLeast: 2 }], kinds), outcomes, order, (nodes, outlets, picks) => {
        const played = play(nodes, outlets, (running) => (picks.next().value as number) % Math.max(running.length, 1));
        for (const id of played.started) expect(Object.keys(played.ends)).toContain(id);
        if (played.end.outcome === 'succeeded') expect(Object.keys(played.ends).sort()).toEqual(Object.keys(nodes).sort());
        else expect(played.end.cause).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });

  test('with `all` joins the result does not depend on who ends first', () => {
    fc.assert(
      fc.property(randomFlows(['all'], kinds), outcomes, order, (nodes, outlets, picks) => {
        const reference = play(nodes, outlets);
        const other = play(nodes, outlets, (running) => (picks.next().value as number) % Math.max(running.length, 1));
        if (reference.end.outcome === 'succeeded') expect(other).toMatchObject({ ends: reference.ends, end: { outcome: 'succeeded' } });
        else expect(other.end.outcome).not.toBe('succeeded');
      }),
      { numRuns: 500 },
    );
  });
});
