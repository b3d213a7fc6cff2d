/** From zod to the JSON Schema that VS Code's JSON support understands best: draft 7 with its own keywords. */
import * as z from 'zod';
import type { Json, JsonObject } from '../../src/engine/format/json.ts';
import { isJsonObject } from '../../src/engine/format/json.ts';
import type { FieldHint } from '../../src/engine/format/manifest.ts';
import { HINT } from '../../src/engine/format/manifest.ts';

/** VS Code carries this one, so that JSON Schemas inside flows are completed and checked too. */
export const META_SCHEMA: JsonObject = { $ref: 'http://json-schema.org/draft-07/schema#' };

export function toJsonSchema(schema: z.ZodType): JsonObject {
  const {
    $schema: _,
    definitions: __,
    ...rest
  } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input', unrepresentable: 'any' }) as JsonObject;
  return cleaned(rest);
}

/** How expressions are recognised in a field, for hovers. */
const KIND_NOTES: Readonly<Record<FieldHint['kind'], string>> = {
  literal: '',
  template: 'A template: `{{ inputs.NAME }}`, `{{ steps.ID.output… }}`.',
  condition: 'A condition in CEL.',
  value: 'JSON; `{"$expr": "CEL"}` in it is evaluated.',
};

function cleaned(schema: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (isAnything(key, value) || isNoLimit(key, value) || key === HINT) continue;
    result[key] = cleanedValue(key, value);
  }
  const hint = schema[HINT] as FieldHint | undefined;
  if (hint?.control === 'schema') return { ...described(schema, hint), ...META_SCHEMA };
  return { ...result, ...described(schema, hint) };
}

function cleanedValue(key: string, value: Json): Json {
  if (Array.isArray(value)) return value.map((entry) => (isJsonObject(entry) ? cleaned(entry) : entry));
  if (!isJsonObject(value)) return value;
  if (key !== 'properties') return cleaned(value);
  return Object.fromEntries(Object.entries(value).map(([name, property]) => [name, isJsonObject(property) ? cleaned(property) : property]));
}

/** zod spells out "any JSON value" as a recursive definition: nothing to check in a text that is JSON. */
function isAnything(key: string, value: Json): boolean {
  const refers = (it: Json) => isJsonObject(it) && String(it.$ref).startsWith('#/definitions/__schema');
  if (key === '$ref') return String(value).startsWith('#/definitions/__schema');
  if (key === 'allOf') return Array.isArray(value) && value.every(refers);
  return (
    (key === 'additionalProperties' && isJsonObject(value) && Object.keys(value).length === 0) ||
    (key === 'propertyNames' && isPlainText(value))
  );
}

const isPlainText = (value: Json) => isJsonObject(value) && value.type === 'string' && Object.keys(value).length === 1;

function isNoLimit(key: string, value: Json): boolean {
  return (key === 'maximum' || key === 'minimum') && typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER;
}

function described(schema: JsonObject, hint: FieldHint | undefined): JsonObject {
  const { title, description } = schema;
  const note = hint ? KIND_NOTES[hint.kind] : '';
  const markdown = typeof description === 'string' ? [description, note].filter(Boolean).join('\n\n') : note;
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(markdown === '' ? {} : { markdownDescription: markdown }),
  };
}
