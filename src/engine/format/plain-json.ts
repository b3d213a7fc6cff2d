/** JSON that hides nothing, read at V8's speed: of most documents nobody ever asks where a value stands. */
import { isJsonObject, type Json } from './json.ts';
import { PROTOTYPE_KEY } from './json-tree.ts';

/**
 * The value of a text. Undefined where it is no JSON, or has what a syntax tree alone can tell of: doubled and dangerous keys, numbers
 * without end, lone surrogates, a byte order mark.
 *
 * @param text not nested deeper than the stack allows (`deeperThan`)
 */
export function plainJson(text: string): Json | undefined {
  if (MAY_HAVE_SURROGATES.test(text)) return undefined;
  try {
    const value = JSON.parse(text) as Json;
    return keysIn(value) === keysWritten(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Half of a surrogate pair, perhaps: with the `u` flag whole pairs count as one character. */
export const MAY_HAVE_SURROGATES = /\\u[dD][89a-fA-F]|\p{Surrogate}/u;

/** NaN where there is a number without end, or a key that reaches a prototype. */
function keysIn(value: Json): number {
  if (typeof value === 'number') return Number.isFinite(value) ? 0 : Number.NaN;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + keysIn(item), 0);
  if (!isJsonObject(value)) return 0;
  let count = 0;
  for (const key of Object.keys(value)) count += key === PROTOTYPE_KEY ? Number.NaN : 1 + keysIn(value[key] ?? null);
  return count;
}

/** @param text JSON */
function keysWritten(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    do at = text.indexOf('"', at + 1);
    while (isEscaped(text, at));
    let next = at + 1;
    while (isSpace(text.charAt(next))) next += 1;
    if (text.charAt(next) === ':') count += 1;
  }
  return count;
}

export function isSpace(sign: string): boolean {
  return sign !== '' && ' \t\r\n'.includes(sign);
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charAt(at - 1 - backslashes) === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}
