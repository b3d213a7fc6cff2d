/** What is being written at a place of an expression that need not be whole. Looks backwards; knows no flow. */
import type { ExpressionKind } from '../references.ts';
import type { TextRange } from '../string-offsets.ts';

/** `name`: the beginning of a value. `member`: behind a dot or an open bracket. */
export type ExpressionCursor =
  | { at: 'name'; word: string; replace: TextRange }
  | { at: 'member'; word: string; replace: TextRange; path: readonly (string | number)[]; quote?: string; from: number }
  | { at: 'filter'; word: string; replace: TextRange }
  | { at: 'tag'; word: string; replace: TextRange };

/** Undefined: nothing that could be completed (prose around tags, the inside of a text, a number). */
export function expressionCursor(text: string, offset: number, kind: ExpressionKind): ExpressionCursor | undefined {
  const open = kind === 'condition' ? { start: 0, tag: false } : openTag(text, offset);
  if (!open) return undefined;
  const before = text.slice(open.start, offset);
  const [, word = ''] = /(\w*)$/.exec(before) ?? [];
  const [rest = ''] = /^\w*/.exec(text.slice(offset)) ?? [];
  const replace = { offset: offset - word.length, length: word.length + rest.length };
  const head = before.slice(0, before.length - word.length);

  const quote = openQuote(head);
  const member = memberBefore(head);
  if (member) {
    if (quote !== undefined && member.quote === undefined) return undefined;
    return { at: 'member', word, replace, path: member.path, from: open.start + member.from, ...(member.quote && { quote: member.quote }) };
  }
  if (quote !== undefined || /^\d/.test(word)) return undefined;
  if (kind === 'template') {
    if (open.tag && /^-?\s*$/.test(head)) return { at: 'tag', word, replace };
    if (/\|\s*$/.test(head)) return { at: 'filter', word, replace };
    if (open.tag && /^-?\s*(?:for|tablerow|assign|capture)\s+$/.test(head)) return undefined;
  }
  return { at: 'name', word, replace };
}

/** The tag that is open at `offset`: where its inside begins. */
function openTag(text: string, offset: number): { start: number; tag: boolean } | undefined {
  const output = text.lastIndexOf('{{', offset - 2);
  const tag = text.lastIndexOf('{%', offset - 2);
  const start = Math.max(output, tag);
  if (offset < 2 || start < 0) return undefined;
  const inside = text.slice(start + 2, offset);
  if (inside.includes(tag > output ? '%}' : '}}')) return undefined;
  return { start: start + 2 + (inside.startsWith('-') ? 1 : 0), tag: tag > output };
}

/** The quote of a text that is not closed. */
function openQuote(text: string): string | undefined {
  let open: string | undefined;
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index];
    if (open !== undefined && sign === '\\') index += 1;
    else if (sign === open) open = undefined;
    else if (open === undefined && (sign === '"' || sign === "'")) open = sign;
  }
  return open;
}

const STEP = String.raw`\s{0,9}\.\s{0,9}\w+|\s{0,9}\[\s{0,9}(?:"[^"\\]*"|'[^'\\]*'|\d+)\s{0,9}\]`;
const CHAIN = new RegExp(String.raw`(?<![\w.\]])([A-Za-z_]\w*)((?:${STEP})*)\s{0,9}(\.\s{0,9}|\[\s{0,9}(["']))$`);
const STEPS = new RegExp(STEP, 'g');

/** The path in front of an open dot or bracket: `steps.draft.` and `steps["`; `from`: where that dot or bracket stands. */
function memberBefore(head: string): { path: (string | number)[]; quote?: string; from: number } | undefined {
  // What is longer is no path anybody wrote.
  const match = CHAIN.exec(head.slice(-2000));
  if (!match) return undefined;
  const [, root = '', steps = '', opening = '', quote] = match;
  const path = [root, ...[...steps.matchAll(STEPS)].map(([step]) => partOf(step))];
  return { path, from: head.length - opening.length, ...(quote !== undefined && { quote }) };
}

function partOf(step: string): string | number {
  const trimmed = step.trim();
  if (trimmed.startsWith('.')) return trimmed.slice(1).trim();
  const inside = trimmed.slice(1, -1).trim();
  return /^\d+$/.test(inside) ? Number(inside) : inside.slice(1, -1);
}
