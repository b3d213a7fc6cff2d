import { cpuUsage } from 'node:process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalog } from '../nodes/catalog.ts';
import { boxOf, freePlace, place, STEP_X } from './layout.ts';
import type { Flow, NodeSpec } from './model.ts';

function flow(after: Record<string, string[]>, layout: Flow['layout'] = {}): Flow {
  const nodes = Object.entries(after).map(([id, sources]): [string, NodeSpec] => [
    id,
    { type: 'template', after: Object.fromEntries(sources.map((source) => [source, 'success'])) },
  ]);
  return { version: 1, nodes: Object.fromEntries(nodes), layout };
}

const CHAIN = { a: [], b: ['a'], c: ['b'] };

describe('layout', () => {
  it('puts a chain in a row', () => {
    expect(place(flow(CHAIN), catalog)).toEqual({ a: { x: 0, y: 0 }, b: { x: STEP_X, y: 0 }, c: { x: 2 * STEP_X, y: 0 } });
  });

  it('fans out branches evenly and brings them together again', () => {
    const { a, b, c, d } = place(flow({ a: [], b: ['a'], c: ['a'], d: ['b', 'c'] }), catalog);
    expect(b?.x).toBe(c?.x);
    expect((b?.y ?? 0) + (c?.y ?? 0)).toBe(2 * (a?.y ?? 0));
    expect(d).toEqual({ x: 2 * STEP_X, y: a?.y });
  });

  it('leaves what is placed where it is, and goes on from there', () => {
    const placed = place(flow(CHAIN, { b: [1000, 77] }), catalog);
    expect(placed.b).toEqual({ x: 1000, y: 77 });
    expect(placed.c).toEqual({ x: 1000 + STEP_X, y: 77 });
  });

  it('puts a source before a target that is placed', () => {
    const placed = place({ ...flow({ a: [], b: ['a'] }, { b: [1000, 77] }) }, catalog);
    expect(placed.a).toEqual({ x: 1000 - STEP_X, y: 77 });
  });

  it('places nodes on cycles, with dangling edges and of unknown types', () => {
    const odd = flow({ a: ['b'], b: ['a'], c: ['nobody'] });
    odd.nodes.c = { type: 'telepathy', after: { nobody: 'success' } };
    expect(Object.keys(place(odd, catalog)).sort()).toEqual(['a', 'b', 'c']);
  });

  it('places what stands in a body by itself', () => {
    const outer: Flow = { version: 1, nodes: { each: { type: 'each', with: { nodes: { inner: { type: 'template' } } } } } };
    expect(place(outer, catalog)).toEqual({ each: { x: 0, y: 0 }, inner: { x: 0, y: 0 } });
  });

  it('never overlaps what it places, and is the same every time', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const graph = fc
      .tuple(...ids.map((_, index) => fc.subarray(ids.slice(0, index), { maxLength: Math.min(index, 2) })))
      .map((all) => Object.fromEntries(ids.map((id, index) => [id, all[index] ?? []])));
    const fixed = fc.dictionary(
      fc.constantFrom('a', 'd', 'g'),
      fc.tuple(fc.integer({ min: -500, max: 900 }), fc.integer({ min: -500, max: 900 })),
      { maxKeys: 2 },
    );
    await fc.assert(
      fc.property(graph, fixed, (after, layout) => {
        const it = flow(after, layout);
        const placed = place(it, catalog);
        expect(place(it, catalog)).toEqual(placed);
        const boxes = Object.entries(placed).map(([id, at]) => ({ id, ...boxOf(it.nodes[id] ?? { type: '' }, at, catalog) }));
        for (const one of boxes) {
          expect(Number.isInteger(one.x) && Number.isInteger(one.y)).toBe(true);
          for (const other of boxes) {
            if (one.id >= other.id || (layout[one.id] && layout[other.id])) continue;
            const overlap =
              one.x < other.x + other.width &&
              other.x < one.x + one.width &&
              one.y < other.y + other.height &&
              other.y < one.y + one.height;
            expect(overlap, `${one.id} and ${other.id}`).toBe(false);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is quick with a thousand nodes in one column', () => {
    const wide = flow({ a: [], ...Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`n${index}`, ['a']])) });
    const started = cpuUsage();
    expect(Object.keys(place(wide, catalog))).toHaveLength(1001);
    expect(cpuUsage(started).user / 1000).toBeLessThan(1500);
  });

  it('finds the nearest free place', () => {
    const size = { width: 240, height: 100 };
    const taken = [{ x: 0, y: 0, ...size }];
    expect(freePlace({ x: 0, y: 300, ...size }, taken)).toEqual({ x: 0, y: 300 });
    expect(freePlace({ x: 10, y: 60, ...size }, taken)).toEqual({ x: 10, y: 148 });
    expect(freePlace({ x: 10, y: -60, ...size }, taken)).toEqual({ x: 10, y: -148 });
    expect(freePlace({ x: 500, y: 10.4, ...size }, taken)).toEqual({ x: 500, y: 10 });
  });
});
