/** The form of a node type, derived from the JSON Schema of its parameters and the hints in it. Pure. */
import { isJsonObject, type Json, type JsonObject } from '../../engine/format/json.ts';
import { type FieldControl, type FieldKind, HINT, type NodeManifest } from '../../engine/format/manifest.ts';
import { paramsSchema } from '../../engine/format/parse-words.ts';

/** What draws a field: the hint's controls, those that follow from a JSON type, and `rows` for lists of small objects. */
export type Control = Exclude<FieldControl, 'cases'> | 'agent' | 'tool' | 'number' | 'boolean' | 'enum' | 'rows' | 'body';

export interface Column {
  key: string;
  title: string;
  kind: FieldKind;
  placeholder: string;
}

export interface FormField {
  key: string;
  title: string;
  description: string;
  kind: FieldKind;
  control: Control;
  required: boolean;
  advanced: boolean;
  placeholder: string;
  /** For `enum`. */
  choices: string[];
  /** For `number`, and for `list` of numbers. */
  numeric: 'no' | 'number' | 'integer';
  /** Each text of a `list` is the name of one. */
  names: 'none' | 'models' | 'agents' | 'tools';
  /** For `rows`. */
  columns: Column[];
  /** Rows that are named outlets of the node: renaming one takes its edges along. */
  outlets: boolean;
}

const text = (value: Json | undefined, otherwise = ''): string => (typeof value === 'string' ? value : otherwise);

function hintOf(schema: JsonObject): JsonObject {
  const hint = schema[HINT];
  return isJsonObject(hint) ? hint : {};
}

/** Columns of a list of objects all of whose properties are texts; empty where it is not one. */
function columnsOf(schema: JsonObject): Column[] {
  const { items } = schema;
  if (!isJsonObject(items) || !isJsonObject(items.properties)) return [];
  const properties = Object.entries(items.properties);
  const texts = properties.every(([, property]) => isJsonObject(property) && property.type === 'string');
  if (!texts) return [];
  return properties.map(([key, property]) => {
    const schemaOf = property as JsonObject;
    const hint = hintOf(schemaOf);
    return { key, title: text(schemaOf.title, key), kind: text(hint.kind, 'literal') as FieldKind, placeholder: text(hint.placeholder) };
  });
}

function numericOf(type: Json | undefined): FormField['numeric'] {
  return type === 'integer' || type === 'number' ? type : 'no';
}

function controlOf(schema: JsonObject, hint: JsonObject): Control {
  if (hint.body === true) return 'body';
  if (columnsOf(schema).length > 0) return 'rows';
  if (schema.type === 'string' && hint.names === 'agent') return 'agent';
  if (schema.type === 'string' && hint.names === 'model') return 'model';
  if (schema.type === 'string' && hint.names === 'tool') return 'tool';
  const wished = text(hint.control);
  if (wished !== '' && wished !== 'cases') return wished as Control;
  if (Array.isArray(schema.enum)) return 'enum';
  switch (schema.type) {
    case 'string':
      return 'text';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return isJsonObject(schema.items) && schema.items.type !== 'object' ? 'list' : 'json';
    default:
      return 'json';
  }
}

function fieldOf(key: string, schema: JsonObject, required: boolean): FormField {
  const hint = hintOf(schema);
  const items = isJsonObject(schema.items) ? schema.items : {};
  return {
    key,
    title: text(schema.title, key),
    description: text(schema.description),
    kind: text(hint.kind, 'literal') as FieldKind,
    control: controlOf(schema, hint),
    required,
    advanced: hint.advanced === true,
    placeholder: text(hint.placeholder),
    choices: Array.isArray(schema.enum) ? schema.enum.map((choice) => text(choice)) : [],
    numeric: numericOf(schema.type === 'array' ? items.type : schema.type),
    names: hint.names === 'model' ? 'models' : hint.names === 'agent' ? 'agents' : hint.names === 'tool' ? 'tools' : 'none',
    columns: columnsOf(schema),
    outlets: hint.control === 'cases',
  };
}

const forms = new WeakMap<NodeManifest, readonly FormField[]>();

/** The fields of a node type in the order of its manifest. */
export function formOf(manifest: NodeManifest): readonly FormField[] {
  const known = forms.get(manifest);
  if (known) return known;
  const params = paramsSchema(manifest);
  const schema: JsonObject = isJsonObject(params) ? params : {};
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const properties = isJsonObject(schema.properties) ? Object.entries(schema.properties) : [];
  const form = properties.map(([key, property]) => fieldOf(key, isJsonObject(property) ? property : {}, required.has(key)));
  forms.set(manifest, form);
  return form;
}

/** The field with the name of whoever is asked: an agent, else a model. */
export function namesOf(manifest: NodeManifest): string | undefined {
  const form = formOf(manifest);
  return (form.find(({ control }) => control === 'agent') ?? form.find(({ control }) => control === 'model'))?.key;
}

export type Written = { ok: true; value: Json | undefined } | { ok: false; problem: string };

const REMOVED: Written = { ok: true, value: undefined };

/** The value that typed text stands for; an emptied field that may be left out is removed. */
export function readText(typed: string, required: boolean): Written {
  return typed === '' && !required ? REMOVED : { ok: true, value: typed };
}

export function readNumber(typed: string, numeric: FormField['numeric']): Written {
  const trimmed = typed.trim();
  if (trimmed === '') return REMOVED;
  const number = Number(trimmed);
  if (!Number.isFinite(number)) return { ok: false, problem: `“${trimmed}” is not a number.` };
  if (numeric === 'integer' && !Number.isSafeInteger(number)) return { ok: false, problem: 'Expected a whole number.' };
  return { ok: true, value: number };
}

export function readJson(typed: string): Written {
  if (typed.trim() === '') return REMOVED;
  try {
    return { ok: true, value: JSON.parse(typed) as Json };
  } catch (error) {
    return { ok: false, problem: `This is not JSON yet: ${error instanceof Error ? error.message : String(error)}` };
  }
}

export function writeJson(value: Json | undefined): string {
  return value === undefined ? '' : JSON.stringify(value, null, 2);
}

/** The CEL text of `{"$expr": "…"}`; undefined for any other value. */
export function expressionOf(value: Json | undefined): string | undefined {
  if (value === undefined || !isJsonObject(value)) return undefined;
  const keys = Object.keys(value);
  return keys.length === 1 && typeof value.$expr === 'string' ? value.$expr : undefined;
}

/** A new row that is valid at once: conditions are true, names are free. */
export function newRow(columns: readonly Column[], rows: readonly JsonObject[]): JsonObject {
  const row: JsonObject = {};
  for (const column of columns) {
    if (column.kind === 'condition') {
      row[column.key] = 'true';
      continue;
    }
    const taken = new Set(rows.map((other) => other[column.key]));
    let number = rows.length + 1;
    while (taken.has(`${column.key}${number}`)) number += 1;
    row[column.key] = `${column.key}${number}`;
  }
  return row;
}
