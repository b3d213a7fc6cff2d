/** A run on a local journal: what all its strands share. */
import type { Clock, Disposable, Log, RunJournal } from '../ports.ts';
import type { Idle } from './api.ts';
import { RunParked } from './context.ts';
import type { LiveEvent, NewRunEvent, RunEvent, RunEventType, SignalReply } from './events.ts';
import { RunHistory } from './history.ts';
import { parentOf } from './paths.ts';
import type { Values } from './values.ts';

export interface LocalRunOptions {
  journal: RunJournal;
  clock: Clock;
  log: Log;
  values: Pick<Values, 'whole'>;
  /** The event as it is written: without secrets, large values beside the journal. */
  record(event: NewRunEvent): NewRunEvent;
  /** Of several answers to one question exactly one counts, also across processes: gives back the one that does. */
  arbitrate(key: string, reply: SignalReply): Promise<SignalReply>;
}

/** What the planner has to see. */
const MOVES: ReadonlySet<RunEventType> = new Set(['node.finished', 'node.skipped', 'run.cancelRequested']);

export class LocalRun {
  readonly journal: RunJournal;
  readonly clock: Clock;
  readonly log: Log;
  readonly history = new RunHistory();
  /** Aborted with `RunParked` when the run is let go. */
  readonly parking = new AbortController();
  readonly #events: RunEvent[];
  readonly values: LocalRunOptions['values'];
  readonly #record: LocalRunOptions['record'];
  readonly #arbitrate: LocalRunOptions['arbitrate'];
  readonly #listeners = new Set<(event: RunEvent | LiveEvent) => void>();
  readonly #idleListeners = new Set<(idle: Idle) => void>();
  /** Who waits for a strand to end, by the path of its context. */
  readonly #waiters = new Map<string, () => void>();
  readonly #timers = new Map<symbol, number>();
  readonly #answers = new Map<string, () => void>();
  #syncing: NodeJS.Immediate | undefined;
  readonly #early = new Map<string, SignalReply>();
  readonly #strands = new Set<Promise<void>>();
  /** Strands that do something, as opposed to waiting for people, timers or other strands. The run itself is one. */
  #active = 1;
  #looking = false;
  #fault: { error: unknown } | undefined;

  constructor(options: LocalRunOptions) {
    this.journal = options.journal;
    this.clock = options.clock;
    this.log = options.log;
    this.values = options.values;
    this.#record = options.record;
    this.#arbitrate = options.arbitrate;
    this.#events = [...options.journal.recorded];
    for (const event of this.#events) this.history.add(event);
  }

  get events(): readonly RunEvent[] {
    return this.#events;
  }

  append(event: NewRunEvent): RunEvent {
    const recorded = this.journal.append(this.#record(event));
    this.#events.push(recorded);
    this.history.add(recorded);
    this.emit(recorded);
    if (MOVES.has(recorded.type)) this.wake('node' in recorded ? parentOf(recorded.node) : '');
    return recorded;
  }

  /** Everything appended so far is durable when this resolves. */
  sync(): Promise<void> {
    return this.journal.sync();
  }

  /** The same, at the end of this turn of the event loop, for whoever need not wait for it. */
  syncSoon(): void {
    this.#syncing ??= setImmediate(() => {
      this.#syncing = undefined;
      // Parked or finished meanwhile, it has been synced.
      this.sync().catch((error: unknown) => {
        if (!this.parking.signal.aborted) this.fail(error);
      });
    });
  }

  emit(event: RunEvent | LiveEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.log.error('A listener of a run failed', { error: String(error) });
      }
    }
  }

  onEvent(listener: (event: RunEvent | LiveEvent) => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  // ── Answers ────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** An answer that counts has come. Only the first one to an open question is recorded. */
  deliver(key: string, reply: SignalReply): void {
    // It is published; whoever goes on with the run hears of it.
    if (this.parking.signal.aborted) return;
    const signal = this.history.signals.get(key);
    if (!signal) this.#early.set(key, reply);
    else if (signal.reply === undefined && !this.history.isOver(signal.node)) {
      this.append({ type: 'signal.received', node: signal.node, key, reply });
      this.#answers.get(key)?.();
    }
  }

  /** An answer that came before its question. */
  takeEarly(key: string): SignalReply | undefined {
    const reply = this.#early.get(key);
    this.#early.delete(key);
    return reply;
  }

  /** Answers for this process; the answer that counts may be an earlier one of another process. */
  async answer(key: string, reply: SignalReply): Promise<SignalReply> {
    const counts = await this.#arbitrate(key, reply);
    this.deliver(key, counts);
    return counts;
  }

  /** Resolves when the question has an answer in the history. */
  answered(key: string, cancellation: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#answers.delete(key);
        reject(cancellation.reason);
      };
      if (cancellation.aborted) return stop();
      this.#answers.set(key, () => {
        cancellation.removeEventListener('abort', stop);
        this.#answers.delete(key);
        resolve();
      });
      cancellation.addEventListener('abort', stop, { once: true });
    });
  }

  cancel(by: string, reason: string | undefined): void {
    if (this.history.cancelRequested || this.history.has({ type: 'run.finished' })) return;
    this.append({ type: 'run.cancelRequested', by, ...(reason === undefined ? {} : { reason }) });
  }

  // ── Moving and resting ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** A defect or a journal that cannot be written: nothing can go on. */
  fail(error: unknown): void {
    this.#fault ??= { error };
    this.#wakeAll();
  }

  throwIfStopped(): void {
    if (this.#fault) throw this.#fault.error;
    // A getter of the platform, but much cheaper than its method.
    if (this.parking.signal.aborted) throw this.parking.signal.reason;
  }

  /** Tells the context with this path that there is something to look at. */
  wake(path: string): void {
    const waiter = this.#waiters.get(path);
    if (!waiter) return;
    this.#waiters.delete(path);
    waiter();
  }

  #wakeAll(): void {
    for (const path of [...this.#waiters.keys()]) this.wake(path);
  }

  /** Resolves when the context with this path has something to look at: an end, a cancellation, the run is let go, a fault. */
  changed(path: string): Promise<void> {
    return this.waiting(undefined, () => new Promise<void>((resolve) => this.#waiters.set(path, resolve)));
  }

  /** A strand is under way until this resolves; `park` waits for it. */
  track(ended: Promise<void>): void {
    this.#active += 1;
    const strand = ended.finally(() => {
      this.#strands.delete(strand);
      this.#active -= 1;
      this.#tellIfIdle();
    });
    this.#strands.add(strand);
  }

  /** Does something for the run as a whole, beside its strands; nobody waits for it when the run is let go. */
  async onBehalf(work: () => Promise<void>): Promise<void> {
    this.#active += 1;
    try {
      await work();
    } finally {
      this.#active -= 1;
      this.#tellIfIdle();
    }
  }

  /** Waits for a person or a timer (`until`, epoch ms): the strand does nothing meanwhile. */
  async waiting<T>(until: number | undefined, wait: () => Promise<T>): Promise<T> {
    const id = Symbol('wait');
    if (until !== undefined) this.#timers.set(id, until);
    this.#active -= 1;
    this.#tellIfIdle();
    try {
      return await wait();
    } finally {
      this.#active += 1;
      this.#timers.delete(id);
    }
  }

  /** Something will happen at this moment (epoch ms) by itself, unless it is `over` before. */
  expect(until: number, over: AbortSignal): void {
    const id = Symbol('limit');
    this.#timers.set(id, until);
    over.addEventListener('abort', () => this.#timers.delete(id), { once: true });
  }

  onIdle(listener: (idle: Idle) => void): Disposable {
    this.#idleListeners.add(listener);
    this.#tellIfIdle();
    return { dispose: () => void this.#idleListeners.delete(listener) };
  }

  #tellIfIdle(): void {
    if (this.#looking) return;
    this.#looking = true;
    // Looked at when everything that is ready has run: what stops moving often sets something else in motion.
    setImmediate(() => {
      this.#looking = false;
      if (this.#active > 0 || this.parking.signal.aborted || this.#fault) return;
      const next = Math.min(...this.#timers.values());
      // What is due happens by itself, and nobody is to let the run go just before.
      if (next <= this.clock.now()) return;
      const timer = this.#timers.size === 0 ? {} : { timer: next };
      const idle: Idle = { signals: this.history.openSignals(), ...timer };
      for (const listener of [...this.#idleListeners]) listener(idle);
    });
  }

  /** Lets go: strands are told to stop, and are waited for as long as they are patient enough to listen. */
  park(): void {
    this.parking.abort(new RunParked());
    this.#wakeAll();
  }

  async stopped(): Promise<void> {
    while (this.#strands.size > 0) await Promise.all(this.#strands);
  }
}
