import type { BelayError } from '../engine/errors.ts';

/** The engine stands in a bundle of its own, so `instanceof` does not reach across: its faults are known by their form. */
export function isCoded(error: unknown): error is BelayError {
  return error instanceof Error && 'code' in error && 'hint' in error;
}

/** What a message box says of a fault: what happened and, where the engine says so, what to do next. */
export function faultText(error: unknown): string {
  if (isCoded(error)) return `${error.message} ${error.hint}`.trim();
  return error instanceof Error ? error.message : String(error);
}
