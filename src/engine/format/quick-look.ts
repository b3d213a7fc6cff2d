/**
 * Whether a value surely fits a JSON Schema that was generated from one of our own zod schemas. Knows the words that zod writes and no others;
 * a value it says no to may fit all the same, which zod then decides. Values are JSON, as `JSON.parse` makes them.
 */
import type { Json, JsonObject, JsonSchema } from './json.ts';
import { isJsonObject } from './json.ts';

export type QuickLook = (value: unknown) => boolean;

/** Keys of a schema that say something about values. Titles and the like do not; what any other key says is for zod to tell. */
const SAYING = new Set(
  [
    ['$ref', 'type', 'const', 'enum', 'anyOf', 'oneOf', 'allOf', 'items', 'additionalItems', 'minItems', 'maxItems'],
    ['properties', 'required', 'additionalProperties', 'propertyNames'],
    ['minLength', 'maxLength', 'pattern', 'minimum', 'maximum', 'exclusiveMinimum'],
  ].flat(),
);
const SILENT = new Set(['$schema', 'definitions', 'title', 'description', 'examples', 'x-belay', 'id']);

const looks = new WeakMap<JsonObject, QuickLook>();

/** @param root where references start; the schema itself, unless it is a part of another */
export function quickLook(schema: JsonSchema, root: JsonSchema = schema): QuickLook {
  if (!isJsonObject(schema)) return () => schema === true;
  const known = looks.get(schema);
  if (known) return known;
  const look = isPlain(schema) ? all(parts(schema, root)) : madeLate(() => all(parts(schema, root)));
  looks.set(schema, look);
  return look;
}

/** Made at the first look, so that schemas may refer to themselves and alternatives that never occur cost nothing. */
function madeLate(make: () => QuickLook): QuickLook {
  let made: QuickLook | undefined;
  return (value) => {
    made ??= make();
    return made(value);
  };
}

/** Has no schemas in it: is no more work to make than to put off. */
function isPlain(schema: JsonObject): boolean {
  return (
    schema.type !== 'object' &&
    schema.type !== 'array' &&
    !('$ref' in schema || 'allOf' in schema || 'anyOf' in schema || 'oneOf' in schema)
  );
}

const anything: QuickLook = () => true;

function all(looks: readonly QuickLook[]): QuickLook {
  const [first = anything] = looks;
  return looks.length < 2 ? first : (value) => looks.every((look) => look(value));
}

function parts(schema: JsonObject, root: JsonSchema): QuickLook[] {
  if (Object.keys(schema).some((key) => !SAYING.has(key) && !SILENT.has(key))) return [() => false];
  if (typeof schema.$ref === 'string') return [quickLook(referred(schema.$ref, root), root)];
  const found: QuickLook[] = [];
  const { const: only } = schema;
  if (only !== undefined) return [(value) => value === only];
  if (Array.isArray(schema.enum)) {
    const among = new Set<unknown>(schema.enum);
    return [(value) => among.has(value)];
  }
  if (Array.isArray(schema.allOf)) found.push(...schema.allOf.filter(isJsonObject).map((it) => quickLook(it, root)));
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(alternatives)) found.push(oneOf(alternatives.filter(isJsonObject), root));
  if (schema.type !== undefined) found.push(ofType(schema, root));
  return found;
}

function referred(reference: string, root: JsonSchema): JsonSchema {
  let at: Json | undefined = root;
  for (const step of reference.split('/').slice(1)) at = at !== undefined && isJsonObject(at) ? at[step] : undefined;
  if (at === undefined || !isJsonObject(at)) throw new Error(`A schema refers to ${reference}, which is not there`);
  return at;
}

/** Objects that are told apart by a key with a constant are looked up by it. */
function oneOf(alternatives: readonly JsonObject[], root: JsonSchema): QuickLook {
  const key = Object.keys(propertiesOf(alternatives[0] ?? {})).find((name) =>
    alternatives.every((it) => Array.isArray(it.required) && it.required.includes(name) && constantAt(it, name) !== undefined),
  );
  const byConstant = new Map(key === undefined ? [] : alternatives.map((it) => [constantAt(it, key), quickLook(it, root)]));
  if (key !== undefined && byConstant.size === alternatives.length) {
    return (value) => {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
      return byConstant.get((value as JsonObject)[key])?.(value) ?? false;
    };
  }
  const looks = alternatives.map((it) => quickLook(it, root));
  return (value) => looks.some((look) => look(value));
}

function propertiesOf(schema: JsonObject): JsonObject {
  return schema.properties !== undefined && isJsonObject(schema.properties) ? schema.properties : {};
}

function constantAt(schema: JsonObject, key: string): Json | undefined {
  const property = propertiesOf(schema)[key];
  return property !== undefined && isJsonObject(property) ? property.const : undefined;
}

function ofType(schema: JsonObject, root: JsonSchema): QuickLook {
  switch (schema.type) {
    case 'null':
      return (value) => value === null;
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'string':
      return text(schema);
    case 'integer':
    case 'number':
      return number(schema);
    case 'array':
      return list(schema, root);
    case 'object':
      return object(schema, root);
    default:
      return () => false;
  }
}

const isText: QuickLook = (value) => typeof value === 'string';

function text({ minLength, maxLength, pattern }: JsonObject): QuickLook {
  if (minLength === undefined && maxLength === undefined && pattern === undefined) return isText;
  const least = typeof minLength === 'number' ? minLength : 0;
  const most = typeof maxLength === 'number' ? maxLength : Number.POSITIVE_INFINITY;
  const form = typeof pattern === 'string' ? new RegExp(pattern) : undefined;
  return (value) => typeof value === 'string' && value.length >= least && value.length <= most && (form === undefined || form.test(value));
}

function number({ type, minimum, maximum, exclusiveMinimum }: JsonObject): QuickLook {
  const least = typeof minimum === 'number' ? minimum : Number.NEGATIVE_INFINITY;
  const most = typeof maximum === 'number' ? maximum : Number.POSITIVE_INFINITY;
  const above = typeof exclusiveMinimum === 'number' ? exclusiveMinimum : Number.NEGATIVE_INFINITY;
  const isOne = type === 'integer' ? Number.isSafeInteger : Number.isFinite;
  if (minimum === undefined && maximum === undefined && exclusiveMinimum === undefined) return isOne;
  return (value) => isOne(value) && (value as number) >= least && (value as number) <= most && (value as number) > above;
}

function list({ items, minItems, maxItems }: JsonObject, root: JsonSchema): QuickLook {
  if (Array.isArray(items)) {
    const looks = items.map((it) => quickLook(it as JsonSchema, root));
    return (value) => Array.isArray(value) && value.length === looks.length && looks.every((look, i) => look(value[i]));
  }
  const least = typeof minItems === 'number' ? minItems : 0;
  const most = typeof maxItems === 'number' ? maxItems : Number.POSITIVE_INFINITY;
  const look = items === undefined ? () => true : quickLook(items as JsonSchema, root);
  return (value) => Array.isArray(value) && value.length >= least && value.length <= most && value.every(look);
}

function object({ properties = {}, required, additionalProperties, propertyNames }: JsonObject, root: JsonSchema): QuickLook {
  const needed = new Set(Array.isArray(required) ? required.map(String) : []);
  const looks = new Map(
    Object.entries(properties as JsonObject).map(([key, it]) => [
      key,
      { look: quickLook(it as JsonSchema, root), needed: Number(needed.has(key)) },
    ]),
  );
  /** Of those that nothing else is said about. */
  const others = [...needed].filter((key) => !looks.has(key));
  const named = propertyNames === undefined ? undefined : quickLook(propertyNames as JsonSchema, root);
  // Where a schema is silent about other keys, zod takes them away, which a look cannot do.
  const other =
    additionalProperties === undefined || additionalProperties === false ? undefined : quickLook(additionalProperties as JsonSchema, root);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    let missing = needed.size - others.length;
    // Values of JSON have no keys but their own, and a list of them for each value takes longer than all else.
    for (const key in value) {
      // No key for records of zod, and one that ordinary objects hide.
      if (key === '__proto__') return false;
      const known = looks.get(key);
      const look = known?.look ?? other;
      if (!look?.((value as JsonObject)[key])) return false;
      if (named && !named(key)) return false;
      missing -= known?.needed ?? 0;
    }
    return missing === 0 && others.every((key) => Object.hasOwn(value, key));
  };
}
