/** What is not moved stays where it is seen: a node that is given a place would otherwise draw those along that have none. Pure. */
import type { FlowEdit } from '../../engine/format/flow-edit.ts';
import { scopesOf } from '../../engine/format/graph.ts';
import { type Position, place } from '../../engine/format/layout.ts';
import type { NodeCatalog } from '../../engine/format/manifest.ts';
import type { Flow, NodeSpec } from '../../engine/format/model.ts';

/**
 * The flow with what the edits place and add (edges they make are left out, as nothing that was there is placed by them), and the nodes
 * that stand beside that. Those outside a body make room for it when it grows.
 */
function withPlaced(flow: Flow, edits: readonly FlowEdit[]): { next: Flow; beside: ReadonlySet<string> } {
  const next = structuredClone(flow);
  const scopes = scopesOf(next);
  const beside = new Set<string>();
  const layout: NonNullable<Flow['layout']> = { ...next.layout };
  const take = (positions: Readonly<Record<string, Position>>) => {
    for (const [id, { x, y }] of Object.entries(positions)) {
      layout[id] = [x, y];
      const scope = scopes.find(({ nodes }) => Object.hasOwn(nodes, id));
      for (const sibling of Object.keys(scope?.nodes ?? {})) beside.add(sibling);
    }
  };
  const add = (id: string, node: object, { owner, behind }: { owner?: string | undefined; behind?: string | undefined }) => {
    const scope = scopes.find((it) => (behind === undefined ? it.owner === owner : Object.hasOwn(it.nodes, behind)));
    if (scope) (scope.nodes as Record<string, NodeSpec>)[id] = node as NodeSpec;
  };
  for (const edit of edits) {
    if (edit.kind === 'moveNodes') take(edit.positions);
    else if (edit.kind === 'addNode') {
      add(edit.id, edit.node, edit);
      if (edit.position) take({ [edit.id]: edit.position });
    } else if (edit.kind === 'pasteNodes') {
      for (const [id, node] of Object.entries(edit.nodes)) add(edit.names[id] ?? id, node, edit);
      take(edit.positions);
    }
  }
  return { next: { ...next, layout }, beside };
}

/** The edits, and before them the places of those nodes that would move otherwise, though nobody moved them. */
export function keepingPlaces(edits: readonly FlowEdit[], flow: Flow, catalog: NodeCatalog): FlowEdit[] {
  const given = flow.layout ?? {};
  const isPlacing = edits.some(({ kind }) => kind === 'moveNodes' || kind === 'addNode' || kind === 'pasteNodes');
  if (!isPlacing || scopesOf(flow).every(({ nodes }) => Object.keys(nodes).every((id) => Object.hasOwn(given, id)))) return [...edits];
  const before = place(flow, catalog);
  const { next, beside } = withPlaced(flow, edits);
  const stay: Record<string, Position> = {};
  // What is kept in its place may be what others are placed by.
  for (let found = true; found; ) {
    found = false;
    const after = place({ ...next, layout: { ...next.layout, ...asLayout(stay) } }, catalog);
    for (const [id, { x, y }] of Object.entries(before)) {
      const now = after[id];
      if (!now || !beside.has(id) || (now.x === x && now.y === y) || Object.hasOwn(next.layout ?? {}, id) || Object.hasOwn(stay, id))
        continue;
      stay[id] = { x, y };
      found = true;
    }
  }
  return Object.keys(stay).length === 0 ? [...edits] : [{ kind: 'moveNodes', positions: stay }, ...edits];
}

function asLayout(positions: Readonly<Record<string, Position>>): NonNullable<Flow['layout']> {
  return Object.fromEntries(Object.entries(positions).map(([id, { x, y }]) => [id, [x, y]]));
}
