/** What expressions of a flow say, checked against the flow: syntax, names, and whether the values are there. */
import type { Chain, Reference } from './expressions/index.ts';
import { isOnly, KIND, mayBe, type Type } from './expressions/types.ts';
import { EXPRESSION_KEY, expressionIn } from './fields.ts';
import type { FlowTypes, Standpoint } from './flow-types.ts';
import { hintsOf } from './hints.ts';
import type { Json, JsonPath } from './json.ts';
import { isJsonObject } from './json.ts';
import type { LintedFlow } from './lint-flow.ts';
import { placeIn, replacement, whereIn } from './lint-places.ts';
import type { LintPlace, LintProblems } from './lint-problems.ts';
import { lintTypes } from './lint-types.ts';
import type { NodeSpec } from './model.ts';
import type { Fix } from './problem.ts';
import type { ReadExpression } from './reading.ts';
import { SECRET_NAME } from './resolve-secrets.ts';
import { Sight } from './sight.ts';
import type { TextRange } from './string-offsets.ts';
import { clip, listed, suggest } from './suggest.ts';

export function lintReferences(linted: LintedFlow): void {
  const { reading, problems } = linted;
  const context = new ReferenceLint(linted);
  for (const expression of reading.expressions) {
    context.lint(expression);
    lintTypes(expression, linted);
  }
  for (const { path, node, file } of reading.missingFiles) {
    problems.add('PROMPT_FILE_MISSING', { path, node }, `The file "${clip(file)}" is not there.`);
  }
  for (const scope of reading.scopes) {
    for (const [id, node] of Object.entries(scope.nodes)) lintLiterals(id, node, [...scope.path, id], linted);
  }
  for (const [name, output] of Object.entries(reading.flow.outputs ?? {})) {
    lintShapes(output.value, { path: ['outputs', name, 'value'] }, problems);
  }
}

class ReferenceLint {
  private readonly linted: LintedFlow;
  private readonly sight: Sight;
  private readonly certain = new Map<string, boolean>();

  constructor(linted: LintedFlow) {
    this.linted = linted;
    this.sight = new Sight(linted.reading);
  }

  lint(expression: ReadExpression): void {
    const { problems, reading } = this.linted;
    const { kind, text, error } = expression;
    if (error) {
      const isMixedUp = kind === 'condition' && text.includes('{{');
      const hint = isMixedUp ? 'This is CEL: names stand as they are, without {{ }}.' : undefined;
      const code = kind === 'template' ? 'TEMPLATE_SYNTAX' : 'CONDITION_SYNTAX';
      problems.add(code, placeIn(expression, error), whereIn(expression, error) + error.message, { hint, fix: withoutBraces(expression) });
      return;
    }
    for (const name of expression.unknown) {
      const near = suggest(name.name, ['inputs', 'steps', 'trigger', 'run', 'item', 'index', 'previous', 'secrets']);
      const step = reading.homeOf(name.name) ? `steps.${name.name}` : undefined;
      const meant = step && !text.slice(name.offset).startsWith(`${name.name}.output`) ? `${step}.output` : step;
      const root = { offset: name.offset, length: firstWord(text, name.offset) };
      problems.add('REFERENCE_ROOT_UNKNOWN', placeIn(expression, name), `${whereIn(expression, name)}There is no "${clip(name.name)}".`, {
        hint: (step ?? near) && `Did you mean "${step ? `${step}.output` : near}"?`,
        fix: meant || near ? replacement(expression, root, meant ?? near ?? '') : undefined,
      });
    }
    for (const reference of expression.references) this.check(reference, expression);
    for (const chain of expression.chains) this.checkChain(chain, expression);
  }

  private check(reference: Reference, expression: ReadExpression): void {
    const { problems, reading } = this.linted;
    const place = placeIn(expression, reference);
    const where = whereIn(expression, reference);
    switch (reference.root) {
      case 'steps':
        this.checkStep(reference, expression);
        return;
      case 'inputs': {
        const [name] = reference.path;
        const inputs = Object.keys(reading.flow.inputs ?? {});
        if (typeof name !== 'string' || inputs.includes(name)) return;
        const near = suggest(name, inputs);
        const at = id(reference);
        problems.add('INPUT_UNKNOWN', placeIn(expression, at), `${whereIn(expression, at)}The flow has no input "${clip(name)}".`, {
          hint: near && `Did you mean "${near}"?`,
          fix: near ? replacement(expression, at, near) : undefined,
        });
        return;
      }
      case 'secrets':
        this.checkSecret(reference, expression);
        return;
      case 'item':
      case 'index':
      case 'previous':
        if (reading.giverOf(reference.root, expression) !== undefined) return;
        problems.add(
          'REFERENCE_ROOT_UNAVAILABLE',
          place,
          `${where}"${reference.root}" has a value only in the body of ${GIVERS[reference.root]}.`,
        );
        return;
      case 'trigger':
        if (Object.keys(reading.flow.triggers ?? {}).length > 0) return;
        problems.add('REFERENCE_ROOT_UNAVAILABLE', place, `${where}The flow has no trigger that "trigger" could be.`);
        return;
      case 'run':
        return;
      default:
        reference.root satisfies never;
    }
  }

  private checkSecret(reference: Reference, expression: ReadExpression): void {
    const { problems } = this.linted;
    const [name] = reference.path;
    const place = placeIn(expression, reference);
    if (!expression.secrets) problems.add('SECRET_PLACE', place, `${whereIn(expression, reference)}A secret may not be used here.`);
    else if (name === undefined)
      problems.add('REFERENCE_COMPUTED', place, 'Which secret is meant is not written out.', { hint: 'Write secrets.NAME.' });
    else if (typeof name !== 'string' || !SECRET_NAME.test(name)) {
      problems.add('SECRET_NAME', placeIn(expression, id(reference)), `"${clip(String(name))}" cannot be the name of a secret.`);
    }
  }

  private checkStep(reference: Reference, expression: ReadExpression): void {
    const { problems, reading } = this.linted;
    const { node } = expression;
    const [step, part] = reference.path;
    if (typeof step !== 'string') {
      const message = `${whereIn(expression, reference)}Which step is meant is not written out.`;
      problems.add('REFERENCE_COMPUTED', placeIn(expression, reference), message);
      return;
    }
    const at = id(reference);
    const place = placeIn(expression, at);
    const prefix = whereIn(expression, at);
    if (!reading.homeOf(step)) {
      const near = suggest(step, reading.ids);
      problems.add('STEP_UNKNOWN', place, `${prefix}There is no step "${clip(step)}".`, {
        hint: near && `Did you mean "${near}"?`,
        fix: near ? replacement(expression, at, near) : undefined,
      });
      return;
    }
    if (!this.sight.sees(expression, step)) {
      problems.add('STEP_NOT_BEFORE', place, prefix + this.unseen(step, node), { hint: this.whyUnseen(step, expression) });
      return;
    }
    if (part !== undefined && part !== 'output' && part !== 'error' && part !== 'state') {
      const near = suggest(String(part), ['output', 'error', 'state']);
      const partAt = partOf(reference, expression, 1);
      problems.add(
        'STEP_PART_UNKNOWN',
        placeIn(expression, reference),
        `${whereIn(expression, reference)}"steps.${step}" has no "${clip(String(part))}".`,
        {
          hint: `Did you mean "steps.${step}.${near ?? `output.${part}`}"?`,
          fix: partAt && replacement(expression, partAt, near ?? `output.${part}`),
        },
      );
      return;
    }
    if (part !== 'output') return;
    if (!reference.guarded && !this.isCertain(reference, expression)) {
      problems.add('STEP_MAY_BE_SKIPPED', place, `${prefix}"${step}" may have no output here: it can be skipped, or fail.`, {
        fix: defaultFor(reference, expression, reading.types),
      });
    }
  }

  private unseen(step: string, node: string | undefined): string {
    if (step === node) return `"${step}" reads its own result, which is not there yet.`;
    return node === undefined ? `"${step}" cannot be read here.` : `"${step}" does not come before "${node}".`;
  }

  private whyUnseen(step: string, { node }: ReadExpression): string | undefined {
    const { reading } = this.linted;
    const home = reading.homeOf(step);
    if (home?.owner === undefined || home === (node === undefined ? undefined : reading.homeOf(node))) return undefined;
    return `"${step}" stands in the body of "${home.owner}": outside of it there is only steps.${home.owner}.output, which its "result" makes.`;
  }

  /** Told at the last operand, behind which the default is missing. */
  private checkChain(chain: Chain, expression: ReadExpression): void {
    const read = stepsRead(chain);
    const last = read.at(-1);
    // What cannot be read at all has been told.
    if (!last || read.some(({ path: [step] }) => !this.sight.sees(expression, String(step)))) return;
    if (this.isCertain(chain, expression)) return;
    const place = id(last);
    const steps = [...new Set(read.map(({ path: [step] }) => String(step)))];
    const message =
      steps.length === 1
        ? `"${steps[0]}" may have no output here: it can be skipped, or fail.`
        : `There may be no output of ${listed(steps)} here: all of them can be skipped, or fail.`;
    const hint = 'End with a text: {{ … | default: "…" }}, in CEL first(…, "…").';
    const fix = defaultFor(last, expression, this.linted.reading.types);
    this.linted.problems.add('STEP_MAY_BE_SKIPPED', placeIn(expression, place), whereIn(expression, place) + message, { hint, fix });
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
    const homes = new Set(stepsRead(read).map(({ path }) => reading.homeOf(String(path[0]))));
    if (homes.size === 0) return true;
    return [...homes].some((home) => {
      const at = home && this.sight.positionIn(home, standpoint);
      if (!home || at === undefined) return true;
      return this.linted.outcomesOf(home).isCertain(at.node, (has) =>
        exists(read, (reference) => {
          const step = String(reference.path[0]);
          return reading.homeOf(step) === home ? has(step) : this.isCertain(reference, standpoint);
        }),
      );
    });
  }
}

const GIVERS = { item: 'an "each"', index: 'a loop or an "each"', previous: 'a loop' } as const;

/** The outputs of steps that are read, in the order of the text. */
function stepsRead(read: Reference | Chain): Reference[] {
  if ('operands' in read) return read.operands.flat().flatMap(stepsRead);
  return read.root === 'steps' && read.path[1] === 'output' ? [read] : [];
}

function exists(read: Reference | Chain, has: (reference: Reference) => boolean): boolean {
  if ('operands' in read) return read.operands.some((operand) => operand.every((part) => exists(part, has)));
  return stepsRead(read).length === 0 || has(read);
}

function keyOf(read: Reference | Chain): string {
  if ('operands' in read) return `(${read.operands.map((operand) => operand.map(keyOf).join('&')).join('|')})`;
  return stepsRead(read).length === 0 ? '' : String(read.path[0]);
}

function id(reference: Reference): TextRange {
  return { offset: reference.idOffset, length: reference.idLength };
}

/** Length of the name that begins at `offset`. */
function firstWord(text: string, offset: number): number {
  return /^\w+/.exec(text.slice(offset))?.[0].length ?? 0;
}

/** Where a part of a reference stands, if it is written with dots only. */
function partOf(reference: Reference, { text }: ReadExpression, index: number): TextRange | undefined {
  const written = text.slice(reference.offset, reference.offset + reference.length);
  const plain = [reference.root, ...reference.path.slice(0, index)].join('.');
  const part = String(reference.path[index]);
  if (!written.startsWith(`${plain}.${part}`)) return undefined;
  return { offset: reference.offset + plain.length + 1, length: part.length };
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

/** `{{ inputs.x }}` where CEL is wanted: the same without braces, if it is nothing else. */
function withoutBraces(expression: ReadExpression): Fix | undefined {
  const { text, kind } = expression;
  const [, inside] = WHOLE_TAG.exec(text) ?? [];
  if (kind !== 'condition' || inside === undefined) return undefined;
  return replacement(expression, { offset: 0, length: text.length }, inside);
}

/** `{{ … }}` where nothing is rendered, and objects that look like computed values but are none. */
function lintLiterals(node: string, spec: NodeSpec, path: JsonPath, { reading, problems }: LintedFlow): void {
  const manifest = reading.catalog.get(spec.type);
  if (!manifest) return;
  const hints = hintsOf(manifest);
  for (const [key, value] of Object.entries(spec.with ?? {})) {
    if (hints[key]?.body) continue;
    lintShapes(value, { path: [...path, 'with', key], node }, problems);
    const kind = hints[key]?.kind;
    if (typeof value !== 'string' || kind === 'template' || kind === 'condition') continue;
    const [tag] = /\{\{[^{}]*\}\}/.exec(value) ?? [];
    if (tag === undefined) continue;
    const part = { offset: value.indexOf(tag), length: tag.length };
    problems.add(
      'LITERAL_TEMPLATE',
      { path: [...path, 'with', key], node, part },
      `"${key}" is taken as it stands: ${clip(tag)} is not rendered.`,
      kind === 'value' ? { hint: 'Write { "$expr": "…" } with the value in CEL.', fix: computed(node, key, value) } : {},
    );
  }
}

/** `"{{ inputs.x }}"` in free JSON, as the computed value it was meant to be. */
function computed(node: string, key: string, value: string): Fix | undefined {
  const [, inside] = WHOLE_TAG.exec(value) ?? [];
  if (inside === undefined) return undefined;
  const title = `Change to { "$expr": "${inside}" }`;
  return { title, edits: [{ kind: 'setParam', node, path: ['with', key], value: { [EXPRESSION_KEY]: inside } }] };
}

/** A text that is one value in braces, without filters. */
const WHOLE_TAG = /^\s*\{\{-?\s*([\w.[\]]+)\s*-?\}\}\s*$/;

function lintShapes(value: Json, at: LintPlace, problems: LintProblems): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) lintShapes(item, { ...at, path: [...at.path, index] }, problems);
  } else if (isJsonObject(value)) {
    if (Object.hasOwn(value, EXPRESSION_KEY) && expressionIn(value) === undefined) {
      problems.add(
        'EXPRESSION_SHAPE',
        { ...at, path: [...at.path, EXPRESSION_KEY], key: true },
        'This is not computed: "$expr" stands alone and is a text.',
      );
    }
    for (const [key, item] of Object.entries(value)) lintShapes(item, { ...at, path: [...at.path, key] }, problems);
  }
}
