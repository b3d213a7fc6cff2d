/** A JSON Schema of an object as rows: one for each property. What a row cannot show stays in the schema as it is. Pure. */
import { isJsonObject, type Json, type JsonObject, type JsonPath } from '../../engine/format/json.ts';

export const ROW_TYPES = ['string', 'number', 'integer', 'boolean', 'array', 'object'] as const;
type Type = (typeof ROW_TYPES)[number];
/** `any`: the schema says nothing of the type. `other`: it says more than a row can show, so that the row shows its JSON. */
export type RowType = Type | 'any' | 'other';

export interface SchemaRow {
  name: string;
  /** Of the property's schema, from the schema as a whole. */
  path: JsonPath;
  type: RowType;
  required: boolean;
  description: string;
  /** Undefined: any value of the type. */
  choices: readonly Json[] | undefined;
  /** Of a list: what it is a list of. */
  items: RowType | undefined;
  /** Of an object, or a list of objects: its properties; `inner` is the path of that object's schema. */
  rows: readonly SchemaRow[];
  inner: JsonPath | undefined;
  /** The schema itself. */
  schema: Json;
}

/** Sets (or, where `value` is undefined, removes) what stands at a path of the schema, or gives a property another name. */
export type SchemaChange = { path: JsonPath; value: Json | undefined } | { path: JsonPath; rename: string };

/** Keywords that say which values fit beyond what rows show: a row with one of them shows its JSON. */
const BEYOND = ['$ref', 'anyOf', 'oneOf', 'allOf', 'not', 'if', 'const', 'prefixItems', 'patternProperties'];

const get = (schema: JsonObject, key: string): Json | undefined => (Object.hasOwn(schema, key) ? schema[key] : undefined);

function typeOf(schema: Json): RowType {
  if (schema === true) return 'any';
  if (!isJsonObject(schema) || BEYOND.some((key) => Object.hasOwn(schema, key))) return 'other';
  const type = get(schema, 'type');
  if (type === undefined) return Object.hasOwn(schema, 'properties') || Object.hasOwn(schema, 'items') ? 'other' : 'any';
  return ROW_TYPES.find((known) => known === type) ?? 'other';
}

/** The rows of a schema; undefined where it is not that of an object and has to be shown as JSON. No schema at all has no rows. */
export function rowsOf(schema: Json | undefined): readonly SchemaRow[] | undefined {
  if (schema === undefined) return [];
  if (!isJsonObject(schema)) return undefined;
  const isObject =
    typeOf(schema) === 'object' || (Object.keys(schema).length === 0 ? true : typeOf(schema) === 'other' && isBareObject(schema));
  return isObject ? rowsAt(schema, []) : undefined;
}

/** `{"properties": …}` without a type: people leave it out. */
function isBareObject(schema: JsonObject): boolean {
  return get(schema, 'type') === undefined && isJsonObject(get(schema, 'properties')) && !BEYOND.some((key) => Object.hasOwn(schema, key));
}

function rowsAt(schema: JsonObject, at: JsonPath): SchemaRow[] | undefined {
  const properties = get(schema, 'properties') ?? {};
  if (!isJsonObject(properties)) return undefined;
  const required = requiredOf(schema);
  return Object.entries(properties).map(([name, property]) => rowOf(name, property, [...at, 'properties', name], required.includes(name)));
}

function requiredOf(schema: JsonObject): string[] {
  const required = get(schema, 'required');
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}

function rowOf(name: string, schema: Json, path: JsonPath, required: boolean): SchemaRow {
  const type = typeOf(schema);
  const known = isJsonObject(schema) ? schema : {};
  const items = get(known, 'items');
  const inner =
    type === 'object' ? path : type === 'array' && items !== undefined && typeOf(items) === 'object' ? [...path, 'items'] : undefined;
  const holder = inner === path ? known : isJsonObject(items) ? items : {};
  const choices = get(known, 'enum');
  const description = get(known, 'description');
  return {
    name,
    path,
    type,
    required,
    description: typeof description === 'string' ? description : '',
    choices: Array.isArray(choices) ? choices : undefined,
    items: type === 'array' ? (items === undefined ? 'any' : typeOf(items)) : undefined,
    rows: inner === undefined ? [] : (rowsAt(holder, inner) ?? []),
    inner,
    schema,
  };
}

/** The schema at a path; undefined: there is none. */
function at(schema: Json | undefined, path: JsonPath): Json | undefined {
  let found = schema;
  for (const part of path) found = isJsonObject(found) ? get(found, String(part)) : undefined;
  return found;
}

const NAME = /^[A-Za-z_$][\w$-]*$/;

/** Why a property cannot have a name among others; empty where it can. */
export function nameProblem(schema: Json | undefined, inner: JsonPath, name: string): string {
  if (!NAME.test(name)) return 'A name has letters, digits, “_” and “-”, and does not begin with a digit.';
  const properties = at(schema, [...inner, 'properties']);
  return isJsonObject(properties) && Object.hasOwn(properties, name) ? `“${name}” is there already.` : '';
}

/** A new property, which is required: a result that may lack it would have to be provided for wherever it is read. */
export function addRow(schema: Json | undefined, inner: JsonPath, name: string): SchemaChange[] {
  const holder = at(schema, inner);
  const property: Json = { type: 'string' };
  if (!isJsonObject(holder) || Object.keys(holder).length === 0) {
    const whole: Json = { type: 'object', properties: { [name]: property }, required: [name], additionalProperties: false };
    return [{ path: inner, value: whole }];
  }
  const properties = get(holder, 'properties');
  const added: SchemaChange = isJsonObject(properties)
    ? { path: [...inner, 'properties', name], value: property }
    : { path: [...inner, 'properties'], value: { [name]: property } };
  return [added, ...require(schema, inner, name, true)];
}

export function removeRow(schema: Json | undefined, row: SchemaRow): SchemaChange[] {
  const inner = row.path.slice(0, -2);
  return [{ path: row.path, value: undefined }, ...require(schema, inner, row.name, false)];
}

export function renameRow(schema: Json | undefined, row: SchemaRow, to: string): SchemaChange[] {
  const inner = row.path.slice(0, -2);
  const required = requiredAt(schema, inner);
  const index = required.indexOf(row.name);
  return [{ path: row.path, rename: to }, ...(index < 0 ? [] : [{ path: [...inner, 'required', index], value: to }])];
}

export function requireRow(schema: Json | undefined, row: SchemaRow, required: boolean): SchemaChange[] {
  return require(schema, row.path.slice(0, -2), row.name, required);
}

function requiredAt(schema: Json | undefined, inner: JsonPath): string[] {
  const holder = at(schema, inner);
  return isJsonObject(holder) ? requiredOf(holder) : [];
}

function require(schema: Json | undefined, inner: JsonPath, name: string, wanted: boolean): SchemaChange[] {
  const names = requiredAt(schema, inner);
  if (names.includes(name) === wanted) return [];
  const next = wanted ? [...names, name] : names.filter((other) => other !== name);
  return [{ path: [...inner, 'required'], value: next.length === 0 ? undefined : next }];
}

/** Another type. What the schema says besides stays, but for choices that are none of it. */
export function retype(row: SchemaRow, type: RowType): SchemaChange[] {
  if (type === row.type || type === 'other') return [];
  const { schema } = row;
  if (!isJsonObject(schema) || row.type === 'other') return [{ path: row.path, value: type === 'any' ? {} : { type } }];
  const fits = row.choices?.every(
    (choice) => type === 'any' || typeOfValue(choice) === type || (type === 'number' && typeof choice === 'number'),
  );
  return [
    { path: [...row.path, 'type'], value: type === 'any' ? undefined : type },
    ...(fits === false ? [{ path: [...row.path, 'enum'], value: undefined }] : []),
    ...(type === 'array' && !Object.hasOwn(schema, 'items') ? [{ path: [...row.path, 'items'], value: { type: 'string' } }] : []),
    ...(type === 'object' && !Object.hasOwn(schema, 'properties') ? [{ path: [...row.path, 'properties'], value: {} }] : []),
  ];
}

export function retypeItems(row: SchemaRow, type: RowType): SchemaChange[] {
  if (type === row.items || type === 'other') return [];
  return [{ path: [...row.path, 'items'], value: type === 'any' ? undefined : type === 'object' ? { type, properties: {} } : { type } }];
}

function typeOfValue(value: Json): RowType {
  if (value === null) return 'other';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value as 'string' | 'boolean' | 'object';
}

/** Choices as people type them: `red, green`; as JSON where that would not be the same. */
export function writeChoices(choices: readonly Json[] | undefined): string {
  if (choices === undefined) return '';
  const isPlain = choices.every(
    (choice) => typeof choice === 'string' && choice === choice.trim() && /^[^,"[\]{}]+$/.test(choice) && Number.isNaN(Number(choice)),
  );
  return isPlain ? choices.join(', ') : JSON.stringify(choices);
}

/** The choices that typed text stands for; undefined: none are left. Texts of a row of numbers are numbers. */
export function readChoices(typed: string, type: RowType): { ok: true; choices: Json[] | undefined } | { ok: false; problem: string } {
  const text = typed.trim();
  if (text === '') return { ok: true, choices: undefined };
  if (text.startsWith('[')) {
    try {
      const read = JSON.parse(text) as Json;
      return Array.isArray(read) && read.length > 0 ? { ok: true, choices: read } : { ok: true, choices: undefined };
    } catch {
      return { ok: false, problem: 'This is no JSON list yet.' };
    }
  }
  const parts = [...new Set(text.split(',').map((part) => part.trim()))].filter((part) => part !== '');
  if (type !== 'number' && type !== 'integer') return { ok: true, choices: parts };
  const numbers = parts.map(Number);
  return numbers.every((number) => Number.isFinite(number)) ? { ok: true, choices: numbers } : { ok: false, problem: 'Expected numbers.' };
}
