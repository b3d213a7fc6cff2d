/** Hashes of JSON that do not depend on how it is written. */
import { hash } from 'node:crypto';
import type { Json } from '../format/json.ts';
import { isJsonObject } from '../format/json.ts';

/**
 * Canonical JSON (RFC 8785): keys sorted by UTF-16 code units, numbers and strings as ECMAScript writes them, no white space.
 * Deviation: half surrogate pairs are escaped instead of refused, so that no text of a tool can end a run here.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
  return `{${entries.join(',')}}`;
}

/** sha256 in hex, of the UTF-8 text. */
export function sha256(content: string | Uint8Array): string {
  return hash('sha256', content);
}

/** sha256 of the canonical JSON, in hex: what a gate binds and recordings are found by. */
export function hashJson(value: Json): string {
  return sha256(canonicalJson(value));
}
