/**
 * What stands in an event in the place of a large value: the name of an object beside the journal. A class, so that nothing a flow
 * works on can pass for one; as JSON it is an object with these four keys. Browser-safe.
 */
import type { Json, JsonObject } from '../format/json.ts';
import { isJsonObject } from '../format/json.ts';

const KEY = '$belay.object';
const KINDS = ['text', 'json', 'entries'] as const;
/**
 * `text`: the object is the value, a text. `json`: it is the value's JSON, in which parts may be references again. `entries`: the same of
 * its keys and values, for what would look like a reference otherwise.
 */
type ObjectKind = (typeof KINDS)[number];

export class ObjectRef {
  /** sha256 of the object's text, in hex. */
  readonly [KEY]: string;
  /** Of the object, in UTF-8. */
  readonly bytes: number;
  readonly kind: ObjectKind;
  /** How it begins, for people. */
  readonly start: string;

  constructor(name: string, bytes: number, kind: ObjectKind, start: string) {
    this[KEY] = name;
    this.bytes = bytes;
    this.kind = kind;
    this.start = start;
  }

  get name(): string {
    return this[KEY];
  }
}

/** A reference is a value of an event, though no value of a flow. */
export function asJson(ref: ObjectRef): Json {
  return ref as unknown as Json;
}

export function isObjectRef(value: Json): boolean {
  return (value as unknown) instanceof ObjectRef;
}

/** What a recorded value says of a large one, in JSON or as it is in memory; undefined for any other value. */
export function objectRefIn(value: Json): ObjectRef | undefined {
  if ((value as unknown) instanceof ObjectRef) return value as unknown as ObjectRef;
  if (!isJsonObject(value) || Object.keys(value).length !== 4) return undefined;
  const { [KEY]: name, bytes, kind, start } = value;
  if (typeof name !== 'string' || typeof bytes !== 'number' || typeof start !== 'string') return undefined;
  return KINDS.some((it) => it === kind) ? new ObjectRef(name, bytes, kind as ObjectKind, start) : undefined;
}

/** Whether a flow's own value would look like a reference. */
export function looksLikeRef(value: JsonObject): boolean {
  return Object.hasOwn(value, KEY);
}

/** Part of the text of every event that has a reference in it. */
export const REF_MARK = `"${KEY}":`;

/** The value with its references as such, after it was read from JSON. */
export function revived(value: Json): Json {
  if (Array.isArray(value)) return value.map(revived);
  if (!isJsonObject(value)) return value;
  const ref = objectRefIn(value);
  if (ref) return asJson(ref);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revived(item)]));
}
