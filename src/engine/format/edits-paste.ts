import { setPlaces } from './edits-layout.ts';
import { idProblem, scopeFor, typeProblem } from './edits-nodes.ts';
import type { EditContext, EditProblem, ReferenceScanner } from './edits-plan.ts';
import { locate, refuse } from './edits-plan.ts';
import { nodeFields } from './fields.ts';
import type { FlowEdit } from './flow-edit.ts';
import { bodyOf, type Nodes, nodeIn } from './graph.ts';
import { isJsonObject, type Json, type JsonObject, type JsonPath } from './json.ts';
import { type NodeCatalog, outletsOf } from './manifest.ts';
import type { NodeSpec } from './model.ts';

type PasteNodes = Extract<FlowEdit, { kind: 'pasteNodes' }>;

/** Adds copies of nodes one behind the other, each as a block of its own, and their lines to the layout. */
export function pasteNodes(edit: PasteNodes, context: EditContext): EditProblem | undefined {
  const { draft, catalog } = context;
  const copied = new Set(idsIn(edit.nodes));
  // What stays behind keeps its name: it would be taken for a copy that happens to have the new one.
  const names = new Map(Object.entries(edit.names).filter(([id]) => copied.has(id)));
  const nodes = Object.entries(edit.nodes);
  if (nodes.length === 0) return refuse('EDIT_PATH', 'There are no nodes to be added.', 'Copy some first.');
  for (const [id, node] of nodes) {
    const refused = idProblem(names.get(id) ?? id, context) ?? typeProblem(node.type, catalog);
    if (refused) return refused;
  }
  const scope = scopeFor(edit, context);
  if ('code' in scope) return scope;
  if (draft.at(scope.path)?.type !== 'object') return refuse('EDIT_SHAPE', '"nodes" is not an object.', 'Correct the text first.');
  const siblings = siblingsOf(edit, context);
  const dropped = new Set<string>();
  let behind = edit.behind;
  for (const [id, node] of nodes) {
    const to = names.get(id) ?? id;
    const possible = keepPossible(node, { siblings, copied: edit.nodes, catalog, dropped });
    const copy = renamed(possible, names, context);
    const parent = draft.at(scope.path);
    if (parent) draft.addProperty(parent, to, copy, behind, { open: true });
    behind = to;
  }
  if (dropped.size > 0)
    context.say(`Edges from ${[...dropped].map((id) => `"${id}"`).join(', ')} were left out: there is no such way out here.`);
  return Object.keys(edit.positions).length === 0 ? undefined : setPlaces(edit.positions, draft);
}

/** Of nodes and of those in their bodies, which may hold anything: nobody has checked them yet. */
function idsIn(nodes: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(nodes).flatMap(([id, node]) => [id, ...idsIn((isJsonObject(node) && bodyOf(node as NodeSpec)) || {})]);
}

/** The nodes among which the copies will stand. */
function siblingsOf(edit: PasteNodes, context: EditContext): Nodes {
  if (edit.behind !== undefined) return locate(context, edit.behind)?.scope.nodes ?? {};
  if (edit.owner === undefined) return context.flow.nodes;
  const owner = locate(context, edit.owner)?.node;
  return (owner && bodyOf(owner)) ?? {};
}

interface Surroundings {
  siblings: Nodes;
  /** By the ids they had. */
  copied: PasteNodes['nodes'];
  catalog: NodeCatalog;
  /** Sources of edges that are not possible here. */
  dropped: Set<string>;
}

/** A copy with the edges from other copied nodes and from siblings, where they have such an outlet. All by the ids they had. */
function keepPossible(node: JsonObject, { siblings, copied, catalog, dropped }: Surroundings): JsonObject {
  const copy = structuredClone(node);
  const { after } = copy;
  if (after === undefined || !isJsonObject(after)) return copy;
  const kept = Object.entries(after).flatMap(([id, outlets]): [string, Json][] => {
    const source = nodeIn(copied as Nodes, id) ?? nodeIn(siblings, id);
    const manifest = source && catalog.get(source.type);
    const known = source && manifest ? outletsOf(manifest, source.with ?? {}).map(({ name }) => name) : [];
    const left = [outlets].flat().filter((outlet) => typeof outlet === 'string' && known.includes(outlet));
    const [only] = left;
    if (left.length < [outlets].flat().length) dropped.add(id);
    return only === undefined ? [] : [[id, left.length === 1 ? only : left]];
  });
  if (kept.length === 0) delete copy.after;
  else copy.after = Object.fromEntries(kept);
  return copy;
}

/** A copy in which every id of `names` is the new one: in edges, in bodies, in templates and conditions. */
function renamed(
  node: JsonObject,
  names: ReadonlyMap<string, string>,
  { catalog, scan }: Pick<EditContext, 'catalog' | 'scan'>,
): JsonObject {
  const copy = structuredClone(node);
  if (scan) {
    for (const { path, kind, text } of nodeFields(catalog.get(String(node.type)), node as NodeSpec)) {
      const now = renamedIn(text, kind, names, scan);
      if (now !== text) setAt(copy, path, now);
    }
  }
  if (copy.after !== undefined && isJsonObject(copy.after)) copy.after = renameKeys(copy.after, names);
  const body = bodyOf(copy as NodeSpec);
  if (body) {
    const inner = Object.entries(body).map(([id, it]) => [id, isJsonObject(it) ? renamed(it, names, { catalog, scan }) : it]);
    (copy.with as JsonObject).nodes = renameKeys(Object.fromEntries(inner), names);
  }
  return copy;
}

function renameKeys(object: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [names.get(key) ?? key, value]));
}

function renamedIn(text: string, kind: 'template' | 'condition', names: ReadonlyMap<string, string>, scan: ReferenceScanner): string {
  return scan(text, kind)
    .toSorted((a, b) => b.offset - a.offset)
    .reduce((now, { id, offset, length }) => now.slice(0, offset) + (names.get(id) ?? id) + now.slice(offset + length), text);
}

function setAt(root: JsonObject, path: JsonPath, value: Json): void {
  let at: Json | undefined = root;
  for (const step of path.slice(0, -1)) at = at === null || typeof at !== 'object' ? undefined : (at as JsonObject)[step];
  const last = path.at(-1);
  if (at !== null && typeof at === 'object' && last !== undefined) (at as JsonObject)[last] = value;
}
