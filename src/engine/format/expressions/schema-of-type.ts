/** A type as a JSON Schema, as far as a schema can say it: for declarations that are inferred. */
import type { Json, JsonObject } from '../json.ts';
import { KIND, type Type } from './types.ts';

/** Deeper fields are left open: schemas may be recursive. */
const DEEPEST = 4;

const NAMES: readonly (readonly [number, string])[] = [
  [KIND.text, 'string'],
  [KIND.int | KIND.double, 'number'],
  [KIND.boolean, 'boolean'],
  [KIND.null, 'null'],
  [KIND.list, 'array'],
  [KIND.object, 'object'],
];

/** An empty schema where nothing is known. */
export function schemaOfType(type: Type, depth = 0): JsonObject {
  const names = NAMES.filter(([kinds]) => (type.kinds & kinds) !== 0).map(([, name]) => name);
  if (names.length === 0 || names.length === NAMES.length) return {};
  const [only] = names;
  const schema: JsonObject = { type: names.length === 1 && only !== undefined ? only : names };
  if (type.texts && names.every((name) => name === 'string' || name === 'null')) {
    schema.enum = [...type.texts, ...(names.includes('null') ? [null] : [])] as Json[];
  }
  if (depth >= DEEPEST) return schema;
  if (names.includes('array') && type.items) {
    const items = schemaOfType(type.items(), depth + 1);
    if (Object.keys(items).length > 0) schema.items = items;
  }
  const { object } = type;
  if (names.includes('object') && object && object.known.length > 0) {
    schema.properties = Object.fromEntries(object.known.map((name) => [name, schemaOfType(object.field(name) ?? { kinds: 0 }, depth + 1)]));
    if (object.required.length > 0) schema.required = [...object.required];
  }
  return schema;
}
