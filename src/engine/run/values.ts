/** Values on their way into the journal and back: secrets are taken out, and what is large stands beside it, once. */

import { BelayError } from '../errors.ts';
import type { Reference, Scope } from '../format/expressions/index.ts';
import type { Json, JsonObject } from '../format/json.ts';
import { isJsonObject } from '../format/json.ts';
import { asJson, looksLikeRef, ObjectRef, revived } from './object-ref.ts';

/** Characters beyond which a text, or the JSON of a list or an object, is kept beside the journal. */
export const LARGE = 64 * 1024;
/** Characters of large values that are kept in memory; others are read again when a step needs them. */
const MOST_KEPT = 8 * 1024 * 1024;
/** How deep lists and objects may stand in one another: whatever goes through them does so by recursion. */
const MOST_LEVELS = 256;
/** Bytes that a value may have with everything it refers to: a few names can stand for more than fits into memory. */
const MOST_WHOLE = 64 * 1024 * 1024;
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

interface Kept {
  value: Json;
  /** Characters of its text. */
  size: number;
}

/** References being replaced by what they stand for. */
interface Resolving {
  /** Has to be read first; what is made is not whole then. */
  missing: Map<string, ObjectRef>;
  /** Read for this, and not thrown away before it is done. */
  loaded: ReadonlyMap<string, Kept>;
  /** By name, as it was made at this depth or further up. */
  done: Map<string, { whole: Json; bytes: number; level: number }>;
  /** Of all that was put in. */
  bytes: number;
}

export class Values {
  readonly #tools: ValueTools;
  /** Lists and objects that were found to be large, as they came and as they were recorded. */
  readonly #known = new WeakMap<object, ObjectRef>();
  /** Large texts, likewise. The engine compares long texts by their place in memory first. */
  readonly #texts = new Map<string, ObjectRef>();
  /** Values by name, those used last at the end. */
  readonly #kept = new Map<string, Kept>();
  #keptSize = 0;
  /** Of the value that is being recorded: its characters so far. */
  #size = 0;

  constructor(tools: ValueTools) {
    this.#tools = tools;
  }

  /** The value as the journal holds it: a copy without secrets, large parts as references. Throws `VALUE_TOO_DEEP`. */
  record(value: Json): Json {
    this.#size = 0;
    return this.#recorded(value, 0);
  }

  /** A value of the journal with everything it refers to. At once, where that is at hand. Throws `VALUE_TOO_LARGE` and `VALUE_TOO_DEEP`. */
  whole(value: Json): Json | Promise<Json> {
    return this.#whole(value, new Map());
  }

  #whole(value: Json, loaded: Map<string, Kept>): Json | Promise<Json> {
    const work = resolving(loaded);
    const found = this.#resolved(value, work, 0);
    return work.missing.size === 0 ? found : this.#load(work.missing, loaded).then(() => this.#whole(value, loaded));
  }

  /** A scope in which what the references read is whole; what they do not read stays as it is. Throws as `whole` does. */
  scope(scope: Scope, references: readonly Pick<Reference, 'root' | 'path'>[]): Scope | Promise<Scope> {
    return this.#scope(scope, references, new Map());
  }

  #scope(scope: Scope, references: readonly Pick<Reference, 'root' | 'path'>[], loaded: Map<string, Kept>): Scope | Promise<Scope> {
    const work = resolving(loaded);
    let found = scope;
    for (const { root, path } of references) {
      const before = found[root];
      if (before === undefined) continue;
      work.bytes = 0;
      const after = this.#along(before, path, 0, work);
      if (after !== before) found = { ...found, [root]: after };
    }
    return work.missing.size === 0 ? found : this.#load(work.missing, loaded).then(() => this.#scope(scope, references, loaded));
  }

  #recorded(value: Json, level: number): Json {
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
    if (level >= MOST_LEVELS) throw tooDeep();
    const before = this.#size;
    this.#size += 2;
    const copy = Array.isArray(value) ? value.map((item) => this.#recorded(item, level + 1)) : this.#recordObject(value, level);
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

  #recordObject(value: JsonObject, level: number): JsonObject {
    const copy: JsonObject = {};
    for (const key of Object.keys(value)) {
      const item = value[key];
      if (item === undefined) continue;
      this.#size += key.length + 4;
      const name = this.#tools.redact(key);
      const recorded = this.#recorded(item, level + 1);
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

  async #load(missing: ReadonlyMap<string, ObjectRef>, loaded: Map<string, Kept>): Promise<void> {
    for (const [name, ref] of missing) {
      const text = await this.#tools.load(name);
      const value = objectValue(ref, text);
      if (value !== null && typeof value === 'object') this.#known.set(value, ref);
      else if (typeof value === 'string') this.#texts.set(value, ref);
      this.#keep(name, value, text.length);
      loaded.set(name, { value, size: text.length });
    }
  }

  #resolved(value: Json, work: Resolving, level: number): Json {
    if (value === null || typeof value !== 'object') return value;
    if ((value as unknown) instanceof ObjectRef) return this.#referred(value as unknown as ObjectRef, work, level);
    if (level >= MOST_LEVELS) throw tooDeep();
    if (Array.isArray(value)) {
      let copy: Json[] | undefined;
      for (const [index, item] of value.entries()) {
        const whole = this.#resolved(item, work, level + 1);
        if (whole === item) continue;
        copy ??= [...value];
        copy[index] = whole;
      }
      return copy ?? value;
    }
    let copy: JsonObject | undefined;
    for (const key of Object.keys(value)) {
      const item = value[key] as Json;
      const whole = this.#resolved(item, work, level + 1);
      if (whole === item) continue;
      copy ??= { ...value };
      copy[key] = whole;
    }
    return copy ?? value;
  }

  #referred(ref: ObjectRef, work: Resolving, level: number): Json {
    const done = work.done.get(ref.name);
    if (done && done.level >= level) {
      add(work, done.bytes);
      return done.whole;
    }
    const kept = work.loaded.get(ref.name) ?? this.#kept.get(ref.name);
    const before = work.bytes;
    add(work, Math.max(ref.bytes, kept?.size ?? 0));
    if (kept === undefined) {
      work.missing.set(ref.name, ref);
      return null;
    }
    const whole = this.#resolved(kept.value, work, level);
    if (whole !== kept.value && whole !== null && typeof whole === 'object') this.#known.set(whole, ref);
    work.done.set(ref.name, { whole, bytes: work.bytes - before, level });
    return whole;
  }

  #along(value: Json, path: readonly (string | number)[], at: number, work: Resolving): Json {
    if ((value as unknown) instanceof ObjectRef) return this.#resolved(value, work, 0);
    const key = path[at];
    if (key === undefined) return this.#resolved(value, work, 0);
    if (Array.isArray(value)) {
      const item = typeof key === 'number' ? value[key] : undefined;
      // What templates call `first`, `last` or `size` reads the list itself.
      if (item === undefined || typeof key !== 'number') return this.#resolved(value, work, 0);
      const whole = this.#along(item, path, at + 1, work);
      return whole === item ? value : value.with(key, whole);
    }
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return value;
    const item = value[key] as Json;
    const whole = this.#along(item, path, at + 1, work);
    return whole === item ? value : { ...value, [key]: whole };
  }
}

function resolving(loaded: ReadonlyMap<string, Kept>): Resolving {
  return { missing: new Map(), loaded, done: new Map(), bytes: 0 };
}

function add(work: Resolving, bytes: number): void {
  work.bytes += bytes;
  if (work.bytes <= MOST_WHOLE) return;
  throw new BelayError('VALUE_TOO_LARGE', 'A value has more than 64 MB with everything in it.', {
    hint: 'Hand on less: read the fields that are needed, or write what is large into files.',
    kind: 'badRequest',
  });
}

function tooDeep(): BelayError {
  return new BelayError('VALUE_TOO_DEEP', `Lists and objects stand in one another more than ${MOST_LEVELS} deep.`, {
    hint: 'Flatten the value.',
    kind: 'badRequest',
  });
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
