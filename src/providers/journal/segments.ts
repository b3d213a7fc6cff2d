/**
 * Reading a run: its segments joined into one sequence of events. A segment is also the lock of the run: its first event says who
 * writes it and how much of the segment before counts. What a process that was taken for dead still appends there is ignored.
 */
import { readFileSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { BelayError } from '../../engine/errors.ts';
import type { RunEvent } from '../../engine/run/events.ts';
import type { DecodedLines } from '../../engine/run/journal-codec.ts';
import { decodeLines } from '../../engine/run/journal-codec.ts';
import { isErrno } from './errno.ts';
import type { JournalLayout } from './layout.ts';
import { runUnknown, segmentName } from './layout.ts';

export type SegmentOpened = Extract<RunEvent, { type: 'segment.opened' }>;

/** The segment that counts last: whoever wrote it last owns the run, unless it is closed. */
export interface LastSegment {
  number: number;
  /** Valid bytes. */
  length: number;
  header: SegmentOpened;
  closed: boolean;
}

export interface JournalContents {
  events: RunEvent[];
  /** Undefined where not even one header is whole. */
  last: LastSegment | undefined;
  /** Number of the segment that the next owner has to publish. */
  next: number;
}

interface ReadSegment {
  number: number;
  decoded: DecodedLines;
  header: SegmentOpened;
}

/** Reads all of a run. Throws `RUN_UNKNOWN`, `JOURNAL_CORRUPT` (damage that no crash leaves) and `JOURNAL_NEWER`. */
export async function readJournal(layout: JournalLayout, runId: string): Promise<JournalContents> {
  const numbers = layout.segments(runId);
  const next = (numbers.at(-1) ?? 0) + 1;
  let segment: ReadSegment | undefined;
  for (const number of numbers.toReversed()) {
    segment = readSegment(layout, runId, number);
    if (segment) break;
  }
  if (!segment) return { events: [], last: undefined, next };

  const last: LastSegment = {
    number: segment.number,
    length: segment.decoded.validLength,
    header: segment.header,
    closed: segment.decoded.events.at(-1)?.type === 'segment.closed',
  };
  const parts = [segment.decoded.events];
  for (let link = segment.header.previous; link; link = segment.header.previous) {
    if (link.segment >= segment.number) throw corrupt(runId, segment.number, 1, 'the segment names a later one as its predecessor');
    segment = readSegment(layout, runId, link.segment, link.length);
    if (!segment) throw corrupt(runId, link.segment, 1, 'the segment has no valid first line, though a later one builds on it');
    parts.unshift(segment.decoded.events);
  }
  const events = parts.flat();
  const wrong = events.findIndex((event, i) => event.seq !== i);
  if (wrong >= 0) throw misnumbered(runId, parts, wrong);
  return { events, last, next };
}

/** Whether the run ended, by its journal alone; of a journal that was closed in good order only the last line is read. Throws as `readJournal`. */
export async function isFinished(layout: JournalLayout, runId: string): Promise<boolean> {
  const head = await readHead(layout, runId);
  if (head?.closed) return head.reason === 'finished';
  const { events } = await readJournal(layout, runId);
  return events.some(({ type }) => type === 'run.finished');
}

/** The header of the last segment that has one, and whether it is closed, without reading what lies between. Throws `JOURNAL_NEWER`. */
export async function readHead(
  layout: JournalLayout,
  runId: string,
): Promise<(Omit<LastSegment, 'length'> & { size: number; mtime: number; reason: 'parked' | 'finished' | undefined }) | undefined> {
  for (const number of layout.segments(runId).toReversed()) {
    const { start, end, size, mtime } = await readEnds(layout.segment(runId, number)).catch((error: unknown) => {
      // Removed since its segments were looked for.
      throw isErrno(error, 'ENOENT') ? runUnknown(runId) : error;
    });
    const first = decodeLines(start.subarray(0, start.indexOf(0x0a) + 1));
    // Whoever wrote it may live, and cannot be known here.
    if (first.newer) throw newer(runId, number, first.newer.line, first.newer.reason);
    const header = first.events[0];
    if (header?.type !== 'segment.opened') continue;
    const lastLine = end.lastIndexOf(0x0a, end.length - 2) + 1;
    const closing = decodeLines(end.subarray(lastLine), { format: header.format ?? 1 }).events[0];
    const reason = closing?.type === 'segment.closed' ? closing.reason : undefined;
    return { number, header, closed: reason !== undefined, reason, size, mtime };
  }
  return undefined;
}

/**
 * The objects a run names: its bundle, and those it was moved to, which stand at the beginning of a segment. Where its header or the
 * beginning of a segment cannot be understood (damage, a newer Belay), whatever there looks like the name of one. Empty where the run has
 * just gone.
 */
export async function bundlesOf(layout: JournalLayout, runId: string): Promise<string[]> {
  try {
    const names: string[] = [];
    let understood = false;
    for (const number of layout.segments(runId)) {
      const { start } = await readEnds(layout.segment(runId, number));
      const { events } = decodeLines(start);
      const named = events.flatMap(namedBy);
      names.push(...named);
      // The header stands in the first segment, and only there.
      understood ||= named.length > 0;
      if (understood && events.length > 0) continue;
      const whole = await readFile(layout.segment(runId, number));
      const found = decodeLines(whole).events.find((event) => event.type === 'run.created');
      understood ||= found !== undefined;
      if (found) names.push(found.run.bundle);
      else names.push(...(whole.toString('latin1').match(/[0-9a-f]{64}/g) ?? []));
    }
    return names;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || (error instanceof BelayError && error.code === 'RUN_UNKNOWN')) return [];
    throw error;
  }
}

function namedBy(event: RunEvent): string[] {
  if (event.type === 'run.created') return [event.run.bundle];
  return event.type === 'run.moved' ? [event.bundle] : [];
}

/** Undefined: no whole header, which only a crash while it was being written leaves; the segment counts as not there. */
function readSegment(layout: JournalLayout, runId: string, number: number, length?: number): ReadSegment | undefined {
  const bytes = bytesOf(layout, runId, number, length);
  const decoded = decodedOnce(layout.segment(runId, number), length === undefined ? bytes : bytes.subarray(0, length));
  if (decoded.newer) throw newer(runId, number, decoded.newer.line, decoded.newer.reason);
  if (decoded.corrupt) throw corrupt(runId, number, decoded.corrupt.line, decoded.corrupt.reason);
  if (length !== undefined && decoded.validLength !== length) {
    throw corrupt(
      runId,
      number,
      decoded.events.length + 1,
      `${length} bytes were valid when the run was taken over, now it is ${decoded.validLength}`,
    );
  }
  const header = decoded.events[0];
  if (!header) return undefined;
  if (header.type !== 'segment.opened') throw corrupt(runId, number, 1, 'the segment does not begin with its owner');
  if (header.segment !== number) throw corrupt(runId, number, 1, `the segment says that it is number ${header.segment}`);
  return { number, decoded, header };
}

/** To wait for the file would take longer than to read it, and decoding it takes longer still. */
function bytesOf(layout: JournalLayout, runId: string, number: number, length: number | undefined): Buffer {
  try {
    return readFileSync(layout.segment(runId, number));
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    if (length === undefined) throw runUnknown(runId);
    throw corrupt(runId, number, 1, 'the segment is missing, though a later one builds on it');
  }
}

/**
 * What was made of a segment's bytes: a run is looked at, gone on with and taken over in quick succession, and its journal read each
 * time. Not held on to: it goes when memory is needed, and with it what stands here of it.
 */
const decodedBefore = new Map<string, WeakRef<Decoded>>();
const forgotten = new FinalizationRegistry<string>((path) => {
  if (decodedBefore.get(path)?.deref() === undefined) decodedBefore.delete(path);
});

interface Decoded {
  bytes: Buffer;
  lines: DecodedLines;
}

function decodedOnce(path: string, bytes: Buffer): DecodedLines {
  const before = decodedBefore.get(path)?.deref();
  if (before?.bytes.equals(bytes)) return before.lines;
  const decoded = { bytes, lines: decodeLines(bytes) };
  decodedBefore.set(path, new WeakRef(decoded));
  forgotten.register(decoded, path);
  return decoded.lines;
}

/** A header fits into the first part, a closing line into the last one. */
const END_BYTES = 4096;

async function readEnds(path: string): Promise<{ start: Buffer; end: Buffer; size: number; mtime: number }> {
  const file = await open(path, 'r');
  try {
    const { size, mtimeMs: mtime } = await file.stat();
    const part = async (position: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(Math.min(size, END_BYTES)), position });
      return buffer.subarray(0, bytesRead);
    };
    const start = await part(0);
    return { start, end: size <= END_BYTES ? start : await part(size - END_BYTES), size, mtime };
  } finally {
    await file.close();
  }
}

function misnumbered(runId: string, parts: readonly RunEvent[][], index: number): BelayError {
  let before = 0;
  for (const part of parts) {
    const event = part[index - before];
    const opened = part[0];
    if (event && opened?.type === 'segment.opened') {
      return corrupt(runId, opened.segment, index - before + 1, `the event has number ${event.seq}, expected ${index}`);
    }
    before += part.length;
  }
  return corrupt(runId, 1, index + 1, 'the numbers of the events have a gap');
}

function corrupt(runId: string, segment: number, line: number, reason: string): BelayError {
  const place = `${runId}/${segmentName(segment)}:${line}`;
  return new BelayError('JOURNAL_CORRUPT', `The journal of run ${runId} is damaged at ${place}: ${reason}.`, {
    hint: 'The run cannot be continued. Restore the file from a backup, or remove the run with `belay prune` and start it anew.',
    kind: 'internal',
    details: { file: segmentName(segment), line, reason },
  });
}

function newer(runId: string, segment: number, line: number, reason: string): BelayError {
  return new BelayError(
    'JOURNAL_NEWER',
    `Run ${runId} was written by a newer Belay: ${segmentName(segment)}:${line} is not understood (${reason}).`,
    {
      hint: 'Update Belay here, or open the run where it was written. Nothing of it was changed, and other runs are not affected.',
      kind: 'badRequest',
      details: { file: segmentName(segment), line, reason },
    },
  );
}
