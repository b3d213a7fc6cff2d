import { describe, expect, it } from 'vitest';
import { possibleTargets, refusal } from './connect.ts';

const edge = (text: string) => {
  const [source = '', outlet = '', target = ''] = text.split(' ');
  return { source, outlet, target };
};
const edges = ['a success b', 'b success c', 'c failure d', 'x success d'].map(edge);
const bodies: Record<string, string> = { in1: 'loop1', in2: 'loop1', deep: 'in2', other: 'loop2' };
const around = { titleOf: (id: string) => id.toUpperCase(), ownerOf: (id: string) => bodies[id] };
const stays = (title: string) =>
  `Edges stay on their side of a body's border. Connect “${title}” itself; what stands in it hands out its “result”.`;

describe('refusal', () => {
  it.each([
    ['a success c', undefined],
    ['a failure b', undefined],
    ['d success x', 'This would make a circle: X → D → X.'],
    ['a success a', 'A node cannot come after itself.'],
    ['a success b', 'Already connected by “success”.'],
    ['d success a', 'This would make a circle: A → B → C → D → A.'],
    ['c success a', 'This would make a circle: A → B → C → A.'],
    ['in1 success in2', undefined],
    ['a success in1', stays('LOOP1')],
    ['in1 success a', stays('LOOP1')],
    ['in1 success other', stays('LOOP2')],
    ['deep success in1', stays('LOOP1')],
  ])('%s: %s', (wanted, expected) => {
    expect(refusal(edges, edge(wanted), around)).toBe(expected);
  });
});

describe('possibleTargets', () => {
  it.each([
    ['a', 'success', ['c', 'd', 'x']],
    ['a', 'failure', ['b', 'c', 'd', 'x']],
    ['d', 'success', []],
    ['x', 'success', ['a', 'b', 'c']],
  ])('of %s by %s', (source, outlet, expected) => {
    expect(possibleTargets(edges, source, outlet, ['a', 'b', 'c', 'd', 'x'])).toEqual(expected);
  });

  it('says the same as refusal', () => {
    const ids = ['a', 'b', 'c', 'd', 'x'];
    for (const source of ids) {
      const free = ids.filter((target) => refusal(edges, { source, outlet: 'success', target }, around) === undefined);
      expect(possibleTargets(edges, source, 'success', ids)).toEqual(free);
    }
  });
});
