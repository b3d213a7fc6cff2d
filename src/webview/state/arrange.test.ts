import { describe, expect, it } from 'vitest';
import { type Alignment, type Axis, aligned, distributed } from './arrange.ts';
import type { CanvasNode } from './graph-model.ts';

/** Cards count as at least 240 × 112. */
const node = (id: string, x: number, y: number, width = 240, height = 112) =>
  ({ id, type: 'step', position: { x, y }, data: { size: { width, height }, card: {} } }) as unknown as CanvasNode;
const three = [node('a', 0, 0), node('b', 500, 40, 300, 212), node('c', 1000, 200)];

describe('aligning', () => {
  it.each<[Alignment, Record<string, number>]>([
    ['left', { b: 0, c: 0 }],
    ['right', { a: 1000, b: 940 }],
    ['centre', { a: 500, b: 470, c: 500 }],
    ['top', { b: 0, c: 0 }],
    ['bottom', { a: 200, b: 100 }],
    ['middle', { a: 100, b: 50, c: 100 }],
  ])('%s moves only what is not there yet, and one way', (alignment, expected) => {
    const axis = ['left', 'right', 'centre'].includes(alignment) ? 'x' : 'y';
    const moved = aligned(three, alignment);
    expect(Object.fromEntries([...moved].map(([id, place]) => [id, place[axis]]))).toEqual(expected);
    for (const [id, place] of moved) {
      const other = axis === 'x' ? 'y' : 'x';
      expect(place[other]).toBe(three.find((it) => it.id === id)?.position[other]);
    }
  });
});

describe('distributing', () => {
  it.each<[Axis, Record<string, number>]>([
    ['x', { b: 470 }],
    ['y', { b: 50 }],
  ])('leaves the outermost and evens the gaps along %s', (axis, expected) => {
    const shifted = axis === 'x' ? three : [node('a', 0, 0), node('b', 0, 40, 240, 212), node('c', 0, 200)];
    expect(Object.fromEntries([...distributed(shifted, axis)].map(([id, place]) => [id, place[axis]]))).toEqual(expected);
  });

  it('does nothing with two', () => expect(distributed(three.slice(0, 2), 'x').size).toBe(0));
});
