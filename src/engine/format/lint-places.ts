/** Where a part of an expression is shown, and how it is replaced: expressions stand in the document, or in a file it names. */
import type { LintPlace } from './lint-problems.ts';
import type { Fix } from './problem.ts';
import type { ReadExpression } from './reading.ts';
import type { TextRange } from './string-offsets.ts';

/** Problems in a file are shown where the flow names it. */
export function placeIn({ path, node, file }: ReadExpression, part: TextRange): LintPlace {
  return file ? { path, node } : { path, node, part };
}

/** Put in front of messages: where in another file the part stands. */
export function whereIn({ file }: ReadExpression, { offset }: TextRange): string {
  if (!file) return '';
  const before = file.whole.slice(0, file.skipped + offset).split('\n');
  return `${file.name}:${before.length}:${(before.at(-1) ?? '').length + 1}: `;
}

/** Undefined in files: an edit of the document does not reach them. */
export function replacement(expression: ReadExpression, part: TextRange, text: string, title = `Change to "${text}"`): Fix | undefined {
  if (expression.file) return undefined;
  const { offset, length } = part;
  return { title, edits: [{ kind: 'replaceText', path: [...expression.path], offset, length, text }] };
}
