import { Environment } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import type { Json } from '../json.ts';
import { jsonOf } from './cel-json.ts';
import { ANY, KIND, type Type } from './types.ts';

/** Names under which `SAFE` functions are registered: CEL's own could not be replaced. No expression can be written with them. */
const SAFE_PREFIX = 'belay_';
/**
 * Functions of the library that an attacker can hang: `matches` backtracks (240 s on a short text), `duration` reads its
 * argument with a cubic pattern. Calls of them are redirected to ours, which are linear.
 */
const REDIRECTED = ['matches', 'duration'];

/** Longest pattern, and largest product of compiled pattern and text: about 100 ms of linear matching. */
const MAX_PATTERN = 1000;
const MAX_PATTERN_WORK = 20_000_000;

/** The name a call is to be carried out under. */
export function safeName(name: string): string {
  return REDIRECTED.includes(name) ? `${SAFE_PREFIX}${name}` : name;
}

export function isReservedFunction(name: string): boolean {
  return name.startsWith(SAFE_PREFIX);
}

/** Compiles a pattern of RE2's syntax. Throws with a plain message. */
export function compilePattern(pattern: string): RE2JS {
  if (pattern.length > MAX_PATTERN) throw new Error(`The pattern is longer than ${MAX_PATTERN} characters.`);
  try {
    return RE2JS.compile(pattern);
  } catch (thrown) {
    throw new Error(`The pattern is not understood: ${thrown instanceof Error ? thrown.message : String(thrown)}.`, { cause: thrown });
  }
}

function matches(text: string, pattern: string): boolean {
  const compiled = compilePattern(pattern);
  if (compiled.programSize() * text.length > MAX_PATTERN_WORK) throw new Error('The text is too long for this pattern.');
  return compiled.matcher(text).find();
}

/** Nodes and evaluator as the library hands them to macros; it publishes no types for them. */
interface MacroCall {
  args: unknown[];
}
interface Checker {
  check(node: unknown, context: unknown): unknown;
  getType(name: string): unknown;
}
interface Evaluator {
  run(node: unknown, context: unknown): unknown;
}

const MISSING = new Set(['no_such_key', 'index_out_of_bounds', 'index_out_of_range']);

/** `first(a, b, …)`: the first argument that exists and is not null. A macro, so that a missing one is no error. */
function firstMacro({ args }: MacroCall) {
  return {
    async: false,
    typeCheck(checker: Checker, _macro: unknown, context: unknown) {
      for (const arg of args) checker.check(arg, context);
      return checker.getType('dyn');
    },
    evaluate(evaluator: Evaluator, _macro: unknown, context: unknown) {
      for (const arg of args) {
        try {
          const value = evaluator.run(arg, context);
          if (value !== null && value !== undefined) return value;
        } catch (thrown) {
          if (!MISSING.has(String((thrown as { code?: unknown }).code))) throw thrown;
        }
      }
      return null;
    },
  };
}

function numbers(list: unknown, name: string): number[] {
  if (!Array.isArray(list)) throw new Error(`${name} takes a list of numbers.`);
  return list.map((item: unknown) => {
    if (typeof item === 'number' || typeof item === 'bigint') return Number(item);
    throw new Error(`${name} takes a list of numbers.`);
  });
}

function jsonText(value: unknown): string {
  return JSON.stringify(jsonOf(value));
}

/** What the format adds to CEL's own functions, for the reference. */
export interface FunctionDoc {
  signature: string;
  description: string;
}

export const FUNCTIONS: readonly FunctionDoc[] = [
  { signature: 'first(a, b, …)', description: 'The first of up to five values that exists and is not null; null if there is none.' },
  { signature: 'has(a.b)', description: 'Whether the field exists.' },
  { signature: 'size(x)', description: 'Characters of a text, items of a list, entries of a map.' },
  { signature: 'json(x)', description: 'The value as JSON text.' },
  { signature: 'sum(list), min(list), max(list)', description: 'Of a list of numbers; min and max of an empty list are null.' },
  { signature: 'text.contains(t), text.startsWith(t), text.endsWith(t)', description: 'Whether the text holds, begins or ends with t.' },
  { signature: 'text.matches(pattern)', description: 'Whether the RE2 pattern is found in the text. Takes linear time.' },
  { signature: 'text.replace(a, b)', description: 'Every a replaced by b.' },
  { signature: 'text.split(separator), list.join(separator)', description: 'From text to list and back. join takes texts.' },
  {
    signature: 'text.trim(), text.lowerAscii(), text.upperAscii()',
    description: 'Without surrounding white space; in lower or upper case.',
  },
  {
    signature: 'text.indexOf(t), text.lastIndexOf(t), text.substring(from, to)',
    description: 'Places and parts of a text, counted from 0.',
  },
  { signature: 'string(x), int(x), double(x), bool(x)', description: 'Conversions.' },
  { signature: 'list.exists(x, condition), list.all(x, condition), list.exists_one(x, condition)', description: 'Quantifiers.' },
  { signature: 'list.map(x, value), list.filter(x, condition)', description: 'A new list.' },
  { signature: 'cel.bind(x, value, expression)', description: 'The expression with a name for a value.' },
  { signature: 'timestamp(text), duration(text)', description: 'Points and spans of time: timestamp(run.startedAt) + duration("24h").' },
];

const ARITHMETIC: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

/** CEL with mixed arithmetic (numbers of JSON are doubles, literals are ints) and the functions above. */
export function createEnvironment(limits: { maxAstNodes: number; maxDepth: number }): Environment {
  const environment = new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    limits: { ...limits, maxListElements: limits.maxAstNodes, maxMapEntries: limits.maxAstNodes },
  });
  for (const [operator, calculate] of Object.entries(ARITHMETIC)) {
    const mixed = (a: number | bigint, b: number | bigint) => calculate(Number(a), Number(b));
    environment.registerOperator(`int ${operator} double: double`, mixed);
    environment.registerOperator(`double ${operator} int: double`, mixed);
  }
  environment.registerOperator('double % double', (a: number, b: number) => a % b);

  const durations = new Environment().registerVariable('text', 'string');
  const add = (signature: string, handler: (...args: never[]) => unknown) =>
    environment.registerFunction(signature, handler as (...args: unknown[]) => unknown, { async: false } as object);
  add(`string.${SAFE_PREFIX}matches(string): bool`, matches);
  add(`${SAFE_PREFIX}duration(string): google.protobuf.Duration`, (text: string) => {
    if (text.length > 40) throw new Error('A duration is written like "1h30m".');
    return durations.evaluate('duration(text)', { text });
  });
  for (let count = 1; count <= 5; count += 1) add(`first(${Array(count).fill('ast').join(', ')}): dyn`, firstMacro);
  add('json(dyn): string', jsonText);
  add('string.replace(string, string): string', (text: string, from: string, to: string) => text.replaceAll(from, () => to));
  add('sum(list): double', (list: Json) => numbers(list, 'sum').reduce((a, b) => a + b, 0));
  add('min(list): dyn', (list: Json) => numbers(list, 'min').reduce<number | null>((a, b) => (a === null || b < a ? b : a), null));
  add('max(list): dyn', (list: Json) => numbers(list, 'max').reduce<number | null>((a, b) => (a === null || b > a ? b : a), null));
  return environment;
}

/** One way to call a function; of its arguments the kinds that are taken. */
export interface Overload {
  receiver?: number;
  params: readonly number[];
  result(): Type;
}

const overloads = new Map<string, Overload[]>();

/** The ways in which a function may be called; none, if there is no such function. `shown`: what its author calls it. */
export function functionsNamed(name: string): { shown: string; overloads: readonly Overload[] } {
  if (overloads.size === 0) readOverloads();
  return { shown: name.startsWith(SAFE_PREFIX) ? name.slice(SAFE_PREFIX.length) : name, overloads: overloads.get(name) ?? [] };
}

function readOverloads(): void {
  const { functions } = createEnvironment({ maxAstNodes: 10, maxDepth: 10 }).getDefinitions();
  for (const { name, receiverType, params, returnType } of functions) {
    const known = overloads.get(name) ?? [];
    overloads.set(name, known);
    const receiver = receiverType === null ? {} : { receiver: typeNamed(receiverType).kinds };
    known.push({ ...receiver, params: params.map(({ type }) => typeNamed(type).kinds), result: () => typeNamed(returnType) });
  }
}

const NAMED_KINDS: Readonly<Record<string, number>> = {
  string: KIND.text,
  int: KIND.int,
  uint: KIND.int | KIND.double,
  double: KIND.double,
  bool: KIND.boolean,
  null: KIND.null,
  bytes: KIND.bytes,
  type: KIND.type,
  'google.protobuf.Timestamp': KIND.time,
  'google.protobuf.Duration': KIND.span,
};

/** A type as the library writes it: `list<string>`. What it has no word for here may be anything. */
function typeNamed(name: string): Type {
  const kinds = NAMED_KINDS[name];
  if (kinds !== undefined) return { kinds };
  const [, items] = /^list<(.*)>$/.exec(name) ?? [];
  if (items !== undefined) return { kinds: KIND.list, items: () => typeNamed(items) };
  return name.startsWith('map<') ? { kinds: KIND.object } : ANY;
}
