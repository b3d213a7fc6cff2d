/** Which connections the canvas accepts. The host checks again when it applies the edit; this gives the reason while dragging. */
import type { Edge } from '../../engine/format/model.ts';

/** The way from `from` to `to` along the edges, both ends included; undefined where there is none. */
function way(edges: readonly Edge[], from: string, to: string): string[] | undefined {
  const next = new Map<string, string[]>();
  for (const edge of edges) next.set(edge.source, [...(next.get(edge.source) ?? []), edge.target]);
  const cameFrom = new Map<string, string | null>([[from, null]]);
  const queue = [from];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    if (node === to) {
      const found: string[] = [];
      for (let at: string | null = node; at !== null; at = cameFrom.get(at) ?? null) found.unshift(at);
      return found;
    }
    for (const target of next.get(node) ?? []) {
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, node);
      queue.push(target);
    }
  }
  return undefined;
}

/** What the rules of connecting need to know of nodes. */
export interface Surroundings {
  /** What people read on a node. */
  titleOf(id: string): string;
  /** The node in whose body a node stands. */
  ownerOf(id: string): string | undefined;
}

/** Why nothing connects what stands in the bodies of `from` and `to` (undefined: the flow itself). */
export function borderReason(from: string | undefined, to: string | undefined, titleOf: Surroundings['titleOf']): string {
  const inner = to ?? from;
  return inner === undefined
    ? ''
    : `Edges stay on their side of a body's border. Connect “${titleOf(inner)}” itself; what stands in it hands out its “result”.`;
}

/** Why an edge cannot be drawn, as a sentence for people; undefined where it can. */
export function refusal(edges: readonly Edge[], wanted: Edge, { titleOf, ownerOf }: Surroundings): string | undefined {
  const { source, outlet, target } = wanted;
  if (source === target) return 'A node cannot come after itself.';
  const [from, to] = [ownerOf(source), ownerOf(target)];
  if (from !== to) return borderReason(from, to, titleOf);
  if (edges.some((edge) => edge.source === source && edge.outlet === outlet && edge.target === target)) {
    return `Already connected by “${outlet}”.`;
  }
  const back = way(edges, target, source);
  if (back) return `This would make a circle: ${[...back, target].map(titleOf).join(' → ')}.`;
  return undefined;
}

/** The nodes that an outlet of `source` can still be connected to, in the order given. */
export function possibleTargets(edges: readonly Edge[], source: string, outlet: string, ids: readonly string[]): string[] {
  const before = new Set([source]);
  const queue = [source];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    for (const edge of edges) {
      if (edge.target !== node || before.has(edge.source)) continue;
      before.add(edge.source);
      queue.push(edge.source);
    }
  }
  const connected = new Set(edges.filter((edge) => edge.source === source && edge.outlet === outlet).map((edge) => edge.target));
  return ids.filter((id) => !before.has(id) && !connected.has(id));
}
