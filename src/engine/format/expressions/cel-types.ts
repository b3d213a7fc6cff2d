/**
 * The types of an expression, from those of what it reads. CEL's own check knows what is written out in the text only; this one
 * knows schemas, alternatives and null, and speaks up only where nothing that the types allow could work.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { suggest } from '../suggest.ts';
import { functionsNamed } from './cel-functions.ts';
import { childrenOf } from './cel-references.ts';
import type { Span } from './reference.ts';
import {
  ANY,
  BOOLEAN,
  DOUBLE,
  describeType,
  fieldOf,
  isOnly,
  itemsOf,
  KIND,
  listOf,
  mayBe,
  NULL,
  objectOf,
  oneOfTexts,
  TEXT,
  type Type,
  union,
  without,
} from './types.ts';

export interface TypeProblem extends Span {
  /** `mismatch`: it always fails. `comparison`: it always gives the same. `field`: there is no such field. */
  kind: 'mismatch' | 'comparison' | 'field';
  message: string;
  /** What is read, where a field of it is missing: `['steps', 'draft', 'output', 'txt']`. */
  path?: readonly string[];
  /** Where the name of the field stands, and what was probably meant. */
  name?: Span;
  suggestion?: string | undefined;
  known?: readonly string[];
}

/** The types of the roots: `inputs`, `steps`, … Undefined: there is no such root, which is told elsewhere. */
export type RootTypes = (name: string) => Type | undefined;

/** @param report called for what can never work, from the inside out. */
export function typeOfExpression(root: ASTNode, roots: RootTypes, report: (problem: TypeProblem) => void): Type {
  return new Inference(roots, report).of(root, new Map());
}

type Locals = ReadonlyMap<string, Type>;

const NUMBER = KIND.int | KIND.double;

class Inference {
  readonly #roots: RootTypes;
  readonly #report: (problem: TypeProblem) => void;

  constructor(roots: RootTypes, report: (problem: TypeProblem) => void) {
    this.#roots = roots;
    this.#report = report;
  }

  of(node: ASTNode, locals: Locals): Type {
    switch (node.op) {
      case 'value':
        return typeOfLiteral(node.args);
      case 'id':
        return locals.get(node.args) ?? this.#roots(node.args) ?? ANY;
      case '.':
        return this.#field(
          node,
          node.args[0],
          node.args[1],
          { offset: node.end - node.args[1].length, length: node.args[1].length },
          locals,
        );
      case '[]':
        return this.#index(node, locals);
      case 'call':
        return this.#call(node, node.args[0], undefined, node.args[1], locals);
      case 'rcall':
        return this.#macro(node, locals) ?? this.#call(node, node.args[0], node.args[1], node.args[2], locals);
      case 'list': {
        const items = node.args.map((item) => this.of(item, locals));
        return listOf(() => union(items));
      }
      case 'map':
        return this.#map(node.args, locals);
      case '?:': {
        const [condition, yes, no] = node.args;
        this.#expectBoolean(condition, this.of(condition, locals), 'A choice by "?"');
        return union([this.of(yes, locals), this.of(no, locals)]);
      }
      case '&&':
      case '||':
        for (const side of node.args) this.#expectBoolean(side, this.of(side, locals), `"${node.op}"`);
        return BOOLEAN;
      case '!_':
        this.#expectBoolean(node.args, this.of(node.args, locals), '"!"');
        return BOOLEAN;
      case '-_': {
        const type = this.of(node.args, locals);
        if (mayBe(type, NUMBER)) return { kinds: type.kinds & NUMBER };
        this.#mismatch(node, `"-" takes a number, not ${describeType(type)}.`);
        return DOUBLE;
      }
      case '==':
      case '!=':
        this.#compare(node, node.op, node.args, locals);
        return BOOLEAN;
      case 'in':
        this.#membership(node, node.args, locals);
        return BOOLEAN;
      case '.?':
      case '[?]':
        for (const part of node.args) if (typeof part !== 'string') this.of(part, locals);
        return ANY;
      default:
        return this.#calculate(node, node.op, node.args, locals);
    }
  }

  #expectBoolean(node: ASTNode, type: Type, who: string): void {
    if (!mayBe(type, KIND.boolean)) this.#mismatch(node, `${who} takes what is true or false, not ${describeType(type)}.`);
  }

  #field(node: ASTNode, receiver: ASTNode, name: string, place: Span, locals: Locals): Type {
    const type = this.of(receiver, locals);
    const found = fieldOf(type, name);
    if (found) return found;
    const span = { offset: node.start, length: node.end - node.start };
    const path = pathOf(node, locals);
    if (!mayBe(type, KIND.object)) {
      const message = `There is no "${name}" in ${describeType(type)}.`;
      this.#report({ kind: 'field', message, ...span, ...(path && { path }), name: place });
    } else {
      const known = type.object?.known ?? [];
      const message = path ? `"${path.slice(0, -1).join('.')}" has no "${name}".` : `There is no "${name}" here.`;
      this.#report({ kind: 'field', message, ...span, ...(path && { path }), name: place, known, suggestion: suggest(name, known) });
    }
    return ANY;
  }

  #index(node: Extract<ASTNode, { op: '[]' }>, locals: Locals): Type {
    const [receiver, index] = node.args;
    if (index.op === 'value' && typeof index.args === 'string') {
      return this.#field(node, receiver, index.args, { offset: index.start + 1, length: index.end - index.start - 2 }, locals);
    }
    const type = this.of(receiver, locals);
    const at = this.of(index, locals);
    const found = [...(mayBe(type, KIND.list) && mayBe(at, NUMBER) ? [itemsOf(type)] : []), ...(mayBe(type, KIND.object) ? [ANY] : [])];
    if (found.length > 0) return union(found);
    if (mayBe(type, KIND.list)) this.#mismatch(index, `The items of a list are counted: a number is wanted here, not ${describeType(at)}.`);
    else
      this.#report({
        kind: 'field',
        message: `There are no items in ${describeType(type)}.`,
        offset: node.start,
        length: node.end - node.start,
      });
    return ANY;
  }

  #map(entries: readonly (readonly [ASTNode, ASTNode])[], locals: Locals): Type {
    const fields: Record<string, () => Type> = {};
    let isOpen = false;
    for (const [key, value] of entries) {
      const type = this.of(value, locals);
      if (key.op === 'value' && typeof key.args === 'string') fields[key.args] = () => type;
      else {
        this.of(key, locals);
        isOpen = true;
      }
    }
    return isOpen ? { kinds: KIND.object } : objectOf(fields);
  }

  /** Calls whose arguments are not simply values. */
  #macro(node: Extract<ASTNode, { op: 'rcall' }>, locals: Locals): Type | undefined {
    const [name, receiver, [variable, ...body]] = node.args;
    if (variable?.op !== 'id') return undefined;
    const named = variable.args;
    const inner = (type: Type) => new Map([...locals, [named, type]]);
    const [first, second] = body;
    if (name === 'bind' && receiver.op === 'id' && receiver.args === 'cel' && first && second) {
      return this.of(second, inner(this.of(first, locals)));
    }
    if (!['all', 'exists', 'exists_one', 'map', 'filter'].includes(name) || !first) return undefined;
    const type = this.of(receiver, locals);
    if (!mayBe(type, KIND.list | KIND.object)) {
      this.#mismatch(receiver, `"${name}" goes through a list, not ${describeType(type)}.`);
      return name === 'map' || name === 'filter' ? { kinds: KIND.list } : BOOLEAN;
    }
    // Of an object the keys are gone through.
    const item = union([...(mayBe(type, KIND.list) ? [itemsOf(type)] : []), ...(mayBe(type, KIND.object) ? [TEXT] : [])]);
    const scope = inner(item);
    const results = body.map((part) => this.of(part, scope));
    const [result = ANY] = results;
    if (name === 'map') {
      const last = results.at(-1) ?? ANY;
      if (body.length > 1) this.#expectBoolean(first, result, '"map"');
      return listOf(() => last);
    }
    this.#expectBoolean(first, result, `"${name}"`);
    return name === 'filter' ? listOf(() => item) : BOOLEAN;
  }

  #call(node: ASTNode, name: string, receiver: ASTNode | undefined, args: readonly ASTNode[], locals: Locals): Type {
    const self = receiver && this.of(receiver, locals);
    const types = args.map((argument) => this.of(argument, locals));
    if (!receiver && name === 'has') return BOOLEAN;
    if (!receiver && name === 'first') {
      const last = types.at(-1);
      const found = types.map((type) => (type === last ? type : without(type, KIND.null)));
      // What stands at a place of a list may be missing, in the last one too.
      const end = args.at(-1);
      return union(end && readsPlaces(end) ? [...found, NULL] : found);
    }
    const { shown, overloads } = functionsNamed(name);
    const fitting = overloads.filter(
      (it) =>
        (it.receiver === undefined) === (self === undefined) &&
        it.params.length === types.length &&
        (self === undefined || it.receiver === undefined || mayBe(self, it.receiver)) &&
        it.params.every((kinds, index) => mayBe(types[index] ?? ANY, kinds)),
    );
    if (fitting.length > 0) return union(fitting.map(({ result }) => result()));
    // Names and numbers of arguments are the parser's business.
    const near = overloads.filter((it) => (it.receiver === undefined) === (self === undefined) && it.params.length === types.length);
    if (near.length > 0) {
      const call = `${self ? `${describeType(self)} . ` : ''}${shown}(${types.map(describeType).join(', ')})`;
      const isCounted = types.some((type, index) => isOnly(type, KIND.double) && near.every(({ params }) => params[index] === KIND.int));
      const advice = isCounted ? ' Numbers of JSON become whole with int(…).' : '';
      this.#mismatch(node, `There is no ${call}.${advice}`);
    }
    return near.length > 0 ? union(near.map(({ result }) => result())) : ANY;
  }

  #compare(node: ASTNode, operator: '==' | '!=', [left, right]: readonly [ASTNode, ASTNode], locals: Locals): void {
    const a = this.of(left, locals);
    const b = this.of(right, locals);
    // Whether something is null may be asked of anything.
    if (isOnly(a, KIND.null) || isOnly(b, KIND.null) || mayBeEqual(a, b)) return;
    const always = operator === '==' ? 'never' : 'always';
    const what = `${describeSide(a)} and ${describeSide(b)} are never equal`;
    this.#report({ kind: 'comparison', message: `This is ${always} true: ${what}.`, offset: node.start, length: node.end - node.start });
  }

  #membership(node: ASTNode, [left, right]: readonly [ASTNode, ASTNode], locals: Locals): void {
    const item = this.of(left, locals);
    const list = this.of(right, locals);
    if (!mayBe(list, KIND.list | KIND.object)) this.#mismatch(node, `"in" looks into a list or an object, not into ${describeType(list)}.`);
    else if (isOnly(list, KIND.list) && !mayBeEqual(item, itemsOf(list))) {
      const message = `This is never true: ${describeSide(item)} is not among items that are ${describeSide(itemsOf(list))}.`;
      this.#report({ kind: 'comparison', message, offset: node.start, length: node.end - node.start });
    }
  }

  #calculate(node: ASTNode, operator: Calculation, [left, right]: readonly [ASTNode, ASTNode], locals: Locals): Type {
    const a = this.of(left, locals);
    const b = this.of(right, locals);
    const results = OPERATIONS[operator].filter(([one, other]) => mayBe(a, one) && mayBe(b, other));
    if (results.length === 0) {
      const advice = mayBe(a, KIND.text) !== mayBe(b, KIND.text) && operator === '+' ? ' Numbers become texts with string(…).' : '';
      this.#mismatch(node, `"${operator}" is not possible with ${describeType(a)} and ${describeType(b)}.${advice}`);
      return ANY;
    }
    const kinds = results.reduce((sum, [, , result]) => sum | result, 0);
    if ((kinds & KIND.list) === 0) return { kinds };
    return { kinds, items: () => union([itemsOf(a), itemsOf(b)]) };
  }

  #mismatch(node: ASTNode, message: string): void {
    this.#report({ kind: 'mismatch', message, offset: node.start, length: node.end - node.start });
  }
}

type Calculation = '+' | '-' | '*' | '/' | '%' | '<' | '<=' | '>' | '>=';
type Operation = readonly [left: number, right: number, result: number];

const { text, int, double, boolean, list, time, span, bytes } = KIND;
const ARITHMETIC: readonly Operation[] = [
  [int, int, int],
  [int, double, double],
  [double, NUMBER, double],
];
const ORDER: readonly Operation[] = [
  [NUMBER, NUMBER, boolean],
  ...[text, boolean, time, span, bytes].map((kind): Operation => [kind, kind, boolean]),
];
const OPERATIONS: Readonly<Record<Calculation, readonly Operation[]>> = {
  '+': [
    ...ARITHMETIC,
    [text, text, text],
    [list, list, list],
    [bytes, bytes, bytes],
    [span, span, span],
    [time, span, time],
    [span, time, time],
  ],
  '-': [...ARITHMETIC, [span, span, span], [time, span, time], [time, time, span]],
  '*': ARITHMETIC,
  '/': ARITHMETIC,
  '%': ARITHMETIC,
  '<': ORDER,
  '<=': ORDER,
  '>': ORDER,
  '>=': ORDER,
};

function mayBeEqual(a: Type, b: Type): boolean {
  const common = (mayBe(a, NUMBER) && mayBe(b, NUMBER) ? NUMBER : 0) | (a.kinds & b.kinds);
  if (common !== KIND.text || !a.texts || !b.texts) return common !== 0;
  return a.texts.some((one) => b.texts?.includes(one));
}

/** `a text` or, where the texts are known, `"yes" or "no"`. */
function describeSide(type: Type): string {
  if (!isOnly(type, KIND.text | KIND.null) || !type.texts || type.texts.length > 6) return describeType(type);
  return type.texts.map((it) => JSON.stringify(it)).join(' or ');
}

function typeOfLiteral(value: unknown): Type {
  if (value === null) return NULL;
  switch (typeof value) {
    case 'string':
      return oneOfTexts([value]);
    case 'bigint':
      return { kinds: KIND.int };
    case 'number':
      return DOUBLE;
    case 'boolean':
      return BOOLEAN;
    default:
      return value instanceof Uint8Array ? { kinds: KIND.bytes } : { kinds: NUMBER };
  }
}

/** `['steps', 'draft', 'output']`, if all of it is written out and starts from a root. */
function pathOf(node: ASTNode, locals: Locals): string[] | undefined {
  if (node.op === 'id') return locals.has(node.args) ? undefined : [node.args];
  if (node.op === '.') {
    const before = pathOf(node.args[0], locals);
    return before && [...before, node.args[1]];
  }
  if (node.op !== '[]' || node.args[1].op !== 'value') return undefined;
  const before = pathOf(node.args[0], locals);
  return before && [...before, String(node.args[1].args)];
}

function readsPlaces(node: ASTNode): boolean {
  return node.op === '[]' || childrenOf(node).some(readsPlaces);
}
