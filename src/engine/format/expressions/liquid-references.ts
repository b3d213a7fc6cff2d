import {
  CaseTag,
  ForTag,
  IfTag,
  type RangeToken,
  TablerowTag,
  type Template,
  type Token,
  TypeGuards,
  toValueSync,
  UnlessTag,
} from 'liquidjs';
import { type Chain, isRoot, type Reference, type References } from './reference.ts';

/** What the tokens of an expression have in common, whatever LiquidJS calls their classes. */
type Argument = Parameters<typeof TypeGuards.isValueToken>[0];

interface Surroundings {
  /** Names made by `assign`, `capture`, `for` and the like. */
  locals: Set<string>;
  /** Steps that an enclosing condition asks about. */
  tested: ReadonlySet<string>;
}

/** What becomes of null: it is taken, it is not, or something else is taken instead; then what was read is added to the operand. */
type Nulls = 'taken' | 'refused' | { operand: (Reference | Chain)[] };

export interface TemplateReferences extends References {
  /** Every range `(a..b)`, so that its bounds can be checked when the template is rendered. */
  ranges: RangeToken[];
  /** A value that follows another one without an operator between them. LiquidJS drops it: `{{ a b }}` would render `a`. */
  stray: Token | undefined;
}

/** Everything a parsed template reads. Follows LiquidJS's own protocol for static analysis, which knows the scopes of its tags. */
export function referencesOfTemplate(templates: readonly Template[]): TemplateReferences {
  const found: TemplateReferences = { references: [], unknown: [], chains: [], ranges: [], stray: undefined };
  const locals = new Set<string>();
  visitAll(templates, { locals, tested: new Set() }, found);
  found.references.sort((a, b) => a.offset - b.offset);
  return found;
}

function visitAll(templates: readonly Template[], around: Surroundings, found: TemplateReferences): void {
  for (const template of templates) visit(template, around, found);
}

function visit(template: Template, around: Surroundings, found: TemplateReferences): void {
  const isCondition = template instanceof IfTag || template instanceof UnlessTag || template instanceof CaseTag;
  // A loop over null has no passes, so that null needs no default there.
  const nulls = isCondition || template instanceof ForTag || template instanceof TablerowTag ? 'taken' : 'refused';
  const before = found.references.length;
  for (const argument of template.arguments?.() ?? []) collect(argument, nulls, around, found);
  const tested = isCondition ? new Set([...around.tested, ...stepsIn(found.references.slice(before))]) : around.tested;

  for (const name of template.localScope?.() ?? []) around.locals.add(name.content);
  if (!template.children) return;
  const inner = new Set([...around.locals, ...(template.blockScope?.() ?? [])]);
  visitAll(toValueSync(template.children(false, true)) as Template[], { locals: inner, tested }, found);
  // What a block assigns stays assigned behind it; only the names of the block itself go.
  const own = new Set(template.blockScope?.() ?? []);
  for (const name of inner) if (!own.has(name)) around.locals.add(name);
}

function stepsIn(references: readonly Reference[]): string[] {
  return references.filter((it) => it.root === 'steps' && typeof it.path[0] === 'string').map((it) => String(it.path[0]));
}

/** `argument`: a value with filters (initial expression, then filters with arguments) or a bare value. */
function collect(argument: Argument, nulls: Nulls, around: Surroundings, found: TemplateReferences): void {
  if (TypeGuards.isRangeToken(argument)) {
    found.ranges.push(argument);
    collect(argument.lhs, 'refused', around, found);
    collect(argument.rhs, 'refused', around, found);
  } else if (TypeGuards.isPropertyAccessToken(argument)) {
    collectAccess(argument, nulls, around, found);
  } else if (isFiltered(argument)) {
    found.stray ??= strayOperand(argument.initial.postfix);
    collectFiltered(argument, nulls, around, found);
  }
}

function collectFiltered({ initial, filters }: Filtered, nulls: Nulls, around: Surroundings, found: TemplateReferences): void {
  const operands: (Reference | Chain)[][] = [];
  const operand = (): Nulls => {
    if (nulls === 'taken') return nulls;
    const parts: (Reference | Chain)[] = [];
    operands.push(parts);
    return { operand: parts };
  };
  const hasDefault = filters.some(isDefault);
  // What operators make of null is not null.
  const isCalculated = initial.postfix.length > 1;
  const first = hasDefault ? operand() : nulls;
  for (const token of initial.postfix) collect(token, hasDefault && isCalculated ? 'taken' : first, around, found);
  for (const filter of filters) {
    const instead = isDefault(filter) ? filter.args.find((value) => !Array.isArray(value)) : undefined;
    for (const value of filter.args) {
      collect(Array.isArray(value) ? value[1] : value, instead !== undefined && value === instead ? operand() : 'refused', around, found);
    }
  }
  if (operands.length > 0) found.chains.push({ operands });
}

function isDefault({ name }: { name: string }): boolean {
  return name === 'default';
}

interface Filtered {
  initial: { postfix: readonly Token[] };
  filters: readonly { name: string; args: readonly (Token | [string, Token | undefined])[] }[];
}

/** An expression in postfix order leaves one value; what it leaves besides has no operator. */
function strayOperand(postfix: readonly Token[]): Token | undefined {
  const operands: Token[] = [];
  for (const token of postfix) {
    // `not` is the only operator with one operand, which it gives back.
    if (!TypeGuards.isOperatorToken(token)) operands.push(token);
    else if (token.operator !== 'not') operands.pop();
  }
  return operands[1];
}

function isFiltered(argument: Argument): argument is Filtered {
  return typeof argument === 'object' && argument !== null && 'initial' in argument && 'filters' in argument;
}

function collectAccess(
  token: Token & { variable: Token | undefined; props: readonly Token[] },
  nulls: Nulls,
  around: Surroundings,
  found: TemplateReferences,
): void {
  for (const prop of token.props) collect(prop, 'refused', around, found);
  if (token.variable) {
    collect(token.variable, nulls, around, found);
    return;
  }
  const [first, ...rest] = token.props;
  const root = first && nameOf(first);
  if (first === undefined || typeof root !== 'string' || around.locals.has(root)) return;
  const span = { offset: token.begin, length: token.end - token.begin };
  if (!isRoot(root)) {
    found.unknown.push({ name: root, ...span });
    return;
  }
  const path: (string | number)[] = [];
  for (const prop of rest) {
    const name = nameOf(prop);
    if (name === undefined) break;
    path.push(name);
  }
  const id = path.length > 0 ? rest[0] : undefined;
  const quote = TypeGuards.isQuotedToken(id) ? 1 : 0;
  const isTested = root === 'steps' && around.tested.has(String(path[0]));
  const reference = {
    root,
    path,
    ...span,
    idOffset: id ? id.begin + quote : token.end,
    idLength: id ? id.end - id.begin - 2 * quote : 0,
    guarded: nulls !== 'refused' || isTested,
  };
  found.references.push(reference);
  if (typeof nulls === 'object' && !isTested) nulls.operand.push(reference);
}

/** The name a part of a path is written with; undefined where it is computed. */
function nameOf(token: Token): string | number | undefined {
  if (TypeGuards.isWordToken(token) || TypeGuards.isQuotedToken(token) || TypeGuards.isNumberToken(token)) return token.content;
  return undefined;
}
