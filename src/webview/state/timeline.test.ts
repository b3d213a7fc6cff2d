import { describe, expect, it, test } from 'vitest';
import type { RunEvent } from '../../engine/run/events.ts';
import { atMoment, phaseOf, shownRun } from './run.ts';
import { barsOf, countUntil, lengthOf, momentFrom } from './timeline.ts';
import { spentIn, spentShort, spentText } from './usage.ts';

type Loose = Pick<RunEvent, 'type'> & Record<string, unknown>;
const run = { id: 'r', flow: 'f', title: 'T', bundle: '', inputs: {}, mode: 'recorded', startedBy: 'editor', belay: '0' };
const at = (t: number, event: Loose): Loose => ({ ...event, t: 1000 + t });
const started = (t: number, node: string) => at(t, { type: 'node.started', node });
const ended = (t: number, node: string, more: object = {}) =>
  at(t, { type: 'node.finished', node, outlet: 'success', output: node, trust: 'trusted', ...more });
const events = (
  [
    at(0, { type: 'run.created', run }),
    at(0, { type: 'segment.opened', segment: 1, owner: {} }),
    started(10, 'a'),
    ended(110, 'a'),
    started(120, 'loop'),
    started(130, 'loop[0]/inner'),
    ended(230, 'loop[0]/inner'),
    ended(235, 'loop[0]'),
    started(240, 'loop[1]/inner'),
    started(245, 'side'),
    ended(340, 'loop[1]/inner'),
    ended(350, 'loop'),
    ended(360, 'kept', { given: 'kept' }),
    at(365, { type: 'node.skipped', node: 'never', reason: 'dead' }),
    at(400, { type: 'run.finished', outcome: 'failed' }),
  ] as Loose[]
).map((event, seq) => ({ ...event, seq })) as unknown as RunEvent[];
const shown = shownRun({ id: 'r', events, interrupted: false, flowText: '', sameFlow: true });

describe('bars', () => {
  it('stand in the order in which things began, those of a body behind its owner', () => {
    const bars = barsOf(shown.view, lengthOf(events)).map(({ path, from, to, depth, state }) => [path, from, to, depth, state]);
    expect(bars).toEqual([
      ['a', 10, 110, 0, 'succeeded'],
      ['loop', 120, 350, 0, 'succeeded'],
      ['loop[0]/inner', 130, 230, 1, 'succeeded'],
      ['loop[1]/inner', 240, 340, 1, 'succeeded'],
      ['side', 245, 400, 0, 'cancelled'],
    ]);
  });

  it('of the same moment stand in the order in which they were over: what only computes begins and ends with what it lets begin', () => {
    const quick = [at(0, { type: 'run.created', run }), ended(10, 'z_count'), started(10, 'ask'), ended(90, 'ask')] as Loose[];
    const { view } = shownRun({ id: 'r', events: quick as unknown as RunEvent[], interrupted: false, flowText: '', sameFlow: true });
    expect(barsOf(view, 90).map(({ path }) => path)).toEqual(['z_count', 'ask']);
  });
});

describe('a moment', () => {
  test.each([
    [0, 2],
    [10, 3],
    [109, 3],
    [400, 15],
    [9999, 15],
  ])('at %i ms %i events have happened', (moment, count) => expect(countUntil(events, moment)).toBe(count));

  test.each<[number, 1 | -1, number]>([
    [0, 1, 10],
    [10, 1, 110],
    [110, -1, 10],
    [10, -1, 0],
    [400, 1, 400],
  ])('from %i ms, %i leads to %i', (moment, direction, to) => expect(momentFrom(events, moment, direction)).toBe(to));

  it('shows the run as it stood, whichever way one came there, and the end again', () => {
    const early = atMoment(shown, 125);
    expect(early.view.nodes).toMatchObject({ a: { state: 'succeeded' }, loop: { state: 'running' } });
    expect(early.view.nodes).not.toHaveProperty('side');
    expect(phaseOf(early)).toBe('past');
    const later = atMoment(early, 250);
    expect(later.view.nodes).toEqual(atMoment(shown, 250).view.nodes);
    expect(atMoment(later, 125).view.nodes).toEqual(early.view.nodes);
    expect(early.view.nodes.loop?.state).toBe('running');
    const end = atMoment(later, undefined);
    expect(end.view).toBe(shown.view);
    expect(end).not.toHaveProperty('past');
    expect(shown.view.nodes.side?.state).toBe('cancelled');
  });
});

describe('what was spent', () => {
  const attempt = { step: 's', attempt: 1, effect: 'read', startedAt: 0 } as const;
  const usage = (inputTokens: number, cost?: number) =>
    ({ inputTokens, outputTokens: 10, source: 'reported', ...(cost === undefined ? {} : { cost }) }) as const;
  const nodes = {
    a: {
      node: 'a',
      state: 'succeeded',
      attempts: [
        { ...attempt, usage: usage(800, 0.002) },
        { ...attempt, usage: usage(400) },
      ],
    },
    'l[0]/b': { node: 'l[0]/b', state: 'succeeded', attempts: [{ ...attempt, usage: { ...usage(5), source: 'estimated' } }] },
    l: { node: 'l', state: 'succeeded', attempts: [attempt] },
  };
  const of = (path: string) => spentIn({ nodes } as unknown as Parameters<typeof spentIn>[0], path);
  test.each<[string, string | undefined, string | undefined]>([
    ['a', '1.2k tok · $0.0020', '1200 tokens in, 20 out; cost $0.0020'],
    ['l', '~15 tok', '5 tokens in, 10 out; what it cost is not known (in part estimated)'],
    ['', '~1.2k tok · $0.0020', '1205 tokens in, 30 out; cost $0.0020 (in part estimated)'],
    ['nothing', undefined, undefined],
  ])('in “%s”', (path, short, long) => {
    const spent = of(path);
    expect(spent && spentShort(spent)).toBe(short);
    expect(spent && spentText(spent)).toBe(long);
  });
});
