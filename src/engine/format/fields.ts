/** Where expressions stand in a flow: derived from the hints in the manifests, so that nobody else has to know node types. */
import type { Json, JsonObject, JsonPath } from './json.ts';
import { isJsonObject } from './json.ts';
import { type FieldHint, HINT, type NodeManifest } from './manifest.ts';
import type { Flow, NodeSpec } from './model.ts';
import { paramsSchema } from './parse-words.ts';

/** The key that makes an object of free JSON a computed value: `{"$expr": "CEL"}`. */
export const EXPRESSION_KEY = '$expr';

export interface ExpressionField {
  /** Of the string itself: of `{"$expr": …}` the path ends in `$expr`. */
  path: JsonPath;
  kind: 'template' | 'condition';
  text: string;
  /** The result has to be true or false. Never so for templates and computed values. */
  boolean: boolean;
  /** `secrets.NAME` may stand here. */
  secrets: boolean;
  /** Computed in the scope of the node's body. */
  inBody?: true;
}

/** The CEL text of a computed value, if `value` is one. */
export function expressionIn(value: Json): string | undefined {
  if (!isJsonObject(value) || !Object.hasOwn(value, EXPRESSION_KEY) || Object.keys(value).length !== 1) return undefined;
  const expression = value[EXPRESSION_KEY];
  return typeof expression === 'string' ? expression : undefined;
}

/** The expressions in the parameters of a node; paths from `params`. Parameters may be invalid: what is of another type is left out. */
export function expressionFields(manifest: NodeManifest, params: JsonObject): ExpressionField[] {
  const root = paramsSchema(manifest);
  const found = new Map<string, ExpressionField>();
  const add = (field: ExpressionField) => found.set(JSON.stringify(field.path), field);
  if (isJsonObject(root)) walk(root, params, [], { root, add });
  return [...found.values()];
}

/** Whether nodes of this type repeat a body of nodes. */
export function hasBody(manifest: NodeManifest): boolean {
  const schema = paramsSchema(manifest);
  const properties = isJsonObject(schema) && schema.properties !== undefined && isJsonObject(schema.properties) ? schema.properties : {};
  const { nodes } = properties;
  return nodes !== undefined && isJsonObject(nodes) && (nodes[HINT] as FieldHint | undefined)?.body === true;
}

/** The expressions of a whole node; paths from the node: those of its type, and those of the engine's own keys. */
export function nodeFields(manifest: NodeManifest | undefined, node: NodeSpec): ExpressionField[] {
  const own = manifest ? expressionFields(manifest, node.with ?? {}) : [];
  return [...own.map((field) => ({ ...field, path: ['with', ...field.path] })), ...gateFields(node)];
}

/** The expression in a node's own gate; paths from the node. */
export function gateFields({ gate }: NodeSpec): ExpressionField[] {
  if (!isJsonObject(gate) || typeof gate.message !== 'string') return [];
  return [{ path: ['gate', 'message'], kind: 'template', text: gate.message, boolean: false, secrets: false }];
}

/** The files that parameters name and whose bodies are templates; paths from `params`. They are frozen with the flow. */
export function templateFiles(manifest: NodeManifest, params: JsonObject): { path: JsonPath; file: string }[] {
  const schema = paramsSchema(manifest);
  const properties = isJsonObject(schema) && schema.properties !== undefined && isJsonObject(schema.properties) ? schema.properties : {};
  return Object.entries(params).flatMap(([key, file]) => {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    const hint = property !== undefined && isJsonObject(property) ? (property[HINT] as FieldHint | undefined) : undefined;
    return typeof file === 'string' && hint?.kind === 'literal' && hint.control === 'file' ? [{ path: [key], file }] : [];
  });
}

/** The expressions in the outputs of a flow; paths from the flow. */
export function outputFields(flow: Pick<Flow, 'outputs'>): ExpressionField[] {
  const fields: ExpressionField[] = [];
  for (const [name, output] of Object.entries(flow.outputs ?? {})) {
    walkValue(output.value, ['outputs', name, 'value'], (field) => fields.push(field));
  }
  return fields;
}

/** The computed values in free JSON; paths from the value. */
export function valueFields(value: Json): ExpressionField[] {
  const fields: ExpressionField[] = [];
  walkValue(value, [], (field) => fields.push(field));
  return fields;
}

interface Walk {
  root: JsonObject;
  add(field: ExpressionField): void;
}

/** A run does this for each of its nodes: nothing is made that is not needed. */
const NONE: readonly never[] = [];

/** `through`: schemas already gone through for the value at hand, as references may lead in circles. */
function walk(schema: JsonObject, value: Json, path: JsonPath, at: Walk, through: readonly JsonObject[] = NONE): void {
  if (through.includes(schema)) return;
  const hint = schema[HINT] as FieldHint | undefined;
  // The nodes of a body have fields of their own.
  if (hint?.body) return;
  const add = hint?.scope === 'body' ? (field: ExpressionField) => at.add({ ...field, inBody: true }) : at.add;
  if (hint?.kind === 'value') {
    walkValue(value, path, add);
    return;
  }
  if (typeof value === 'string') {
    if (hint?.kind === 'template' || hint?.kind === 'condition') {
      add({ path, kind: hint.kind, text: value, boolean: hint.kind === 'condition', secrets: hint.secrets === true });
      return;
    }
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const inner = Array.isArray(schema.items) ? schema.items[index] : schema.items;
      if (inner !== undefined && isJsonObject(inner)) walk(inner, item, [...path, index], at);
    }
  } else if (isJsonObject(value)) {
    const properties = schema.properties !== undefined && isJsonObject(schema.properties) ? schema.properties : {};
    for (const [key, item] of Object.entries(value)) {
      const inner = Object.hasOwn(properties, key) ? properties[key] : schema.additionalProperties;
      if (inner !== undefined && isJsonObject(inner)) walk(inner, item, [...path, key], at);
    }
  }
  const alternatives = alternativesOf(schema, at.root);
  if (alternatives.length === 0) return;
  const beyond = [...through, schema];
  for (const part of alternatives) walk(part, value, path, at, beyond);
}

/** The schemas that describe the same value as `schema`. */
function alternativesOf(schema: JsonObject, root: JsonObject): readonly JsonObject[] {
  const { anyOf, oneOf, allOf, $ref } = schema;
  if (anyOf === undefined && oneOf === undefined && allOf === undefined && $ref === undefined) return NONE;
  const lists = [anyOf, oneOf, allOf].flatMap((list) => (Array.isArray(list) ? list : []));
  const referred = typeof $ref === 'string' ? definitionOf($ref, root) : undefined;
  return [...lists, referred].filter((part) => part !== undefined && isJsonObject(part));
}

/** What a reference such as `#/definitions/x` leads to. */
function definitionOf(reference: string, root: JsonObject): Json | undefined {
  let at: Json | undefined = root;
  for (const step of reference.split('/').slice(1)) {
    at = at !== undefined && isJsonObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }
  return at;
}

function walkValue(value: Json, path: JsonPath, add: (field: ExpressionField) => void): void {
  const text = expressionIn(value);
  if (text !== undefined) add({ path: [...path, EXPRESSION_KEY], kind: 'condition', text, boolean: false, secrets: false });
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) walkValue(item, [...path, index], add);
  else if (isJsonObject(value)) for (const [key, item] of Object.entries(value)) walkValue(item, [...path, key], add);
}
