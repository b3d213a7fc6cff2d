/** What expressions of a flow say, checked against the flow: syntax, names, and whether the values are there. */
import { type Chain, compileCondition, compileTemplate, type Reference } from './expressions/index.ts';
import { EXPRESSION_KEY, expressionIn, nodeFields, templateFiles } from './fields.ts';
import { templateBody } from './front-matter.ts';
import { type Scope, visibleFrom } from './graph.ts';
import type { Json, JsonObject, JsonPath, JsonSchema } from './json.ts';
import { isJsonObject } from './json.ts';
import type { Outcomes } from './lint-outcomes.ts';
import type { LintPlace, LintProblems } from './lint-problems.ts';
import type { NodeCatalog } from './manifest.ts';
import type { Flow, NodeSpec } from './model.ts';
import { fieldsOf, type PlacedField } from './references.ts';
import { SECRET_NAME } from './resolve-secrets.ts';
import type { TextRange } from './string-offsets.ts';
import { listed, suggest } from './suggest.ts';

export interface LintFiles {
  /** Text of a file by its path relative to the flow; undefined where there is none. */
  readPrompt(path: string): string | undefined;
}

export interface LintedFlow {
  flow: Flow;
  scopes: readonly Scope[];
  catalog: NodeCatalog;
  problems: LintProblems;
  /** Computed once for each scope. */
  outcomesOf(scope: Scope): Outcomes;
}

/** Where an expression stands, and how a part of it is shown. */
interface Expression extends Pick<PlacedField, 'kind' | 'text' | 'boolean' | 'secrets'> {
  node?: string;
  at(part: TextRange): LintPlace;
  /** Put in front of messages: where in another file the part stands. */
  where(part: TextRange): string;
}

export function lintReferences(linted: LintedFlow, files: LintFiles | undefined): void {
  const context = new ReferenceLint(linted);
  for (const field of fieldsOf(linted.flow, linted.catalog)) {
    const { path, node } = field;
    context.lint({ ...field, at: (part) => ({ path, node, part }), where: () => '' });
  }
  for (const scope of linted.scopes) {
    for (const [id, node] of Object.entries(scope.nodes)) {
      const path = [...scope.path, id];
      lintLiterals(id, node, path, linted);
      if (files) lintFiles(id, node, path, linted, files, context);
    }
  }
  for (const [name, output] of Object.entries(linted.flow.outputs ?? {})) {
    lintShapes(output.value, { path: ['outputs', name, 'value'] }, linted.problems);
  }
}

class ReferenceLint {
  private readonly linted: LintedFlow;
  private readonly scopeOf = new Map<string, Scope>();
  private readonly visible = new Map<string, ReadonlySet<string>>();
  private readonly certain = new Map<string, boolean>();

  constructor(linted: LintedFlow) {
    this.linted = linted;
    for (const scope of linted.scopes) for (const id of Object.keys(scope.nodes)) if (!this.scopeOf.has(id)) this.scopeOf.set(id, scope);
  }

  lint(expression: Expression): void {
    const { problems } = this.linted;
    const { kind, text, at, where } = expression;
    const compiled = kind === 'template' ? compileTemplate(text) : compileCondition(text);
    if (!compiled.ok) {
      const { message, offset, length } = compiled.error;
      const isMixedUp = kind === 'condition' && text.includes('{{');
      const hint = isMixedUp ? 'This is CEL: names stand as they are, without {{ }}.' : undefined;
      const code = kind === 'template' ? 'TEMPLATE_SYNTAX' : 'CONDITION_SYNTAX';
      problems.add(code, at({ offset, length }), where({ offset, length }) + message, hint);
      return;
    }
    const found = 'template' in compiled ? compiled.template : compiled.condition;
    if (expression.boolean && 'condition' in compiled && !compiled.condition.mayBeBoolean) {
      const whole = { offset: 0, length: text.length };
      problems.add('CONDITION_NOT_BOOLEAN', at(whole), 'This condition is never true or false.');
    }
    for (const name of found.unknown) {
      const near = suggest(name.name, ['inputs', 'steps', 'trigger', 'run', 'item', 'index', 'previous', 'secrets']);
      const step = this.scopeOf.has(name.name) ? `steps.${name.name}.output` : undefined;
      const hint = (step ?? near) && `Did you mean "${step ?? near}"?`;
      problems.add('REFERENCE_ROOT_UNKNOWN', at(name), `${where(name)}There is no "${clip(name.name)}".`, hint);
    }
    for (const reference of found.references) this.check(reference, expression);
    for (const chain of found.chains) this.checkChain(chain, expression);
  }

  private check(reference: Reference, expression: Expression): void {
    const { flow, problems } = this.linted;
    const { at, where, node } = expression;
    switch (reference.root) {
      case 'steps':
        this.checkStep(reference, expression);
        return;
      case 'inputs': {
        const [name] = reference.path;
        const inputs = Object.keys(flow.inputs ?? {});
        if (typeof name !== 'string' || inputs.includes(name)) return;
        const near = suggest(name, inputs);
        problems.add(
          'INPUT_UNKNOWN',
          at(id(reference)),
          `${where(id(reference))}The flow has no input "${clip(name)}".`,
          near && `Did you mean "${near}"?`,
        );
        return;
      }
      case 'secrets':
        this.checkSecret(reference, expression);
        return;
      case 'item':
      case 'index':
      case 'previous': {
        const isInBody = node !== undefined && this.scopeOf.get(node)?.owner !== undefined;
        const ownsBody = node !== undefined && this.linted.scopes.some((scope) => scope.owner === node);
        if (isInBody || ownsBody) return;
        problems.add('REFERENCE_ROOT_UNAVAILABLE', at(reference), `${where(reference)}"${reference.root}" has a value only in a body.`);
        return;
      }
      case 'trigger':
        if (Object.keys(flow.triggers ?? {}).length > 0) return;
        problems.add('REFERENCE_ROOT_UNAVAILABLE', at(reference), `${where(reference)}The flow has no trigger that "trigger" could be.`);
        return;
      case 'run':
        return;
      default:
        reference.root satisfies never;
    }
  }

  private checkSecret(reference: Reference, { at, where, secrets }: Expression): void {
    const { problems } = this.linted;
    const [name] = reference.path;
    if (!secrets) problems.add('SECRET_PLACE', at(reference), `${where(reference)}A secret may not be used here.`);
    else if (name === undefined)
      problems.add('REFERENCE_COMPUTED', at(reference), 'Which secret is meant is not written out.', 'Write secrets.NAME.');
    else if (typeof name !== 'string' || !SECRET_NAME.test(name)) {
      problems.add('SECRET_NAME', at(id(reference)), `"${clip(String(name))}" cannot be the name of a secret.`);
    }
  }

  private checkStep(reference: Reference, expression: Expression): void {
    const { problems, scopes } = this.linted;
    const { at, where, node } = expression;
    const [step, part] = reference.path;
    if (typeof step !== 'string') {
      problems.add('REFERENCE_COMPUTED', at(reference), `${where(reference)}Which step is meant is not written out.`);
      return;
    }
    const place = at(id(reference));
    const prefix = where(id(reference));
    if (!this.scopeOf.has(step)) {
      const near = suggest(step, this.scopeOf.keys());
      problems.add('STEP_UNKNOWN', place, `${prefix}There is no step "${clip(step)}".`, near && `Did you mean "${near}"?`);
      return;
    }
    if (node !== undefined && !this.sees(node, step)) {
      const isOwnBody = scopes.some((scope) => scope.owner === node && Object.hasOwn(scope.nodes, step));
      if (!isOwnBody) {
        const message =
          step === node ? `"${step}" reads its own result, which is not there yet.` : `"${step}" does not come before "${node}".`;
        problems.add('STEP_NOT_BEFORE', place, prefix + message);
        return;
      }
    }
    if (part !== undefined && part !== 'output' && part !== 'error' && part !== 'state') {
      const near = suggest(String(part), ['output', 'error', 'state']) ?? `output.${part}`;
      problems.add(
        'STEP_PART_UNKNOWN',
        at(reference),
        `${where(reference)}"steps.${step}" has no "${clip(String(part))}".`,
        `Did you mean "steps.${step}.${near}"?`,
      );
      return;
    }
    if (part !== 'output') return;
    this.checkOutputPath(reference, step, expression);
    if (!reference.guarded && !this.isCertain(reference, node)) {
      problems.add('STEP_MAY_BE_SKIPPED', place, `${prefix}"${step}" may have no output here: it can be skipped, or fail.`);
    }
  }

  /** Told at the last operand, behind which the default is missing. */
  private checkChain(chain: Chain, { at, where, node }: Expression): void {
    const read = stepsRead(chain);
    const last = read.at(-1);
    // What cannot be read at all has been told.
    if (!last || read.some(({ path: [step] }) => node !== undefined && !this.sees(node, String(step)))) return;
    if (this.isCertain(chain, node)) return;
    const place = id(last);
    const steps = [...new Set(read.map(({ path: [step] }) => String(step)))];
    const message =
      steps.length === 1
        ? `"${steps[0]}" may have no output here: it can be skipped, or fail.`
        : `There may be no output of ${listed(steps)} here: all of them can be skipped, or fail.`;
    const hint = 'End with a text: {{ … | default: "…" }}, in CEL first(…, "…").';
    this.linted.problems.add('STEP_MAY_BE_SKIPPED', at(place), where(place) + message, hint);
  }

  private checkOutputPath(reference: Reference, step: string, { at, where }: Expression): void {
    const node = this.scopeOf.get(step)?.nodes[step];
    const manifest = node && this.linted.catalog.get(node.type);
    if (!node || !manifest) return;
    const wrong = unknownKey(node.output ?? manifest.output(node.with ?? {}), reference.path.slice(2));
    if (!wrong) return;
    const near = suggest(wrong.key, wrong.known);
    const hint = near ? `Did you mean "${near}"?` : wrong.known.length > 0 ? `It has ${listed(wrong.known)}.` : undefined;
    this.linted.problems.add(
      'STEP_FIELD_UNKNOWN',
      at(reference),
      `${where(reference)}The output of "${step}" has no "${clip(wrong.key)}".`,
      hint,
    );
  }

  /** Whether a node may read a step. Most read their neighbours: only for the others the whole way back is walked. */
  private sees(node: string, step: string): boolean {
    if (Object.hasOwn(this.scopeOf.get(node)?.nodes[node]?.after ?? {}, step)) return true;
    const known = this.visible.get(node) ?? visibleFrom(this.linted.flow, node);
    this.visible.set(node, known);
    return known.has(step);
  }

  /** Whether what is read is there on every way to `node` (undefined: to the end of the run). */
  private isCertain(read: Reference | Chain, node: string | undefined): boolean {
    const key = `${node ?? ''} ${keyOf(read)}`;
    const known = this.certain.get(key) ?? this.isCertainNow(read, node);
    this.certain.set(key, known);
    return known;
  }

  /**
   * What happens in one scope says nothing about another one: a value may be missing only if every scope it reads from has a way
   * on which it would be, with whatever is not certain in the others missing.
   */
  private isCertainNow(read: Reference | Chain, node: string | undefined): boolean {
    const homes = new Set(stepsRead(read).map(({ path }) => this.scopeOf.get(String(path[0]))));
    if (homes.size === 0) return true;
    return [...homes].some((home) => {
      const at = home && this.placeIn(home, node);
      if (!home || at === undefined) return true;
      return this.linted.outcomesOf(home).isCertain(at.node, (has) =>
        exists(read, (reference) => {
          const step = String(reference.path[0]);
          return this.scopeOf.get(step) === home ? has(step) : this.isCertain(reference, node);
        }),
      );
    });
  }

  /** A step outside of a body is as certain in the body as it is for the body's owner. Undefined: `home` is not around `node`. */
  private placeIn(home: Scope, node: string | undefined): { node: string | undefined } | undefined {
    if (node === undefined) return home.owner === undefined ? { node } : undefined;
    let at: string | undefined = node;
    for (let scope = this.scopeOf.get(node); scope && scope !== home; scope = at === undefined ? undefined : this.scopeOf.get(at))
      at = scope.owner;
    return at === undefined ? undefined : { node: at };
  }
}

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

/** The first key on the path that a closed schema does not know. Open schemas and combinations are taken to know everything. */
function unknownKey(schema: JsonSchema, path: readonly (string | number)[]): { key: string; known: string[] } | undefined {
  let at: Json | undefined = schema;
  for (const key of path) {
    if (
      at === undefined ||
      !isJsonObject(at) ||
      ['$ref', 'anyOf', 'oneOf', 'allOf', 'if'].some((word) => Object.hasOwn(at as JsonObject, word))
    ) {
      return undefined;
    }
    if (at.type === 'array') {
      // Lists have size, first and last in templates.
      at = key === 'size' ? undefined : at.items;
    } else if (at.properties !== undefined && isJsonObject(at.properties) && typeof key === 'string') {
      const known = Object.keys(at.properties);
      if (!known.includes(key)) return at.additionalProperties === false && at.patternProperties === undefined ? { key, known } : undefined;
      at = at.properties[key];
    } else return undefined;
  }
  return undefined;
}

/** `{{ … }}` where nothing is rendered, and objects that look like computed values but are none. */
function lintLiterals(node: string, spec: NodeSpec, path: JsonPath, { catalog, problems }: LintedFlow): void {
  const manifest = catalog.get(spec.type);
  if (!manifest) return;
  const rendered = new Set(nodeFields(manifest, spec).map((field) => JSON.stringify(field.path)));
  for (const [key, value] of Object.entries(spec.with ?? {})) {
    if (key === 'nodes') continue;
    lintShapes(value, { path: [...path, 'with', key], node }, problems);
    if (typeof value !== 'string' || rendered.has(JSON.stringify(['with', key]))) continue;
    const [tag] = /\{\{[^{}]*\}\}/.exec(value) ?? [];
    if (tag === undefined) continue;
    const part = { offset: value.indexOf(tag), length: tag.length };
    problems.add(
      'LITERAL_TEMPLATE',
      { path: [...path, 'with', key], node, part },
      `"${key}" is taken as it stands: ${clip(tag)} is not rendered.`,
    );
  }
}

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

/** Template files: whether they are there, and what stands in them. Their problems are shown where the flow names them. */
function lintFiles(node: string, spec: NodeSpec, path: JsonPath, linted: LintedFlow, files: LintFiles, context: ReferenceLint): void {
  const manifest = linted.catalog.get(spec.type);
  if (!manifest) return;
  for (const { path: field, file } of templateFiles(manifest, spec.with ?? {})) {
    const place = { path: [...path, 'with', ...field], node };
    const whole = files.readPrompt(file);
    if (whole === undefined) {
      linted.problems.add('PROMPT_FILE_MISSING', place, `The file "${clip(file)}" is not there.`);
      continue;
    }
    const text = templateBody(file, whole);
    const skipped = whole.length - text.length;
    const where = ({ offset }: TextRange) => {
      const before = whole.slice(0, skipped + offset).split('\n');
      return `${file}:${before.length}:${(before.at(-1) ?? '').length + 1}: `;
    };
    context.lint({ kind: 'template', text, boolean: false, secrets: false, node, at: () => place, where });
  }
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
