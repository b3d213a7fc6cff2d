/**
 * How the journals of one root become durable. At first each by a sync of its own segment. When several write at once, or one goes on for
 * long, what they were given is also written to one file of this process, the sync log, and one sync of it is enough for all of them. It
 * is cheaper for a single one too: the room is there, so the file system has no new length to record.
 *
 * Why nothing is lost: a commit is acknowledged when all bytes of the segment up to its end were synced in the segment, or stand in
 * synced frames of the log. A frame is written after the one before was synced, so only the last can be torn, and that one was not
 * acknowledged. The log begins anew only when every segment that it stands for has been synced, and a journal that is let go is synced
 * itself. After the loss of power, whoever opens the runs first writes what the log has into the segments (sync-log-recovery.ts); after
 * the mere death of the process they have it already, as it is written to them first.
 *
 * It also tells whether somebody may have taken a run of ours: who takes over a run removes the log of its owner before. As long as ours
 * is there, nobody has taken this process for dead, and no journal need look for a successor.
 */
import { closeSync, existsSync, fsync, openSync, renameSync, rmSync, statfsSync, write, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../../engine/ports.ts';
import type { Owner } from '../../engine/run/events.ts';
import { syncFolder } from './atomic-file.ts';
import type { CommitGroup, Committable, Syncer } from './commit-group.ts';
import { diskSyncer } from './commit-group.ts';
import type { JournalLayout } from './layout.ts';
import { FILE_MODE } from './layout.ts';
import type { Owners } from './processes.ts';
import { encodeFrame, encodeHeader, HEADER_BYTES, type Piece } from './sync-log-format.ts';

/** Bytes of the log: what some thousand steps of several runs are told by, or some hundred of one. */
const ROOM = { several: 4 * 1024 * 1024, one: 256 * 1024 };
/** How many times that has to be free: what others may need of a disk that is nearly full is not taken from them. */
const FREE = 16;
/** A journal that syncs so often by itself goes on for long: making the room for one costs what the log spares in as many syncs. */
const LONG = 24;

const writing = promisify(write);
const syncing = promisify(fsync);

export interface LoggedJournal extends Committable {
  /** Writes what is buffered to the segment. Throws when it cannot. */
  write(): void;
  /** What the segment was given since it was synced or this was last called. Undefined: more than is kept, so it has to be synced itself. */
  takeUncovered(): Piece[] | undefined;
  /** Throws where another process has taken the run. */
  refuseIfTaken(): void;
}

interface OpenLog {
  fd: number;
  path: string;
  owner: Owner;
  /** Bytes. */
  room: number;
  position: number;
  generation: number;
  /** Journals whose segments are durable only together with the log. */
  covers: Set<LoggedJournal>;
}

interface Batch {
  journals: Set<LoggedJournal>;
  /** What became of those that failed. */
  done: Promise<ReadonlyMap<LoggedJournal, unknown>>;
}

export interface SharedSyncOptions {
  layout: JournalLayout;
  owners: Owners;
  group: CommitGroup;
  log: Log;
  syncer?: Syncer;
  room?: number;
}

export class SharedSync {
  readonly #options: SharedSyncOptions;
  readonly #syncer: Syncer;
  readonly #journals = new Set<LoggedJournal>();
  /** Journals that are being made. */
  #coming = 0;
  #alone = 0;
  #log: OpenLog | undefined;
  #preparing = false;
  /** This machine does not tell processes apart, the disk refused, or somebody took this process for dead. */
  #unusable = false;
  #next: Batch | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #committing = false;
  #inFlight = false;

  constructor(options: SharedSyncOptions) {
    this.#options = options;
    this.#syncer = options.syncer ?? diskSyncer;
  }

  /** Nobody has taken this process for dead, as of the last commit. */
  get unchallenged(): boolean {
    return this.#log !== undefined;
  }

  /** Journals of this process, with those that are being made. */
  get size(): number {
    return this.#journals.size + this.#coming;
  }

  /** What is committed now is written in the next turn of the event loop: it waits for no commit before it. */
  get writesNextTurn(): boolean {
    return this.#log !== undefined && !this.#committing;
  }

  /**
   * Makes something that joins. Where it is not the only one, the log is made beside it: two hundred runs that are started at once would
   * each sync by itself for as long as that takes behind all their files.
   */
  async expecting<T>(make: () => Promise<T>): Promise<T> {
    this.#coming += 1;
    if (this.size > 1) this.#prepare();
    try {
      return await make();
    } finally {
      this.#coming -= 1;
      await this.#close();
    }
  }

  join(journal: LoggedJournal): void {
    this.#journals.add(journal);
  }

  /** A journal is about to sync so often. */
  expect(count: number): void {
    if (count >= LONG) this.#prepare();
  }

  /** Resolves when the journal no longer depends on the log; the file may be closed then. */
  async leave(journal: LoggedJournal): Promise<void> {
    const log = this.#log;
    if (log?.covers.delete(journal)) {
      try {
        await this.#syncer.inParallel(journal.fd);
      } catch (error) {
        // Its segment is not whole without the log, which is left to be recovered from.
        this.#options.log.warn('A journal that is let go cannot be synced', { error: String(error) });
        this.#abandon(log);
      }
    }
    this.#journals.delete(journal);
    await this.#close();
  }

  /** Resolves when all that the journal is given before this turn's end is durable. */
  commit(journal: LoggedJournal): Promise<void> {
    if (!this.#log) {
      this.#alone += 1;
      if (this.#alone >= LONG) this.#prepare();
      return this.commitItself(journal);
    }
    this.#next ??= this.#open();
    const { journals, done } = this.#next;
    journals.add(journal);
    return done.then((failed) => {
      if (failed.has(journal)) throw failed.get(journal);
    });
  }

  /** The same by the journal's own file. */
  async commitItself(journal: LoggedJournal): Promise<void> {
    const log = this.#log;
    await this.#options.group.commit(journal);
    log?.covers.delete(journal);
  }

  #open(): Batch {
    const journals = new Set<LoggedJournal>();
    const turn = new Promise<void>((resolve) => setImmediate(resolve));
    const done = Promise.all([turn, this.#last]).then(async () => {
      this.#next = undefined;
      this.#committing = true;
      const failed = await this.#commitAll(journals);
      this.#committing = false;
      return failed;
    });
    this.#last = done;
    return { journals, done };
  }

  async #commitAll(journals: ReadonlySet<LoggedJournal>): Promise<ReadonlyMap<LoggedJournal, unknown>> {
    const failed = new Map<LoggedJournal, unknown>();
    const pieces: Piece[] = [];
    const covered: LoggedJournal[] = [];
    const themselves: LoggedJournal[] = [];
    for (const journal of journals) {
      try {
        journal.write();
        const uncovered = this.#log && journal.takeUncovered();
        if (!uncovered) themselves.push(journal);
        else {
          covered.push(journal);
          pieces.push(...uncovered);
        }
      } catch (error) {
        failed.set(journal, error);
      }
    }
    if (this.#log && pieces.length > 0 && !(await this.#write(this.#log, pieces, covered))) themselves.push(...covered);
    // Looked at last: a frame that was synced while the log had its name is read by whoever takes the name from it.
    if (this.#log && !existsSync(this.#log.path)) this.#challenged(this.#log, [...covered], themselves, failed);
    await Promise.all(themselves.map((journal) => this.commitItself(journal).catch((error: unknown) => void failed.set(journal, error))));
    return failed;
  }

  /** False: the log cannot be used, and stands for nothing new. */
  async #write(log: OpenLog, pieces: readonly Piece[], journals: readonly LoggedJournal[]): Promise<boolean> {
    try {
      let frame = encodeFrame(log.generation, pieces);
      // A frame with no length ends the log for whoever reads it: room for that stays.
      if (log.position + frame.length > log.room && log.position > HEADER_BYTES) {
        await this.#beginAnew(log);
        // Abandoned meanwhile, its file is closed.
        if (this.#log !== log) return false;
        frame = encodeFrame(log.generation, pieces);
      }
      if (log.position + frame.length > log.room) return false;
      for (let done = 0; done < frame.length; ) done += writeSync(log.fd, frame, done, frame.length - done, log.position + done);
      for (const journal of journals) log.covers.add(journal);
      log.position += frame.length;
      if (journals.length === 1 && !this.#inFlight) this.#syncer.inline(log.fd);
      else await this.#inParallel(log.fd);
      return true;
    } catch (error) {
      this.#options.log.warn('Runs sync by themselves, as their shared log cannot be written', { error: String(error) });
      this.#abandon(log);
      return false;
    }
  }

  async #inParallel(fd: number): Promise<void> {
    this.#inFlight = true;
    try {
      await this.#syncer.inParallel(fd);
    } finally {
      this.#inFlight = false;
    }
  }

  /** What the log stands for goes into the segments first. */
  async #beginAnew(log: OpenLog): Promise<void> {
    const covered = [...log.covers];
    await Promise.all(
      covered.map(async (journal) => {
        try {
          await this.#syncer.inParallel(journal.fd);
          log.covers.delete(journal);
        } catch (error) {
          // Let go meanwhile, it was synced before it was closed.
          if (log.covers.has(journal)) throw error;
        }
      }),
    );
    log.position = HEADER_BYTES;
    log.generation += 1;
  }

  /** Somebody took this process for dead: runs may have been taken, and what the log holds since may have been seen by nobody. */
  #challenged(log: OpenLog, committed: LoggedJournal[], themselves: LoggedJournal[], failed: Map<LoggedJournal, unknown>): void {
    this.#abandon(log);
    for (const journal of new Set([...committed, ...log.covers, ...themselves])) {
      try {
        journal.refuseIfTaken();
        if (!themselves.includes(journal)) themselves.push(journal);
      } catch (error) {
        failed.set(journal, error);
      }
    }
  }

  /** What it stands for stays in the file, for whoever comes when this process is gone. */
  #abandon(log: OpenLog): void {
    if (this.#log !== log) return;
    this.#log = undefined;
    this.#unusable = true;
    closeSync(log.fd);
  }

  #prepare(): void {
    if (this.#preparing || this.#log || this.#unusable) return;
    this.#preparing = true;
    this.#make()
      .catch((error: unknown) => {
        this.#unusable = true;
        this.#options.log.debug('There is no shared log for syncs', { error: String(error) });
      })
      .finally(() => {
        this.#preparing = false;
        void this.#close();
      });
  }

  /** Only what takes long goes through the thread pool: with two hundred runs each trip stands in line behind all their files. */
  async #make(): Promise<void> {
    const { layout, owners, room = this.size > 1 ? ROOM.several : ROOM.one } = this.#options;
    const owner = await owners.make();
    const name = `${owner.pid}-${owner.nonce}.log`;
    const temporary = join(layout.tmp, `sync-${name}`);
    const path = join(layout.syncLogs, name);
    let fd: number | undefined;
    try {
      if (owner.processStart === '') throw new Error('the start of processes cannot be told');
      const { bavail, bsize } = statfsSync(layout.local);
      if (bavail * bsize < FREE * room) throw new Error('the disk is nearly full');
      fd = openSync(temporary, 'wx+', FILE_MODE);
      const content = Buffer.alloc(room);
      content.set(encodeHeader(owner));
      for (let done = 0; done < room; ) done += (await writing(fd, content, done, room - done, done)).bytesWritten;
      await syncing(fd);
      renameSync(temporary, path);
      await syncFolder(layout.syncLogs);
      this.#log = { fd, path, owner, room, position: HEADER_BYTES, generation: 1, covers: new Set() };
    } catch (error) {
      owners.drop(owner);
      if (fd !== undefined) closeSync(fd);
      rmSync(temporary, { force: true });
      rmSync(path, { force: true });
      throw error;
    }
  }

  /** Where nobody is left who needs it. */
  async #close(): Promise<void> {
    if (this.size > 0) return;
    await this.#last;
    const log = this.#log;
    if (!log || this.size > 0) return;
    this.#log = undefined;
    this.#alone = 0;
    closeSync(log.fd);
    rmSync(log.path, { force: true });
    this.#options.owners.drop(log.owner);
  }
}
