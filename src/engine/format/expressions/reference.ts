import type { Json } from '../json.ts';

/** The names an expression starts from. Everything else in it is a local of the expression or a mistake. */
export const REFERENCE_ROOTS = ['inputs', 'steps', 'trigger', 'item', 'index', 'previous', 'run', 'secrets'] as const;
export type ReferenceRoot = (typeof REFERENCE_ROOTS)[number];

/** Offsets and lengths are in UTF-16 code units of the expression's own text (not of the document around it). */
export interface Span {
  offset: number;
  length: number;
}

/** One place in a template or a condition that reads a value of the run. */
export interface Reference extends Span {
  root: ReferenceRoot;
  /** What is read, as far as it is written out: `['draft', 'output', 'text']`. Ends before the first computed part. */
  path: (string | number)[];
  /** Where the first part of the path stands (the id of the step, the name of the input), without quotes. Length 0: it is computed. */
  idOffset: number;
  idLength: number;
  /** Null is provided for: `has`, a test of the same step around it, or another operand of the chain it stands in. */
  guarded: boolean;
}

/**
 * Values of which the first one that is there is taken: `a | default: b`, `first(a, b)`. An operand is what it reads: it is there
 * if all of that is, and one that reads nothing always is.
 */
export interface Chain {
  operands: readonly (readonly (Reference | Chain)[])[];
}

/** A name that is neither a root nor a local of the expression. */
export interface UnknownName extends Span {
  name: string;
}

export interface References {
  references: Reference[];
  unknown: UnknownName[];
  /** The outermost ones, in the order of the text. Not those where null is provided for in any case. */
  chains: Chain[];
}

/** The values an expression reads: an entry for each root there is. Plain JSON, which is never changed. */
export type Scope = Readonly<Record<string, Json | undefined>>;

export interface ExpressionError extends Span {
  message: string;
}

/** An expression that could be read but not evaluated: what, and where in its text. */
export class ExpressionFault extends Error {
  readonly offset: number;
  readonly length: number;

  constructor(error: ExpressionError, options: { cause: unknown }) {
    super(error.message, options);
    this.name = 'ExpressionFault';
    this.offset = error.offset;
    this.length = error.length;
  }
}

export function isRoot(name: string): name is ReferenceRoot {
  return (REFERENCE_ROOTS as readonly string[]).includes(name);
}

/** How long one expression may take, in ms. Expressions take microseconds; what takes longer than this is an attack or a mistake. */
export const EXPRESSION_TIME_LIMIT = 500;

/** What an engine's own stack overflow means to the author of an expression. */
export function isStackOverflow(thrown: unknown): boolean {
  return thrown instanceof RangeError && /call stack/i.test(thrown.message);
}
