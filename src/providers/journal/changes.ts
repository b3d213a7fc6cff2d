/**
 * Telling other processes that a run changed. Each unfinished run has one empty file in one folder, touched at every change, so
 * that a single watch names the run, on every platform and without looking into journals.
 */
import type { FSWatcher } from 'node:fs';
import { rmSync, utimesSync, watch, writeFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disposable, Log } from '../../engine/ports.ts';
import { isErrno } from './errno.ts';
import type { JournalLayout } from './layout.ts';
import { FILE_MODE, isRunId } from './layout.ts';

/** Bursts of events are told once in this time, as long as a process has no more runs than these: of more of them, less often. */
const THROTTLE_MS = 50;
const OFTEN = 16;
const POLL_MS = 2000;
/** With thousands of waiting runs a poll takes its time: the pause after it is so many times as long. */
const POLL_SHARE = 20;

/** Announces the changes of one run. */
export class Announcer {
  readonly #path: string;
  readonly #runs: () => number;
  #timer: NodeJS.Timeout | undefined;
  #announcedAt = Number.NEGATIVE_INFINITY;

  /** @param runs how many of them this process carries out now */
  constructor(layout: JournalLayout, runId: string, runs: () => number = () => 1) {
    this.#path = layout.change(runId);
    this.#runs = runs;
  }

  /** Soon, at most once in a while; never fails, for nothing depends on it but how soon others look. */
  changed(): void {
    if (this.#timer) return;
    const wait = this.#announcedAt + THROTTLE_MS * Math.max(1, this.#runs() / OFTEN) - Date.now();
    if (wait <= 0) {
      this.announce();
      return;
    }
    this.#timer = setTimeout(() => this.announce(), wait);
  }

  /** At once. */
  announce(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#announcedAt = Date.now();
    try {
      this.#touch();
    } catch {
      // The folder is gone or full: watchers poll.
    }
  }

  /** Touching takes a fraction of the time that opening does while journals are being synced. */
  #touch(): void {
    const now = new Date(this.#announcedAt);
    try {
      utimesSync(this.#path, now, now);
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
      writeFileSync(this.#path, '', { flag: 'wx', mode: FILE_MODE });
    }
  }

  /** Nothing more will change. Removing the file tells it a last time. */
  finish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    rmSync(this.#path, { force: true });
  }
}

/** Whether somebody has a run, or it rests: nobody can have it without touching its file. */
export type Liveness = 'owned' | 'free' | 'rests';

/** What a poll compares, by run: anything that differs when the run looks different from outside. */
type Fingerprints = Map<string, { mtime: number; liveness: Liveness | undefined }>;

/** Watches all runs of a root, by the file system's own news and, more slowly, by looking. */
export class ChangeWatcher {
  readonly #layout: JournalLayout;
  readonly #log: Log;
  readonly #listener: (runId: string) => void;
  /** Tells apart what no file tells: whether the owner lives. */
  readonly #liveness: (runId: string) => Promise<Liveness>;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #known: Fingerprints | undefined;
  #open = true;

  constructor(layout: JournalLayout, log: Log, liveness: (runId: string) => Promise<Liveness>, listener: (runId: string) => void) {
    this.#layout = layout;
    this.#log = log;
    this.#liveness = liveness;
    this.#listener = listener;
  }

  async start(): Promise<Disposable> {
    await this.#layout.ready();
    if (!this.#open) return this;
    try {
      this.#watcher = watch(this.#layout.changes, (_event, name) => {
        if (name !== null && isRunId(name)) this.#listener(name);
      });
      this.#watcher.unref();
      this.#watcher.on('error', (error) => this.#log.warn('Runs are only polled for changes', { error: error.message }));
    } catch (error) {
      this.#log.warn('Runs are only polled for changes', { error: String(error) });
    }
    await this.#poll();
    return this;
  }

  dispose(): void {
    this.#open = false;
    this.#watcher?.close();
    clearTimeout(this.#timer);
  }

  async #poll(): Promise<void> {
    const began = Date.now();
    const found = await this.#look().catch(() => undefined);
    if (!this.#open) return;
    if (found && this.#known) for (const runId of different(this.#known, found)) this.#listener(runId);
    this.#known = found ?? this.#known;
    this.#timer = setTimeout(() => void this.#poll(), Math.max(POLL_MS, (Date.now() - began) * POLL_SHARE));
    this.#timer.unref();
  }

  async #look(): Promise<Fingerprints> {
    const found: Fingerprints = new Map();
    for (const runId of (await readdir(this.#layout.changes)).filter(isRunId)) {
      const at = await stat(join(this.#layout.changes, runId)).catch(() => undefined);
      if (!at) continue;
      const before = this.#known?.get(runId);
      const rests = before?.mtime === at.mtimeMs && before.liveness === 'rests';
      found.set(runId, { mtime: at.mtimeMs, liveness: rests ? 'rests' : await this.#liveness(runId).catch(() => undefined) });
    }
    return found;
  }
}

function different(before: Fingerprints, after: Fingerprints): string[] {
  const ids = new Set([...before.keys(), ...after.keys()]);
  return [...ids].filter((id) => {
    const [a, b] = [before.get(id), after.get(id)];
    return a?.mtime !== b?.mtime || a?.liveness !== b?.liveness;
  });
}
