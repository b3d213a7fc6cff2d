import { removeEdge } from './edits-edges.ts';
import { setPlaces } from './edits-layout.ts';
import { idsInBody, scopeFor } from './edits-nodes.ts';
import type { EditContext, EditProblem } from './edits-plan.ts';
import { locate, refuse, unknownNode } from './edits-plan.ts';
import type { FlowEdit } from './flow-edit.ts';
import { dataOf } from './json-tree.ts';
import { edgesInto } from './model.ts';

/** Moves nodes across the border of a body: their blocks go to the end of where they are moved to, edges across the border go. */
export function moveToBody(edit: Extract<FlowEdit, { kind: 'moveToBody' }>, context: EditContext): EditProblem | undefined {
  const { draft } = context;
  const moved = new Set(edit.nodes);
  const [first] = edit.nodes;
  const from = first === undefined ? undefined : locate(context, first)?.scope;
  const stranger = edit.nodes.find((id) => !locate(context, id));
  if (!from || stranger !== undefined) return unknownNode(context.flow, stranger ?? String(first));
  if (edit.nodes.some((id) => locate(context, id)?.scope.owner !== from.owner)) {
    return refuse('EDIT_BORDER', 'The nodes do not stand in the same body.', 'Move them one after the other.');
  }
  const { owner } = edit;
  const inside = edit.nodes.find((id) => {
    const node = from.nodes[id];
    return owner === id || (owner !== undefined && node && idsInBody(id, node).includes(owner));
  });
  if (inside !== undefined) return refuse('EDIT_BORDER', `"${inside}" cannot stand in its own body.`, 'Choose another one.');
  if (owner === from.owner) return undefined;
  const scope = scopeFor(owner === undefined ? {} : { owner }, context);
  if ('code' in scope) return scope;

  const cut = Object.entries(from.nodes)
    .flatMap(([target, node]) => edgesInto(target, node))
    .filter(({ source, target }) => moved.has(source) !== moved.has(target));
  for (const { source, outlet, target } of cut) removeEdge([...from.path, target], source, outlet, draft);
  for (const id of edit.nodes) {
    const node = draft.at([...from.path, id]);
    const block = node && dataOf(node);
    draft.removeProperty(draft.at(from.path), id);
    const to = draft.at(scope.path);
    if (to && block !== undefined) draft.addProperty(to, id, block, undefined, { open: true });
  }
  if (cut.length > 0) {
    context.say(
      `Edges do not cross the border of a body. Removed: ${cut.map(({ source, target }) => `"${source}" to "${target}"`).join(', ')}.`,
    );
  }
  return Object.keys(edit.positions).length === 0 ? undefined : setPlaces(edit.positions, draft);
}
