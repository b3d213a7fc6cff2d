/**
 * From places inside a string to places in the JSON text that spells it. A JSON string may spell one character by several
 * (`\n`, `\u00e9`), so that an expression's own offsets are not those of the document.
 */
import type { JsonNode } from './json-tree.ts';

export interface TextRange {
  offset: number;
  length: number;
}

/**
 * Where a part of a string's value stands in the text.
 *
 * @param text the whole JSON text.
 * @param node the string in its tree.
 * @param part in UTF-16 code units of the decoded value; what lies beyond its end counts as its end.
 * @returns in UTF-16 code units of the text, escapes as a whole.
 */
export function rangeInString(text: string, node: Pick<JsonNode, 'offset' | 'length'>, part: TextRange): TextRange {
  const end = node.offset + node.length - 1;
  const start = rawOffset(text, node.offset + 1, end, part.offset);
  return { offset: start, length: rawOffset(text, start, end, part.length) - start };
}

/** How many characters of the decoded value stand in front of an offset in the text; what lies inside an escape counts as its end. */
export function offsetInString(text: string, node: Pick<JsonNode, 'offset' | 'length'>, offset: number): number {
  let count = 0;
  for (let at = node.offset + 1; at < offset; count += 1) at += text[at] !== '\\' ? 1 : text[at + 1] === 'u' ? 6 : 2;
  return count;
}

/** The offset in the text that lies `count` decoded characters behind `from`. */
function rawOffset(text: string, from: number, end: number, count: number): number {
  let at = from;
  for (let left = count; left > 0 && at < end; left -= 1) {
    if (text[at] !== '\\') at += 1;
    else at += text[at + 1] === 'u' ? 6 : 2;
  }
  return Math.min(at, end);
}
