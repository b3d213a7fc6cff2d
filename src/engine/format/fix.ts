/** Mending everything in a flow that can be mended without thinking. */
import { type EditOptions, planEdits } from './edits.ts';
import type { FlowEdit, TextEdit } from './flow-edit.ts';
import type { Problem } from './problem.ts';
import { PROBLEM_CODES } from './problem-codes.ts';

export interface Fixed {
  text: string;
  /** What was mended, in the order in which it was. */
  mended: Problem[];
  /** What the text has now. */
  problems: Problem[];
}

/** Mending one thing may show another, but not for ever. */
const MOST_ROUNDS = 20;
/** So many problems are tried at once: each is an edit of the whole text. */
const MOST_AT_ONCE = 100;
/** So many are tried altogether, some of them several times. What is open then is left for the next time. */
const MOST_TRIED = 600;

/**
 * Applies the fixes of all problems, and of those that come to light then, until none is left that makes the flow better.
 *
 * @param check everything the parser and the linter say of a text.
 */
export function fixAll(text: string, check: (text: string) => Problem[], options: EditOptions): Fixed {
  const fixed: Fixed = { text, mended: [], problems: check(text) };
  let left = MOST_TRIED;
  /** All at once, or else one half after the other: so those are found that hold good no more. */
  const attempt = (problems: readonly Problem[]): boolean => {
    if (problems.length === 0 || left <= 0) return false;
    if (problems.length <= MOST_AT_ONCE) {
      left -= problems.length;
      if (mend(problems, fixed, check, options)) return true;
      if (problems.length === 1) return false;
    }
    const half = Math.ceil(problems.length / 2);
    const halves = [problems.slice(0, half), problems.slice(half)].map(attempt);
    return halves.includes(true);
  };
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const open = causes(fixed.problems.filter(({ fix }) => fix));
    if (!attempt(open)) break;
  }
  return fixed;
}

/** What may be the reason for the others goes first. From behind, so that what is still to be done stays where it is. */
function causes(problems: readonly Problem[]): Problem[] {
  const first = Math.min(...problems.map(rank));
  return problems.filter((problem) => rank(problem) === first).toSorted((a, b) => b.place.offset - a.place.offset);
}

/** A misspelt key or edge makes others doubtful that are right. */
function rank({ code, severity }: Problem): number {
  if (Object.hasOwn(PROBLEM_CODES, code)) return 0;
  return severity === 'error' ? 1 : 2;
}

/** @returns whether it made the flow better; if not, nothing is changed. */
function mend(problems: readonly Problem[], fixed: Fixed, check: (text: string) => Problem[], options: EditOptions): boolean {
  const plan = planEdits(fixed.text, problems.flatMap(editsOf), options);
  if (!plan.ok || plan.edits.length === 0) return false;
  const after = check(plan.text);
  if (!isBetter(after, fixed.problems)) return false;
  fixed.text = plan.text;
  fixed.problems = after;
  fixed.mended.push(...problems.toReversed());
  return true;
}

function editsOf({ fix }: Problem): readonly FlowEdit[] {
  return fix?.edits ?? [];
}

/** Fewer errors, or as many and fewer warnings, and so on: what was hidden by an error may be told now. */
function isBetter(after: readonly Problem[], before: readonly Problem[]): boolean {
  for (const severity of ['error', 'warning', 'info'] as const) {
    const difference = count(after, severity) - count(before, severity);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function count(problems: readonly Problem[], severity: Problem['severity']): number {
  return problems.filter((problem) => problem.severity === severity).length;
}

/** The one stretch in which two texts differ; none, where they are the same. */
export function differenceOf(before: string, after: string): TextEdit[] {
  if (before === after) return [];
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  return [{ offset: head, length: before.length - head - tail, newText: after.slice(head, after.length - tail) }];
}
