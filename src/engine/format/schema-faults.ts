/** What makes a JSON Schema (2020-12) unusable, told where it stands. Browser-safe: checking values with schemas is ajv's business. */
import { isJsonObject, type Json, type JsonObject, type JsonPath, type JsonSchema } from './json.ts';
import { lazily } from './lazily.ts';
import { clip, listed, suggest } from './suggest.ts';

export interface SchemaFault {
  /** Below the schema. */
  path: JsonPath;
  message: string;
  /** The word that was most likely meant for the text at `path`. */
  meant?: string;
}

const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer'];
const NUMBERS = new Set(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum']);
const COUNTS = new Set([
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties', 'minContains', 'maxContains'],
]);
const SCHEMAS = new Set([
  ...['items', 'contains', 'additionalProperties', 'propertyNames', 'unevaluatedItems', 'unevaluatedProperties'],
  ...['not', 'if', 'then', 'else'],
]);
const SCHEMA_LISTS = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const SCHEMAS_BY_NAME = new Set(['properties', 'patternProperties', '$defs', 'dependentSchemas']);
/** Deeper than any schema that people write. */
const MOST_DEPTH = 50;

/** Only what no schema may have: a schema without faults here may still be one that cannot be used. */
export function schemaFaults(schema: JsonSchema): SchemaFault[] {
  const faults: SchemaFault[] = [];
  const hasIds = lazily(() => JSON.stringify(schema).includes('"$id"'));
  look(schema, [], { whole: schema, hasIds, faults });
  return faults;
}

interface Search {
  whole: JsonSchema;
  /** Then it can be referred to in ways that are not followed here. */
  hasIds(): boolean;
  faults: SchemaFault[];
}

function look(schema: Json, path: JsonPath, search: Search): void {
  if (path.length > MOST_DEPTH || typeof schema === 'boolean') return;
  if (!isJsonObject(schema)) {
    search.faults.push({ path, message: 'A schema is an object, or true or false.' });
    return;
  }
  for (const [keyword, value] of Object.entries(schema)) {
    const at = [...path, keyword];
    const message = faultOf(keyword, value, search);
    if (typeof message === 'string') search.faults.push({ path: at, message });
    else if (message) search.faults.push({ ...message, path: [...at, ...message.path] });
    if (SCHEMAS.has(keyword)) look(value, at, search);
    else if (SCHEMA_LISTS.has(keyword) && Array.isArray(value)) for (const [i, item] of value.entries()) look(item, [...at, i], search);
    else if (SCHEMAS_BY_NAME.has(keyword) && isJsonObject(value))
      for (const [name, item] of Object.entries(value)) look(item, [...at, name], search);
  }
}

function faultOf(keyword: string, value: Json, search: Search): string | SchemaFault | undefined {
  if (keyword === 'type') return typeFault(value);
  if (NUMBERS.has(keyword)) return typeof value === 'number' ? undefined : `"${keyword}" has to be a number.`;
  if (keyword === 'multipleOf') return typeof value === 'number' && value > 0 ? undefined : '"multipleOf" has to be a number above 0.';
  if (COUNTS.has(keyword))
    return Number.isInteger(value) && Number(value) >= 0 ? undefined : `"${keyword}" has to be a whole number, 0 or more.`;
  if (SCHEMA_LISTS.has(keyword)) return Array.isArray(value) && value.length > 0 ? undefined : `"${keyword}" has to be a list of schemas.`;
  if (SCHEMAS_BY_NAME.has(keyword))
    return isJsonObject(value) ? patternFault(keyword, value) : `"${keyword}" has to be an object with schemas.`;
  switch (keyword) {
    case 'enum':
      return Array.isArray(value) ? undefined : '"enum" has to be a list of values.';
    case 'required': {
      const isNames = Array.isArray(value) && value.every((name) => typeof name === 'string');
      return isNames && new Set(value).size === value.length ? undefined : '"required" has to be a list of names, each once.';
    }
    case 'pattern':
      return typeof value === 'string' ? regexFault(value) : '"pattern" has to be a text.';
    case 'format':
    case 'title':
    case 'description':
      return typeof value === 'string' ? undefined : `"${keyword}" has to be a text.`;
    case 'uniqueItems':
      return typeof value === 'boolean' ? undefined : '"uniqueItems" has to be true or false.';
    case '$ref':
      return typeof value === 'string' ? referenceFault(value, search) : '"$ref" has to be a text.';
    default:
      return undefined;
  }
}

function typeFault(value: Json): string | SchemaFault | undefined {
  const names = Array.isArray(value) ? value : [value];
  for (const [i, name] of names.entries()) {
    if (typeof name === 'string' && TYPES.includes(name)) continue;
    const meant = typeof name === 'string' ? suggest(name, TYPES) : undefined;
    const message = `There is no type ${clip(JSON.stringify(name))}. Types are ${listed(TYPES)}.`;
    return { path: Array.isArray(value) ? [i] : [], message, ...(meant === undefined ? {} : { meant }) };
  }
  return names.length > 0 && new Set(names).size === names.length ? undefined : '"type" has to be a type, or a list of types, each once.';
}

function patternFault(keyword: string, schemas: JsonObject): string | undefined {
  if (keyword !== 'patternProperties') return undefined;
  return Object.keys(schemas).map(regexFault).find(Boolean);
}

function regexFault(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'u');
    return undefined;
  } catch (error) {
    const why = /: ([^:]+)$/.exec(error instanceof Error ? error.message : '')?.[1];
    return `The pattern ${clip(JSON.stringify(pattern))} cannot be read${why === undefined ? '' : `: ${why}`}.`;
  }
}

/** Of references only plain ways into the schema itself are followed. */
function referenceFault(reference: string, { whole, hasIds }: Search): string | undefined {
  if (hasIds() || !/^#(\/|$)/.test(reference) || reference.includes('%')) return undefined;
  let at: Json | undefined = whole;
  for (const part of reference.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(at)) at = at[Number(key)];
    else at = at !== undefined && isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
    if (at === undefined) return `"$ref" leads nowhere: there is no ${clip(reference)}.`;
  }
  return undefined;
}
