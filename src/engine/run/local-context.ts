/** The durable context on a local journal. What is in the history is given back; what is not is done, and recorded. */
import { type Awaitable, attempt } from '../awaitable.ts';
import { BelayError } from '../errors.ts';
import type { Json } from '../format/json.ts';
import type { StepInfo } from '../nodes/executor.ts';
import type { Arrival, DurableContext, Mark, StepSpec, Strand, StrandResult } from './context.ts';
import { RunParked } from './context.ts';
import type { SignalReply, SignalRequest } from './events.ts';
import { type Ending, keyOf, TIMED_OUT, timedOutReply } from './history.ts';
import type { LocalRun } from './local-run.ts';
import { nextTurn, turnIsOver } from './pace.ts';
import { NO_RETRY, OVER, STOP_GRACE, untilAbandoned } from './retry.ts';
import { StepRunner } from './step-runner.ts';

const NONE: readonly Ending[] = [];

class LocalStrand implements Strand {
  readonly node: string;
  readonly context: LocalContext;
  readonly body: (context: DurableContext) => Awaitable<StrandResult>;
  readonly patient: boolean;
  begun = false;

  constructor(context: LocalContext, body: LocalStrand['body'], patient: boolean) {
    this.node = context.node;
    this.context = context;
    this.body = body;
    this.patient = patient;
  }
}

export class LocalContext implements DurableContext {
  readonly node: string;
  readonly #run: LocalRun;
  /** Made when somebody wants to listen: most nodes are over before anybody could. */
  #controller: AbortController | undefined;
  #aborted: { reason: unknown } | undefined;
  /** By path; those whose end has been told are left out. */
  #spawned: Map<string, LocalStrand> | undefined;
  #unbegun: LocalStrand[] = [];
  /** How many of the recorded ends have been told. */
  #told = 0;
  #toldOfCancel = false;

  constructor(run: LocalRun, node = '') {
    this.#run = run;
    this.node = node;
    // Whoever is let go stops everything at once: nothing in it may go on writing.
    if (node === '') run.parking.signal.addEventListener('abort', () => this.#abortSpawned(run.parking.signal.reason), { once: true });
  }

  get cancellation(): AbortSignal {
    if (this.node === '') return this.#run.parking.signal;
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  record(mark: Mark): void {
    this.#run.throwIfStopped();
    if (!this.#run.history.has(mark)) this.#run.append(mark);
  }

  async now(name: string): Promise<number> {
    return Number(await this.#value(name, () => this.#run.clock.now()));
  }

  async random(name: string): Promise<number> {
    return Number(await this.#value(name, () => this.#run.clock.random()));
  }

  async step(name: string, spec: StepSpec, perform: (info: StepInfo) => Promise<Json>): Promise<Json> {
    this.cancellation.throwIfAborted();
    return this.#run.values.whole(await new StepRunner(this.#run, this, name, spec).result(perform));
  }

  async sleep(name: string, until: number): Promise<void> {
    this.cancellation.throwIfAborted();
    const { history, clock } = this.#run;
    const key = this.#key(name);
    if (!history.timers.has(key)) this.#run.append({ type: 'timer.set', node: this.node, key, until });
    const timer = history.timers.get(key);
    if (!timer || timer.fired) return;
    await this.#run.waiting(timer.until, () => clock.sleep(Math.max(0, timer.until - clock.now()), this.cancellation));
    this.#run.append({ type: 'timer.fired', node: this.node, key });
  }

  hasSlept(name: string): boolean {
    return this.#run.history.timers.has(this.#key(name));
  }

  deadline(name: string, ms: number, over: AbortSignal): number {
    const { history, clock } = this.#run;
    const key = this.#key(name);
    if (!history.timers.has(key)) this.#run.append({ type: 'timer.set', node: this.node, key, until: clock.now() + ms, limit: true });
    const until = history.timers.get(key)?.until ?? clock.now() + ms;
    this.#run.expect(until, over);
    return until;
  }

  async signal(
    name: string,
    request: SignalRequest,
    { timeout, answer }: { timeout?: number; answer?: SignalReply } = {},
  ): Promise<SignalReply | undefined> {
    this.cancellation.throwIfAborted();
    const { history, clock } = this.#run;
    const key = this.#key(name);
    if (!history.signals.has(key)) {
      const until = timeout === undefined ? {} : { until: clock.now() + timeout };
      this.#run.append({ type: 'signal.requested', node: this.node, key, request, ...until });
    }
    const given = this.#run.takeEarly(key) ?? answer;
    if (given) this.#run.deliver(key, given);
    await this.#run.sync();
    await this.#answered(key);
    await this.#run.sync();
    const reply = history.signals.get(key)?.reply;
    return reply?.decision === TIMED_OUT ? undefined : reply;
  }

  spawn(node: string, body: (context: DurableContext) => Awaitable<StrandResult>, patient?: 'patient'): Strand {
    const context = new LocalContext(this.#run, node);
    const strand = new LocalStrand(context, body, patient !== undefined);
    this.#spawned ??= new Map();
    this.#spawned.set(node, strand);
    this.#unbegun.push(strand);
    const aborted = this.#aborted ?? (this.#run.parking.signal.aborted ? this.#run.parking.signal : undefined);
    if (aborted) context.abort(aborted.reason);
    return strand;
  }

  arrived(): Arrival | undefined {
    return turnIsOver() ? undefined : this.#look();
  }

  async first(): Promise<Arrival> {
    if (turnIsOver()) await nextTurn();
    for (;;) {
      const arrival = this.#look();
      if (arrival) return arrival;
      await this.#run.changed(this.node);
    }
  }

  skipEnded(
    most: number,
    node: (index: number) => string,
    goesOn: (end: StrandResult) => boolean,
  ): ReturnType<DurableContext['skipEnded']> {
    const arrivals = this.#run.history.arrivals.get(this.node) ?? NONE;
    let last: ReturnType<DurableContext['skipEnded']>;
    for (let index = 0; index < most; index += 1) {
      const end = arrivals[this.#told];
      if (end?.type !== 'node.finished' || end.node !== node(index) || !goesOn(end)) break;
      last = { index, end };
      this.#told += 1;
    }
    return last;
  }

  /** What is recorded and not told yet. Where nothing is, strands are begun, one after another, until one has ended. */
  #look(): Arrival | undefined {
    for (;;) {
      this.#run.throwIfStopped();
      const arrival = this.#nextRecorded();
      if (arrival) return arrival;
      const strand = this.#unbegun.shift();
      if (!strand) return undefined;
      this.#begin(strand);
    }
  }

  cancel(strand: Strand, reason: unknown): void {
    const local = this.#spawned?.get(strand.node);
    if (local !== strand) throw new Error(`The strand of ${strand.node} belongs to another context, or has ended`);
    if (this.#run.history.endings.has(strand.node)) return;
    local.context.abort(
      reason instanceof BelayError
        ? reason
        : new BelayError('RUN_CANCELLED', String(reason), { hint: 'Run the flow again if this was not intended.', kind: 'cancelled' }),
    );
    if (local.begun) return;
    this.#unbegun = this.#unbegun.filter((other) => other !== local);
    local.begun = true;
    this.#endCancelled(strand.node);
  }

  changedTheWorld(): boolean {
    return this.#run.history.changedTheWorld(this.node);
  }

  /** Stops this strand and everything spawned in it. */
  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = { reason };
    this.#controller?.abort(reason);
    this.#abortSpawned(reason);
    this.#run.wake(this.node);
  }

  #abortSpawned(reason: unknown): void {
    for (const { context } of this.#spawned?.values() ?? []) context.abort(reason);
  }

  #begin(strand: LocalStrand): void {
    const run = this.#run;
    strand.begun = true;
    if (run.history.endings.has(strand.node)) return;
    const { node, context, body, patient } = strand;
    const finished = (end: StrandResult): void => void run.append({ type: 'node.finished', node, ...end });
    const stopped = (error: unknown): void => this.#stopped(strand, error);
    const ended = attempt(() => {
      const result = body(context);
      if (!(result instanceof Promise)) return finished(result);
      const abandoned = (): void => run.log.warn('A node did not stop when it was told to, and was left alone', { node });
      // A step has its own grace, which ends before this one.
      const patience = patient ? result : untilAbandoned(result, context.cancellation, run.clock, STOP_GRACE * 2, abandoned);
      return patience.then(finished);
    }, stopped);
    if (ended instanceof Promise) run.track(ended);
  }

  #stopped({ node, context }: LocalStrand, error: unknown): void {
    const run = this.#run;
    if (error instanceof RunParked || run.parking.signal.aborted) return;
    try {
      if (!context.#aborted) throw error;
      this.#endCancelled(node);
    } catch (fault) {
      run.fail(fault);
    }
  }

  #endCancelled(node: string): void {
    this.#run.append({ type: 'node.skipped', node, reason: 'cancelled' });
  }

  /** The earliest recorded thing not told yet: the end of a strand, or the wish to cancel. */
  #nextRecorded(): Arrival | undefined {
    const { history } = this.#run;
    const arrivals = history.arrivals.get(this.node) ?? NONE;
    let at = this.#told;
    while (at < arrivals.length && !this.#spawned?.has(arrivals[at]?.node ?? '')) at += 1;
    const ending = arrivals[at];
    const cancelled = this.#cancelled(ending?.seq);
    if (cancelled) return cancelled;
    const strand = ending && this.#spawned?.get(ending.node);
    if (!strand) return undefined;
    if (at === this.#told) this.#told += 1;
    this.#spawned?.delete(strand.node);
    return { type: 'ended', strand, end: ending.type === 'node.skipped' ? undefined : ending };
  }

  /** The wish to cancel, if it came before the event with the number `before`. */
  #cancelled(before: number | undefined): Arrival | undefined {
    if (this.#toldOfCancel) return undefined;
    const wish = this.#run.history.cancelRequested;
    if (this.node !== '') {
      if (!this.#aborted) return undefined;
      this.#toldOfCancel = true;
      return { type: 'cancelRequested', by: '', reason: this.#aborted.reason };
    }
    if (!wish || (before !== undefined && before < wish.seq)) return undefined;
    this.#toldOfCancel = true;
    return { type: 'cancelRequested', by: wish.by, ...(wish.reason === undefined ? {} : { reason: wish.reason }) };
  }

  /** Waits for the answer or for the time-out, whichever counts. */
  async #answered(key: string): Promise<void> {
    const { history, clock } = this.#run;
    const signal = history.signals.get(key);
    if (!signal || signal.reply) return;
    const over = new AbortController();
    const { until } = signal;
    const answered = this.#run.answered(key, this.cancellation);
    const timer = async (): Promise<void> => {
      if (until === undefined) return;
      await clock.sleep(Math.max(0, until - clock.now()), over.signal);
      await this.#run.answer(key, timedOutReply(clock.now()));
    };
    const timedOut = timer().catch((error: unknown) => {
      if (!over.signal.aborted) this.#run.fail(error);
    });
    try {
      await this.#run.waiting(until, () => answered);
    } finally {
      over.abort(OVER);
      await timedOut;
    }
  }

  #value(name: string, read: () => number): Promise<Json> {
    const spec: StepSpec = {
      title: name,
      effect: 'none',
      args: null,
      argsHash: '',
      trust: 'trusted',
      retry: NO_RETRY,
      attemptTimeout: undefined,
      totalTimeout: undefined,
      reconcile: undefined,
    };
    return this.step(name, spec, async () => read());
  }

  #key(name: string): string {
    return keyOf(this.node, name);
  }
}
