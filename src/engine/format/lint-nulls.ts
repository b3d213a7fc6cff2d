/** What may be null when it is read: outputs of steps that may have been skipped or failed, errors of steps that may have succeeded. */
import type { Chain, Reference } from './expressions/index.ts';
import { isOnly, KIND, mayBe, type Type } from './expressions/types.ts';
import type { FlowTypes, Standpoint } from './flow-types.ts';
import type { LintCode } from './lint-codes.ts';
import type { LintedFlow } from './lint-flow.ts';
import type { Result } from './lint-outcomes.ts';
import { placeIn, replacement, whereIn } from './lint-places.ts';
import type { Fix } from './problem.ts';
import type { ReadExpression } from './reading.ts';
import type { Sight } from './sight.ts';
import { listed } from './suggest.ts';

export class NullLint {
  private readonly linted: LintedFlow;
  private readonly sight: Sight;
  private readonly certain = new Map<string, boolean>();
  /** Nodes whose conditions ask whether a step failed, by that step. */
  private askers: Map<string, string[]> | undefined;

  constructor(linted: LintedFlow, sight: Sight) {
    this.linted = linted;
    this.sight = sight;
  }

  /** @param reference reads a step that may be read there. */
  lintReference(reference: Reference, expression: ReadExpression): void {
    const result = resultRead(reference);
    if (!result || reference.guarded || this.isAskedAbout(reference, expression) || this.isCertain(reference, expression)) return;
    const { code, may } = MISSING[result];
    const place = idOf(reference);
    const message = `${whereIn(expression, place)}"${reference.path[0]}" may have no ${result} here: it can ${may}.`;
    const fix = defaultFor(reference, expression, this.linted.reading.types);
    this.linted.problems.add(code, placeIn(expression, place), message, { fix });
  }

  /** Told at the last operand, behind which the default is missing. */
  lintChain(chain: Chain, expression: ReadExpression): void {
    const read = resultsRead(chain);
    const last = read.at(-1);
    const result = last && resultRead(last);
    // What cannot be read at all has been told.
    if (!last || !result || read.some(({ path: [step] }) => !this.sight.sees(expression, String(step)))) return;
    if (read.some((reference) => this.isAskedAbout(reference, expression)) || this.isCertain(chain, expression)) return;
    const { code, may } = MISSING[result];
    const place = idOf(last);
    const steps = [...new Set(read.map(({ path: [step] }) => String(step)))];
    const message =
      steps.length === 1
        ? `"${steps[0]}" may have no ${result} here: it can ${may}.`
        : `There may be no ${result} of ${listed(steps)} here: all of them can ${may}.`;
    const hint = 'End with a text: {{ … | default: "…" }}, in CEL first(…, "…").';
    const fix = defaultFor(last, expression, this.linted.reading.types);
    this.linted.problems.add(code, placeIn(expression, place), whereIn(expression, place) + message, { hint, fix });
  }

  /** Whether the author has asked if the step failed, here or in a condition before: what follows from the answer is not followed. */
  private isAskedAbout(reference: Reference, expression: ReadExpression): boolean {
    if (resultRead(reference) !== 'error') return false;
    const step = String(reference.path[0]);
    if (expression.references.some((other) => other.path[0] === step && asksForFailure(other))) return true;
    this.askers ??= askersIn(this.linted.reading.expressions);
    return this.askers.get(step)?.some((asker) => this.sight.sees(expression, asker)) ?? false;
  }

  /** Whether what is read is there on every way to `node` (undefined: to the end of the run). */
  private isCertain(read: Reference | Chain, at: Standpoint): boolean {
    const key = `${at.node ?? ''}${at.inBody ? '/' : ''} ${keyOf(read)}`;
    const known = this.certain.get(key) ?? this.isCertainNow(read, at);
    this.certain.set(key, known);
    return known;
  }

  /**
   * What happens in one scope says nothing about another one: a value may be missing only if every scope it reads from has a way
   * on which it would be, with whatever is not certain in the others missing.
   */
  private isCertainNow(read: Reference | Chain, standpoint: Standpoint): boolean {
    const { reading } = this.linted;
    const homes = new Set(resultsRead(read).map(({ path }) => reading.homeOf(String(path[0]))));
    if (homes.size === 0) return true;
    return [...homes].some((home) => {
      const at = home && this.sight.positionIn(home, standpoint);
      if (!home || at === undefined) return true;
      return this.linted.outcomesOf(home).isCertain(at.node, (has) =>
        exists(read, (reference, result) => {
          const step = String(reference.path[0]);
          return reading.homeOf(step) === home ? has(step, result) : this.isCertain(reference, standpoint);
        }),
      );
    });
  }
}

const MISSING = {
  output: { code: 'STEP_MAY_BE_SKIPPED', may: 'be skipped, or fail' },
  error: { code: 'STEP_MAY_SUCCEED', may: 'succeed, or be skipped' },
} as const satisfies Record<Result, { code: LintCode; may: string }>;

/** What of a step is read that may be missing. Its error as a whole is null then, as everybody expects; only its fields are not there. */
function resultRead({ root, path: [, part, ...fields] }: Reference): Result | undefined {
  if (root !== 'steps') return undefined;
  return part === 'output' || (part === 'error' && fields.length > 0) ? part : undefined;
}

function asksForFailure({ root, path: [, part] }: Reference): boolean {
  return root === 'steps' && part === 'state';
}

function askersIn(expressions: readonly ReadExpression[]): Map<string, string[]> {
  const askers = new Map<string, string[]>();
  for (const { node, boolean, references } of expressions) {
    if (node === undefined || !boolean) continue;
    for (const { root, path } of references) {
      const [step, part] = path;
      if (root !== 'steps' || (part !== 'state' && part !== 'error')) continue;
      askers.set(String(step), [...(askers.get(String(step)) ?? []), node]);
    }
  }
  return askers;
}

/** The results of steps that are read, in the order of the text. */
function resultsRead(read: Reference | Chain): Reference[] {
  if ('operands' in read) return read.operands.flat().flatMap(resultsRead);
  return resultRead(read) ? [read] : [];
}

function exists(read: Reference | Chain, has: (reference: Reference, result: Result) => boolean): boolean {
  if ('operands' in read) return read.operands.some((operand) => operand.every((part) => exists(part, has)));
  const result = resultRead(read);
  return result === undefined || has(read, result);
}

function keyOf(read: Reference | Chain): string {
  if ('operands' in read) return `(${read.operands.map((operand) => operand.map(keyOf).join('&')).join('|')})`;
  const result = resultRead(read);
  return result ? `${read.path[0]}.${result}` : '';
}

/** Where the id of the step stands. */
function idOf({ idOffset, idLength }: Reference): { offset: number; length: number } {
  return { offset: idOffset, length: idLength };
}

/** `| default: ""` at the end of the tag; in CEL `first(…, "")` around it or, inside of `first`, one operand more. */
function defaultFor(reference: Reference, expression: ReadExpression, types: FlowTypes): Fix | undefined {
  const { text, kind } = expression;
  const title = 'Give it a default';
  const end = reference.offset + reference.length;
  const behind = text.slice(end);
  if (kind === 'condition') {
    const written = text.slice(reference.offset, end);
    const empty = emptyOf(types.expression(written, expression));
    if (empty === undefined) return undefined;
    if (!reference.guarded) return replacement(expression, reference, `first(${written}, ${empty})`, title);
    return /^\s*\)/.test(behind) ? replacement(expression, { offset: end, length: 0 }, `, ${empty}`, title) : undefined;
  }
  const [rest] = /^[^{}"'%]*?(?=\s*-?(?:\}\}|%\}))/.exec(behind) ?? [];
  return rest === undefined ? undefined : replacement(expression, { offset: end + rest.length, length: 0 }, ' | default: ""', title);
}

/** The emptiest value of a type, written in CEL; undefined where it is not known what would do. */
function emptyOf(type: Type): string | undefined {
  const found = EMPTY.find(([kind]) => mayBe(type, kind));
  return found && isOnly(type, found[0] | KIND.null) ? found[1] : mayBe(type, KIND.text) ? '""' : undefined;
}

const EMPTY: readonly (readonly [kind: number, written: string])[] = [
  [KIND.text, '""'],
  [KIND.list, '[]'],
  [KIND.object, '{}'],
  [KIND.double, '0'],
  [KIND.boolean, 'false'],
];
