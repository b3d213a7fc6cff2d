import type { Draft } from './edits-draft.ts';
import { removeEdge } from './edits-edges.ts';
import { setPlaces } from './edits-layout.ts';
import type { EditContext, EditProblem } from './edits-plan.ts';
import { keyBefore, locate, refuse, unknownNode } from './edits-plan.ts';
import { hasBody } from './fields.ts';
import type { FlowEdit } from './flow-edit.ts';
import { bodyOf, scopesOf } from './graph.ts';
import type { JsonPath } from './json.ts';
import { keyOf, propertiesOf } from './json-tree.ts';
import type { NodeCatalog } from './manifest.ts';
import { FLOW_KEYS, NODE_ID, NODE_KEYS, type NodeSpec } from './model.ts';
import { reservedReason } from './reserved.ts';
import { suggest } from './suggest.ts';

type AddNode = Extract<FlowEdit, { kind: 'addNode' }>;

/** Adds the node as a block of its own behind `behind` (in its scope) or at the end of a body, and a line to the layout. */
export function addNode(edit: AddNode, context: EditContext): EditProblem | undefined {
  const { draft, catalog } = context;
  const refused = idProblem(edit.id, context);
  if (refused) return refused;
  const unknown = typeProblem(edit.node.type, catalog);
  if (unknown) return unknown;
  const scope = scopeFor(edit, context);
  if ('code' in scope) return scope;
  const nodes = draft.at(scope.path);
  if (nodes?.type !== 'object') return refuse('EDIT_SHAPE', '"nodes" is not an object.', 'Correct the text first.');
  draft.addProperty(nodes, edit.id, edit.node, edit.behind, { open: true });
  return edit.position && setPlaces({ [edit.id]: edit.position }, draft);
}

/** Where the nodes stand among which the new one goes. A body (or the flow's own nodes) that is not there is made. */
export function scopeFor(edit: Pick<AddNode, 'behind' | 'owner'>, context: EditContext): { path: JsonPath } | EditProblem {
  const { draft } = context;
  if (edit.behind !== undefined) {
    const behind = locate(context, edit.behind);
    if (!behind) return unknownNode(context.flow, edit.behind);
    if (edit.owner === undefined || edit.owner === behind.scope.owner) return { path: behind.scope.path };
    return refuse('EDIT_BORDER', `"${edit.behind}" does not stand in the body of "${edit.owner}".`, 'Choose a node of that body.');
  }
  if (edit.owner === undefined) {
    addMissing(['nodes'], FLOW_KEYS, draft);
    return { path: ['nodes'] };
  }
  const owner = locate(context, edit.owner);
  if (!owner) return unknownNode(context.flow, edit.owner);
  const manifest = context.catalog.get(owner.node.type);
  if (!bodyOf(owner.node) && !(manifest && hasBody(manifest))) {
    return refuse('EDIT_PATH', `"${edit.owner}" has no body.`, 'Steps are repeated by a loop, or for each item of a list.');
  }
  addMissing([...owner.path, 'with'], NODE_KEYS, draft);
  addMissing([...owner.path, 'with', 'nodes'], [], draft);
  return { path: [...owner.path, 'with', 'nodes'] };
}

/** Why there can be no node of this type. */
export function typeProblem(type: unknown, catalog: NodeCatalog): EditProblem | undefined {
  if (typeof type === 'string' && catalog.has(type)) return undefined;
  const near = typeof type === 'string' && suggest(type, catalog.keys());
  return refuse(
    'EDIT_TYPE_UNKNOWN',
    `There is no type of node called ${JSON.stringify(type)}.`,
    near ? `Did you mean "${near}"?` : 'Choose a type from the palette.',
  );
}

/** Makes an empty object at the path, whose parent is there, where there is nothing. */
function addMissing(path: JsonPath, order: readonly string[], draft: Draft): void {
  const parent = draft.at(path.slice(0, -1));
  const key = String(path.at(-1));
  if (!parent || draft.at(path)) return;
  draft.addProperty(parent, key, {}, keyBefore(key, propertiesOf(parent).map(keyOf), order));
}

/** Removes the node, those in its body, their lines in the layout, and every edge from it. */
export function removeNode(edit: Extract<FlowEdit, { kind: 'removeNode' }>, context: EditContext): EditProblem | undefined {
  const { draft } = context;
  const located = locate(context, edit.id);
  if (!located) return unknownNode(context.flow, edit.id);
  const gone = [edit.id, ...idsInBody(edit.id, located.node)];
  for (const target of Object.keys(located.scope.nodes)) removeEdge([...located.scope.path, target], edit.id, undefined, draft);
  draft.removeProperty(draft.at(located.scope.path), edit.id);
  for (const id of gone) draft.removeProperty(draft.at(['layout']), id);
  return undefined;
}

/** The ids of all nodes that stand in the body of a node, in bodies inside it too. */
export function idsInBody(id: string, node: NodeSpec): string[] {
  return scopesOf({ nodes: { [id]: node } })
    .slice(1)
    .flatMap((scope) => Object.keys(scope.nodes));
}

/** Why this id cannot be given to a node. */
export function idProblem(id: string, context: EditContext): EditProblem | undefined {
  if (!NODE_ID.test(id)) {
    return refuse(
      'EDIT_ID_INVALID',
      `${JSON.stringify(id)} cannot be an id.`,
      'Start with a small letter, then letters, digits and "_"; what people read belongs in the title.',
    );
  }
  const reason = reservedReason(id);
  if (reason) return refuse('EDIT_ID_INVALID', `"${id}" cannot be an id: it is ${reason}.`, `Use another one, e.g. "${id}Step".`);
  return (
    locate(context, id) && refuse('EDIT_ID_TAKEN', `There is a node "${id}" already.`, 'Ids are unique in the whole file: use another one.')
  );
}
