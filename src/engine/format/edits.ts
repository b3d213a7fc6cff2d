/** Gestures become minimal text edits: found in the tree of the text, in the author's formatting, everything else byte-identical. */

import { Draft } from './edits-draft.ts';
import { connect, disconnect } from './edits-edges.ts';
import { moveNodes } from './edits-layout.ts';
import { moveToBody } from './edits-move.ts';
import { addNode, removeNode } from './edits-nodes.ts';
import { setFlow, setParam } from './edits-params.ts';
import { pasteNodes } from './edits-paste.ts';
import type { EditContext, EditProblem, ReferenceScanner } from './edits-plan.ts';
import { refuse } from './edits-plan.ts';
import { renameInput, renameNode } from './edits-rename.ts';
import { add, remove, renameKey, replaceText } from './edits-repair.ts';
import { changeType } from './edits-type.ts';
import { wrapNodes } from './edits-wrap.ts';
import type { FlowEdit, TextEdit } from './flow-edit.ts';
import { deeperThan } from './json-tree.ts';
import type { NodeCatalog } from './manifest.ts';
import type { ParsedFlow } from './parse.ts';
import { parseFlow, parseFlowTree } from './parse.ts';
import { MAX_DEPTH, MAX_TEXT } from './parse-json.ts';

export type { EditProblem, ReferenceScanner } from './edits-plan.ts';

export interface EditOptions {
  catalog: NodeCatalog;
  /** Finds the step ids in templates and conditions. Without it a renaming leaves them as they are. */
  scan?: ReferenceScanner;
}

/** `said`: sentences about what the edits did besides what was asked for. */
export type EditPlan = { ok: true; edits: TextEdit[]; text: string; said: string[] } | { ok: false; problem: EditProblem };

/**
 * Plans a gesture of one or more edits, each applied to what the ones before it left: together one undo step.
 *
 * @returns the replacements in `text` (sorted, not overlapping, possibly none) and the text after them; or why the gesture is
 *   refused. A document without structural errors never gets one: ids, edges and the JSON itself stay sound.
 */
export function planEdits(text: string, edits: readonly FlowEdit[], options: EditOptions): EditPlan {
  const before = parseFlow(text, options.catalog);
  const unreadable = unreadableProblem(before);
  if (unreadable || !before.flow || !before.tree)
    return { ok: false, problem: unreadable ?? refuse('EDIT_UNREADABLE', 'The document is not a flow.', 'Correct the text first.') };
  if (edits.some((edit) => isBeyondLimits(JSON.stringify(edit)))) return { ok: false, problem: beyondLimits() };
  const draft = new Draft(before.tree);
  let after: ParsedFlow = before;
  const said: string[] = [];
  const left = [...edits];
  for (let edit = left.shift(); edit; edit = left.shift()) {
    if (!after.flow) break;
    const context = { draft, flow: after.flow, catalog: options.catalog, scan: options.scan, say: (it: string) => said.push(it) };
    if (edit.kind === 'wrapNodes') {
      const parts = wrapNodes(edit, context);
      if ('code' in parts) return { ok: false, problem: parts };
      left.unshift(...parts);
      continue;
    }
    const refused = apply(edit, context);
    if (refused) return { ok: false, problem: refused };
    if (isBeyondLimits(draft.text)) return { ok: false, problem: beyondLimits() };
    after = parseFlowTree(draft.tree, options.catalog);
  }
  const broken = newBreakage(before, after);
  return broken ? { ok: false, problem: broken } : { ok: true, edits: draft.edits(), text: draft.text, said };
}

/** Applies planned replacements. */
export function applyTextEdits(text: string, edits: readonly TextEdit[]): string {
  return edits
    .toReversed()
    .reduce((result, edit) => result.slice(0, edit.offset) + edit.newText + result.slice(edit.offset + edit.length), text);
}

/** Edits that come down to others (`wrapNodes`) have been taken apart before. */
function apply(edit: Exclude<FlowEdit, { kind: 'wrapNodes' }>, context: EditContext): EditProblem | undefined {
  switch (edit.kind) {
    case 'addNode':
      return addNode(edit, context);
    case 'pasteNodes':
      return pasteNodes(edit, context);
    case 'changeType':
      return changeType(edit, context);
    case 'moveToBody':
      return moveToBody(edit, context);
    case 'removeNode':
      return removeNode(edit, context);
    case 'moveNodes':
      return moveNodes(edit, context);
    case 'connect':
      return connect(edit, context);
    case 'disconnect':
      return disconnect(edit, context);
    case 'setParam':
      return setParam(edit, context);
    case 'setFlow':
      return setFlow(edit, context);
    case 'renameNode':
      return renameNode(edit, context);
    case 'renameInput':
      return renameInput(edit, context);
    case 'replaceText':
      return replaceText(edit, context);
    case 'renameKey':
      return renameKey(edit, context);
    case 'add':
      return add(edit, context);
    case 'remove':
      return remove(edit, context);
    default:
      return edit satisfies never;
  }
}

/** Reading a document recurses: what is nested too deep is refused before it is written. */
function isBeyondLimits(text: string): boolean {
  return text.length > MAX_TEXT || deeperThan(text, MAX_DEPTH) >= 0;
}

function beyondLimits(): EditProblem {
  return refuse(
    'EDIT_BREAKS',
    'The change would make the document too large or nest it too deep.',
    'Keep long texts and data in files of their own.',
  );
}

function unreadableProblem(parsed: ParsedFlow): EditProblem | undefined {
  const newer = parsed.problems.find((problem) => problem.code === 'FLOW_VERSION_NEWER');
  if (newer) return refuse('EDIT_READ_ONLY', newer.message, newer.hint);
  if (parsed.flow) return undefined;
  const [first] = parsed.problems;
  return refuse(
    'EDIT_UNREADABLE',
    first ? `The document cannot be read: ${first.message}` : 'The document cannot be read.',
    'Correct the text first.',
  );
}

/** What no edit may bring about, whatever values it was given. Values of a wrong form may be: people type them step by step. */
const STRUCTURAL: ReadonlySet<string> = new Set([
  'FLOW_SHAPE',
  'JSON_DUPLICATE_KEY',
  'JSON_PROTO_KEY',
  'JSON_SURROGATE',
  'JSON_NUMBER',
  'NODE_ID_INVALID',
  'NODE_ID_RESERVED',
  'NODE_ID_TAKEN',
  'EDGE_SOURCE_UNKNOWN',
  'EDGE_BORDER',
  'EDGE_SELF',
  'GRAPH_CYCLE',
]);

/** What of that an edit has brought about; undefined: nothing. */
export function newBreakage(before: ParsedFlow, after: ParsedFlow): EditProblem | undefined {
  const breaks = (parsed: ParsedFlow) => parsed.problems.filter((problem) => STRUCTURAL.has(problem.code));
  const old = breaks(before);
  const now = breaks(after);
  if (now.length <= old.length) return undefined;
  const fresh = now.find((problem) => !old.some((known) => known.code === problem.code && known.message === problem.message)) ?? now[0];
  return fresh && refuse('EDIT_BREAKS', `The change would break the flow: ${fresh.message}`, fresh.hint);
}
