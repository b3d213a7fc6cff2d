import { removeEdge } from './edits-edges.ts';
import { setPlaces } from './edits-layout.ts';
import type { EditContext, EditProblem } from './edits-plan.ts';
import { keyBefore, locate, refuse, unknownNode } from './edits-plan.ts';
import type { FlowEdit } from './flow-edit.ts';
import { scopesOf } from './graph.ts';
import type { JsonPath } from './json.ts';
import { keyOf, propertiesOf } from './json-tree.ts';
import { FLOW_KEYS, NODE_ID } from './model.ts';
import { reservedReason } from './reserved.ts';
import { suggest } from './suggest.ts';

/** Adds the node as a block of its own behind `behind` (in its scope), and a line to the layout. */
export function addNode(edit: Extract<FlowEdit, { kind: 'addNode' }>, context: EditContext): EditProblem | undefined {
  const { draft, catalog } = context;
  const refused = idProblem(edit.id, context);
  if (refused) return refused;
  const { type } = edit.node;
  if (typeof type !== 'string' || !catalog.has(type)) {
    const near = typeof type === 'string' && suggest(type, catalog.keys());
    return refuse(
      'EDIT_TYPE_UNKNOWN',
      `There is no type of node called ${JSON.stringify(type)}.`,
      near ? `Did you mean "${near}"?` : 'Choose a type from the palette.',
    );
  }
  const behind = edit.behind === undefined ? undefined : locate(context, edit.behind);
  if (edit.behind !== undefined && !behind) return unknownNode(context.flow, edit.behind);
  const path: JsonPath = behind ? behind.scope.path : ['nodes'];
  if (!draft.at(path)) {
    const keys = propertiesOf(draft.root).map(keyOf);
    draft.addProperty(draft.root, 'nodes', {}, keyBefore('nodes', keys, FLOW_KEYS));
  }
  const nodes = draft.at(path);
  if (nodes?.type !== 'object') return refuse('EDIT_SHAPE', '"nodes" is not an object.', 'Correct the text first.');
  draft.addProperty(nodes, edit.id, edit.node, edit.behind, { open: true });
  return edit.position && setPlaces({ [edit.id]: edit.position }, draft);
}

/** Removes the node, those in its body, their lines in the layout, and every edge from it. */
export function removeNode(edit: Extract<FlowEdit, { kind: 'removeNode' }>, context: EditContext): EditProblem | undefined {
  const { draft } = context;
  const located = locate(context, edit.id);
  if (!located) return unknownNode(context.flow, edit.id);
  const gone = [
    edit.id,
    ...scopesOf({ nodes: { [edit.id]: located.node } })
      .slice(1)
      .flatMap((scope) => Object.keys(scope.nodes)),
  ];
  for (const target of Object.keys(located.scope.nodes)) removeEdge([...located.scope.path, target], edit.id, undefined, draft);
  draft.removeProperty(draft.at(located.scope.path), edit.id);
  for (const id of gone) draft.removeProperty(draft.at(['layout']), id);
  return undefined;
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
