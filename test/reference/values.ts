/** The few expressions that random flows use, evaluated without the engine's own CEL. */
import type { Json } from '../../src/engine/format/json.ts';
import { isJsonObject } from '../../src/engine/format/json.ts';

/** Gives the value of a path such as `steps.a.output`, `item`, `inputs.n`. */
export type Lookup = (path: readonly string[]) => Json;

const COMPARISON = /^(.+?) (==|!=|>=) (.+)$/;

/** `path`, a JSON literal, or `path OP literal` with `==`, `!=` or (whole numbers) `>=`. */
export function evaluate(expression: string, lookup: Lookup): Json {
  const compared = COMPARISON.exec(expression);
  if (!compared) return operand(expression, lookup);
  const [, left = '', operator = '', right = ''] = compared;
  const [a, b] = [operand(left, lookup), operand(right, lookup)];
  if (operator === '>=') return Number(a) >= Number(b);
  return (JSON.stringify(a) === JSON.stringify(b)) === (operator === '==');
}

/** JSON in which `{"$expr": …}` is evaluated. */
export function resolve(value: Json, lookup: Lookup): Json {
  if (Array.isArray(value)) return value.map((entry) => resolve(entry, lookup));
  if (!isJsonObject(value)) return value;
  if (typeof value.$expr === 'string') return evaluate(value.$expr, lookup);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, resolve(entry as Json, lookup)]));
}

function operand(text: string, lookup: Lookup): Json {
  return /^[a-z]/.test(text) && !/^(true|false|null)$/.test(text) ? lookup(text.split('.')) : (JSON.parse(text) as Json);
}
