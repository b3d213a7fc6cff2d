import { expect, it } from 'vitest';
import type { Direction } from '../../engine/format/arrange.ts';
import type { CanvasNode } from './graph-model.ts';
import { placeBetween } from './placing.ts';

const node = (id: string, x: number, y: number) =>
  ({
    id,
    type: 'step',
    position: { x, y },
    data: { origin: { x: 0, y: 0 }, size: { width: 240, height: 112 }, card: {} },
  }) as unknown as CanvasNode;
const edges = [
  { source: 'a', target: 'b' },
  { source: 'b', target: 'c' },
];
const between = (nodes: CanvasNode[], layout: object, direction: Direction) =>
  placeBetween(nodes, edges, { source: 'a', target: 'b' }, { ...layout }, direction);

it.each<[string, CanvasNode[], Direction, object, object]>([
  ['in the middle where there is room', [node('a', 0, 0), node('b', 700, 40)], 'right', { x: 350, y: 20 }, {}],
  ['down as well', [node('a', 0, 0), node('b', 40, 400)], 'down', { x: 20, y: 206 }, {}],
  [
    'behind the source where there is too little, and what comes after makes room',
    [node('a', 0, 0), node('b', 300, 0), node('c', 600, 50), node('d', 600, 400)],
    'right',
    { x: 300, y: 0 },
    { b: { x: 600, y: 0 }, c: { x: 900, y: 50 } },
  ],
  [
    'which goes down too',
    [node('a', 0, 0), node('b', 0, 160), node('c', 0, 320)],
    'down',
    { x: 0, y: 142 },
    { b: { x: 0, y: 272 }, c: { x: 0, y: 432 } },
  ],
])('puts a node on an edge: %s', (_what, nodes, direction, place, moved) =>
  expect(between(nodes, { a: 1, b: 1, c: 1, d: 1 }, direction)).toEqual({ place, moved }),
);

it('moves only what has a place in the file', () =>
  expect(between([node('a', 0, 0), node('b', 300, 0), node('c', 600, 0)], { a: 1, b: 1 }, 'right').moved).toEqual({ b: { x: 600, y: 0 } }));
