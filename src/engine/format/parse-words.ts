/** Plain words for what a schema expects and what stands there instead. */
import * as z from 'zod';
import { Door } from './door.ts';
import type { Json, JsonObject, JsonPath, JsonSchema } from './json.ts';
import { isJsonObject } from './json.ts';
import type { NodeManifest } from './manifest.ts';
import { DURATION, NODE_ID, OUTLET } from './model.ts';
import { listed } from './suggest.ts';

const schemas = new WeakMap<z.ZodType, JsonSchema>();

/** The JSON Schema of a zod schema, as the author of a document sees it. Computed once. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  let known = schemas.get(schema);
  if (!known) {
    known = z.toJSONSchema(schema, { target: 'draft-7', io: 'input', unrepresentable: 'any' }) as JsonObject;
    schemas.set(schema, known);
  }
  return known;
}

interface Params {
  schema: JsonSchema | undefined;
  door: Door<z.ZodType>;
}
const params = new WeakMap<NodeManifest, Params>();

function paramsOf(manifest: NodeManifest): Params {
  let known = params.get(manifest);
  if (!known) {
    known = {
      schema: undefined,
      door: new Door(
        () => manifest.params,
        () => known?.schema,
        { also: manifest.fits },
      ),
    };
    params.set(manifest, known);
  }
  return known;
}

/** Tells what `npm run generate` has made of the parameters of a type; by it they are checked without zod, as long as they fit. */
export function knowParams(manifest: NodeManifest, generated: JsonSchema | undefined): void {
  paramsOf(manifest).schema = generated;
}

/** The door of `with`. */
export function paramsDoor(manifest: NodeManifest): Door<z.ZodType> {
  return paramsOf(manifest).door;
}

/** The JSON Schema of `with`, as the author of a document sees it. */
export function paramsSchema(manifest: NodeManifest): JsonSchema {
  return paramsOf(manifest).schema ?? jsonSchemaOf(manifest.params);
}

/** The part of a schema that describes the value at `path`; of alternatives the first one that knows the path. */
export function schemaAt(schema: JsonSchema | undefined, path: JsonPath): JsonObject | undefined {
  if (!schema || !isJsonObject(schema)) return undefined;
  const [step, ...rest] = path;
  if (step === undefined) return schema;
  for (const alternative of alternativesOf(schema)) {
    const found = schemaAt(childOf(alternative, step), rest);
    if (found) return found;
  }
  return undefined;
}

function alternativesOf(schema: JsonObject): JsonObject[] {
  const anyOf = Array.isArray(schema.anyOf) ? schema.anyOf.filter(isJsonObject) : [];
  return [schema, ...anyOf];
}

function childOf(schema: JsonObject, step: string | number): JsonSchema | undefined {
  const asSchema = (value: Json | undefined) => (value !== undefined && isJsonObject(value) ? value : undefined);
  if (typeof step === 'string') {
    const properties = asSchema(schema.properties);
    return (
      (properties && Object.hasOwn(properties, step) ? asSchema(properties[step]) : undefined) ?? asSchema(schema.additionalProperties)
    );
  }
  return Array.isArray(schema.items) ? asSchema(schema.items[step]) : asSchema(schema.items);
}

/** The keys that an object at this place may have; empty where any may stand. */
export function knownKeys(schema: JsonObject | undefined): string[] {
  if (!schema) return [];
  return alternativesOf(schema).flatMap((it) =>
    it.properties !== undefined && isJsonObject(it.properties) ? Object.keys(it.properties) : [],
  );
}

export function descriptionOf(schema: JsonObject | undefined): string | undefined {
  return typeof schema?.description === 'string' ? schema.description : undefined;
}

/** `a whole number from 1 to 100`, `"all", "any" or an object with "atLeast"`, … */
export function expectation(schema: JsonObject | undefined): string {
  if (!schema) return 'something else';
  if (Array.isArray(schema.enum)) return listed(schema.enum.map(String), 20);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.anyOf)) return [...new Set(schema.anyOf.filter(isJsonObject).map(expectation))].join(' or ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => expectation({ type })).join(' or ');
  switch (schema.type) {
    case 'null':
      return 'null';
    case 'string':
      return expectedText(schema);
    case 'integer':
      return `a whole number${expectedRange(schema)}`;
    case 'number':
      return `a number${expectedRange(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return expectedList(schema);
    case 'object': {
      const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
      return required.length > 0 ? `an object with ${required.map((key) => JSON.stringify(key)).join(' and ')}` : 'an object';
    }
    default:
      return 'a JSON value';
  }
}

/** Patterns in words; each belongs to one notion of the format. */
const PATTERNS: ReadonlyMap<unknown, string> = new Map([
  [DURATION.source, 'a duration such as "30s", "5m" or "2h"'],
  [OUTLET.source, 'an outlet such as "success", "failure" or "case:NAME"'],
  [NODE_ID.source, 'an id: a small letter, then letters, digits and "_"'],
]);

function expectedText(schema: JsonObject): string {
  const pattern = PATTERNS.get(schema.pattern);
  if (pattern) return pattern;
  if (typeof schema.maxLength === 'number') return `a text of at most ${schema.maxLength} characters`;
  if (Array.isArray(schema.examples)) return `a text such as ${listed(schema.examples.map(String))}`;
  return typeof schema.minLength === 'number' && schema.minLength > 0 ? 'a text that is not empty' : 'a text';
}

function expectedRange(schema: JsonObject): string {
  const least = typeof schema.minimum === 'number' && schema.minimum > Number.MIN_SAFE_INTEGER ? schema.minimum : undefined;
  const most = typeof schema.maximum === 'number' && schema.maximum < Number.MAX_SAFE_INTEGER ? schema.maximum : undefined;
  if (typeof schema.exclusiveMinimum === 'number') return ` above ${schema.exclusiveMinimum}`;
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  if (least !== undefined) return `, ${least} or more`;
  return most === undefined ? '' : `, ${most} or less`;
}

function expectedList(schema: JsonObject): string {
  if (Array.isArray(schema.items)) return `a list of ${schema.items.length} values`;
  const entries =
    schema.items !== undefined && isJsonObject(schema.items) && schema.items.type !== undefined
      ? `, each ${expectation(schema.items)}`
      : '';
  return typeof schema.minItems === 'number' && schema.minItems > 0 ? `a list with at least one entry${entries}` : `a list${entries}`;
}

/** What stands there: the text itself if it is short. */
export function actual(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (isJsonObject(value)) return 'an object';
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number beyond all limits';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}
