/**
 * The index of a root's runs: one file, so that a list reads no journals. A cache and nothing more. Every process appends to it without
 * waiting for the others, and now and then somebody puts a compacted one in its place; what is lost between the two is found out anew
 * by whoever lists (run-list.ts), as are lines that never came. Only finished runs are taken from it as they stand.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { RunSummary } from '../../engine/run/view.ts';
import { replaceFile } from './atomic-file.ts';
import { isErrno } from './errno.ts';
import type { IndexBase, IndexLine, RestingRun } from './index-codec.ts';
import { decodeBase, decodeLog, encodeBase, encodeLines } from './index-codec.ts';
import type { JournalLayout } from './layout.ts';

/** Lines are parsed and validated one by one: so many bytes of them take about 20 ms. */
const MOST_LOG_BYTES = 1 << 20;
const NEWLINE = 0x0a;

/** All runs the index knows. Belongs to the index: look, do not change. */
export interface Snapshot {
  /** Newest first. */
  done: readonly RunSummary[];
  rest: ReadonlyMap<string, RestingRun>;
  live: readonly string[];
  sizes: ReadonlyMap<string, number>;
  /** See the line `seen`. */
  seen: string | undefined;
  has(runId: string): boolean;
  /** How many runs it knows. */
  size: number;
}

interface Loaded {
  /** The first line as it stands: says which compaction this is. */
  head: string;
  /** How far the file has been read, up to the end of a line. */
  read: number;
  base: IndexBase;
  log: Log;
  snapshot: Snapshot | undefined;
}

/** What happened since the compaction. */
interface Log {
  bytes: number;
  runs: Map<string, RunSummary | RestingRun | 'live' | 'gone'>;
  kept: Map<string, boolean>;
  sizes: Map<string, number>;
  seen: string | undefined;
}

export class RunIndex {
  readonly #layout: JournalLayout;
  readonly #machine: () => Promise<string>;
  #loaded: Loaded | undefined;

  constructor(layout: JournalLayout, machine: () => Promise<string>) {
    this.#layout = layout;
    this.#machine = machine;
  }

  /** What is known now; of the file, only what was appended since the last call is read. */
  async read(): Promise<Snapshot> {
    let file: FileHandle;
    try {
      file = await open(this.#layout.index, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    } catch (error) {
      // Missing, or a link that a repository brought along.
      if (!isErrno(error, 'ENOENT', 'ELOOP')) throw error;
      this.#loaded = undefined;
      return snapshotOf(emptyBase(), emptyLog());
    }
    try {
      await this.#readFrom(file);
    } finally {
      await file.close();
    }
    const loaded = this.#loaded;
    if (!loaded) return snapshotOf(emptyBase(), emptyLog());
    loaded.snapshot ??= snapshotOf(loaded.base, loaded.log);
    return loaded.snapshot;
  }

  /** Adds lines, if there is an index. Nothing depends on their arriving. */
  note(...lines: IndexLine[]): void {
    try {
      const file = openSync(this.#layout.index, constants.O_WRONLY | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0));
      try {
        writeSync(file, encodeLines(lines));
      } finally {
        closeSync(file);
      }
    } catch {
      // No index yet, or a full disk: whoever lists sees for himself.
    }
  }

  /** Adds what a listing found out; makes the index where there is none, and compacts it when it has grown. */
  async add(lines: readonly IndexLine[]): Promise<void> {
    const loaded = this.#loaded;
    if (loaded && loaded.log.bytes < MOST_LOG_BYTES && lines.length < MOST_LOG_BYTES / 1000) {
      if (lines.length > 0) this.note(...lines);
      return;
    }
    const log = loaded?.log ?? emptyLog();
    for (const line of lines) fold(log, line);
    const { done, rest, live, sizes, seen } = snapshotOf(loaded?.base ?? emptyBase(), log);
    const base: IndexBase = { done: [...done], rest: [...rest.values()], live: [...live], sizes: new Map(sizes), seen };
    const text = encodeBase(base, await this.#machine(), randomBytes(9).toString('base64url'));
    this.#loaded = undefined;
    await this.#layout.ready();
    await replaceFile(this.#layout.index, text, this.#layout.tmp, false);
  }

  async #readFrom(file: FileHandle): Promise<void> {
    const { size } = await file.stat();
    const known = this.#loaded;
    if (known && size >= known.read) {
      const head = await bytesOf(file, 0, Buffer.byteLength(known.head));
      if (head.toString('utf8') === known.head) {
        take(known, await bytesOf(file, known.read, size - known.read));
        return;
      }
    }
    this.#loaded = undefined;
    const bytes = await bytesOf(file, 0, size);
    const first = bytes.indexOf(NEWLINE);
    const second = bytes.indexOf(NEWLINE, first + 1);
    if (first < 0 || second < 0) return;
    const head = bytes.toString('utf8', 0, first);
    const base = decodeBase(head, bytes.subarray(first + 1, second), await this.#machine());
    if (!base) return;
    this.#loaded = { head, read: second + 1, base, log: emptyLog(), snapshot: undefined };
    take(this.#loaded, bytes.subarray(second + 1));
  }
}

async function bytesOf(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

/** Up to the last whole line: the rest may still be on its way. */
function take(loaded: Loaded, bytes: Buffer): void {
  const end = bytes.lastIndexOf(NEWLINE) + 1;
  if (end === 0) return;
  for (const line of decodeLog(bytes.toString('utf8', 0, end))) fold(loaded.log, line);
  loaded.read += end;
  loaded.log.bytes += end;
  loaded.snapshot = undefined;
}

function emptyBase(): IndexBase {
  return { done: [], rest: [], live: [], sizes: new Map(), seen: undefined };
}

function emptyLog(): Log {
  return { bytes: 0, runs: new Map(), kept: new Map(), sizes: new Map(), seen: undefined };
}

/** Undefined also for a run that is gone: somebody may have put it back. */
function known(log: Log, runId: string): RunSummary | RestingRun | 'live' | undefined {
  const run = log.runs.get(runId);
  return run === 'gone' ? undefined : run;
}

/** Lines may come late: a finished run stays finished, and of two that rest the later segment counts. */
function fold(log: Log, line: IndexLine): void {
  switch (line[0]) {
    case 'gone':
      log.runs.set(line[1], 'gone');
      break;
    case 'live':
      if (known(log, line[1]) === undefined) log.runs.set(line[1], 'live');
      break;
    case 'done':
      log.runs.set(line[1].id, line[1]);
      break;
    case 'rest': {
      const { id } = line[1].summary;
      const before = known(log, id);
      const counts = before === undefined || before === 'live' || ('segment' in before && before.segment <= line[1].segment);
      if (counts) log.runs.set(id, line[1]);
      break;
    }
    case 'kept':
      log.kept.set(line[1], line[2]);
      break;
    case 'size':
      log.sizes.set(line[1], line[2]);
      break;
    case 'seen':
      log.seen = line[1];
      break;
  }
}

function snapshotOf(base: IndexBase, log: Log): Snapshot {
  const marked = (summary: RunSummary): RunSummary => {
    const kept = log.kept.get(summary.id);
    if (kept === undefined || kept === (summary.kept ?? false)) return summary;
    const { kept: _kept, ...rest } = summary;
    return kept ? { ...rest, kept } : rest;
  };
  const untouched = log.runs.size === 0 && log.kept.size === 0;
  const done = untouched ? base.done : base.done.filter(({ id }) => log.runs.get(id) !== 'gone').map(marked);
  // Most listings never ask for it, and with 100,000 runs it costs as much as reading them.
  let ids: Set<string> | undefined;
  const finished = (): Set<string> => {
    ids ??= new Set(done.map(({ id }) => id));
    return ids;
  };
  const rest = new Map<string, RestingRun>();
  const live = new Set(base.live.filter((id) => !log.runs.has(id)));
  for (const run of base.rest) if (!log.runs.has(run.summary.id)) rest.set(run.summary.id, { ...run, summary: marked(run.summary) });
  for (const [id, run] of log.runs) {
    if (run === 'gone' || finished().has(id)) continue;
    if (run === 'live') live.add(id);
    else if ('segment' in run) rest.set(id, { ...run, summary: marked(run.summary) });
    else {
      finished().add(id);
      done.push(marked(run));
    }
  }
  // Ids tell the second; runs of the same second are told apart by their journals.
  if (!untouched) done.sort((a, b) => b.createdAt - a.createdAt);
  const sizes = log.sizes.size === 0 ? base.sizes : new Map([...base.sizes, ...log.sizes]);
  const has = (runId: string): boolean => finished().has(runId) || rest.has(runId) || live.has(runId);
  return { done, rest, live: [...live], sizes, seen: log.seen ?? base.seen, has, size: done.length + rest.size + live.size };
}
