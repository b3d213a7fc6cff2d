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

/** `loop` between `a` and `z`, with `i1` and `i2` in its body, and `under` below it. */
const framed = [
  { id: 'a', x: 0, y: 0 },
  { id: 'loop', x: 300, y: 0 },
  { id: 'i1', x: 24, y: 116, owner: 'loop' },
  { id: 'i2', x: 324, y: 116, owner: 'loop' },
  { id: 'z', x: 1000, y: 0 },
  { id: 'under', x: 300, y: 400 },
];
const lines = [
  { source: 'a', outlet: 'success', target: 'loop' },
  { source: 'loop', outlet: 'success', target: 'z' },
  { source: 'i1', outlet: 'success', target: 'i2' },
];

it.each<[string, Direction, string | undefined]>([
  ['a', 'right', 'loop'],
  ['loop', 'right', 'z'],
  ['loop', 'down', 'i1'],
  ['i1', 'right', 'i2'],
  ['i2', 'right', 'z'],
  ['i1', 'left', 'a'],
  ['i1', 'up', 'loop'],
  ['i2', 'down', 'under'],
  ['z', 'left', 'loop'],
])('with bodies, from %s %s to %s', (from, direction, to) => expect(neighbour(framed, lines, from, direction)).toBe(to));
