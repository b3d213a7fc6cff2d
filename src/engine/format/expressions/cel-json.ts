import type { Json, JsonObject } from '../json.ts';

const MAX_DEPTH = 200;
/** Characters of all texts, and items of all lists and maps, of one result. */
const MAX_SIZE = 10_000_000;

/**
 * A value of CEL as JSON: integers as numbers, times as texts (RFC 3339), durations in seconds ("90s").
 *
 * @throws Error with a plain message, for what JSON cannot hold and for what is too large.
 */
export function jsonOf(value: unknown): Json {
  return convert(value, 0, { left: MAX_SIZE });
}

/** A part that stands in the value many times is counted, and written, as often. */
interface Room {
  left: number;
}

function convert(value: unknown, depth: number, room: Room): Json {
  if (depth > MAX_DEPTH) throw new Error('The result is nested too deeply.');
  room.left -= typeof value === 'string' ? value.length + 1 : 1;
  if (room.left < 0) throw new Error('The result is too large.');
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      throw new Error(`The result is ${value}, which JSON cannot hold.`);
    case 'bigint':
      return safeInteger(value);
    case 'object':
      return value === null ? null : convertObject(value, depth + 1, room);
    default:
      throw new Error(NOT_JSON);
  }
}

function convertObject(value: object, depth: number, room: Room): Json {
  if (Array.isArray(value)) return value.map((item) => convert(item, depth, room));
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Map) return fromEntries([...value.entries()], depth, room);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return fromEntries(Object.entries(value), depth, room);
  // The library's own classes: unsigned integers are held as bigint, durations as a number of milliseconds.
  const held: unknown = value.valueOf();
  if (typeof held === 'bigint') return safeInteger(held);
  if (typeof held === 'number' && Number.isFinite(held)) return String(value);
  throw new Error(NOT_JSON);
}

const NOT_JSON = 'The result is not a JSON value.';

function fromEntries(entries: [unknown, unknown][], depth: number, room: Room): JsonObject {
  return Object.fromEntries(entries.map(([key, item]) => [String(key), convert(item, depth, room)]));
}

function safeInteger(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new Error(`The result is ${String(value).slice(0, 40)}, an integer too large for JSON.`);
}
