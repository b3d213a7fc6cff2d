import type { Draft } from './edits-draft.ts';
import { end, range } from './edits-draft.ts';
import type { EditContext, EditProblem } from './edits-plan.ts';
import { refuse, unknownNode } from './edits-plan.ts';
import { startsLine, writeInline } from './edits-style.ts';
import type { FlowEdit, TextEdit } from './flow-edit.ts';
import { nodeIds } from './graph.ts';
import type { JsonNode } from './json-tree.ts';
import { keyOf, propertiesOf, valueIn, valueNodeOf } from './json-tree.ts';
import type { Position } from './layout.ts';

/** Each node that moved changes its own line in the layout, and nothing else. */
export function moveNodes(edit: Extract<FlowEdit, { kind: 'moveNodes' }>, context: EditContext): EditProblem | undefined {
  // Looked up at once: arranging a flow moves all of its nodes.
  const ids = new Set(nodeIds(context.flow));
  const stranger = Object.keys(edit.positions).find((id) => !ids.has(id));
  return stranger === undefined ? setPlaces(edit.positions, context.draft) : unknownNode(context.flow, stranger);
}

/** Sets the places of nodes in the layout, which is made at the end of the document where there is none. */
export function setPlaces(positions: Readonly<Record<string, Position>>, draft: Draft): EditProblem | undefined {
  const order = idsOf(draft.at(['nodes']));
  const rank = new Map(order.map((id, index) => [id, index]));
  const ids = Object.keys(positions).toSorted((a, b) => (rank.get(a) ?? -1) - (rank.get(b) ?? -1));
  const layout = draft.at(['layout']);
  if (layout && layout.type !== 'object') return refuse('EDIT_SHAPE', '"layout" is not an object.', 'Correct the text first.');
  if (propertiesOf(layout).length === 0) {
    const lines = Object.fromEntries(ids.map((id) => [id, pair(positions[id])]));
    if (layout) draft.setValue(['layout'], lines);
    else draft.addProperty(draft.root, 'layout', lines);
    return undefined;
  }
  const added = ids.filter((id) => !valueIn(layout, id));
  draft.replace(ids.flatMap((id) => replacePlace(valueIn(layout, id), pair(positions[id]), draft)));
  for (const id of added) {
    const lines = draft.at(['layout']);
    if (lines) draft.addProperty(lines, id, pair(positions[id]), lineBefore(id, order, lines));
  }
  return undefined;
}

/** The ids of all nodes in the order of the text, those of a body behind its owner. */
function idsOf(nodes: JsonNode | undefined): string[] {
  return propertiesOf(nodes).flatMap((property) => [keyOf(property), ...idsOf(valueIn(valueIn(valueNodeOf(property), 'with'), 'nodes'))]);
}

function pair(position: Position | undefined): [number, number] {
  return [position?.x ?? 0, position?.y ?? 0];
}

/** Number by number; but a place that is no pair, or that a formatter has spread over lines, is written anew on one. */
function replacePlace(node: JsonNode | undefined, value: [number, number], draft: Draft): TextEdit[] {
  if (!node) return [];
  const numbers = node.children ?? [];
  const isPair = node.type === 'array' && numbers.length === 2 && numbers.every((it) => it.type === 'number');
  if (!isPair || numbers.some((it) => startsLine(draft.text, it))) return [range(node.offset, end(node), writeInline(value, draft.style))];
  return numbers.flatMap((it, index) => (it.value === value[index] ? [] : [range(it.offset, end(it), JSON.stringify(value[index]))]));
}

/**
 * The line behind which a new one goes: that of the nearest node before it in the file, so that two people who add nodes in
 * different places change different lines; but before the last line rather than behind it, which would change its comma too.
 */
function lineBefore(id: string, order: readonly string[], layout: JsonNode): string | null {
  const keys = propertiesOf(layout).map(keyOf);
  const present = new Set(keys);
  const at = order.indexOf(id);
  const before = (at < 0 ? order : order.slice(0, at)).findLast((it) => present.has(it)) ?? null;
  return before !== null && before === keys.at(-1) ? (keys.at(-2) ?? null) : before;
}
