import { expect, it } from 'vitest';
import { type Direction, neighbour } from './navigate.ts';

const spots = [
  { id: 'a', x: 0, y: 0 },
  { id: 'b', x: 300, y: 0 },
  { id: 'c', x: 300, y: 200 },
  { id: 'd', x: 600, y: 210 },
  { id: 'e', x: 290, y: 420 },
];
const edges = [
  { source: 'a', outlet: 'success', target: 'b' },
  { source: 'a', outlet: 'failure', target: 'e' },
  { source: 'b', outlet: 'success', target: 'd' },
];

it.each<[string, Direction, string | undefined]>([
  ['a', 'right', 'b'],
  ['b', 'right', 'd'],
  ['d', 'left', 'b'],
  ['c', 'left', 'a'],
  ['c', 'right', 'd'],
  ['b', 'down', 'c'],
  ['c', 'down', 'e'],
  ['e', 'up', 'c'],
  ['a', 'left', undefined],
  ['d', 'right', undefined],
  ['gone', 'right', 'a'],
])('from %s %s to %s', (from, direction, to) => expect(neighbour(spots, edges, from, direction)).toBe(to));
