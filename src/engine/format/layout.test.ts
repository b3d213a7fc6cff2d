import { cpuUsage } from 'node:process';
import { describe, expect, it } from 'vitest';
import { catalog } from '../nodes/catalog.ts';
import { fc } from '../testing/fast-check.ts';
import { type Box, frameHead, freePlace, innerOrigin, place, STEP_X } from './layout.ts';
import type { Flow, NodeSpec } from './model.ts';

const at = (placed: Record<string, Box>) => Object.fromEntries(Object.entries(placed).map(([id, { x, y }]) => [id, { x, y }]));

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
    expect(at(place(flow(CHAIN), catalog))).toEqual({ a: { x: 0, y: 0 }, b: { x: STEP_X, y: 0 }, c: { x: 2 * STEP_X, y: 0 } });
  });

  it('fans out branches evenly and brings them together again', () => {
    const { a, b, c, d } = place(flow({ a: [], b: ['a'], c: ['a'], d: ['b', 'c'] }), catalog);
    expect(b?.x).toBe(c?.x);
    expect((b?.y ?? 0) + (c?.y ?? 0)).toBe(2 * (a?.y ?? 0));
    expect(d).toMatchObject({ x: 2 * STEP_X, y: a?.y });
  });

  it('leaves what is placed where it is, and goes on from there', () => {
    const placed = place(flow(CHAIN, { b: [1000, 77] }), catalog);
    expect(placed.b).toMatchObject({ x: 1000, y: 77 });
    expect(placed.c).toMatchObject({ x: 1000 + STEP_X, y: 77 });
  });

  it('puts a source before a target that is placed', () => {
    const placed = place({ ...flow({ a: [], b: ['a'] }, { b: [1000, 77] }) }, catalog);
    expect(placed.a).toMatchObject({ x: 1000 - STEP_X, y: 77 });
  });

  it('places nodes on cycles, with dangling edges and of unknown types', () => {
    const odd = flow({ a: ['b'], b: ['a'], c: ['nobody'] });
    odd.nodes.c = { type: 'telepathy', after: { nobody: 'success' } };
    expect(Object.keys(place(odd, catalog)).sort()).toEqual(['a', 'b', 'c']);
  });

  it('places what stands in a body by itself, and makes the frame large enough', () => {
    const chain = { b1: { type: 'template' }, b2: { type: 'template', after: { b1: 'success' } } };
    const outer: Flow = {
      version: 1,
      nodes: { each: { type: 'each', with: { nodes: chain } }, next: { type: 'template', after: { each: 'success' } } },
    };
    const placed = place(outer, catalog);
    expect(at(placed)).toMatchObject({ each: { x: 0, y: 0 }, b1: { x: 0, y: 0 }, b2: { x: STEP_X, y: 0 } });
    const { each, b2, next } = placed;
    const inner = innerOrigin(2, []);
    expect(each?.width).toBeGreaterThan(inner.x + (b2?.x ?? 0) + (b2?.width ?? 0));
    expect(each?.height).toBeGreaterThan(inner.y + (b2?.height ?? 0));
    expect(inner.y).toBeGreaterThan(frameHead(2));
    expect(next).toMatchObject({ x: (each?.width ?? 0) + STEP_X - (next?.width ?? 0), y: 0 });
  });

  it('gives an empty body room for a first node, and one in a body in a body its own', () => {
    const nested = (nodes: Record<string, NodeSpec>): Flow => ({
      version: 1,
      nodes: { each: { type: 'each', with: { nodes: { again: { type: 'loop', with: { nodes: nodes as never } } } as never } } },
    });
    const empty = place(nested({}), catalog);
    const full = place(nested({ a: { type: 'template' }, b: { type: 'template' } }), catalog);
    expect(empty.again?.width).toBeGreaterThan(240);
    expect(empty.each?.width).toBeGreaterThan(empty.again?.width ?? Number.NaN);
    expect(full.again?.height).toBeGreaterThan(empty.again?.height ?? Number.NaN);
    expect(full.each?.height).toBeGreaterThan(empty.each?.height ?? Number.NaN);
  });

  it('moves the inner area on where people have placed something left of it or above', () => {
    expect(innerOrigin(2, [{ x: -50, y: -7 }])).toEqual({ x: innerOrigin(2, []).x + 50, y: innerOrigin(2, []).y + 7 });
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
      fc.property(graph, fixed, fc.subarray(ids), (after, layout, framed) => {
        const it = flow(after, layout);
        for (const id of framed) it.nodes[id] = { ...it.nodes[id], type: 'loop', with: { nodes: { [`${id}1`]: { type: 'template' } } } };
        const placed = place(it, catalog);
        expect(place(it, catalog)).toEqual(placed);
        const boxes = ids.flatMap((id) => (placed[id] ? [{ id, ...placed[id] }] : []));
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
    expect(cpuUsage(started).user / 1000).toBeLessThan(10_000);
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
