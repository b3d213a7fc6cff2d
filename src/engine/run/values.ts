/** Values on their way into the journal and back: secrets are taken out, and what is large stands beside it, once. */

import type { Reference, Scope } from '../format/expressions/index.ts';
import type { Json, JsonObject } from '../format/json.ts';
import { isJsonObject } from '../format/json.ts';
import { asJson, looksLikeRef, ObjectRef, revived } from './object-ref.ts';

/** Characters beyond which a text, or the JSON of a list or an object, is kept beside the journal. */
export const LARGE = 64 * 1024;
/** Characters of large values that are kept in memory; others are read again when a step needs them. */
const MOST_KEPT = 16 * 1024 * 1024;
/** How much of a large value an event shows. */
const START = 200;
/** What a reference takes of the JSON around it. */
const REF_SIZE = 400;

export interface ValueTools {
  redact(text: string): string;
  /** Keeps a text beside the journal and gives its sha256. */
  store(text: string): string;
  load(name: string): Promise<string>;
}

export class Values {
  readonly #tools: ValueTools;
  /** Lists and objects that were found to be large, as they came and as they were recorded. */
  readonly #known = new WeakMap<object, ObjectRef>();
  /** Large texts, likewise. The engine compares long texts by their place in memory first. */
  readonly #texts = new Map<string, ObjectRef>();
  /** Values by name, those used last at the end. */
  readonly #kept = new Map<string, { value: Json; size: number }>();
  #keptSize = 0;
  /** Of the value that is being recorded: its characters so far. */
  #size = 0;

  constructor(tools: ValueTools) {
    this.#tools = tools;
  }

  /** The value as the journal holds it: a copy without secrets, large parts as references. */
  record(value: Json): Json {
    this.#size = 0;
    return this.#recorded(value);
  }

  /** A value of the journal with everything it refers to. At once, where that is at hand. */
  whole(value: Json): Json | Promise<Json> {
    const missing = new Map<string, ObjectRef>();
    const found = this.#resolved(value, missing);
    return missing.size === 0 ? found : this.#load(missing).then(() => this.whole(value));
  }

  /** A scope in which what the references read is whole; what they do not read stays as it is. */
  scope(scope: Scope, references: readonly Pick<Reference, 'root' | 'path'>[]): Scope | Promise<Scope> {
    const missing = new Map<string, ObjectRef>();
    let found = scope;
    for (const { root, path } of references) {
      const before = found[root];
      if (before === undefined) continue;
      const after = this.#along(before, path, 0, missing);
      if (after !== before) found = { ...found, [root]: after };
    }
    return missing.size === 0 ? found : this.#load(missing).then(() => this.scope(scope, references));
  }

  #recorded(value: Json): Json {
    if (typeof value === 'string') {
      if (value.length > LARGE) return this.#recordText(value);
      this.#size += value.length + 2;
      return this.#tools.redact(value);
    }
    if (value === null || typeof value !== 'object') {
      this.#size += 5;
      return value ?? null;
    }
    if ((value as unknown) instanceof ObjectRef) {
      this.#size += REF_SIZE;
      return value;
    }
    const known = this.#known.get(value);
    if (known) {
      this.#size += REF_SIZE;
      return asJson(known);
    }
    const before = this.#size;
    this.#size += 2;
    const copy = Array.isArray(value) ? value.map((item) => this.#recorded(item)) : this.#recordObject(value);
    const mayMislead = !Array.isArray(value) && looksLikeRef(value);
    if (this.#size - before <= LARGE && !mayMislead) return copy;
    this.#size = before + REF_SIZE;
    const ref = mayMislead
      ? this.#store(JSON.stringify(Object.entries(copy)), 'entries', copy)
      : this.#store(JSON.stringify(copy), 'json', copy);
    this.#known.set(value, ref);
    this.#known.set(copy, ref);
    return asJson(ref);
  }

  #recordObject(value: JsonObject): JsonObject {
    const copy: JsonObject = {};
    for (const key of Object.keys(value)) {
      const item = value[key];
      if (item === undefined) continue;
      this.#size += key.length + 4;
      const name = this.#tools.redact(key);
      const recorded = this.#recorded(item);
      if (name === '__proto__')
        Object.defineProperty(copy, name, { value: recorded, enumerable: true, writable: true, configurable: true });
      else copy[name] = recorded;
    }
    return copy;
  }

  #recordText(value: string): Json {
    this.#size += REF_SIZE;
    const known = this.#texts.get(value);
    if (known) return asJson(known);
    const text = this.#tools.redact(value);
    const ref = this.#store(text, 'text', text);
    if (text !== value) this.#texts.set(value, ref);
    this.#texts.set(text, ref);
    return asJson(ref);
  }

  #store(text: string, kind: ObjectRef['kind'], value: Json): ObjectRef {
    const ref = new ObjectRef(this.#tools.store(text), Buffer.byteLength(text), kind, beginningOf(text));
    this.#keep(ref.name, value, text.length);
    return ref;
  }

  #keep(name: string, value: Json, size: number): void {
    this.#keptSize += size - (this.#kept.get(name)?.size ?? 0);
    this.#kept.delete(name);
    this.#kept.set(name, { value, size });
    for (const [oldest, { size: freed, value: gone }] of this.#kept) {
      if (this.#keptSize <= MOST_KEPT || oldest === name) break;
      this.#kept.delete(oldest);
      this.#keptSize -= freed;
      if (typeof gone === 'string') this.#forgetText(oldest);
    }
  }

  /** What stood for it before its secrets were taken out goes too. */
  #forgetText(name: string): void {
    for (const [text, ref] of this.#texts) if (ref.name === name) this.#texts.delete(text);
  }

  async #load(missing: ReadonlyMap<string, ObjectRef>): Promise<void> {
    for (const [name, ref] of missing) {
      const text = await this.#tools.load(name);
      const value = objectValue(ref, text);
      if (value !== null && typeof value === 'object') this.#known.set(value, ref);
      else if (typeof value === 'string') this.#texts.set(value, ref);
      this.#keep(name, value, text.length);
    }
  }

  #resolved(value: Json, missing: Map<string, ObjectRef>): Json {
    if (value === null || typeof value !== 'object') return value;
    if ((value as unknown) instanceof ObjectRef) {
      const ref = value as unknown as ObjectRef;
      const kept = this.#kept.get(ref.name);
      if (kept === undefined) {
        missing.set(ref.name, ref);
        return null;
      }
      const whole = this.#resolved(kept.value, missing);
      if (whole !== kept.value && whole !== null && typeof whole === 'object') this.#known.set(whole, ref);
      return whole;
    }
    if (Array.isArray(value)) {
      let copy: Json[] | undefined;
      for (const [index, item] of value.entries()) {
        const whole = this.#resolved(item, missing);
        if (whole !== item) copy = (copy ?? value).with(index, whole);
      }
      return copy ?? value;
    }
    let copy: JsonObject | undefined;
    for (const key of Object.keys(value)) {
      const item = value[key] as Json;
      const whole = this.#resolved(item, missing);
      if (whole === item) continue;
      copy ??= { ...value };
      copy[key] = whole;
    }
    return copy ?? value;
  }

  #along(value: Json, path: readonly (string | number)[], at: number, missing: Map<string, ObjectRef>): Json {
    if ((value as unknown) instanceof ObjectRef) return this.#resolved(value, missing);
    const key = path[at];
    if (key === undefined) return this.#resolved(value, missing);
    if (Array.isArray(value)) {
      const item = typeof key === 'number' ? value[key] : undefined;
      // What templates call `first`, `last` or `size` reads the list itself.
      if (item === undefined || typeof key !== 'number') return this.#resolved(value, missing);
      const whole = this.#along(item, path, at + 1, missing);
      return whole === item ? value : value.with(key, whole);
    }
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return value;
    const item = value[key] as Json;
    const whole = this.#along(item, path, at + 1, missing);
    return whole === item ? value : { ...value, [key]: whole };
  }
}

/** A copy: a part of a text would keep the whole of it in memory. */
function beginningOf(text: string): string {
  return Buffer.from(text.slice(0, START)).toString();
}

function objectValue({ kind }: ObjectRef, text: string): Json {
  if (kind === 'text') return text;
  const value = revived(JSON.parse(text) as Json);
  return kind === 'json' ? value : (Object.fromEntries(value as [string, Json][]) as JsonObject);
}
