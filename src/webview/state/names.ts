/** What nodes are called, and in which order they stand, where they are told in a list. Pure. */
import { scopesOf, topologicalOrder } from '../../engine/format/graph.ts';
import type { Flow } from '../../engine/format/model.ts';
import type { CanvasNode } from './graph-model.ts';
import type { EditorState } from './state.ts';

const known = new WeakMap<readonly CanvasNode[], ReadonlyMap<string, string>>();

function namesOf(nodes: readonly CanvasNode[]): ReadonlyMap<string, string> {
  const before = known.get(nodes);
  if (before) return before;
  const uses = new Map<string, number>();
  for (const { data } of nodes) uses.set(data.card.title, (uses.get(data.card.title) ?? 0) + 1);
  const names = new Map(
    nodes.map(({ id, data: { card } }) => [
      id,
      (uses.get(card.title) ?? 0) > 1 && card.title !== id ? `${card.title} (${id})` : card.title,
    ]),
  );
  known.set(nodes, names);
  return names;
}

/** The title of a node; where another node has the same, which is usual for those that were given none, with its id. */
export function nameOf({ nodes }: Pick<EditorState, 'nodes'>, id: string): string {
  return namesOf(nodes).get(id) ?? id;
}

/** The nodes in the order in which a run comes to them, those of a body behind its owner. */
export function inRunOrder(nodes: readonly CanvasNode[], flow: Pick<Flow, 'nodes'> | null): CanvasNode[] {
  const ranks = new Map<string, number>();
  for (const scope of flow ? scopesOf(flow) : []) {
    const { order, left } = topologicalOrder(scope.nodes);
    for (const id of [...order, ...left]) ranks.set(id, ranks.size);
  }
  const inside = new Map<string | undefined, CanvasNode[]>();
  for (const node of nodes) {
    const siblings = inside.get(node.parentId);
    if (siblings) siblings.push(node);
    else inside.set(node.parentId, [node]);
  }
  const below = (owner: string | undefined): CanvasNode[] =>
    (inside.get(owner) ?? [])
      .toSorted((a, b) => (ranks.get(a.id) ?? ranks.size) - (ranks.get(b.id) ?? ranks.size))
      .flatMap((node) => [node, ...below(node.id)]);
  return below(undefined);
}
