/**
 * What is known of a value before anything runs: which kinds it may be of, and of what its parts are. Never narrower than the
 * truth, so that what no value of a type can do is certainly a mistake.
 */
import type { Json, JsonObject, JsonSchema } from '../json.ts';
import { isJsonObject } from '../json.ts';

/** The kinds of values as bits. Numbers of JSON are `double` in CEL, whole or not; `int` is what CEL itself counts and writes. */
export const KIND = {
  text: 1,
  int: 2,
  double: 4,
  boolean: 8,
  null: 16,
  list: 32,
  object: 64,
  time: 128,
  span: 256,
  bytes: 512,
  type: 1024,
} as const;
export type KindName = keyof typeof KIND;

const JSON_KINDS = KIND.text | KIND.double | KIND.boolean | KIND.null | KIND.list | KIND.object;
const EVERY_KIND = 2047;

export interface Type {
  /** What it may be, as a sum of `KIND`. Never 0. */
  readonly kinds: number;
  /** If it is a text: one of these. Absent: any. */
  readonly texts?: readonly string[];
  /** If it is an object. Absent: nothing is known of its fields. */
  readonly object?: ObjectType;
  /** If it is a list: its items. Absent: anything. Computed when asked for, as schemas may be recursive. */
  readonly items?: () => Type;
  /** What its schema says that it is, in words for people. */
  readonly about?: string;
}

export interface ObjectType {
  /** The names that are declared. */
  readonly known: readonly string[];
  /** Those of them that are always there. */
  readonly required: readonly string[];
  /** Undefined: there is certainly no such field. */
  field(name: string): Type | undefined;
}

export const ANY: Type = { kinds: EVERY_KIND };
export const ANY_JSON: Type = { kinds: JSON_KINDS };
export const NULL: Type = { kinds: KIND.null };
export const TEXT: Type = { kinds: KIND.text };
export const BOOLEAN: Type = { kinds: KIND.boolean };
export const DOUBLE: Type = { kinds: KIND.double };

export function oneOfTexts(texts: readonly string[]): Type {
  return { kinds: KIND.text, texts };
}

export function listOf(items: () => Type): Type {
  return { kinds: KIND.list, items };
}

/** An object with exactly these fields, all of which are there. Types are computed when asked for, once. */
export function objectOf(fields: Readonly<Record<string, () => Type>>): Type {
  const known = Object.keys(fields);
  const types = new Map<string, Type>();
  return {
    kinds: KIND.object,
    object: {
      known,
      required: known,
      field(name) {
        const compute = Object.hasOwn(fields, name) ? fields[name] : undefined;
        const type = types.get(name) ?? compute?.();
        if (type) types.set(name, type);
        return type;
      },
    },
  };
}

export function mayBe(type: Type, kinds: number): boolean {
  return (type.kinds & kinds) !== 0;
}

/** Of kinds: whether there is no other that it may be. */
export function isOnly(type: Type, kinds: number): boolean {
  return (type.kinds & ~kinds) === 0;
}

export function itemsOf(type: Type): Type {
  return type.items?.() ?? ANY;
}

/** Undefined: it has certainly no such field. */
export function fieldOf(type: Type, name: string): Type | undefined {
  if (!mayBe(type, KIND.object)) return undefined;
  return type.object ? type.object.field(name) : ANY;
}

/** `kinds` taken away; the type itself if nothing would be left. */
export function without(type: Type, kinds: number): Type {
  const left = type.kinds & ~kinds;
  return left === 0 ? type : { ...type, kinds: left };
}

/** One or the other. */
export function union(types: readonly Type[]): Type {
  const [first, ...others] = types;
  if (!first) return ANY;
  return others.reduce(unionOfTwo, first);
}

function unionOfTwo(a: Type, b: Type): Type {
  if (a === b) return a;
  const texts = part(a, b, KIND.text, 'texts', (one, other) => [...new Set([...one, ...other])]);
  const items = part(a, b, KIND.list, 'items', (one, other) => () => unionOfTwo(one(), other()));
  const object = part(a, b, KIND.object, 'object', (one, other) => ({
    known: [...new Set([...one.known, ...other.known])],
    required: one.required.filter((name) => other.required.includes(name)),
    field(name) {
      const found = [one.field(name), other.field(name)].filter((type) => type !== undefined);
      return found.length > 0 ? union(found) : undefined;
    },
  }));
  const about = a.about ?? b.about;
  return {
    kinds: a.kinds | b.kinds,
    ...(texts && { texts }),
    ...(items && { items }),
    ...(object && { object }),
    ...(about !== undefined && { about }),
  };
}

/** What is known of one kind of the union: nothing, if one of the two may be of that kind and nothing is known of it. */
function part<K extends 'texts' | 'items' | 'object'>(
  a: Type,
  b: Type,
  kind: number,
  key: K,
  both: (one: NonNullable<Type[K]>, other: NonNullable<Type[K]>) => NonNullable<Type[K]>,
): Type[K] | undefined {
  if (!mayBe(a, kind)) return b[key];
  if (!mayBe(b, kind)) return a[key];
  const one = a[key];
  const other = b[key];
  return one !== undefined && other !== undefined ? both(one, other) : undefined;
}

/** Both at once, as with the parts of `allOf`. Contradictions are not told here: then either will do. */
function intersection(a: Type, b: Type): Type {
  const kinds = a.kinds & b.kinds;
  if (kinds === 0) return a;
  const texts = a.texts && b.texts ? a.texts.filter((text) => b.texts?.includes(text)) : (a.texts ?? b.texts);
  const { items: one, object } = a;
  const { items: other, object: second } = b;
  const items = one && other ? () => intersection(one(), other()) : (one ?? other);
  const both = object && second ? intersectionOfObjects(object, second) : (object ?? second);
  return { kinds, ...(texts && { texts }), ...(items && { items }), ...(both && { object: both }) };
}

function intersectionOfObjects(a: ObjectType, b: ObjectType): ObjectType {
  return {
    known: [...new Set([...a.known, ...b.known])],
    required: [...new Set([...a.required, ...b.required])],
    field(name) {
      const one = a.field(name);
      const other = b.field(name);
      return one && other ? intersection(one, other) : undefined;
    },
  };
}

/** The type of a value that is written out. */
export function typeOfJson(value: Json): Type {
  if (value === null) return NULL;
  if (Array.isArray(value)) return listOf(() => (value.length === 0 ? ANY_JSON : union(value.map(typeOfJson))));
  if (isJsonObject(value)) return objectOf(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, () => typeOfJson(item)])));
  if (typeof value === 'string') return oneOfTexts([value]);
  return typeof value === 'number' ? DOUBLE : BOOLEAN;
}

/** What becomes of it on its way out of an expression: JSON has one kind of numbers and writes times as texts. */
export function asJson(type: Type): Type {
  let kinds = type.kinds & JSON_KINDS;
  if (mayBe(type, KIND.int)) kinds |= KIND.double;
  const isWritten = mayBe(type, KIND.time | KIND.span);
  if (isWritten) kinds |= KIND.text;
  const { items, object, texts, about } = type;
  return {
    kinds: kinds === 0 ? JSON_KINDS : kinds,
    ...(about !== undefined && { about }),
    ...(texts && !isWritten && { texts }),
    ...(items && { items: () => asJson(items()) }),
    ...(object && { object: { ...object, field: (name: string) => mapped(object.field(name), asJson) } }),
  };
}

function mapped(type: Type | undefined, change: (type: Type) => Type): Type | undefined {
  return type && change(type);
}

/** Gives a type to a schema that says something only the reader of a flow can know; undefined: take it as it stands. */
export type SpecialSchema = (schema: JsonObject) => Type | undefined;

/** The type of what matches a JSON Schema. What the schema says beyond kinds, fields, items and texts is left aside. */
export function typeOfSchema(schema: JsonSchema, special: SpecialSchema = () => undefined): Type {
  return new SchemaReader(schema, special).read(schema);
}

const SCHEMA_KINDS: Readonly<Record<string, number>> = {
  string: KIND.text,
  number: KIND.double,
  integer: KIND.double,
  boolean: KIND.boolean,
  null: KIND.null,
  array: KIND.list,
  object: KIND.object,
};

class SchemaReader {
  readonly #root: JsonSchema;
  readonly #special: SpecialSchema;
  /** Undefined: being read. A schema that leads back to itself says nothing more. */
  readonly #known = new Map<JsonObject, Type | undefined>();

  constructor(root: JsonSchema, special: SpecialSchema) {
    this.#root = root;
    this.#special = special;
  }

  read(schema: Json | undefined): Type {
    if (schema === undefined || !isJsonObject(schema)) return ANY_JSON;
    if (this.#known.has(schema)) return this.#known.get(schema) ?? ANY_JSON;
    this.#known.set(schema, undefined);
    const found = this.#special(schema) ?? this.#readNow(schema);
    const type = typeof schema.description === 'string' ? { ...found, about: schema.description } : found;
    this.#known.set(schema, type);
    return type;
  }

  #readNow(schema: JsonObject): Type {
    let type = this.#plain(schema);
    for (const part of Array.isArray(schema.allOf) ? schema.allOf : []) type = intersection(type, this.read(part));
    for (const list of [schema.anyOf, schema.oneOf]) {
      if (Array.isArray(list) && list.length > 0) type = intersection(type, union(list.map((part) => this.read(part))));
    }
    if (typeof schema.$ref === 'string') type = intersection(type, this.read(this.#definition(schema.$ref)));
    return type;
  }

  #plain(schema: JsonObject): Type {
    const { enum: values, properties, items, prefixItems } = schema;
    if (schema.const !== undefined) return typeOfJson(schema.const);
    if (Array.isArray(values) && values.length > 0) return union(values.map(typeOfJson));
    const names = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter((name) => typeof name === 'string');
    const kinds = names.reduce((sum, name) => sum | (SCHEMA_KINDS[name] ?? JSON_KINDS), 0);
    const object = isJsonObject(properties) || isJsonObject(schema.additionalProperties) || schema.additionalProperties === false;
    return {
      kinds: kinds === 0 ? JSON_KINDS : kinds,
      ...(items !== undefined && isJsonObject(items) && prefixItems === undefined && { items: () => this.read(items) }),
      ...(object && { object: this.#object(schema) }),
    };
  }

  #object(schema: JsonObject): ObjectType {
    const properties = schema.properties !== undefined && isJsonObject(schema.properties) ? schema.properties : {};
    const others = schema.additionalProperties;
    const required = Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === 'string') : [];
    return {
      known: Object.keys(properties),
      required,
      field: (name) => {
        if (Object.hasOwn(properties, name)) return properties[name] === false ? undefined : this.read(properties[name]);
        if (schema.patternProperties !== undefined) return ANY_JSON;
        return others === false ? undefined : this.read(others);
      },
    };
  }

  /** What `#`, `#/$defs/x` and the like lead to; undefined for anything else. */
  #definition(reference: string): Json | undefined {
    if (!reference.startsWith('#')) return undefined;
    let at: Json | undefined = this.#root;
    for (const step of reference.split('/').slice(1)) {
      const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
      if (Array.isArray(at)) at = at[Number(key)];
      else at = at !== undefined && isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
    }
    return at;
  }
}

/** In plain words: `a text`, `a number or null`. */
export function describeType(type: Type): string {
  if ((type.kinds & JSON_KINDS) === JSON_KINDS) return 'anything';
  const words = new Set((Object.keys(KIND) as KindName[]).filter((name) => mayBe(type, KIND[name])).map((name) => WORDS[name]));
  const list = [...words];
  return list.length < 2 ? (list[0] ?? 'nothing') : `${list.slice(0, -1).join(', ')} or ${list.at(-1)}`;
}

const WORDS: Readonly<Record<KindName, string>> = {
  text: 'a text',
  int: 'a number',
  double: 'a number',
  boolean: 'true or false',
  null: 'null',
  list: 'a list',
  object: 'an object',
  time: 'a point in time',
  span: 'a span of time',
  bytes: 'bytes',
  type: 'a type',
};

/** Where a value does not fit what is wanted, whatever it turns out to be. */
export interface Misfit {
  /** From the value: `['price']`. */
  path: readonly string[];
  message: string;
}

/** Undefined: some value of the type fits. Only what is certain is told, the first of it. */
export function misfitOf(type: Type, wanted: Type, depth = 0): Misfit | undefined {
  const kinds = type.kinds & wanted.kinds;
  if (kinds === 0) return { path: [], message: `${describeType(wanted)} is wanted here, not ${describeType(type)}` };
  if (isOnly(type, KIND.text) && isOnly(wanted, KIND.text) && type.texts && wanted.texts) {
    const { texts } = wanted;
    const few = texts.slice(0, 8).map((text) => JSON.stringify(text));
    if (!type.texts.some((text) => texts.includes(text))) {
      return { path: [], message: `${few.join(', ')}${texts.length > few.length ? ', …' : ''} is wanted here` };
    }
  }
  if (depth >= DEEPEST || !isOnly(type, KIND.object) || !isOnly(wanted, KIND.object) || !type.object || !wanted.object) return undefined;
  for (const name of new Set([...type.object.required, ...wanted.object.required])) {
    const given = type.object.field(name);
    const target = wanted.object.field(name);
    if (!given) return { path: [], message: `"${name}" is missing` };
    if (!target) return { path: [], message: `"${name}" has no place here` };
    const inner = type.object.required.includes(name) ? misfitOf(given, target, depth + 1) : undefined;
    if (inner) return { ...inner, path: [name, ...inner.path] };
  }
  return undefined;
}

const DEEPEST = 6;
