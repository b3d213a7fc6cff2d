/** Runs in memory, as strict as those on disk: lines with checksums, one owner, the first command wins. A test can crash the owner. */
import { BelayError } from '../errors.ts';
import { sha256 } from '../policy/hash.ts';
import type { Disposable, RunCommand, RunJournal, RunRecord, RunStore } from '../ports.ts';
import type { NewRunEvent, Owner, RunEvent, RunHeader } from '../run/events.ts';
import { decodeLines, encodeEvent } from '../run/journal-codec.ts';
import type { Tidied } from '../run/retention.ts';
import type { RunSummary } from '../run/view.ts';
import { emptyView, reduceView, summaryOf } from '../run/view.ts';

interface MemoryRun {
  lines: string[];
  /** How many lines would survive a loss of power. */
  synced: number;
  segment: number;
  owner: MemoryJournal | undefined;
  commands: Map<string, RunCommand>;
  objects: Map<string, string>;
  summary: RunSummary | undefined;
  /** How many syncs its last owner was told of. */
  expectedSyncs?: number;
  kept?: boolean;
}

export class MemoryRuns implements RunStore {
  readonly root = '/workspace';
  readonly #now: () => number;
  readonly #runs = new Map<string, MemoryRun>();
  readonly #objects = new Map<string, string>();
  readonly #watchers = new Set<(runId: string) => void>();
  readonly #turns = new Map<string, Promise<unknown>>();
  #owners = 0;
  #tidied: Tidied | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  expectedSyncs(runId: string): number | undefined {
    return this.#run(runId).expectedSyncs;
  }

  async create(header: RunHeader, ...more: NewRunEvent[]): Promise<RunJournal> {
    if (this.#runs.has(header.id)) throw new BelayError('RUN_EXISTS', `There is already a run ${header.id}.`, { hint: 'Use another id.' });
    const run: MemoryRun = {
      lines: [],
      synced: 0,
      segment: 0,
      owner: undefined,
      commands: new Map(),
      objects: new Map(),
      summary: undefined,
    };
    this.#runs.set(header.id, run);
    return this.#open(header.id, run, [{ type: 'run.created', run: header }, ...more]);
  }

  async acquire(runId: string, ...more: NewRunEvent[]): Promise<RunJournal> {
    const run = this.#run(runId);
    if (run.owner) throw new BelayError('RUN_OWNED', `Run ${runId} is held by ${run.owner.owner.nonce}.`, { hint: 'Stop it there first.' });
    return this.#open(runId, run, more);
  }

  async read(runId: string): Promise<RunRecord> {
    const run = this.#run(runId);
    return { events: eventsOf(run.lines), owner: run.owner?.owner, local: true };
  }

  async readObject(runId: string, hash: string): Promise<string> {
    return found(hash, this.#run(runId).objects);
  }

  async list(options?: { finished?: number }): Promise<RunSummary[]> {
    const all = this.#summaries();
    const finished = all.filter(({ finishedAt }) => finishedAt !== undefined).slice(0, options?.finished);
    return all.filter((run) => run.finishedAt === undefined || finished.includes(run));
  }

  #summaries(): RunSummary[] {
    return [...this.#runs.values()].reverse().map((run) => {
      const summary = run.summary ?? summaryOf(eventsOf(run.lines).reduce(reduceView, emptyView()), true);
      const { owner: _owner, ...told } = summary;
      const rest = { ...told, ...(run.kept ? { kept: true } : {}) };
      if (run.owner) return { ...summary, owner: run.owner.owner };
      return summary.finishedAt === undefined ? { ...rest, status: summary.waiting.length > 0 ? 'waiting' : 'interrupted' } : rest;
    });
  }

  async remove(runId: string): Promise<void> {
    this.#run(runId);
    this.#runs.delete(runId);
    this.changed(runId);
  }

  async removeOld(runId: string): Promise<boolean> {
    const run = this.#runs.get(runId);
    if (!run || run.owner || run.kept || !eventsOf(run.lines).some(({ type }) => type === 'run.finished')) return false;
    await this.remove(runId);
    return true;
  }

  async keep(runId: string, kept: boolean): Promise<void> {
    this.#run(runId).kept = kept;
    this.changed(runId);
  }

  async sizes(runIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return new Map(runIds.map((id) => [id, this.#run(id).lines.join('').length]));
  }

  async lastTidied(): Promise<Tidied | undefined> {
    return this.#tidied;
  }

  async noteTidied(tidied: Tidied): Promise<void> {
    this.#tidied = tidied;
  }

  async putObject(text: string): Promise<string> {
    const hash = sha256(text);
    this.#objects.set(hash, text);
    return hash;
  }

  async collect(): Promise<void> {
    const events = [...this.#runs.values()].flatMap(({ lines }) => eventsOf(lines));
    const named = new Set(
      events.flatMap((event) => (event.type === 'run.created' ? [event.run.bundle] : event.type === 'run.moved' ? [event.bundle] : [])),
    );
    for (const hash of this.#objects.keys()) if (!named.has(hash)) this.#objects.delete(hash);
  }

  async getObject(hash: string): Promise<string> {
    return found(hash, this.#objects);
  }

  async publish(runId: string, command: RunCommand): Promise<{ published: true } | { published: false; earlier: RunCommand }> {
    const run = this.#run(runId);
    const earlier = run.commands.get(command.key);
    if (earlier) return { published: false, earlier: structuredClone(earlier) };
    run.commands.set(command.key, structuredClone(command));
    run.owner?.told(command);
    this.changed(runId);
    return { published: true };
  }

  async exclusive<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(work);
    this.#turns.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  }

  watch(listener: (runId: string) => void): Disposable {
    this.#watchers.add(listener);
    return { dispose: () => void this.#watchers.delete(listener) };
  }

  changed(runId: string): void {
    for (const watcher of [...this.#watchers]) watcher(runId);
  }

  /** All events written so far. */
  events(runId: string): RunEvent[] {
    return eventsOf(this.#run(runId).lines);
  }

  syncedEvents(runId: string): RunEvent[] {
    const run = this.#run(runId);
    return eventsOf(run.lines.slice(0, run.synced));
  }

  /** The owner dies: what it still tries to write is lost. `kept`: so many events are left on disk. */
  crash(runId: string, kept?: number): void {
    const run = this.#run(runId);
    run.owner?.die();
    run.owner = undefined;
    if (kept !== undefined) run.lines = run.lines.slice(0, kept);
  }

  /** The disk is full: nothing more of this run can be written. */
  breakDisk(runId: string): void {
    this.#run(runId).owner?.fault();
  }

  /** A run whose journal has these events and nothing else. */
  restore(runId: string, events: readonly RunEvent[]): void {
    const lines = events.map((event) => `${encodeEvent(event)}\n`);
    this.#runs.set(runId, {
      lines,
      synced: lines.length,
      segment: 1,
      owner: undefined,
      commands: new Map(),
      objects: new Map(),
      summary: undefined,
    });
  }

  #open(runId: string, run: MemoryRun, more: readonly NewRunEvent[]): RunJournal {
    run.segment += 1;
    this.#owners += 1;
    const owner: Owner = { kind: 'test', nonce: `owner-${this.#owners}`, pid: this.#owners, processStart: '', bootId: '', host: 'here' };
    const first: NewRunEvent[] = [{ type: 'segment.opened', segment: run.segment, owner }, ...more];
    for (const event of first) run.lines.push(`${encodeEvent(stamped(event, run.lines.length, this.#now()))}\n`);
    run.synced = run.lines.length;
    run.owner = new MemoryJournal(this, run, runId, owner, this.#now);
    return run.owner;
  }

  #run(runId: string): MemoryRun {
    const run = this.#runs.get(runId);
    if (!run) throw new BelayError('RUN_UNKNOWN', `There is no run ${runId}.`, { hint: 'List the runs.', kind: 'notFound' });
    return run;
  }
}

class MemoryJournal implements RunJournal {
  readonly runId: string;
  readonly owner: Owner;
  readonly recorded: readonly RunEvent[];
  readonly #store: MemoryRuns;
  readonly #run: MemoryRun;
  readonly #now: () => number;
  readonly #listeners = new Set<(command: RunCommand) => void>();
  #state: 'open' | 'dead' | 'broken' | 'released' = 'open';

  constructor(store: MemoryRuns, run: MemoryRun, runId: string, owner: Owner, now: () => number) {
    this.#store = store;
    this.#run = run;
    this.#now = now;
    this.runId = runId;
    this.owner = owner;
    this.recorded = eventsOf(run.lines);
  }

  append(event: NewRunEvent): RunEvent {
    this.#demandWritable();
    const recorded = stamped(event, this.#run.lines.length, this.#now());
    const line = `${encodeEvent(recorded)}\n`;
    if (this.#state === 'open') {
      this.#run.lines.push(line);
      this.#store.changed(this.runId);
    }
    const [read] = eventsOf([line]);
    if (!read) throw new Error(`not an event of the journal: ${line}`);
    return read;
  }

  async sync(): Promise<void> {
    await Promise.resolve();
    // A dead process never learns what became of its write.
    if (this.#state === 'dead') return new Promise(() => undefined);
    if (this.#state === 'broken') throw new BelayError('JOURNAL_WRITE', 'The journal cannot be written.', { hint: 'Make room.' });
    this.#run.synced = this.#run.lines.length;
  }

  expectSyncs(count: number): void {
    this.#run.expectedSyncs = count;
  }

  store(text: string): string {
    this.#demandWritable();
    const hash = sha256(text);
    if (this.#state === 'open') this.#run.objects.set(hash, text);
    return hash;
  }

  onCommand(listener: (command: RunCommand) => void): Disposable {
    this.#listeners.add(listener);
    queueMicrotask(() => {
      for (const command of this.#run.commands.values()) if (this.#listeners.has(listener)) listener(structuredClone(command));
    });
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  told(command: RunCommand): void {
    for (const listener of [...this.#listeners]) listener(structuredClone(command));
  }

  async summarize(summary: RunSummary): Promise<void> {
    if (this.#state === 'open') this.#run.summary = structuredClone(summary);
  }

  async release(reason: 'parked' | 'finished'): Promise<void> {
    if (this.#state === 'dead') return;
    this.#run.owner = undefined;
    this.append({ type: 'segment.closed', reason });
    await this.sync();
    this.#state = 'released';
    this.#store.changed(this.runId);
  }

  fault(): void {
    this.#state = 'broken';
  }

  die(): void {
    this.#state = 'dead';
    this.#listeners.clear();
  }

  #demandWritable(): void {
    if (this.#state === 'broken') throw new BelayError('JOURNAL_WRITE', 'The journal cannot be written.', { hint: 'Make room.' });
    if (this.#state === 'released') throw new BelayError('JOURNAL_CLOSED', `Run ${this.runId} was let go.`, { hint: 'Resume it.' });
  }
}

function found(hash: string, objects: ReadonlyMap<string, string>): string {
  const text = objects.get(hash);
  if (text === undefined) throw new BelayError('OBJECT_UNKNOWN', `There is no object ${hash}.`, { hint: 'Start the flow again.' });
  return text;
}

function stamped(event: NewRunEvent, seq: number, t: number): RunEvent {
  return { seq, t, ...event } as RunEvent;
}

/** Through the codec, so that what a test sees is what a file would have given. */
function eventsOf(lines: readonly string[]): RunEvent[] {
  const decoded = decodeLines(new TextEncoder().encode(lines.join('')));
  if (decoded.corrupt || decoded.newer || decoded.tail === 'torn') throw new Error(`the journal is broken: ${JSON.stringify(decoded)}`);
  return decoded.events;
}
