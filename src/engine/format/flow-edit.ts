/** A gesture, as data: what the editor, chat and refactorings ask of a document. Turned into minimal text edits by `edits.ts`. */
import * as z from 'zod';
import { INPUT, NODE_ID, OUTLET } from './model.ts';

const id = z.string().regex(NODE_ID);
const outlet = z.string().regex(OUTLET);
const position = z.strictObject({ x: z.int(), y: z.int() });
const path = z.array(z.union([z.string(), z.int().min(0)])).min(1);

export const flowEditSchema = z.discriminatedUnion('kind', [
  /**
   * Adds a node behind `behind` in the file, else at the end of the body of `owner`, else at the end of `nodes`. Without a position
   * the layout decides.
   */
  z.strictObject({
    kind: z.literal('addNode'),
    id,
    node: z.record(z.string(), z.json()),
    position: position.optional(),
    behind: id.optional(),
    owner: id.optional(),
  }),
  /**
   * Adds copies of nodes (with their bodies) to a scope, as `addNode` does. `names`: what each is called here, by the id it had;
   * edges and references among them follow. Of the edges from elsewhere those are kept that are possible here.
   */
  z.strictObject({
    kind: z.literal('pasteNodes'),
    nodes: z.record(id, z.record(z.string(), z.json())),
    names: z.record(id, id),
    positions: z.record(id, position),
    behind: id.optional(),
    owner: id.optional(),
  }),
  /** Makes a node one of another type: what both have stays, the rest is dropped, and said. */
  z.strictObject({ kind: z.literal('changeType'), node: id, type: z.string().min(1) }),
  /** Moves nodes of one scope into the body of `owner`, else to the flow's own nodes. Edges stay on their side of the border. */
  z.strictObject({ kind: z.literal('moveToBody'), nodes: z.array(id).min(1), owner: id.optional(), positions: z.record(id, position) }),
  /**
   * Puts nodes of one scope into the body of a new node of `type` that stands in their place: edges into them lead to it, edges out of
   * them leave from it, and what others read of the last of them is its result.
   */
  z.strictObject({
    kind: z.literal('wrapNodes'),
    nodes: z.array(id).min(1),
    id,
    type: z.string().min(1),
    position: position.optional(),
    positions: z.record(id, position),
  }),
  /** Removes a node, its layout line and every edge from it. */
  z.strictObject({ kind: z.literal('removeNode'), id }),
  /** Sets the places of nodes: one line each. */
  z.strictObject({ kind: z.literal('moveNodes'), positions: z.record(id, position) }),
  z.strictObject({ kind: z.literal('connect'), source: id, outlet, target: id }),
  z.strictObject({ kind: z.literal('disconnect'), source: id, outlet, target: id }),
  /** Sets (or, with `value` absent, removes) one value inside a node, e.g. `['with', 'prompt']` or `['title']`. */
  z.strictObject({ kind: z.literal('setParam'), node: id, path, value: z.json().optional() }),
  /** Sets (or removes) a top-level value of the flow, e.g. `['title']` or `['inputs', 'topic']`. Never inside `nodes` or `layout`. */
  z.strictObject({ kind: z.literal('setFlow'), path, value: z.json().optional() }),
  /** Gives a node another id and mends every reference to it: `after`, layout, templates, conditions. */
  z.strictObject({ kind: z.literal('renameNode'), id, to: id }),
  /** Gives an input of the flow another name and mends every template and condition that reads it. */
  z.strictObject({ kind: z.literal('renameInput'), name: z.string().regex(INPUT), to: z.string().regex(INPUT) }),
  /** Replaces a part of a text; `offset` and `length` in characters of its decoded value. `path` from the root of the document. */
  z.strictObject({ kind: z.literal('replaceText'), path, offset: z.int().min(0), length: z.int().min(0), text: z.string() }),
  /** Gives the key of a property another name. What refers to it is not changed. */
  z.strictObject({ kind: z.literal('renameKey'), path, to: z.string().min(1) }),
  /** Adds a property at the end of an object. */
  z.strictObject({ kind: z.literal('add'), path, value: z.json() }),
  /** Removes a property or an entry, wherever it stands. */
  z.strictObject({ kind: z.literal('remove'), path }),
]);
export type FlowEdit = z.infer<typeof flowEditSchema>;

/** A replacement in a text; offsets in UTF-16 code units of the text before the edit. Sorted, never overlapping. */
export interface TextEdit {
  offset: number;
  length: number;
  newText: string;
}
