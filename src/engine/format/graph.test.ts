import { cpuUsage } from 'node:process';
import { describe, expect, it } from 'vitest';
import { ancestorsOf, ancestryOf, cyclesOf, edgesOf, locateNode, scopesOf, topologicalOrder, wouldCycle } from './graph.ts';
import type { JsonObject } from './json.ts';
import type { Flow, NodeSpec } from './model.ts';

/** `b < a c` is a node b with edges from a and c. */
function nodes(...lines: string[]): Record<string, NodeSpec> {
  return Object.fromEntries(
    lines.map((line) => {
      const [id = '', sources = ''] = line.split('<').map((part) => part.trim());
      const after = Object.fromEntries(
        sources
          .split(' ')
          .filter(Boolean)
          .map((source) => [source, 'success']),
      );
      return [id, { type: 'template', ...(sources === '' ? {} : { after }) }];
    }),
  );
}

const DIAMOND = nodes('d < b c', 'b < a', 'c < a', 'a', 'e');

describe('graph', () => {
  it.each<[string, string[]]>([
    ['a', []],
    ['b', ['a']],
    ['d', ['a', 'b', 'c']],
    ['e', []],
    ['nobody', []],
    ['constructor', []],
  ])('ancestors of %s', (id, expected) => expect([...ancestorsOf(DIAMOND, id)].sort()).toEqual(expected));

  it.each([
    ['without cycles', DIAMOND],
    ['with cycles', nodes('a < c', 'b < a', 'c < b', 'd < c e', 'e')],
    ['of a long chain', nodes('n0', ...Array.from({ length: 70 }, (_, index) => `n${index + 1} < n${index}`))],
  ])('ancestry %s is the same, asked node by node', (_name, graph) => {
    const isBefore = ancestryOf(graph);
    for (const id of Object.keys(graph)) {
      const found = [...Object.keys(graph), 'nobody'].filter((ancestor) => isBefore(id, ancestor));
      expect(found.sort()).toEqual([...ancestorsOf(graph, id)].sort());
    }
  });

  it('orders sources first, else as in the file', () => {
    expect(topologicalOrder(DIAMOND)).toEqual({ order: ['a', 'e', 'b', 'c', 'd'], left: [] });
  });

  it('lists edges of each outlet, dangling ones too', () => {
    const two: Record<string, NodeSpec> = { a: { type: 'x', after: { gone: ['success', 'failure'] } } };
    expect(edgesOf(two)).toEqual([
      { source: 'gone', outlet: 'success', target: 'a' },
      { source: 'gone', outlet: 'failure', target: 'a' },
    ]);
    expect(topologicalOrder(two)).toEqual({ order: ['a'], left: [] });
  });

  it.each<[string, Record<string, NodeSpec>, string[][]]>([
    ['none', DIAMOND, []],
    ['itself', nodes('a < a'), [['a']]],
    ['two', nodes('a < b', 'b < a', 'c < b'), [['a', 'b']]],
    ['from its first node in the file', nodes('x', 'c < b', 'a < c x', 'b < a'), [['c', 'a', 'b']]],
    [
      'two apart',
      nodes('a < b', 'b < a', 'c < d b', 'd < c'),
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
  ])('cycles: %s', (_name, graph, expected) => expect(cyclesOf(graph)).toEqual(expected));

  it('finds the cycle of a tangle that an earlier one leads into', () => {
    const tangle = nodes('p < q a', 'q < p', 'a < b', 'b < a');
    const found = cyclesOf(tangle).map((cycle) => cycle.toSorted().join());
    expect(new Set(found)).toEqual(new Set(['p,q', 'a,b']));
  });

  it('is quick with long chains, wide joins and long cycles', () => {
    const chain = nodes('n0', ...Array.from({ length: 20_000 }, (_, index) => `n${index + 1} < n${index}`));
    const ring = nodes('n0 < n20000', ...Array.from({ length: 20_000 }, (_, index) => `n${index + 1} < n${index}`));
    const started = cpuUsage();
    expect(topologicalOrder(chain).order).toHaveLength(20_001);
    expect(cyclesOf(ring)).toHaveLength(1);
    expect(ancestorsOf(chain, 'n20000').size).toBe(20_000);
    expect(cpuUsage(started).user / 1000).toBeLessThan(10_000);
  });

  it.each([
    ['d', 'a', true],
    ['a', 'd', false],
    ['a', 'a', true],
    ['e', 'a', false],
  ])('an edge %s → %s closes a circle: %s', (source, target, expected) => expect(wouldCycle(DIAMOND, source, target)).toBe(expected));
});

describe('bodies', () => {
  const body = (its: Record<string, NodeSpec>) => ({ nodes: its as unknown as JsonObject });
  const inside = { ...nodes('inner', 'last < inner'), deep: { type: 'loop', with: body(nodes('core')) } };
  const flow: Pick<Flow, 'nodes'> = {
    nodes: { ...nodes('start', 'other'), each: { type: 'each', after: { start: 'success' }, with: body(inside) } },
  };

  it('are scopes of their own', () => {
    expect(scopesOf(flow).map(({ owner, path, nodes: its }) => [owner, path.join('.'), Object.keys(its)])).toEqual([
      [undefined, 'nodes', ['start', 'other', 'each']],
      ['each', 'nodes.each.with.nodes', ['inner', 'last', 'deep']],
      ['deep', 'nodes.each.with.nodes.deep.with.nodes', ['core']],
    ]);
  });

  it('hold nodes that are found by id', () => {
    expect(locateNode(flow, 'core')).toMatchObject({
      scope: { owner: 'deep' },
      path: ['nodes', 'each', 'with', 'nodes', 'deep', 'with', 'nodes', 'core'],
    });
    expect(locateNode(flow, 'toString')).toBeUndefined();
  });
});
