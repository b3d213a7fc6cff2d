/** A JSON value (RFC 8259), as parsed: no `undefined`, no functions, no dates. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type JsonObject = { [key: string]: Json };

/** Where a value stands inside a JSON document: object keys and array indexes from the root. */
export type JsonPath = readonly (string | number)[];

/** A JSON Schema (2020-12) as the author wrote it. Compiled by ajv where it is used; here it is data. */
export type JsonSchema = JsonObject | boolean;

/** True for a plain JSON object (not null, not an array). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a schema says what stands for a value that is not given. */
export function hasDefault(schema: Json): boolean {
  return isJsonObject(schema) && schema.default !== undefined;
}

/** Whether lists and objects stand in one another more than so many levels deep. */
export function isDeeperThan(value: Json, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  return levels === 0 || Object.values(value).some((item) => isDeeperThan(item, levels - 1));
}

/** The JSON that a person or a program wrote as text; what is no JSON is the text itself, and nothing at all is no payload. */
export function payloadOf(written: string): Json | undefined {
  if (written.trim() === '') return undefined;
  try {
    return JSON.parse(written) as Json;
  } catch {
    return written;
  }
}

/** Equal as data. The order of keys counts only where both are to be `ordered`. */
export function sameJson(one: unknown, other: unknown, keys: 'ordered' | 'unordered' = 'unordered'): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((entry, index) => sameJson(entry, other[index], keys));
  }
  if (!one || !other || !isJsonObject(one) || !isJsonObject(other)) return false;
  const names = Object.keys(one);
  const others = Object.keys(other);
  const isThere = (name: string, index: number) => (keys === 'ordered' ? name === others[index] : Object.hasOwn(other, name));
  return names.length === others.length && names.every((name, index) => isThere(name, index) && sameJson(one[name], other[name], keys));
}
