/** A flow that a model has written anew, as a change of the text that its author wrote: what is the same in both stays as it stands. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { applyTextEdits, planEdits } from '../../engine/format/edits.ts';
import type { FlowEdit, TextEdit } from '../../engine/format/flow-edit.ts';
import { isJsonObject, type Json, type JsonPath } from '../../engine/format/json.ts';
import { nodeAt, readTree } from '../../engine/format/json-tree.ts';
import type { NodeCatalog } from '../../engine/format/manifest.ts';
import { scanReferences } from '../../engine/format/references.ts';

interface Change {
  replaced: { path: JsonPath; value: Json }[];
  added: { path: JsonPath; value: Json }[];
  removed: JsonPath[];
}

/** @returns `before` with the values of `after`; `after` itself where that cannot be had by small edits. Both have to be JSON. */
export function changedText(before: string, after: string, catalog: NodeCatalog): string {
  const wanted = JSON.parse(after) as Json;
  const change: Change = { replaced: [], added: [], removed: [] };
  compare(JSON.parse(before) as Json, wanted, [], change);
  const read = readTree(before);
  if (!read.ok) return after;
  const { root } = read.tree;
  const edits = change.replaced.map(({ path, value }): TextEdit => {
    const { offset = 0, length = 0 } = nodeAt(root, path) ?? {};
    return { offset, length, newText: JSON.stringify(value) };
  });
  const replaced = applyTextEdits(
    before,
    edits.sort((a, b) => a.offset - b.offset),
  );
  const flowEdits: FlowEdit[] = [
    ...change.removed.map((path): FlowEdit => ({ kind: 'remove', path: [...path] })),
    ...change.added.map(({ path, value }): FlowEdit => ({ kind: 'add', path: [...path], value })),
  ];
  const plan =
    flowEdits.length === 0 ? { ok: true as const, text: replaced } : planEdits(replaced, flowEdits, { catalog, scan: scanReferences });
  return plan.ok && isDeepStrictEqual(JSON.parse(plan.text), wanted) ? plan.text : after;
}

function compare(before: Json, after: Json, path: JsonPath, change: Change): void {
  if (isJsonObject(before) && isJsonObject(after)) {
    for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) change.removed.push([...path, key]);
    for (const [key, value] of Object.entries(after)) {
      const old = Object.hasOwn(before, key) ? before[key] : undefined;
      if (old === undefined) change.added.push({ path: [...path, key], value });
      else compare(old, value, [...path, key], change);
    }
  } else if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    for (const [index, value] of after.entries()) compare(before[index] ?? null, value, [...path, index], change);
  } else if (!isDeepStrictEqual(before, after)) change.replaced.push({ path, value: after });
}
