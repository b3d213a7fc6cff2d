import type { FlowEdit } from './flow-edit.ts';
import type { JsonPath } from './json.ts';

export type Severity = 'error' | 'warning' | 'info';

/** A place in the text of a document. `offset` and `length` in UTF-16 code units; `line` and `column` count from 1. */
export interface Place {
  offset: number;
  length: number;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

/** A way to mend a problem that needs no thinking. */
export interface Fix {
  /** What it does, in the imperative: `Add "maxIterations": 10`. */
  title: string;
  edits: readonly FlowEdit[];
}

/**
 * Something wrong (or doubtful) in a document, as shown on the node, in the Problems panel and by `belay validate`.
 * A flow with a problem of severity `error` can be looked at and edited but not run.
 */
export interface Problem {
  /** Stable, upper case: `JSON_SYNTAX`, `NODE_TYPE_UNKNOWN`, … Listed in `problem-codes.ts`. */
  code: string;
  severity: Severity;
  /** One sentence: what is wrong. */
  message: string;
  /** One sentence: what to do next. */
  hint: string;
  path: JsonPath;
  place: Place;
  /** The node it belongs to, if it belongs to one. */
  node?: string;
  /** The key that is missing in what stands at `path`, if it is about one. */
  missing?: string;
  /** Where it can be mended mechanically. */
  fix?: Fix;
}

/** The whole text at a path becomes another one. */
export function replaceWhole(path: JsonPath, old: string, text: string): Fix {
  return { title: `Change to "${text}"`, edits: [{ kind: 'replaceText', path: [...path], offset: 0, length: old.length, text }] };
}
