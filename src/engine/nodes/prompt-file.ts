/** Files that hold a prompt or template, frozen with the flow. */
import { BelayError } from '../errors.ts';
import { templateBody } from '../format/front-matter.ts';
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
  return templateBody(path, text);
}
