/** Keeps secrets out of journals, logs, errors and views. */
import type { Json } from '../format/json.ts';
import { isJsonObject } from '../format/json.ts';
import { SECRET_SHAPES } from '../format/secret-shapes.ts';

export const REDACTED = '•••';

/** Shorter values are no secrets but words: replacing them would ruin texts and hide nothing. */
const SHORTEST = 6;

/** A function that replaces each of the secrets, as it stands or as JSON, URLs and basic authentication write it. */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  const forms = [...new Set([...secrets].filter((secret) => secret.length >= SHORTEST).flatMap(formsOf))]
    // The longest first: a secret may be part of another.
    .sort((a, b) => b.length - a.length);
  if (forms.length === 0) return (text) => text;
  const pattern = new RegExp(forms.map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
  return (text) => (text.length < SHORTEST ? text : text.replace(pattern, REDACTED));
}

/** The same for secrets of which more come to be known while it is in use. */
export function growingRedactor(known: () => Iterable<string>): (text: string) => string {
  let seen: readonly string[] = [];
  let redact = redactor(seen);
  const isSeen = (): boolean => {
    let count = 0;
    for (const secret of known()) {
      if (secret !== seen[count]) return false;
      count += 1;
    }
    return count === seen.length;
  };
  return (text) => {
    if (!isSeen()) {
      seen = [...known()];
      redact = redactor(seen);
    }
    return redact(text);
  };
}

function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret, 'utf8').toString('base64').replace(/=+$/, '');
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    base64,
    base64.replaceAll('+', '-').replaceAll('/', '_'),
  ];
}

/** Replaces what looks like a key of a well-known service, whether it is known here or not. For texts that people or logs see. */
export function redactShapes(text: string): string {
  return SECRET_SHAPES.reduce((result, { pattern }) => result.replace(pattern, REDACTED), text);
}

/** Every text in a value through `redact`, keys included. The value itself stays as it is. */
export function redactJson(value: Json, redact: (text: string) => string): Json {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => redactJson(item, redact));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [redact(key), redactJson(item, redact)]));
}

/** A line without an end is passed on when it has grown this long (characters), but for its last part. */
const LONGEST_LINE = 8192;
/** No secret is taken to be longer (characters). */
const LONGEST_SECRET = 1024;

/** Redacts a text that comes in pieces: a secret cut in two would be recognised in neither, so only whole lines are passed on. */
export class StreamRedactor {
  readonly #redact: (text: string) => string;
  #pending = '';

  constructor(redact: (text: string) => string) {
    this.#redact = redact;
  }

  /** What may be shown now; empty where the line is not whole yet. */
  push(text: string): string {
    this.#pending += text;
    const lineEnd = Math.max(this.#pending.lastIndexOf('\n'), this.#pending.lastIndexOf('\r')) + 1;
    if (this.#pending.length - lineEnd <= LONGEST_LINE) return this.#pass(lineEnd);
    const cut = this.#pending.length - LONGEST_SECRET;
    return this.#splitsSecret(cut) ? this.#pass(lineEnd) : this.#pass(cut);
  }

  /** What is left. */
  end(): string {
    return this.#pass(this.#pending.length);
  }

  #pass(length: number): string {
    const text = this.#pending.slice(0, length);
    this.#pending = this.#pending.slice(length);
    return text === '' ? '' : this.#redact(text);
  }

  #splitsSecret(cut: number): boolean {
    return this.#redact(this.#pending.slice(0, cut)) + this.#redact(this.#pending.slice(cut)) !== this.#redact(this.#pending);
  }
}
