/**
 * One event of a journal as one line of text: JSON whose last key is a checksum of the rest. Pure; the files belong to the store.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { withValues } from './event-values.ts';
import type { RunEvent } from './events.ts';
import { runEventDoor } from './events.ts';
import { REF_MARK, revived } from './object-ref.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const MARK = ',"crc":"';
const CLOSE = '"}';
/** The mark, 8 hex digits, and the end. */
const TAIL = MARK.length + 8 + CLOSE.length;

export interface DecodedLines {
  /** The whole events from the start up to the first line that is not one. */
  events: RunEvent[];
  /** Bytes those events take, newlines included: where a writer may go on. */
  validLength: number;
  /** `torn`: bytes without any whole event follow the valid ones, as a crash in the middle of a write leaves them. */
  tail: 'clean' | 'torn';
  /** A broken line with whole lines behind it: not a crash but damage. `line` counts from 1. Nothing behind it may be cut off. */
  corrupt?: { line: number; reason: string };
  /** A line with a right checksum that this version does not understand: written by a newer Belay. `line` counts from 1. */
  newer?: { line: number; reason: string };
}

/**
 * The format of the lines after a segment's header. New event types and fields do not change it; a change of meaning does. Segments
 * are never rewritten: what an older Belay wrote is brought up to date line by line as it is read.
 */
export const JOURNAL_FORMAT = 1;

/** What a reader knows of formats. */
export interface JournalFormats {
  current: number;
  /** By the format it understands: turns one line's value into that of the next format. One line stays one event. */
  upgrades: { readonly [from: number]: (line: unknown) => unknown };
}

const FORMATS: JournalFormats = { current: JOURNAL_FORMAT, upgrades: {} };

export interface DecodeOptions {
  /** The format of the segment, where its header is not among the bytes. */
  format?: number;
  formats?: JournalFormats;
}

/** The event as a line of the journal, without the newline. */
export function encodeEvent(event: RunEvent): string {
  const text = JSON.stringify(event);
  return `${text.slice(0, -1)},"crc":"${hex(crc32(text))}"}`;
}

/**
 * Reads the bytes of a segment, header first. Never throws. An event counts only when its newline is there, so that a cut at any byte leaves
 * exactly the events that were written whole.
 */
export function decodeLines(given: Uint8Array, { format, formats = FORMATS }: DecodeOptions = {}): DecodedLines {
  const source = sourceOf(given);
  const events: RunEvent[] = [];
  /** As the first line says it. */
  let written = format;
  let start = 0;
  for (let line = 1; start < given.length; line += 1) {
    const end = source.text.indexOf('\n', start);
    const value = end < 0 ? undefined : lineValue(source, start, end);
    if (value && 'json' in value) written ??= formatOf(value.json);
    const read = value && 'json' in value ? understand(value.json, written ?? 1, formats) : value;
    if (read === undefined || 'broken' in read) {
      const reason = read?.broken ?? 'the line has no end';
      const rest = { events, validLength: start, tail: 'torn' as const };
      return end >= 0 && wholeLineAfter(source, end + 1) ? { ...rest, corrupt: { line, reason } } : rest;
    }
    if ('unknown' in read) return { events, validLength: start, tail: 'clean', newer: { line, reason: read.unknown } };
    const { event } = read;
    events.push(value && 'json' in value && value.hasRefs ? withValues(event, revived) : event);
    start = end + 1;
  }
  return { events, validLength: start, tail: 'clean' };
}

/** The bytes of a segment, by their places. */
interface Source {
  /** Each byte as one character: V8 is several times as fast with a text as with bytes. */
  readonly text: string;
  /** A part as the text that it is, with the brace that ends an event; throws where it is no UTF-8. */
  event(start: number, end: number): string;
  /** The checksum of that. */
  sum(start: number, end: number): number;
}

/** What holds for all bytes holds for each line, and need not be looked at again. */
function sourceOf(given: Uint8Array): Source {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.length);
  const text = bytes.toString('latin1');
  // The brace by itself: to put a text together takes longer than to go through it.
  if (isAscii(bytes)) {
    return {
      text,
      event: (start, end) => `${text.slice(start, end)}}`,
      sum: (start, end) => crc32('}', crc32(text.slice(start, end))),
    };
  }
  const isWhole = isUtf8(bytes);
  return {
    text,
    event: (start, end) => `${isWhole ? bytes.toString('utf8', start, end) : UTF8.decode(bytes.subarray(start, end))}}`,
    // A plain array of bytes is made several times as fast as a Buffer.
    sum: (start, end) => crc32('}', crc32(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start))),
  };
}

/** The value without its checksum. */
function lineValue(source: Source, start: number, end: number): { json: unknown; hasRefs: boolean } | { broken: string } {
  if (!hasRightChecksum(source, start, end)) return { broken: 'the checksum does not match' };
  try {
    const text = source.event(start, end - TAIL);
    return { json: JSON.parse(text), hasRefs: text.includes(REF_MARK) };
  } catch {
    return { broken: 'the line is not JSON' };
  }
}

/** The first line of a segment is a `segment.opened` with its number in every format, so that each Belay can tell whether it understands the rest. */
function formatOf(header: unknown): number {
  const told = typeof header === 'object' && header !== null && 'type' in header && header.type === 'segment.opened' && 'format' in header;
  return told && typeof header.format === 'number' ? header.format : 1;
}

function understand(json: unknown, format: number, { current, upgrades }: JournalFormats): { event: RunEvent } | { unknown: string } {
  if (format > current) return { unknown: `journal format ${format}, and this Belay knows formats up to ${current}` };
  let value = json;
  for (let from = format; from < current; from += 1) value = upgrades[from]?.(value) ?? value;
  const parsed = runEventDoor.safeParse(value);
  if (parsed.success) return { event: parsed.data };
  const issue = parsed.error.issues[0];
  return { unknown: `${issue?.path.join('.') || 'event'}: ${issue?.message ?? 'not understood'}` };
}

function hasRightChecksum(source: Source, start: number, end: number): boolean {
  const mark = end - TAIL;
  return mark > start && source.text.startsWith(`${MARK}${hex(source.sum(start, mark))}${CLOSE}`, mark);
}

function wholeLineAfter(source: Source, from: number): boolean {
  let start = from;
  for (let end = source.text.indexOf('\n', start); end >= 0; end = source.text.indexOf('\n', start)) {
    if (hasRightChecksum(source, start, end)) return true;
    start = end + 1;
  }
  return false;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex(sum: number): string {
  return `${HEX[sum >>> 24]}${HEX[(sum >>> 16) & 255]}${HEX[(sum >>> 8) & 255]}${HEX[sum & 255]}`;
}
