/** Words for people: what comes from flows, models and files is made harmless before it reaches a terminal. */

import { lazily } from '../engine/format/lazily.ts';

/** Control characters (also those that begin escape sequences) and those that reorder text. Joiners of emoji are no danger. */
const UNSAFE = /\p{Cc}|[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const WIDE = /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;
/** Made where it is needed: it reads a large part of what Node knows of languages. */
const graphemes = lazily(() => new Intl.Segmenter(undefined, { granularity: 'grapheme' }));
/** Most of what is printed: nothing in it is unsafe or wide. */
const PLAIN = /^[ -~\n]*$/;

/**
 * Text that can hide nothing from who reads it on a terminal: everything that would move the cursor, colour, erase or reorder is
 * written out as `\u{1b}`. Line ends and tabs stay.
 */
export function harmless(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .replaceAll('\r\n', '\n')
    .replace(UNSAFE, (char) => (char === '\n' || char === '\t' ? char : `\\u{${char.codePointAt(0)?.toString(16)}}`));
}

/** The same in one line: runs of white space become one space. */
export function oneLine(text: string): string {
  return harmless(text.replace(/\s+/g, ' ').trim());
}

/** Columns of the text on a terminal. */
export function width(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes().segment(text)) columns += WIDE.test(segment) ? 2 : 1;
  return columns;
}

/** The text in at most so many columns, with an ellipsis where something is left out. */
export function shorten(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let kept = '';
  let used = 1;
  for (const { segment } of graphemes().segment(text)) {
    used += WIDE.test(segment) ? 2 : 1;
    if (used > columns) break;
    kept += segment;
  }
  return `${kept}…`;
}

export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}

/** Every line with the prefix in front. */
export function indent(text: string, prefix: string): string {
  return text
    .split('\n')
    .map((line) => (prefix + line).trimEnd())
    .join('\n');
}

/** Milliseconds in the words of people: `0.3 s`, `12 s`, `2 min 5 s`, `3 h 20 min`, `4 d`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (seconds < 600) return parts(Math.floor(Math.round(seconds) / 60), 'min', Math.round(seconds) % 60, 's');
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return parts(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  return `${Math.round(minutes / 60 / 24)} d`;
}

function parts(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** Local date and time, sortable: `2026-11-22 13:45`. */
export function moment(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Rows as columns; the last column is as wide as it likes. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, width(cell));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === row.length - 1 ? cell : pad(cell, widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
