/** One line for the canvas: what a node is about, in its author's own words. Browser-safe. */
import type { Json } from '../format/json.ts';

const WIDTH = 80;

/** The first line of a text that says something, cut to what a node can show. Empty for what is no text. */
export function firstLine(value: Json | undefined): string {
  if (typeof value !== 'string') return '';
  const line =
    value
      .split('\n')
      .map((part) => part.trim())
      .find((part) => part !== '') ?? '';
  return cut(line);
}

/** A value as one line: a text as its first line, `{"$expr": …}` as the expression, anything else as JSON. */
export function valueLine(value: Json | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return firstLine(value);
  if (value !== null && typeof value === 'object' && !Array.isArray(value) && typeof value.$expr === 'string')
    return firstLine(value.$expr);
  return cut(JSON.stringify(value));
}

/** The strings of a list. Whatever else the author is typing is left out. */
export function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function cut(line: string): string {
  const characters = [...line];
  return characters.length <= WIDTH ? line : `${characters.slice(0, WIDTH - 1).join('')}…`;
}
