/** The one writer of a run: appends to the segment it owns until it lets go, is superseded or the disk fails it. */
import { closeSync, existsSync, fstatSync, openSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { BelayError } from '../../engine/errors.ts';
import type { Disposable, Log, RunCommand, RunJournal } from '../../engine/ports.ts';
import type { NewRunEvent, Owner, RunEvent } from '../../engine/run/events.ts';
import { encodeEvent } from '../../engine/run/journal-codec.ts';
import type { RunSummary } from '../../engine/run/view.ts';
import { Announcer } from './changes.ts';
import { Inbox } from './inbox.ts';
import type { JournalLayout } from './layout.ts';
import { FILE_MODE, segmentName } from './layout.ts';
import type { Owners } from './processes.ts';
import { HEARTBEAT_MS } from './processes.ts';
import { writing } from './refusals.ts';
import { isKept } from './retention.ts';
import type { RunIndex } from './run-index.ts';
import type { LoggedJournal, SharedSync } from './shared-sync.ts';
import type { JournalPosition } from './summary.ts';
import { writeSummary } from './summary.ts';
import type { Piece } from './sync-log-format.ts';
import { RunValues } from './values.ts';

/** Bytes since the last sync that are kept for the sync log. */
const MOST_UNCOVERED = 256 * 1024;

export interface OpenSegment {
  runId: string;
  number: number;
  /** Bytes of the segment as it was published. */
  length: number;
  owner: Owner;
  /** All events so far, the segment's own header included. */
  recorded: readonly RunEvent[];
}

export interface JournalTools {
  layout: JournalLayout;
  index: RunIndex;
  sync: SharedSync;
  owners: Owners;
  log: Log;
  now(): number;
}

export class FileRunJournal implements RunJournal, LoggedJournal {
  readonly runId: string;
  readonly owner: Owner;
  readonly recorded: readonly RunEvent[];
  readonly fd: number;
  readonly #tools: JournalTools;
  readonly #segment: number;
  readonly #successor: string;
  readonly #inbox: Inbox;
  readonly #announcer: Announcer;
  readonly #values: RunValues;
  readonly #heartbeat: NodeJS.Timeout | undefined;
  #seq: number;
  #written: number;
  #buffer: string[] = [];
  #flushing: NodeJS.Immediate | undefined;
  /** Resolves when all events appended so far are durable; undefined: something was appended since. */
  #durable: Promise<void> | undefined = Promise.resolve();
  /** Every commit that still uses the file. */
  #commits: Promise<unknown> = Promise.resolve();
  /** What the segment was given since it was synced, or that was told to the sync log. Undefined: too much. */
  #uncovered: Piece[] | undefined = [];
  #uncoveredBytes = 0;
  #closing = false;
  #summary: RunSummary | undefined;
  #summarizing: Promise<void> | undefined;
  #fault: BelayError | undefined;

  /** `segment` has just been published by this process. */
  constructor(segment: OpenSegment, tools: JournalTools) {
    this.runId = segment.runId;
    this.owner = segment.owner;
    this.recorded = segment.recorded;
    this.#tools = tools;
    this.#segment = segment.number;
    this.#successor = tools.layout.segment(segment.runId, segment.number + 1);
    this.#seq = segment.recorded.length;
    this.#written = segment.length;
    this.fd = openSync(tools.layout.segment(segment.runId, segment.number), 'a', FILE_MODE);
    this.#inbox = new Inbox(tools.layout, segment.runId, tools.log);
    this.#announcer = new Announcer(tools.layout, segment.runId, () => tools.sync.size);
    this.#values = new RunValues(tools.layout, segment.runId);
    this.#heartbeat = segment.owner.processStart === '' ? this.#startHeartbeat() : undefined;
    this.#announcer.announce();
    tools.sync.join(this);
  }

  append(event: NewRunEvent): RunEvent {
    if (this.#fault) throw this.#fault;
    const stamped = { seq: this.#seq, t: this.#tools.now(), ...event } as RunEvent;
    this.#buffer.push(`${encodeEvent(stamped)}\n`);
    this.#seq += 1;
    this.#durable = undefined;
    this.#flushing ??= setImmediate(() => this.#flushSoon());
    return stamped;
  }

  sync(): Promise<void> {
    if (this.#fault) return Promise.reject(this.#fault);
    if (!this.#durable) {
      // The commits before this one may take another way to the disk, and what comes after them counts only with them.
      const commit = Promise.all([this.#commit(), this.#commits]).then(
        () => undefined,
        (error: unknown) => {
          throw this.#fail(error);
        },
      );
      this.#durable = commit;
      this.#commits = commit;
    }
    return this.#durable;
  }

  expectSyncs(count: number): void {
    this.#tools.sync.expect(count);
  }

  store(text: string): string {
    if (this.#fault) throw this.#fault;
    try {
      const { sha256, written } = this.#values.write(text);
      if (written) this.#durable = undefined;
      return sha256;
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** Values first: an event that survives the loss of power names nothing that does not. */
  #commit(): Promise<void> {
    const { sync } = this.#tools;
    const commit = (): Promise<void> => (this.#closing ? sync.commitItself(this) : sync.commit(this));
    if (this.#values.pending) return this.#values.sync().then(commit);
    // The commit writes; `write` forgets this.
    if (sync.writesNextTurn) clearImmediate(this.#flushing);
    return commit();
  }

  /** What is in the segment when this returns is synced with it, and need not be told to the log. */
  flush(): void {
    this.write();
    this.takeUncovered();
  }

  takeUncovered(): Piece[] | undefined {
    const pieces = this.#uncovered;
    this.#uncovered = [];
    this.#uncoveredBytes = 0;
    return pieces;
  }

  refuseIfTaken(): void {
    if (existsSync(this.#successor)) throw this.#fail(this.#superseded());
  }

  /** Writes what is buffered, in order. After a failure nothing is written any more: the segment may end in half a line. */
  write(): void {
    if (this.#fault) throw this.#fault;
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    if (this.#buffer.length === 0) return;
    try {
      if (!this.#tools.sync.unchallenged) this.refuseIfTaken();
      const bytes = Buffer.from(this.#buffer.join(''));
      this.#buffer = [];
      for (let done = 0; done < bytes.length; ) done += writeSync(this.fd, bytes, done);
      this.#cover(bytes);
      this.#written += bytes.length;
    } catch (error) {
      throw this.#fail(error);
    }
    this.#announcer.changed();
  }

  #cover(bytes: Buffer): void {
    this.#uncoveredBytes += bytes.length;
    if (this.#uncoveredBytes > MOST_UNCOVERED) this.#uncovered = undefined;
    this.#uncovered?.push({ runId: this.runId, segment: this.#segment, at: this.#written, bytes });
  }

  onCommand(listener: (command: RunCommand) => void): Disposable {
    return this.#inbox.listen(listener);
  }

  /** Of several summaries in quick succession only the last one needs to reach the disk. */
  async summarize(summary: RunSummary): Promise<void> {
    this.#summary = summary;
    if (!this.#fault) this.write();
    this.#summarizing ??= this.#writeSummaries().finally(() => {
      this.#summarizing = undefined;
    });
    await this.#summarizing;
  }

  async release(reason: 'parked' | 'finished'): Promise<void> {
    try {
      if (!this.#fault) {
        this.append({ type: 'segment.closed', reason });
        this.#closing = true;
        await this.sync();
        await this.#summarizing;
        await this.#writeSummaries();
        this.#tellIndex();
      }
    } finally {
      await this.#letGo(reason);
    }
  }

  #tellIndex(): void {
    if (!this.#summary || this.#fault) return;
    const { owner: _owner, ...rest } = this.#summary;
    const kept = isKept(this.#tools.layout, this.runId) ? { kept: true } : {};
    const summary: RunSummary = { ...rest, ...kept, local: true };
    if (summary.finishedAt !== undefined) {
      this.#tools.index.note(['done', summary]);
      return;
    }
    const { size: length, mtimeMs: mtime } = fstatSync(this.fd);
    const status = summary.waiting.length > 0 ? 'waiting' : 'interrupted';
    this.#tools.index.note(['rest', { segment: this.#segment, length, mtime, summary: { ...summary, status } }]);
  }

  async #letGo(reason: 'parked' | 'finished'): Promise<void> {
    const faulted = this.#fault !== undefined;
    this.#fault ??= new BelayError('JOURNAL_CLOSED', `Run ${this.runId} has been let go by this process.`, {
      hint: 'Resume the run to go on with it.',
      kind: 'internal',
    });
    this.#inbox.dispose();
    clearInterval(this.#heartbeat);
    clearImmediate(this.#flushing);
    await this.#commits.catch(() => undefined);
    await this.#tools.sync.leave(this);
    closeSync(this.fd);
    this.#tools.owners.drop(this.owner);
    if (reason === 'finished' && !faulted) this.#announcer.finish();
    else this.#announcer.announce();
  }

  /** A sync that is asked for in this turn writes in the next one, together with what is appended until then. */
  #flushSoon(): void {
    if (this.#tools.sync.writesNextTurn) this.#flushing = setImmediate(() => this.#flushUnasked());
    else this.#flushUnasked();
  }

  /** The write that happens by itself so that others can follow the run; its failure is told by the next append or sync. */
  #flushUnasked(): void {
    try {
      this.write();
    } catch (error) {
      this.#tools.log.error('The journal cannot be written', { run: this.runId, error: String(error) });
    }
  }

  async #writeSummaries(): Promise<void> {
    for (let written: RunSummary | undefined; this.#summary !== written; ) {
      written = this.#summary;
      if (!written) return;
      await writing(() => writeSummary(this.#tools.layout, { summary: written, at: this.#position() }));
    }
    this.#announcer.changed();
  }

  #position(): JournalPosition {
    return { segment: this.#segment, length: this.#written };
  }

  #fail(error: unknown): BelayError {
    this.#fault ??=
      error instanceof BelayError
        ? error
        : new BelayError(
            'JOURNAL_WRITE',
            `The journal of run ${this.runId} cannot be written: ${error instanceof Error ? error.message : String(error)}.`,
            {
              hint: 'Make room on the disk or mend it, then resume the run: it goes on from the last recorded step.',
              kind: 'internal',
              cause: error,
            },
          );
    return this.#fault;
  }

  #superseded(): BelayError {
    return new BelayError(
      'RUN_LOST',
      `Run ${this.runId} was taken over by another process (${segmentName(this.#segment + 1)}) while this one was not heard of.`,
      {
        hint: 'Nothing more is recorded here; follow the run where it goes on.',
        kind: 'internal',
      },
    );
  }

  #startHeartbeat(): NodeJS.Timeout {
    const path = this.#tools.layout.heartbeat(this.runId);
    writeFileSync(path, '', { mode: FILE_MODE });
    const timer = setInterval(() => {
      const now = new Date();
      try {
        utimesSync(path, now, now);
      } catch (error) {
        this.#tools.log.warn('The heartbeat of a run cannot be written', { run: this.runId, error: String(error) });
      }
    }, HEARTBEAT_MS);
    timer.unref();
    return timer;
  }
}
