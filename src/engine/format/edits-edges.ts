import type { Draft } from './edits-draft.ts';
import type { EditContext, EditProblem } from './edits-plan.ts';
import { keyBefore, locate, refuse, unknownNode } from './edits-plan.ts';
import type { FlowEdit } from './flow-edit.ts';
import { wouldCycle } from './graph.ts';
import type { JsonPath } from './json.ts';
import { dataOf, keyOf, propertiesOf, valueIn } from './json-tree.ts';
import { outletsOf } from './manifest.ts';
import { edgesInto, NODE_KEYS } from './model.ts';
import { listed, suggest } from './suggest.ts';

type Connect = Extract<FlowEdit, { kind: 'connect' }>;

/** Writes the edge into the target's `after`: a second outlet of a source makes a list of its outlets. */
export function connect(edit: Connect, context: EditContext): EditProblem | undefined {
  const { draft } = context;
  const target = locate(context, edit.target);
  const refused = connectProblem(edit, context);
  if (refused || !target) return refused;
  const node = draft.at(target.path);
  const after = valueIn(node, 'after');
  if (!after) {
    const keys = propertiesOf(node).map(keyOf);
    if (node) draft.addProperty(node, 'after', { [edit.source]: edit.outlet }, keyBefore('after', keys, NODE_KEYS));
    return undefined;
  }
  const outlets = valueIn(after, edit.source);
  if (after.type !== 'object') return refuse('EDIT_SHAPE', `"after" of "${edit.target}" is not an object.`, 'Correct the text first.');
  if (!outlets) draft.addProperty(after, edit.source, edit.outlet);
  else if (outlets.type === 'string') draft.setValue([...target.path, 'after', edit.source], [String(outlets.value), edit.outlet]);
  else if (outlets.type === 'array') draft.addEntry(outlets, outlets.children?.length ?? 0, edit.outlet);
  else return refuse('EDIT_SHAPE', `"after" of "${edit.target}" has no outlet for "${edit.source}".`, 'Correct the text first.');
  return undefined;
}

/** Takes the edge out of the target's `after`; what that leaves empty goes too. A quorum stays as it is: that is the author's to say. */
export function disconnect(edit: Extract<FlowEdit, { kind: 'disconnect' }>, context: EditContext): EditProblem | undefined {
  const target = locate(context, edit.target);
  if (!target) return unknownNode(context.flow, edit.target);
  if (removeEdge(target.path, edit.source, edit.outlet, context.draft)) return undefined;
  return refuse(
    'EDIT_EDGE_UNKNOWN',
    `No edge leads from "${edit.source}" by "${edit.outlet}" to "${edit.target}".`,
    'Look whether it was removed already.',
  );
}

/**
 * Takes the edges from `source` by `outlet` (by all, where it is undefined) out of the node at `path`.
 *
 * @returns false if there is none.
 */
export function removeEdge(path: JsonPath, source: string, outlet: string | undefined, draft: Draft): boolean {
  const after = draft.at([...path, 'after']);
  const outlets = valueIn(after, source);
  if (!after || !outlets) return false;
  const found = dataOf(outlets);
  const names = Array.isArray(found) ? found : [found];
  const left = outlet === undefined ? [] : names.filter((name) => name !== outlet);
  if (outlet !== undefined && left.length === names.length) return false;
  const [only] = left;
  if (only === undefined) {
    if (propertiesOf(after).length === 1) draft.removeProperty(draft.at(path), 'after');
    else draft.removeProperty(after, source);
  } else draft.setValue([...path, 'after', source], left.length === 1 ? only : left);
  return true;
}

function connectProblem(edit: Connect, context: EditContext): EditProblem | undefined {
  const { source: from, target: to, outlet } = edit;
  const source = locate(context, from);
  const target = locate(context, to);
  if (!source) return unknownNode(context.flow, from);
  if (!target) return unknownNode(context.flow, to);
  if (source.scope.owner !== target.scope.owner) {
    return refuse('EDIT_BORDER', `"${from}" and "${to}" do not stand in the same body.`, 'Connect the node that owns the body instead.');
  }
  if (edgesInto(to, target.node).some((edge) => edge.source === from && edge.outlet === outlet)) {
    return refuse('EDIT_EDGE_EXISTS', `"${from}" leads by "${outlet}" to "${to}" already.`, 'Nothing has to be done.');
  }
  const manifest = context.catalog.get(source.node.type);
  const outlets = manifest && outletsOf(manifest, source.node.with ?? {}).map((it) => it.name);
  if (outlets && !outlets.includes(outlet)) {
    const near = suggest(outlet, outlets);
    return refuse(
      'EDIT_OUTLET_UNKNOWN',
      `"${from}" has no outlet "${outlet}".`,
      near ? `Did you mean "${near}"?` : `Its outlets: ${listed(outlets, 20)}.`,
    );
  }
  if (wouldCycle(source.scope.nodes, from, to)) {
    return refuse(
      'EDIT_CYCLE',
      from === to ? `"${from}" cannot lead to itself.` : `"${to}" leads to "${from}": the edge would close a circle.`,
      'To repeat steps, use a loop.',
    );
  }
  return undefined;
}
