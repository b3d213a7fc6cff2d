/** What expressions of a flow say, checked against the flow: syntax, and names. */
import type { Reference } from './expressions/index.ts';
import { EXPRESSION_KEY, expressionIn } from './fields.ts';
import { hintsOf } from './hints.ts';
import type { Json, JsonPath } from './json.ts';
import { isJsonObject } from './json.ts';
import type { LintedFlow } from './lint-flow.ts';
import { NullLint } from './lint-nulls.ts';
import { placeIn, replacement, whereIn } from './lint-places.ts';
import type { LintPlace, LintProblems } from './lint-problems.ts';
import { lintTypes } from './lint-types.ts';
import type { NodeSpec } from './model.ts';
import type { Fix } from './problem.ts';
import type { ReadExpression } from './reading.ts';
import { SECRET_NAME } from './resolve-secrets.ts';
import { Sight } from './sight.ts';
import type { TextRange } from './string-offsets.ts';
import { clip, suggest } from './suggest.ts';

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
  private readonly nulls: NullLint;

  constructor(linted: LintedFlow) {
    this.linted = linted;
    this.sight = new Sight(linted.reading);
    this.nulls = new NullLint(linted, this.sight);
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
    for (const chain of expression.chains) this.nulls.lintChain(chain, expression);
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
    this.nulls.lintReference(reference, expression);
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
}

const GIVERS = { item: 'an "each"', index: 'a loop or an "each"', previous: 'a loop' } as const;

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
