/** What of a flow its layout depends on, as plain data: the layout itself runs in a worker, which knows neither flows nor node types. */
import type { ArrangeEdge, ArrangeProblem, ArrangeScope, Direction } from './arrange.ts';
import type { Position, Size } from './boxes.ts';
import { edgesOf, nodeIds, scopesOf } from './graph.ts';
import { outletCount, place } from './layout.ts';
import { type NodeCatalog, outletsOf } from './manifest.ts';
import type { Flow } from './model.ts';

interface Options {
  direction: Direction;
  /** Only these nodes move; all others stay where they are. */
  only?: ReadonlySet<string>;
  /** What nodes without a body take on the canvas, where that is more than the document says. */
  sizes?: ReadonlyMap<string, Size>;
}

export function arrangeProblem(flow: Flow, catalog: NodeCatalog, { direction, only, sizes }: Options): ArrangeProblem {
  const boxes = place(flow, catalog);
  const scopes = scopesOf(flow).map(({ owner, nodes }): ArrangeScope => {
    const moves = (id: string) => only === undefined || only.has(id);
    const ids = Object.keys(nodes);
    return {
      ...(owner === undefined ? {} : { owner }),
      nodes: ids.filter(moves).flatMap((id) => {
        const [node, box] = [nodes[id], boxes[id]];
        if (!node || !box) return [];
        const { width, height } = sizes?.get(id) ?? box;
        const at = flow.layout && Object.hasOwn(flow.layout, id) ? flow.layout[id] : undefined;
        return [{ id, width, height, outlets: outletCount(node, catalog), ...(at ? { at: { x: at[0], y: at[1] } } : {}) }];
      }),
      edges: edgesOf(nodes)
        .filter(({ source, target }) => moves(source) && moves(target))
        .map(({ source, target, outlet }): ArrangeEdge => {
          const node = Object.hasOwn(nodes, source) ? nodes[source] : undefined;
          const manifest = node && catalog.get(node.type);
          const names = manifest ? outletsOf(manifest, node.with ?? {}).map(({ name }) => name) : [];
          return { source, target, outlet: Math.max(0, names.indexOf(outlet)) };
        }),
      others: ids.filter((id) => !moves(id)).flatMap((id) => boxes[id] ?? []),
    };
  });
  return { direction, scopes: scopes.filter(({ nodes }) => nodes.length > 0) };
}

/** The places that differ from those in the document: what an edit has to write. Nodes that are gone by now are left out. */
export function movesOf(flow: Flow, places: Readonly<Record<string, Position>>): Record<string, Position> {
  const layout = flow.layout ?? {};
  const known = new Set(nodeIds(flow));
  return Object.fromEntries(
    Object.entries(places).filter(
      ([id, { x, y }]) => known.has(id) && !(Object.hasOwn(layout, id) && layout[id]?.[0] === x && layout[id]?.[1] === y),
    ),
  );
}

/** How a flow was laid out, by where most of its edges lead. */
export function directionOf(flow: Flow): Direction {
  let [right, down] = [0, 0];
  for (const { nodes } of scopesOf(flow)) {
    for (const { source, target } of edgesOf(nodes)) {
      const [from, to] = [flow.layout?.[source], flow.layout?.[target]];
      if (!from || !to) continue;
      if (Math.abs(to[0] - from[0]) >= Math.abs(to[1] - from[1])) right += 1;
      else down += 1;
    }
  }
  return down > right ? 'down' : 'right';
}
