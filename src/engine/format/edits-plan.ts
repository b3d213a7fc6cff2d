/** What every kind of edit works with. */
import type { Draft } from './edits-draft.ts';
import type { LocatedNode } from './graph.ts';
import { locateNode } from './graph.ts';
import type { NodeCatalog } from './manifest.ts';
import type { Flow } from './model.ts';
import { suggest } from './suggest.ts';

/** Why an edit is refused. Codes: `EDIT_…`, listed in `EDIT_CODES`. */
export interface EditProblem {
  code: EditCode;
  message: string;
  hint: string;
}

/** Every reason for which an edit is refused. */
export const EDIT_CODES = {
  EDIT_UNREADABLE: 'The document is not JSON, or not a flow.',
  EDIT_READ_ONLY: 'The document has a newer format.',
  EDIT_NODE_UNKNOWN: 'There is no such node.',
  EDIT_ID_INVALID: 'The id does not follow the rules, or is reserved.',
  EDIT_ID_TAKEN: 'Another node has this id.',
  EDIT_INPUT_UNKNOWN: 'The flow has no such input.',
  EDIT_INPUT_TAKEN: 'Another input has this name.',
  EDIT_TYPE_UNKNOWN: 'There is no such type of node.',
  EDIT_EDGE_EXISTS: 'The nodes are connected this way already.',
  EDIT_EDGE_UNKNOWN: 'There is no such edge.',
  EDIT_BORDER: 'The edge would cross the border of a body.',
  EDIT_CYCLE: 'The edge would close a circle.',
  EDIT_OUTLET_UNKNOWN: 'The source has no such outlet.',
  EDIT_PATH: 'This part of the document is not changed this way.',
  EDIT_SHAPE: 'A part of the document that would have to change is not what it should be.',
  EDIT_BREAKS: 'The values given would make the document unsound.',
} as const;

export type EditCode = keyof typeof EDIT_CODES;

/** An occurrence of a step's id or an input's name in a template or a condition; offsets in the decoded text. */
export interface IdOccurrence {
  id: string;
  offset: number;
  length: number;
}

/** Finds every step id (or input) that a template or a condition refers to. Broken expressions give what can be found in them. */
export type ReferenceScanner = (text: string, kind: 'template' | 'condition', of?: 'steps' | 'inputs') => readonly IdOccurrence[];

export interface EditContext {
  draft: Draft;
  /** The flow in the draft's text. */
  flow: Flow;
  catalog: NodeCatalog;
  scan: ReferenceScanner | undefined;
  /** Tells the person, in a sentence, what the edit did besides what was asked for: what it had to drop. */
  say(sentence: string): void;
}

export function refuse(code: EditCode, message: string, hint: string): EditProblem {
  return { code, message, hint };
}

export function unknownNode(flow: Flow, id: string): EditProblem {
  const near = suggest(id, Object.keys(flow.nodes));
  return refuse(
    'EDIT_NODE_UNKNOWN',
    `There is no node "${id}".`,
    near ? `Did you mean "${near}"?` : 'Look whether it was renamed or removed.',
  );
}

export const locate = (context: EditContext, id: string): LocatedNode | undefined => locateNode(context.flow, id);

/** The nearest of the keys before `key` in `order` that the object has; null if none, so that `key` goes first. */
export function keyBefore(key: string, present: readonly string[], order: readonly string[]): string | null | undefined {
  const at = order.indexOf(key);
  if (at < 0) return undefined;
  return order.slice(0, at).findLast((it) => present.includes(it)) ?? null;
}
