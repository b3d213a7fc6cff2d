/** Conditions and computed values: CEL, with bounded cost. The only module that evaluates. */
import { type ASTNode, EvaluationError, ParseError, TypeError as TypeCheckError } from '@marcbachmann/cel-js';
import type { Json } from '../json.ts';
import { lazily } from '../lazily.ts';
import { evaluateMap, isAboutKeys, scopeAsMaps } from './cel-entries.ts';
import { compilePattern, createEnvironment, isReservedFunction, safeName } from './cel-functions.ts';
import { jsonOf } from './cel-json.ts';
import { childrenOf, referencesOfExpression } from './cel-references.ts';
import { type RootTypes, type TypeProblem, typeOfExpression } from './cel-types.ts';
import { LruCache } from './lru.ts';
import {
  type Chain,
  EXPRESSION_TIME_LIMIT,
  type ExpressionError,
  ExpressionFault,
  isStackOverflow,
  type Reference,
  type Scope,
  type UnknownName,
} from './reference.ts';
import type { Type } from './types.ts';

/** Characters of a condition. */
const MAX_CONDITION_LENGTH = 10_000;
/** Syntax nodes of one expression, and how deep they may be nested. */
const LIMITS = { maxAstNodes: 1000, maxDepth: 50 };
/** Characters of one text and items of one list that an expression may make, and characters and items it may make in all. */
const MAX_TEXT = 4_000_000;
const MAX_ITEMS = 200_000;
const MAX_MADE = 50_000_000;
/** Operations between two looks at the clock, besides those whose results may be large. */
const CHARGES_PER_LOOK = 16;

export interface CompiledCondition {
  /** In the order of the text. */
  readonly references: readonly Reference[];
  readonly unknown: readonly UnknownName[];
  readonly chains: readonly Chain[];
  /** False where the expression can never be true or false, because its result is of another type. */
  readonly mayBeBoolean: boolean;
  /** The type of the value before it becomes JSON, from those of what is read; `report` hears what can never work. */
  type(roots: RootTypes, report: (problem: TypeProblem) => void): Type;
  /**
   * The value with the values of `scope`, as JSON: integers as numbers, times as texts (RFC 3339).
   *
   * @throws ExpressionFault where a value does not exist, types do not fit, the result is no JSON (an integer beyond 2^53,
   * NaN, bytes, …) or a limit is exceeded.
   */
  evaluate(scope: Scope): Json;
}

export type ConditionResult = { ok: true; condition: CompiledCondition } | { ok: false; error: ExpressionError };

const environment = lazily(() => createEnvironment(LIMITS));
const cache = new LruCache<ConditionResult>(2000);

/** Parses and type-checks a CEL expression. Never throws; what is wrong is told with its place in `text`. */
export function compileCondition(text: string): ConditionResult {
  return cache.get(text, compile);
}

function compile(text: string): ConditionResult {
  if (text.length > MAX_CONDITION_LENGTH) {
    const message = `The expression is longer than ${MAX_CONDITION_LENGTH} characters.`;
    return { ok: false, error: { message, offset: 0, length: text.length } };
  }
  try {
    const evaluate = environment().parse(text);
    const { references, unknown, chains } = referencesOfExpression(evaluate.ast);
    const refused = redirectCalls(evaluate.ast);
    if (refused) return { ok: false, error: refused };
    const checked = evaluate.check();
    if (checked.error) throw checked.error;
    const budget = new Budget();
    meter(evaluate.ast, budget);
    const access = accessOf(evaluate.ast);
    const run = (scope: Scope): Json => {
      const read = access && readAlong(scope, access);
      if (read !== undefined) return read;
      try {
        budget.open();
        // Without a prototype where there are names that could be inherited ones, so that none is taken for a variable.
        const variables = unknown.length === 0 ? scope : Object.assign(Object.create(null), scope);
        try {
          return jsonOf(evaluate(variables));
        } catch (thrown) {
          if (!isAboutKeys(thrown)) throw thrown;
          return jsonOf(evaluate(scopeAsMaps(scope)));
        }
      } catch (thrown) {
        throw new ExpressionFault(errorOf(thrown, text), { cause: thrown });
      }
    };
    return {
      ok: true,
      condition: {
        references,
        unknown,
        chains,
        mayBeBoolean: ['bool', 'dyn'].includes(checked.type ?? 'dyn'),
        type: (roots, report) => typeOfExpression(evaluate.ast, roots, report),
        evaluate: run,
      },
    };
  } catch (thrown) {
    return { ok: false, error: errorOf(thrown, text) };
  }
}

/** The way to a value, where the expression is nothing but that: `steps.draft.output["text"]`. */
function accessOf(root: ASTNode): (string | number)[] | undefined {
  const keys: (string | number)[] = [];
  for (let node = root; ; ) {
    if (node.op === 'id') return [node.args, ...keys];
    if (node.op === '.') {
      keys.unshift(node.args[1]);
      node = node.args[0];
    } else if (node.op === '[]' && node.args[1].op === 'value') {
      const key: unknown = node.args[1].args;
      if (typeof key === 'string') keys.unshift(key);
      else if (typeof key === 'bigint' && key >= 0n && key <= Number.MAX_SAFE_INTEGER) keys.unshift(Number(key));
      else return undefined;
      node = node.args[0];
    } else return undefined;
  }
}

/** The very value that stands there, not a copy: it may be large. Undefined where it does not exist; evaluating tells what is wrong. */
function readAlong(scope: Scope, keys: readonly (string | number)[]): Json | undefined {
  let at: unknown = scope;
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || Array.isArray(at) !== (typeof key === 'number') || !Object.hasOwn(at, key))
      return undefined;
    at = (at as Record<string | number, unknown>)[key];
  }
  return at as Json | undefined;
}

/** Points calls of unsafe functions to safe ones. Returns what is wrong with a pattern that stands in the text. */
function redirectCalls(root: ASTNode): ExpressionError | undefined {
  const open = [root];
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.op === 'call' || node.op === 'rcall') {
      const name = node.args[0];
      const span = { offset: node.start, length: node.end - node.start };
      if (isReservedFunction(name)) return { message: `There is no function "${name}".`, ...span };
      node.args[0] = safeName(name);
      const pattern = name === 'matches' && node.op === 'rcall' ? node.args[2][0] : undefined;
      if (pattern?.op === 'value' && typeof pattern.args === 'string') {
        try {
          compilePattern(pattern.args);
        } catch (thrown) {
          const message = thrown instanceof Error ? thrown.message : String(thrown);
          return { message, offset: pattern.start, length: pattern.end - pattern.start };
        }
      }
    }
    open.push(...childrenOf(node));
  }
  return undefined;
}

/** The time left to one evaluation, and how large its values may grow. */
class Budget {
  private until: number | undefined;
  private isOver = false;
  private charged = 0;
  private made = 0;
  /** One error for all: `all` and `exists` catch what their conditions throw, and go on with the next item. */
  private exceeded: Error | undefined;

  open(): void {
    this.until = undefined;
    this.isOver = false;
    this.charged = 0;
    this.made = 0;
  }

  /** @param isMade the value is new, and not just read. */
  charge(value: unknown, isMade: boolean): void {
    this.charged += 1;
    // Looking at the clock takes longer than what most operations do.
    if (isMade || this.charged % CHARGES_PER_LOOK === 0) this.look();
    if (this.isOver) {
      this.exceeded ??= new Error(`The expression took longer than ${EXPRESSION_TIME_LIMIT} ms.`);
      throw this.exceeded;
    }
    if (!isMade) return;
    if (typeof value === 'string') {
      if (value.length > MAX_TEXT) throw new Error(`A text grew longer than ${MAX_TEXT} characters.`);
      this.made += value.length;
    } else if (Array.isArray(value)) {
      if (value.length > MAX_ITEMS) throw new Error(`A list grew longer than ${MAX_ITEMS} items.`);
      this.made += value.length;
    }
    if (this.made > MAX_MADE) throw new Error('The expression would take too much memory.');
  }

  /** The time counts from the first look. */
  private look(): void {
    const now = performance.now();
    this.until ??= now + EXPRESSION_TIME_LIMIT;
    this.isOver ||= now > this.until;
  }
}

type Evaluate = (evaluator: unknown, node: unknown, context: unknown) => unknown;

/** Operations whose results take memory of their own. */
const MAKING: readonly string[] = ['+', 'call', 'rcall'];

/** The library's own hooks on a node, not in its types. A test fails if they go away. */
interface MeteredNode {
  meta: { evaluate: Evaluate };
  setMeta(key: 'evaluate', value: Evaluate): unknown;
}

/**
 * Charges every step of an evaluation: CEL always ends, but nested loops over long lists end in years. The nodes that the
 * author wrote are shared with what macros expand to, so that loop bodies are charged for every pass.
 */
function meter(root: ASTNode, budget: Budget): void {
  const open = [root];
  for (let node = open.pop(); node; node = open.pop()) {
    const metered = node as unknown as MeteredNode;
    const evaluate = node.op === 'map' && node.args.length > 0 ? evaluateMap : metered.meta.evaluate;
    const isMade = MAKING.includes(node.op);
    metered.setMeta('evaluate', (evaluator, self, context) => {
      const value = evaluate(evaluator, self, context);
      budget.charge(value, isMade);
      return value;
    });
    open.push(...childrenOf(node));
  }
}

function errorOf(thrown: unknown, text: string): ExpressionError {
  const whole = { offset: 0, length: text.length };
  if (isStackOverflow(thrown)) return { message: 'The expression is nested too deeply.', ...whole };
  if (thrown instanceof ParseError || thrown instanceof EvaluationError || thrown instanceof TypeCheckError) {
    const { start, end } = thrown.range ?? { start: 0, end: text.length };
    return {
      message: plainMessage(thrown.code, thrown.summary, text.slice(0, start)),
      offset: Math.min(start, text.length),
      length: Math.max(1, end - start),
    };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { message: /invalid string length/i.test(message) ? 'A text grew too long.' : message, ...whole };
}

/** `before`: what stands before the place that is shown. */
function plainMessage(code: string, summary: string, before: string): string {
  const detail = summary
    .replaceAll(/\bdyn<([^<>]*)>/g, '$1')
    .replaceAll(/\bbelay_/g, '')
    .slice(0, 300);
  switch (code) {
    case 'no_such_key': {
      if (!detail.startsWith('No such key: ')) return `${detail}.`;
      const [, owner] = /([A-Za-z_][\w.]*)\.$/.exec(before) ?? [];
      return owner === undefined ? `There is no "${detail.slice(13)}" here.` : `"${owner}" is null or has no "${detail.slice(13)}".`;
    }
    case 'unknown_variable':
      return `There is no "${detail.replace(/^Unknown variable: /, '')}".`;
    case 'no_such_overload': {
      const [, operation] = /^no such overload: (.*)$/.exec(detail) ?? [];
      return `${operation ?? detail} is not possible; convert with string(…), int(…) or double(…), or compare with null first.`;
    }
    case 'no_matching_overload':
      return `There is no function ${detail.replace(/^found no matching overload for '(.*)'$/, '$1')}.`;
    case 'unexpected_token':
      return detail === 'Unexpected token: EOF' ? 'The expression ends too early.' : `${detail}.`;
    case 'limit_exceeded':
      return 'The expression is too large or nested too deeply.';
    default:
      if (/, got EOF$/.test(detail)) return 'The expression ends too early.';
      return /[.!?]$/.test(detail) ? detail : `${detail}.`;
  }
}
