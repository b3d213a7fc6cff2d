import type { BelayError, ErrorData } from '../engine/errors.ts';

/** The engine stands in a bundle of its own, so `instanceof` does not reach across: its faults are known by their form. */
export function isCoded(error: unknown): error is BelayError {
  return error instanceof Error && 'code' in error && 'hint' in error;
}

/** What a message box says of a fault: what happened and, where the engine says so, what to do next. Without links. */
export function faultText(error: unknown): string {
  if (isCoded(error)) return withoutLinks(`${error.message} ${error.hint}`.trim());
  return withoutLinks(error instanceof Error ? error.message : String(error));
}

/** Any thrown value as data, for views. */
export function asFault(error: unknown): ErrorData {
  if (isCoded(error)) return { code: error.code, kind: error.kind, message: error.message, hint: error.hint };
  return {
    code: 'INTERNAL',
    kind: 'internal',
    message: error instanceof Error ? error.message : String(error),
    hint: 'Look into the log.',
  };
}

/**
 * A text with words of a flow, a journal or a service in it, as a message box shows it. VS Code makes links of `[text](command:…)`
 * there: whoever wrote the flow could have a click run a command.
 */
export function withoutLinks(text: string): string {
  return text.replaceAll('](', '] (');
}
