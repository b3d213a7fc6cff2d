/** Runs as files: one folder for each, under `<root>/.belay/local/runs/`. See layout.ts for what stands where. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BelayError, toErrorData } from '../../engine/errors.ts';
import type { Disposable, Log, RunCommand, RunJournal, RunRecord, RunStore } from '../../engine/ports.ts';
import type { NewRunEvent, Owner, RunEvent, RunHeader } from '../../engine/run/events.ts';
import { encodeEvent, JOURNAL_FORMAT } from '../../engine/run/journal-codec.ts';
import type { Tidied } from '../../engine/run/retention.ts';
import type { RunSummary } from '../../engine/run/view.ts';
import { emptyView, reduceView, summaryOf } from '../../engine/run/view.ts';
import { publishExclusively, syncFile, syncFolder } from './atomic-file.ts';
import type { Liveness } from './changes.ts';
import { Announcer, ChangeWatcher } from './changes.ts';
import { CommitGroup, type Syncer } from './commit-group.ts';
import { isErrno } from './errno.ts';
import type { OpenSegment } from './file-run-journal.ts';
import { FileRunJournal } from './file-run-journal.ts';
import { publishCommand } from './inbox.ts';
import type { IndexLine } from './index-codec.ts';
import { FILE_MODE, FOLDER_MODE, JournalLayout, runUnknown } from './layout.ts';
import { Locks } from './locks.ts';
import { collectObjects, getObject, putObject, readVerified } from './objects.ts';
import type { ProcessTable } from './processes.ts';
import { Owners, systemProcesses } from './processes.ts';
import { writing } from './refusals.ts';
import { isKept, lastTidied, noteTidied, setKept, sizeOf } from './retention.ts';
import { RunIndex } from './run-index.ts';
import type { LookedAt } from './run-list.ts';
import { listRuns } from './run-list.ts';
import type { LastSegment, SegmentOpened } from './segments.ts';
import { isFinished, readHead, readJournal } from './segments.ts';
import { SharedSync } from './shared-sync.ts';
import { readSummary } from './summary.ts';
import { recoverSyncLogs } from './sync-log-recovery.ts';

export interface FileRunStoreOptions {
  /** Absolute path of the folder that holds (or will hold) `.belay`. */
  root: string;
  /** What this process is, for those who meet its locks. */
  kind: Owner['kind'];
  log: Log;
  /** Epoch milliseconds. */
  now(): number;
  /** Shared by all stores of a process, so that their runs share syncs. */
  group?: CommitGroup;
  /** Its size in bytes, and how it is synced. */
  syncLog?: { room?: number; syncer?: Syncer };
  processes?: ProcessTable;
}

/** Each failed try means that another process was first; that many in a row do not happen. */
const TRIES = 20;
const DONE: readonly RunSummary['status'][] = ['succeeded', 'failed', 'rejected', 'cancelled'];

export class FileRunStore implements RunStore {
  readonly root: string;
  readonly #layout: JournalLayout;
  readonly #owners: Owners;
  readonly #locks: Locks;
  readonly #sync: SharedSync;
  readonly #index: RunIndex;
  readonly #machine: () => Promise<string>;
  readonly #log: Log;
  readonly #now: () => number;
  #recovering: Promise<void> | undefined;

  constructor(options: FileRunStoreOptions) {
    this.root = options.root;
    this.#layout = new JournalLayout(options.root);
    const processes = options.processes ?? systemProcesses();
    this.#owners = new Owners(options.kind, processes);
    this.#machine = () => processes.machine();
    this.#index = new RunIndex(this.#layout, this.#machine);
    this.#locks = new Locks(this.#layout, this.#owners);
    this.#log = options.log;
    this.#sync = new SharedSync({
      layout: this.#layout,
      owners: this.#owners,
      group: options.group ?? new CommitGroup(),
      log: options.log,
      ...options.syncLog,
    });
    this.#now = options.now;
  }

  /** Throws `RUN_EXISTS`. */
  create(header: RunHeader, ...more: NewRunEvent[]): Promise<RunJournal> {
    return writing(() => this.#create(header, more));
  }

  async #create(header: RunHeader, more: readonly NewRunEvent[]): Promise<RunJournal> {
    await this.#ready();
    return await this.#sync.expecting(() => this.#make(header, more));
  }

  async #make(header: RunHeader, more: readonly NewRunEvent[]): Promise<RunJournal> {
    const folder = this.#layout.run(header.id);
    await mkdir(folder, { mode: FOLDER_MODE }).catch((error: unknown) => {
      if (!isErrno(error, 'EEXIST')) throw error;
      throw new BelayError('RUN_EXISTS', `There is already a run ${header.id}.`, {
        hint: 'Start the run again under a new id.',
        cause: error,
      });
    });
    await syncFolder(this.#layout.runs);
    const journal = await this.#publish(header.id, 1, [], undefined, [{ type: 'run.created', run: header }, ...more]);
    if (journal) return journal;
    throw new BelayError('RUN_EXISTS', `Another process took run ${header.id} while it was being made.`, { hint: 'Start the run again.' });
  }

  acquire(runId: string, ...more: NewRunEvent[]): Promise<RunJournal> {
    return writing(() => this.#acquire(runId, more));
  }

  async #acquire(runId: string, more: readonly NewRunEvent[]): Promise<RunJournal> {
    await this.#ready();
    await recoverSyncLogs(this.#layout, this.#owners);
    for (let tries = 0; tries < TRIES; tries += 1) {
      const { events, last, next } = await readJournal(this.#layout, runId);
      if (last) await this.#refuse(runId, last.header, last.closed);
      if (last && !last.closed) {
        // Its owner may have died only just now; one that lives after all learns from it.
        if (await recoverSyncLogs(this.#layout, this.#owners)) continue;
        // The next segment says how much of this one counts, and must not outlive it.
        await syncFile(this.#layout.segment(runId, last.number));
      }
      const journal = await this.#sync.expecting(() => this.#publish(runId, next, events, last, more));
      if (journal) return journal;
    }
    throw new BelayError('RUN_OWNED', `Run ${runId} is being taken by other processes all the time.`, { hint: 'Try again in a moment.' });
  }

  async read(runId: string): Promise<RunRecord> {
    await this.#recovered();
    const { events, last } = await readJournal(this.#layout, runId);
    if (!last) return { events, owner: undefined, local: true };
    return { events, owner: await this.#livingOwner(runId, last), local: await this.#owners.isLocal(last.header.owner) };
  }

  async readObject(runId: string, sha256: string): Promise<string> {
    return readVerified(this.#layout.value(runId, sha256), sha256);
  }

  async list(options?: { finished?: number }): Promise<RunSummary[]> {
    await this.#recovered();
    const look = (runId: string): Promise<LookedAt | undefined> => this.#look(runId);
    return await listRuns({ layout: this.#layout, index: this.#index, log: this.#log, look }, options?.finished);
  }

  remove(runId: string): Promise<void> {
    return writing(() => this.#remove(runId));
  }

  async #remove(runId: string): Promise<void> {
    await this.#ready();
    const grave = join(this.#layout.tmp, `removed-${basename(runId)}-${process.pid}`);
    try {
      const head = await readHead(this.#layout, runId);
      const owner = head && (await this.#livingOwner(runId, head));
      if (head && owner) throw owned(runId, owner, head.header.t);
      await rename(this.#layout.run(runId), grave);
    } catch (error) {
      // Another process was quicker to remove it.
      throw isErrno(error, 'ENOENT') ? runUnknown(runId) : error;
    }
    this.#index.note(['gone', runId]);
    await rm(grave, { recursive: true, force: true });
    new Announcer(this.#layout, runId).finish();
  }

  async removeOld(runId: string): Promise<boolean> {
    try {
      // The list comes from a cache: what is deleted is decided by the journal.
      if (isKept(this.#layout, runId) || !(await isFinished(this.#layout, runId))) return false;
      await this.remove(runId);
      return true;
    } catch (error) {
      // Where nothing can be removed, that is not about this run.
      if (!(error instanceof BelayError) || error.code === 'JOURNAL_WRITE') throw error;
      if (error.code !== 'RUN_OWNED' && error.code !== 'RUN_UNKNOWN') {
        this.#log.warn('An old run is left where it is', { run: runId, error: error.message });
      }
      return false;
    }
  }

  keep(runId: string, kept: boolean): Promise<void> {
    return writing(() => this.#keep(runId, kept));
  }

  async #keep(runId: string, kept: boolean): Promise<void> {
    await this.#ready();
    await setKept(this.#layout, runId, kept);
    this.#index.note(['kept', runId, kept]);
    const announcer = new Announcer(this.#layout, runId);
    announcer.announce();
    if (await isFinished(this.#layout, runId).catch(() => false)) announcer.finish();
  }

  async sizes(runIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const known = await this.#index.read();
    const sizes = new Map<string, number>();
    const found: IndexLine[] = [];
    for (const id of runIds) {
      const size = known.sizes.get(id) ?? (await sizeOf(this.#layout, id));
      if (size === undefined) continue;
      sizes.set(id, size);
      if (!known.sizes.has(id)) found.push(['size', id, size]);
    }
    if (found.length > 0) await this.#index.add(found);
    return sizes;
  }

  async lastTidied(): Promise<Tidied | undefined> {
    return lastTidied(this.#layout, await this.#machine());
  }

  async noteTidied(tidied: Tidied): Promise<void> {
    const machine = await this.#machine();
    await writing(() => noteTidied(this.#layout, machine, tidied), 'ENOENT');
  }

  putObject(text: string): Promise<string> {
    return writing(() => putObject(this.#layout, text), 'ENOENT');
  }

  collect(): Promise<void> {
    return collectObjects(this.#layout);
  }

  getObject(sha256: string): Promise<string> {
    return getObject(this.#layout, sha256);
  }

  async publish(runId: string, command: RunCommand): Promise<{ published: true } | { published: false; earlier: RunCommand }> {
    await this.#ready();
    const result = await writing(() => publishCommand(this.#layout, runId, command));
    if (result.published) new Announcer(this.#layout, runId).announce();
    return result;
  }

  /** What a loss of power left in logs is seen by readers, too. Nobody's runs lose power while this process lives. */
  #recovered(): Promise<void> {
    this.#recovering ??= recoverSyncLogs(this.#layout, this.#owners).then(
      () => undefined,
      (error: unknown) => {
        this.#recovering = undefined;
        this.#log.warn('What was synced before the loss of power cannot be recovered now', { error: String(error) });
      },
    );
    return this.#recovering;
  }

  #ready(): Promise<void> {
    return writing(() => this.#layout.ready(), 'ENOENT');
  }

  exclusive<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#locks.exclusive(name, work);
  }

  watch(listener: (runId: string) => void): Disposable {
    const liveness = async (runId: string): Promise<Liveness> => {
      const head = await readHead(this.#layout, runId);
      if (head?.closed) return 'rests';
      return head && (await this.#livingOwner(runId, head)) ? 'owned' : 'free';
    };
    const watcher = new ChangeWatcher(this.#layout, this.#log, liveness, listener);
    watcher.start().catch((error: unknown) => this.#log.error('Runs cannot be watched', { error: String(error) }));
    return watcher;
  }

  /** Makes this process the owner by publishing the next segment, its header and the events inside. Undefined: another process was first. */
  async #publish(
    runId: string,
    number: number,
    before: RunEvent[],
    last: LastSegment | undefined,
    more: readonly NewRunEvent[],
  ): Promise<RunJournal | undefined> {
    const owner = await this.#owners.make();
    try {
      const previous = last && { previous: { segment: last.number, length: last.length } };
      const at = { seq: before.length, t: this.#now() };
      const header: SegmentOpened = { ...at, type: 'segment.opened', format: JOURNAL_FORMAT, segment: number, owner, ...previous };
      const first = more.map((event, i): RunEvent => ({ seq: before.length + 1 + i, t: header.t, ...event }));
      const text = [header, ...first].map((event) => `${encodeEvent(event)}\n`).join('');
      this.#layout.makeInbox(runId);
      if (owner.processStart === '') await writeFile(this.#layout.heartbeat(runId), '', { mode: FILE_MODE });
      if (!(await publishExclusively(this.#layout.segment(runId, number), text, this.#layout.tmp))) {
        this.#owners.drop(owner);
        return undefined;
      }
      const segment: OpenSegment = { runId, number, length: Buffer.byteLength(text), owner, recorded: [...before, header, ...first] };
      return new FileRunJournal(segment, {
        layout: this.#layout,
        index: this.#index,
        sync: this.#sync,
        owners: this.#owners,
        log: this.#log,
        now: this.#now,
      });
    } catch (error) {
      this.#owners.drop(owner);
      throw error;
    }
  }

  async #refuse(runId: string, header: SegmentOpened, closed: boolean): Promise<void> {
    if (!(await this.#owners.isLocal(header.owner))) {
      throw new BelayError('RUN_FOREIGN', `Run ${runId} was made on another machine or by another user (${header.owner.host}).`, {
        hint: 'It can be looked at here; resume it there, or start the flow anew.',
        kind: 'permission',
        details: { host: header.owner.host },
      });
    }
    const alive = !closed && (await this.#owners.isAlive(header.owner, this.#layout.heartbeat(runId)));
    if (alive) throw owned(runId, header.owner, header.t);
  }

  async #livingOwner(runId: string, last: { header: SegmentOpened; closed: boolean }): Promise<Owner | undefined> {
    if (last.closed) return undefined;
    return (await this.#owners.isAlive(last.header.owner, this.#layout.heartbeat(runId))) ? last.header.owner : undefined;
  }

  /**
   * Undefined: a folder without any segment, which a crash left while the run was being made. Which run it is and whose is told by the
   * folder and the journal: a summary may have come with a repository.
   */
  async #look(runId: string): Promise<LookedAt | undefined> {
    const kept = isKept(this.#layout, runId) ? { kept: true } : {};
    const stored = await readSummary(this.#layout, runId);
    let local = false;
    try {
      const head = await readHead(this.#layout, runId);
      local = head === undefined ? !stored : await this.#owners.isLocal(head.header.owner);
      const own = { id: runId, ...kept, local };
      if (stored && DONE.includes(stored.summary.status)) return { summary: { ...withoutOwner(stored.summary), ...own } };
      const owner = head && (await this.#livingOwner(runId, head));
      if (stored && owner) return { summary: { ...stored.summary, ...own, owner } };
      const fresh = stored && head && stored.at.segment === head.number && stored.at.length === head.size;
      const summary = { ...withoutOwner(fresh ? stored.summary : await this.#derive(runId)), ...own };
      if (owner) return { summary: { ...summary, owner } };
      if (DONE.includes(summary.status) || !local) return { summary };
      const told: RunSummary = { ...summary, status: summary.waiting.length > 0 ? 'waiting' : 'interrupted' };
      // An owner that shows only by its heartbeat that it lives may have been asleep and come back.
      if (!head || !(head.closed || head.header.owner.processStart !== '')) return { summary: told };
      return { summary: told, resting: { segment: head.number, length: head.size, mtime: head.mtime } };
    } catch (error) {
      if (error instanceof BelayError && error.code === 'RUN_UNKNOWN') return undefined;
      const known = stored?.summary ?? { ...summaryOf(emptyView(), local), title: runId };
      const own = { id: runId, ...kept, local };
      return { summary: { ...withoutOwner(known), ...own, status: 'interrupted', waiting: [], error: toErrorData(error) } };
    }
  }

  async #derive(runId: string): Promise<RunSummary> {
    const { events } = await readJournal(this.#layout, runId);
    if (!events.some(({ type }) => type === 'run.created')) throw headless(runId);
    const summary = summaryOf(events.reduce(reduceView, emptyView()), true);
    return { ...summary, id: runId };
  }
}

function withoutOwner(summary: RunSummary): RunSummary {
  const { owner: _owner, ...rest } = summary;
  return rest;
}

/** A first segment is published with the run's header inside, so that no crash leaves one without. */
function headless(runId: string): BelayError {
  return new BelayError('JOURNAL_CORRUPT', `The journal of run ${runId} has lost its beginning: it does not say what was run.`, {
    hint: 'Remove the run and start the flow again.',
    kind: 'internal',
  });
}

const NAMES: { readonly [K in Owner['kind']]: string } = { editor: 'VS Code', cli: 'the command line', test: 'a test' };

function owned(runId: string, owner: Owner, since: number): BelayError {
  const at = new Date(since).toLocaleString('sv-SE');
  return new BelayError('RUN_OWNED', `Run ${runId} is held by ${NAMES[owner.kind]} (process ${owner.pid}, since ${at}).`, {
    hint: 'Approve, reject or cancel it from here; to go on with it here, stop it there first.',
    kind: 'permission',
    details: { owner: owner.kind, pid: owner.pid, since },
  });
}
