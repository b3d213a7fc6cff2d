/** Objects with a key that the library takes for more than a key: as a `Map` it reads them like all others. */
import type { Scope } from './reference.ts';

/** Keys that the library drops from a map that an expression writes down. */
const DROPPED = new Set(['__proto__', 'constructor', 'prototype']);

/** Where keys are what they are. The library tells what a value is by `value.constructor`, which in data may be anybody's field. */
export function scopeAsMaps(scope: Scope): Scope {
  return Object.assign(Object.create(null), Object.fromEntries(Object.entries(scope).map(([name, value]) => [name, asMaps(value)])));
}

function asMaps(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(asMaps);
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [key, asMaps(item)]);
  return Object.hasOwn(value, 'constructor') ? new Map(entries) : Object.fromEntries(entries);
}

/** Whether the library's failure may come of such a key: it says that it does not know the type, or falls over null. */
export function isAboutKeys(thrown: unknown): boolean {
  return thrown instanceof TypeError || (thrown as { code?: unknown } | null)?.code === 'unsupported_type';
}

interface Evaluator {
  run(node: unknown, context: unknown): unknown;
}

/** What the library does for `{"a": 1}`, but for the keys that it would leave out without a word. */
export function evaluateMap(evaluator: unknown, node: unknown, context: unknown): unknown {
  const { run } = evaluator as Evaluator;
  const { args } = node as { args: readonly (readonly [unknown, unknown])[] };
  const entries = args.map(([key, value]): [unknown, unknown] => [run.call(evaluator, key, context), run.call(evaluator, value, context)]);
  const isSafe = entries.every(([key]) => !DROPPED.has(String(key)));
  return isSafe ? Object.fromEntries(entries) : new Map(entries);
}
