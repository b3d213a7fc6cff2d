import type { Json } from './format/json.ts';
import type { ErrorKind } from './format/model.ts';

/** A failure as data: what `steps.ID.error` holds, what the journal keeps and what people read. */
export interface ErrorData {
  /** Stable, upper case: `COMMAND_EXIT`, `FILE_OUTSIDE`, `MODEL_AUTH`, … */
  code: string;
  kind: ErrorKind;
  /** What happened, in a sentence. */
  message: string;
  /** What to do next, in a sentence. */
  hint: string;
  /** The node's path, where there is one. */
  node?: string;
  /** Data for people and for the failure path: exit code, status, Retry-After in ms, … Redacted. */
  details?: Json;
}

/** A fault with a code. Thrown by executors, providers and stores; caught once, by whoever owns the step or the command. */
export class BelayError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly hint: string;
  readonly details: Json | undefined;

  constructor(code: string, message: string, more: { hint: string; kind?: ErrorKind; details?: Json; cause?: unknown }) {
    super(message, { cause: more.cause });
    this.name = 'BelayError';
    this.code = code;
    this.kind = more.kind ?? 'unknown';
    this.hint = more.hint;
    this.details = more.details;
  }
}

/** Any thrown value as data. What is not a `BelayError` is a defect: code `INTERNAL`. */
export function toErrorData(thrown: unknown, node?: string): ErrorData {
  const at = node === undefined ? {} : { node };
  if (thrown instanceof NestedFailure) return thrown.data;
  if (thrown instanceof BelayError) {
    const details = thrown.details === undefined ? {} : { details: thrown.details };
    return { code: thrown.code, kind: thrown.kind, message: thrown.message, hint: thrown.hint, ...details, ...at };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    code: 'INTERNAL',
    kind: 'internal',
    message,
    hint: "This is a defect in Belay. Please report it with the run's journal.",
    ...at,
  };
}

/** A failure that happened further in (in a body, in a sub-flow): it names the node where it did, and passes outwards as it is. */
export class NestedFailure extends BelayError {
  readonly data: ErrorData;

  constructor(data: ErrorData) {
    super(data.code, data.message, { hint: data.hint, kind: data.kind, ...(data.details === undefined ? {} : { details: data.details }) });
    this.data = data;
  }
}
