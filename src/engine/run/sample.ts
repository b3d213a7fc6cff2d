/** A value as a JSON Schema describes it, made up: what stands in a dry run for a result that was not made. */
import type { Json, JsonObject, JsonSchema } from '../format/json.ts';
import { isJsonObject } from '../format/json.ts';

/** Schemas nest, and may refer to themselves. */
const DEEPEST = 6;

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2000-01-01T00:00:00Z',
  date: '2000-01-01',
  time: '00:00:00Z',
  email: 'sample@example.com',
  uri: 'https://example.com/sample',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/**
 * An example that the schema gives, or else a value of its type: every property, one item of a list. It fits what the schema says of
 * types and choices, not necessarily its patterns and limits.
 *
 * @param name what texts say, so that it can be seen where they end up.
 */
export function sampleOf(schema: JsonSchema, name: string, depth = 0): Json {
  if (!isJsonObject(schema)) return textOf(name);
  const { examples, enum: choices } = schema;
  if (Array.isArray(examples) && examples[0] !== undefined) return examples[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(choices) && choices[0] !== undefined) return choices[0];
  const all = partsOf(schema.allOf);
  if (all.length > 0) return sampleOf(Object.assign({}, schema, ...all, { allOf: [] }), name, depth);
  const [part] = [...partsOf(schema.oneOf), ...partsOf(schema.anyOf)];
  if (part) return sampleOf(part, name, depth);
  switch (typeOf(schema)) {
    case 'object':
      return objectOf(schema, name, depth);
    case 'array':
      return depth >= DEEPEST || schema.maxItems === 0 ? [] : [sampleOf(itemOf(schema), `${name}[0]`, depth + 1)];
    case 'integer':
    case 'number':
      return typeof schema.minimum === 'number' ? schema.minimum : 0;
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return typeof schema.format === 'string' && Object.hasOwn(FORMATS, schema.format) ? (FORMATS[schema.format] ?? '') : textOf(name);
  }
}

function textOf(name: string): string {
  return `‹${name}›`;
}

function objectOf({ properties }: JsonObject, name: string, depth: number): Json {
  if (depth >= DEEPEST || properties === undefined || !isJsonObject(properties)) return {};
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [key, sampleOf(value as JsonSchema, `${name}.${key}`, depth + 1)]),
  );
}

function itemOf({ items }: JsonObject): JsonSchema {
  return items !== undefined && (isJsonObject(items) || typeof items === 'boolean') ? items : true;
}

function partsOf(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function typeOf({ type, properties, items }: JsonObject): Json | undefined {
  if (Array.isArray(type)) return type.find((one) => one !== 'null') ?? 'null';
  if (type !== undefined) return type;
  if (properties !== undefined) return 'object';
  return items === undefined ? undefined : 'array';
}
