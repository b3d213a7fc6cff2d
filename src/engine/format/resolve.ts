/** From the parameters an author wrote to those a step runs with. */
import { BelayError } from '../errors.ts';
import type { Trust } from '../run/events.ts';
import type { Reference, Scope } from './expressions/index.ts';
import { type CompiledTemplate, compileCondition, compileTemplate, type ExpressionError, ExpressionFault } from './expressions/index.ts';
import { EXPRESSION_KEY, type ExpressionField, expressionIn } from './fields.ts';
import type { Json, JsonObject, JsonPath } from './json.ts';
import { isJsonObject } from './json.ts';
import { looksLikePlaceholder, secretPlaceholder } from './resolve-secrets.ts';

/** A parameter that is computed each time the node's turn comes. */
export interface ParamField {
  /** Of the value that is put in. */
  readonly at: JsonPath;
  /** Throws as `resolveParams`. */
  compute(scope: Scope): Json;
}

/**
 * What has to be computed of the parameters with these expressions: templates and computed values. Conditions stay as text, because only
 * the node knows when to ask them. Secrets stand as placeholders (resolve-secrets.ts), in the fields that may hold them.
 */
export function paramFields(fields: readonly ExpressionField[]): ParamField[] {
  return fields
    .filter(({ boolean, inBody }) => !boolean && !inBody)
    .map((field) => {
      const { path, kind, text } = field;
      const name = fieldName(path);
      if (kind === 'template') return { at: path, compute: (scope) => render(field, scope, name) };
      const compiled = compileCondition(text);
      // The whole {"$expr": …} is replaced by its value.
      return { at: path.slice(0, -1), compute: (scope) => evaluated(compiled, text, scope, name) };
    });
}

/**
 * The parameters a step runs with.
 *
 * @param scope a value for each root the node may read, `secrets` excepted.
 * @throws BelayError `TEMPLATE_FAILED` or `EXPRESSION_FAILED` with the field, the offset in its text and the text in `details`.
 */
export function resolveParams(params: JsonObject, fields: readonly ParamField[], scope: Scope): JsonObject {
  let resolved: Json = params;
  for (const { at, compute } of fields) resolved = replaced(resolved, at, compute(scope));
  return isJsonObject(resolved) ? resolved : params;
}

/** Free JSON with every `{"$expr": …}` in it computed. Throws as `resolveParams`. */
export function resolveValue(value: Json, scope: Scope, field = 'value'): Json {
  const expression = expressionIn(value);
  if (expression !== undefined) return evaluateExpression(expression, scope, `${field}.${EXPRESSION_KEY}`);
  if (Array.isArray(value)) return value.map((item, index) => resolveValue(item, scope, `${field}.${index}`));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveValue(item, scope, `${field}.${key}`)]));
}

/** One Liquid template, without secrets. `field` names it in the error. @throws BelayError `TEMPLATE_FAILED` */
export function renderTemplate(text: string, scope: Scope, field = 'template'): string {
  return render({ text, secrets: false }, scope, field);
}

/** One CEL expression. `field` names it in the error. @throws BelayError `EXPRESSION_FAILED` */
export function evaluateExpression(text: string, scope: Scope, field = 'expression'): Json {
  return evaluated(compileCondition(text), text, scope, field);
}

function evaluated(compiled: ReturnType<typeof compileCondition>, text: string, scope: Scope, field: string): Json {
  if (!compiled.ok) throw failed('EXPRESSION_FAILED', field, text, compiled.error);
  return attempt('EXPRESSION_FAILED', field, text, () => compiled.condition.evaluate(without(scope, 'secrets')));
}

/** The label of what is made from these references: untrusted as soon as one of them is. */
export function trustOf(references: readonly Pick<Reference, 'root' | 'path'>[], labels: TrustLabels): Trust {
  return references.every((reference) => labelOf(reference, labels) === 'trusted') ? 'trusted' : 'untrusted';
}

/** Labels of what a run has so far. What has no label is untrusted. */
export interface TrustLabels {
  /** By id of the step. */
  steps: { get(id: string): Trust | undefined };
  /** Inputs: a person typed them, unless the run was started by something else. Default: trusted. */
  inputs?: Trust;
  item?: Trust;
  previous?: Trust;
}

function labelOf({ root, path }: Pick<Reference, 'root' | 'path'>, labels: TrustLabels): Trust {
  switch (root) {
    case 'inputs':
      return labels.inputs ?? 'trusted';
    case 'steps':
      return labels.steps.get(String(path[0])) ?? 'untrusted';
    case 'trigger':
      return 'untrusted';
    case 'item':
      return labels.item ?? 'untrusted';
    case 'previous':
      return labels.previous ?? 'untrusted';
    case 'index':
    case 'run':
    case 'secrets':
      return 'trusted';
    default:
      return root satisfies never;
  }
}

function render(field: Pick<ExpressionField, 'text' | 'secrets'>, scope: Scope, name: string): string {
  const compiled = compileTemplate(field.text);
  if (!compiled.ok) throw failed('TEMPLATE_FAILED', name, field.text, compiled.error);
  const { template } = compiled;
  const [secret] = template.references.filter(({ root }) => root === 'secrets');
  if (!secret) {
    const text = attempt('TEMPLATE_FAILED', name, field.text, () => template.render(without(scope, 'secrets')));
    if (field.secrets) refusePlaceholders(text, name, field.text);
    return text;
  }
  if (!field.secrets) {
    throw failed('TEMPLATE_FAILED', name, field.text, { ...secret, message: 'Secrets may not be used in this field.' });
  }
  return attempt('TEMPLATE_FAILED', name, field.text, () => {
    // Once without them: what looks like a placeholder then has come from outside, to be given a secret.
    refusePlaceholders(template.render(withSecrets(template, scope, () => '')), name, field.text);
    return template.render(withSecrets(template, scope, secretPlaceholder));
  });
}

function refusePlaceholders(rendered: string, name: string, text: string): void {
  if (!looksLikePlaceholder(rendered)) return;
  const message = 'A value that is put in here looks like a reference to a secret.';
  throw failed('TEMPLATE_FAILED', name, text, { message, offset: 0, length: text.length });
}

function withSecrets(template: CompiledTemplate, scope: Scope, value: (name: string) => string): Scope {
  const names = template.references.filter(({ root }) => root === 'secrets').map(({ path }) => String(path[0]));
  return { ...scope, secrets: Object.fromEntries(names.map((name) => [name, value(name)])) };
}

function without(scope: Scope, root: string): Scope {
  return Object.hasOwn(scope, root) ? Object.fromEntries(Object.entries(scope).filter(([name]) => name !== root)) : scope;
}

function attempt<T>(code: 'TEMPLATE_FAILED' | 'EXPRESSION_FAILED', field: string, text: string, perform: () => T): T {
  try {
    return perform();
  } catch (thrown) {
    if (thrown instanceof ExpressionFault) throw failed(code, field, text, thrown);
    throw thrown;
  }
}

function failed(code: 'TEMPLATE_FAILED' | 'EXPRESSION_FAILED', field: string, text: string, error: ExpressionError): BelayError {
  const { message, offset, length } = error;
  const part = text.slice(offset, offset + Math.min(length, 80));
  return new BelayError(code, `"${field}" could not be computed: ${message}`, {
    hint: code === 'TEMPLATE_FAILED' ? 'Correct the template, or give the value a default: {{ … | default: "…" }}.' : EXPRESSION_HINT,
    kind: 'badRequest',
    details: { field, offset, length, text: part },
    cause: error instanceof Error ? error : undefined,
  });
}

const EXPRESSION_HINT = 'Correct the expression, or provide for what may be missing: first(…, "default").';

/** `cases.0.when` */
function fieldName(path: JsonPath): string {
  return path.join('.');
}

/** A copy with another value at `path`. What stands beside it is shared with `value`. */
function replaced(value: Json, path: JsonPath, by: Json, from = 0): Json {
  const step = path[from];
  if (step === undefined) return by;
  if (Array.isArray(value) && typeof step === 'number') return value.with(step, replaced(value[step] ?? null, path, by, from + 1));
  if (isJsonObject(value)) return { ...value, [step]: replaced(value[String(step)] ?? null, path, by, from + 1) };
  return value;
}
