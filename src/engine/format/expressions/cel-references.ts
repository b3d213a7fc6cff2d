import type { ASTNode } from '@marcbachmann/cel-js';
import { type Chain, isRoot, type Reference, type References } from './reference.ts';

/** Calls whose first argument names a variable for the others: `list.map(x, …)`. Of `bind` the last argument only. */
const MACROS = ['all', 'exists', 'exists_one', 'map', 'filter', 'bind'];

/** The parts of a syntax node that are nodes themselves, in the order of the text. */
export function childrenOf(node: ASTNode): ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'list':
      return node.args;
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args;
  }
}

/** Everything a parsed expression reads. */
export function referencesOfExpression(root: ASTNode): References {
  const found: References = { references: [], unknown: [], chains: [] };
  const tested = new Set<string>();
  visit(root, { locals: new Set(), nulls: 'refused', tested }, found);
  const isTested = ({ root, path }: Reference) => root === 'steps' && tested.has(String(path[0]));
  for (const reference of found.references) if (isTested(reference)) reference.guarded = true;
  found.chains = found.chains.map((chain) => without(chain, isTested));
  found.references.sort((a, b) => a.offset - b.offset);
  return found;
}

function without({ operands }: Chain, isTested: (reference: Reference) => boolean): Chain {
  const rest = (part: Reference | Chain): (Reference | Chain)[] =>
    'operands' in part ? [without(part, isTested)] : isTested(part) ? [] : [part];
  return { operands: operands.map((operand) => operand.flatMap(rest)) };
}

interface Surroundings {
  locals: ReadonlySet<string>;
  /**
   * What becomes of null: inside `has` and in comparisons with null it is taken, inside `first` something else is taken instead;
   * there, what is read is added to the operand.
   */
  nulls: 'taken' | 'refused' | { operand: (Reference | Chain)[] };
  /** Steps compared with null anywhere: the author thought of it. Filled while visiting. */
  tested: Set<string>;
}

function visit(node: ASTNode, around: Surroundings, found: References): void {
  if (node.op === 'rcall' && MACROS.includes(node.args[0]) && node.args[2][0]?.op === 'id') {
    const [name, receiver, [variable, ...body]] = node.args;
    if (name !== 'bind') visit(receiver, around, found);
    const inner = { ...around, locals: new Set([...around.locals, String(variable?.args)]) };
    for (const [index, part] of body.entries()) visit(part, name === 'bind' && index === 0 ? around : inner, found);
    return;
  }
  if (node.op === 'id' || node.op === '.' || node.op === '[]') {
    visitAccess(node, around, found);
    return;
  }
  if ((node.op === '==' || node.op === '!=') && node.args.some(isNull)) {
    const before = found.references.length;
    for (const part of node.args) visit(part, isPartOfResult(part) ? around : { ...around, nulls: 'taken' }, found);
    for (const { root, path, guarded } of found.references.slice(before))
      if (root === 'steps' && guarded) around.tested.add(String(path[0]));
    return;
  }
  if (node.op === 'call' && node.args[0] === 'first' && around.nulls !== 'taken') {
    const operands = node.args[1].map((argument) => {
      const operand: (Reference | Chain)[] = [];
      visit(argument, { ...around, nulls: { operand } }, found);
      return operand;
    });
    const outer = around.nulls === 'refused' ? found.chains : around.nulls.operand;
    outer.push({ operands });
    return;
  }
  const isTest = node.op === 'call' && node.args[0] === 'has';
  const before = found.references.length;
  for (const child of childrenOf(node)) visit(child, isTest ? { ...around, nulls: 'taken' } : around, found);
  if (isTest) for (const { root, path } of found.references.slice(before)) if (root === 'steps') around.tested.add(String(path[0]));
}

/** `steps.draft.output.text`: fails where the output is null, so that comparing with null tests nothing. */
function isPartOfResult(node: ASTNode): boolean {
  const parts: unknown[] = [];
  let at = node;
  while (at.op === '.' || at.op === '[]') {
    parts.unshift(at.op === '.' ? at.args[1] : at.args[1].args);
    at = at.args[0];
  }
  return at.op === 'id' && at.args === 'steps' && parts.length > 2 && parts[1] !== 'state';
}

function isNull(node: ASTNode): boolean {
  return node.op === 'value' && node.args === null;
}

/** A chain such as `steps.draft.output["text"]`, outermost node first. */
function visitAccess(node: ASTNode, around: Surroundings, found: References): void {
  const parts: { value: string | number | undefined; offset: number; length: number }[] = [];
  let at = node;
  for (;;) {
    if (at.op === '.') {
      parts.unshift({ value: at.args[1], offset: at.end - at.args[1].length, length: at.args[1].length });
      at = at.args[0];
    } else if (at.op === '[]') {
      const index: ASTNode = at.args[1];
      const value = index.op === 'value' ? index.args : undefined;
      if (typeof value === 'string') parts.unshift({ value, offset: index.start + 1, length: index.end - index.start - 2 });
      else if (typeof value === 'bigint') parts.unshift({ value: Number(value), offset: index.start, length: index.end - index.start });
      else {
        parts.unshift({ value: undefined, offset: index.start, length: 0 });
        visit(index, around.nulls === 'taken' ? { ...around, nulls: 'refused' } : around, found);
      }
      at = at.args[0];
    } else break;
  }
  if (at.op !== 'id') {
    visit(at, around, found);
    return;
  }
  const root = at.args;
  if (around.locals.has(root)) return;
  const span = { offset: at.start, length: node.end - at.start };
  if (!isRoot(root)) {
    found.unknown.push({ name: root, offset: at.start, length: at.end - at.start });
    return;
  }
  const computed = parts.findIndex((part) => part.value === undefined);
  const known = computed < 0 ? parts : parts.slice(0, computed);
  const [id] = known;
  const reference = {
    root,
    path: known.map((part) => part.value ?? ''),
    ...span,
    idOffset: id?.offset ?? node.end,
    idLength: id?.length ?? 0,
    guarded: around.nulls !== 'refused',
  };
  found.references.push(reference);
  if (typeof around.nulls === 'object') around.nulls.operand.push(reference);
}
