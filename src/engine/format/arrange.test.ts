import { describe, expect, it } from 'vitest';
import { catalog } from '../nodes/catalog.ts';
import { fc } from '../testing/fast-check.ts';
import { arrange, type Direction } from './arrange.ts';
import { arrangeProblem, directionOf, movesOf } from './arrange-problem.ts';
import { type Box, place } from './layout.ts';
import type { Flow, NodeSpec } from './model.ts';

type Sources = Record<string, (string | [string, string])[]>;

function flow(after: Sources, layout: Flow['layout'] = {}): Flow {
  const nodes = Object.entries(after).map(([id, sources]): [string, NodeSpec] => {
    const edges = sources.map((source) => (typeof source === 'string' ? [source, 'success'] : source));
    return [id, { type: 'template', after: Object.fromEntries(edges) }];
  });
  return { version: 1, nodes: Object.fromEntries(nodes), layout };
}

function arranged(it: Flow, direction: Direction = 'right', only?: ReadonlySet<string>): Flow {
  const places = arrange(arrangeProblem(it, catalog, { direction, ...(only ? { only } : {}) }));
  return {
    ...it,
    layout: { ...it.layout, ...Object.fromEntries(Object.entries(places).map(([id, { x, y }]) => [id, [x, y] as [number, number]])) },
  };
}

const layoutOf = (it: Flow, direction?: Direction) => arranged(it, direction).layout ?? {};
const overlaps = (one: Box, other: Box) =>
  one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;

const DIAMOND: Sources = { a: [], b: ['a'], c: ['a'], d: ['b', 'c'] };

describe('the layout of a whole flow', () => {
  it('puts a chain in a row, or in a column', () => {
    const chain = flow({ a: [], b: ['a'], c: ['b'] });
    expect(layoutOf(chain)).toEqual({ a: [0, 0], b: [300, 0], c: [600, 0] });
    expect(layoutOf(chain, 'down')).toEqual({ a: [0, 0], b: [0, 184], c: [0, 368] });
  });

  it('fans out evenly and comes together again', () => {
    const { a, b, c, d } = layoutOf(flow(DIAMOND));
    expect([b?.[0], c?.[0], d?.[0]]).toEqual([300, 300, 600]);
    expect((b?.[1] ?? 0) + (c?.[1] ?? 0)).toBe(2 * (a?.[1] ?? 0));
    expect(d?.[1]).toBe(a?.[1]);
  });

  it('puts what follows a failure below what follows a success', () => {
    const { b, c } = layoutOf(flow({ a: [], b: [['a', 'failure']], c: ['a'] }));
    expect(b?.[1]).toBeGreaterThan(c?.[1] ?? Number.NaN);
  });

  it('leaves room for an edge that passes by', () => {
    const { a, b, c } = layoutOf(flow({ a: [], b: ['a'], c: ['b', 'a'] }));
    expect(a?.[1]).not.toBe(b?.[1]);
    expect([b?.[0], c?.[0]]).toEqual([300, 600]);
  });

  it('keeps the order of branches as people have placed them, and the flow where it stands', () => {
    const { a, b, c } = layoutOf(flow(DIAMOND, { a: [1000, 500], b: [1400, 900], c: [1400, 100], d: [1900, 500] }));
    expect(b?.[1]).toBeGreaterThan(c?.[1] ?? Number.NaN);
    expect(a?.[0]).toBeGreaterThan(900);
  });

  it('does not move what is not in the way of a node that was added', () => {
    const long = arranged(flow({ ...DIAMOND, e: ['d'], f: ['e'], g: ['f'] }));
    const more = { ...long, nodes: { ...long.nodes, h: { type: 'template', after: { g: 'success' } } } };
    expect(movesOf(more, arrange(arrangeProblem(more, catalog, { direction: 'right' })))).toEqual({
      h: { x: (long.layout?.g?.[0] ?? 0) + 300, y: long.layout?.g?.[1] },
    });
  });

  it('moves only what it is asked to', () => {
    const before = flow(DIAMOND, { a: [0, 0], b: [20, 30], c: [50, 10], d: [900, 900] });
    const { layout } = arranged(before, 'right', new Set(['b', 'c']));
    expect(layout).toMatchObject({ a: [0, 0], d: [900, 900] });
    expect(layout?.b).not.toEqual([20, 30]);
  });

  it('lays out bodies from their own origin, and makes room for their frames', () => {
    const body = {
      b1: { type: 'template' },
      b2: { type: 'template', after: { b1: 'success' } },
      b3: { type: 'template', after: { b1: 'success' } },
    };
    const it = arranged({
      version: 1,
      nodes: { each: { type: 'each', with: { nodes: body } }, next: { type: 'template', after: { each: 'success' } } },
    });
    const { each, next, b1, b2, b3 } = place(it, catalog);
    expect(Math.min(b1?.y ?? -1, b2?.y ?? -1, b3?.y ?? -1)).toBe(0);
    expect(next?.x).toBeGreaterThanOrEqual((each?.x ?? 0) + (each?.width ?? 0) + 60);
  });

  it('knows how a flow was laid out', () => {
    expect(directionOf(flow(DIAMOND))).toBe('right');
    for (const direction of ['right', 'down'] as const) expect(directionOf(arranged(flow(DIAMOND), direction))).toBe(direction);
  });

  it('takes cycles, edges from nobody and thousands of nodes in a row', () => {
    expect(Object.keys(layoutOf(flow({ a: ['b', 'nobody'], b: ['a'], c: ['c'] })))).toEqual(['a', 'b', 'c']);
    const chain = flow(Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`n${index}`, index === 0 ? [] : [`n${index - 1}`]])));
    expect(
      Object.keys(
        arrange({
          direction: 'right',
          scopes: [
            {
              nodes: Object.keys(chain.nodes).map((id) => ({ id, width: 240, height: 112, outlets: 2 })),
              edges: Object.keys(chain.nodes)
                .slice(1)
                .map((id, index) => ({ source: `n${index}`, target: id, outlet: 0 })),
              others: [],
            },
          ],
        }),
      ),
    ).toHaveLength(5000);
  });

  it('overlaps nothing, has whole numbers, and changes nothing when it is done once more', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
    const graph = fc
      .tuple(...ids.map((_, index) => fc.subarray(ids.slice(0, index), { maxLength: Math.min(index, 3) })))
      .map((all) => Object.fromEntries(ids.map((id, index) => [id, all[index] ?? []])));
    const spot = fc.tuple(fc.integer({ min: -500, max: 900 }), fc.integer({ min: -500, max: 900 }));
    await fc.assert(
      fc.property(
        graph,
        fc.dictionary(fc.constantFrom(...ids), spot),
        fc.subarray(ids),
        fc.constantFrom<Direction>('right', 'down'),
        (after, layout, framed, direction) => {
          const before = flow(after, layout);
          for (const id of framed)
            before.nodes[id] = { ...before.nodes[id], type: 'loop', with: { nodes: { [`${id}1`]: { type: 'template' } } } };
          const once = arranged(before, direction);
          const boxes = ids.map((id) => ({ id, ...place(once, catalog)[id] }) as Box & { id: string });
          for (const one of boxes) {
            expect(Number.isInteger(one.x) && Number.isInteger(one.y)).toBe(true);
            for (const other of boxes) if (one.id < other.id) expect(overlaps(one, other), `${one.id} and ${other.id}`).toBe(false);
          }
          for (const id of ids)
            for (const source of after[id] ?? []) {
              const [from, to] = [once.layout?.[source], once.layout?.[id]];
              expect(direction === 'right' ? (to?.[0] ?? 0) - (from?.[0] ?? 0) : (to?.[1] ?? 0) - (from?.[1] ?? 0)).toBeGreaterThan(0);
            }
          expect(movesOf(once, arrange(arrangeProblem(once, catalog, { direction })))).toEqual({});
        },
      ),
      { numRuns: 100 },
    );
  });
});
