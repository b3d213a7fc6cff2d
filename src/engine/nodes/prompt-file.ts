/** Files that hold a prompt or template, frozen with the flow. */
import { BelayError } from '../errors.ts';
import type { JsonObject, JsonPath } from '../format/json.ts';
import type { NodeContext } from './executor.ts';

/** The file a node's `file` field names, so that it is frozen with the flow. */
export function reachedFile(params: JsonObject): { path: string; at: JsonPath }[] {
  return typeof params.file === 'string' ? [{ path: params.file, at: ['file'] }] : [];
}

/**
 * The template in a frozen file. The front matter of a *.prompt.md (its settings for other tools) is no part of it.
 * @throws BelayError `PROMPT_FILE_MISSING`
 */
export function templateInFile(path: string, context: NodeContext): string {
  const text = context.bundled(path);
  if (text === undefined) {
    throw new BelayError('PROMPT_FILE_MISSING', `The file "${path}" is not there.`, {
      hint: 'Correct "file": the path is relative to the flow.',
      kind: 'notFound',
    });
  }
  return path.endsWith('.prompt.md') ? withoutFrontMatter(text) : text;
}

/** The body behind a block between two lines of `---` at the very beginning. */
export function withoutFrontMatter(text: string): string {
  const match = /^\uFEFF?---[ \t]*\r?\n(?:[^\n]*\n)*?---[ \t]*(?:\r?\n|$)/.exec(text);
  return match ? text.slice(match[0].length).replace(/^(?:[ \t]*\r?\n)+/, '') : text;
}
