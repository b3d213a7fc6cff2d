/** JSON Schemas from outside, made safe to compile and to check by. */
import type { Json, JsonObject, JsonSchema } from '../format/json.ts';
import { isJsonObject } from '../format/json.ts';

const MOST_DEPTH = 60;

/**
 * The schema as a plain one; undefined where it is none, too large or nested too deep. Regular expressions become annotations
 * (`x-pattern`): a hostile one would hold the process for hours.
 */
export function safeSchema(schema: unknown, mostChars: number): JsonSchema | undefined {
  const text = JSON.stringify(schema);
  if (text === undefined || text.length > mostChars) return undefined;
  const value = JSON.parse(text) as Json;
  if (typeof value === 'boolean') return value;
  if (!isJsonObject(value)) return undefined;
  try {
    return cleaned(value, 0) as JsonObject;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Values that are data and no schemas. */
const DATA = new Set(['const', 'enum', 'default', 'examples', 'example']);
/** Maps of schemas by names of their own, which are no keywords. */
const NAMED = new Set(['properties', '$defs', 'definitions', 'dependentSchemas']);

function cleaned(value: Json, depth: number): Json {
  if (depth > MOST_DEPTH) throw new RangeError('nested too deep');
  if (Array.isArray(value)) return value.map((item) => cleaned(item, depth + 1));
  if (!isJsonObject(value)) return value;
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__' || key === '$id' || key === 'id' || key === '$schema') continue;
    if (key === 'pattern' && typeof item === 'string') result['x-pattern'] = item;
    else if (key === 'patternProperties' || key === 'format') result[`x-${key}`] = item;
    // Drafts before 2020-12 wrote tuples this way.
    else if (key === 'items' && Array.isArray(item)) result.prefixItems = cleaned(item, depth + 1);
    else if (DATA.has(key)) result[key] = item;
    else if (NAMED.has(key) && isJsonObject(item)) {
      result[key] = Object.fromEntries(
        Object.entries(item)
          .filter(([name]) => name !== '__proto__')
          .map(([name, schema]) => [name, cleaned(schema, depth + 2)]),
      );
    } else result[key] = cleaned(item, depth + 1);
  }
  return result;
}
