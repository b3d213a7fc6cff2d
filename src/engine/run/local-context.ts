/** The durable context on a local journal. What is in the history is given back; what is not is done, and recorded. */
import { BelayError } from '../errors.ts';
import type { Json } from '../format/json.ts';
import type { StepInfo } from '../nodes/executor.ts';
import type { Arrival, DurableContext, Mark, StepSpec, Strand, StrandResult } from './context.ts';
import { RunParked } from './context.ts';
import type { SignalReply, SignalRequest } from './events.ts';
import { keyOf, TIMED_OUT } from './history.ts';
import type { LocalRun } from './local-run.ts';
import { NO_RETRY, OVER, STOP_GRACE, untilAbandoned } from './retry.ts';
import { StepRunner } from './step-runner.ts';

class LocalStrand implements Strand {
  readonly node: string;
  readonly begin: () => void;
  readonly controller = new AbortController();
  begun = false;
  /** Its end was given to `first`. */
  told = false;

  constructor(node: string, begin: (strand: LocalStrand) => void) {
    this.node = node;
    this.begin = () => {
      if (this.begun) return;
      this.begun = true;
      begin(this);
    };
  }
}

export class LocalContext implements DurableContext {
  readonly node: string;
  readonly cancellation: AbortSignal;
  readonly #run: LocalRun;
  readonly #spawned = new Map<Strand, LocalStrand>();
  #toldOfCancel = false;

  constructor(run: LocalRun, node = '', cancellation: AbortSignal = run.parking.signal) {
    this.#run = run;
    this.node = node;
    this.cancellation = cancellation;
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
    return new StepRunner(this.#run, this, name, spec).result(perform);
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

  spawn(node: string, body: (context: DurableContext) => Promise<StrandResult>): Strand {
    const strand = new LocalStrand(node, (begun) => this.#begin(begun, body));
    this.#spawned.set(strand, strand);
    return strand;
  }

  async first(strands: readonly Strand[]): Promise<Arrival> {
    for (;;) {
      this.#run.throwIfStopped();
      const arrival = this.#nextRecorded(strands);
      if (arrival) return arrival;
      for (const strand of strands) this.#local(strand).begin();
      await this.#run.changed();
    }
  }

  cancel(strand: Strand, reason: string): void {
    const local = this.#local(strand);
    if (local.controller.signal.aborted || this.#run.history.endings.has(strand.node)) return;
    local.controller.abort(
      new BelayError('RUN_CANCELLED', reason, { hint: 'Run the flow again if this was not intended.', kind: 'cancelled' }),
    );
    if (!local.begun) this.#endCancelled(strand.node);
  }

  #local(strand: Strand): LocalStrand {
    const local = this.#spawned.get(strand);
    if (!local) throw new Error(`The strand of ${strand.node} belongs to another context`);
    return local;
  }

  #begin(strand: LocalStrand, body: (context: DurableContext) => Promise<StrandResult>): void {
    const run = this.#run;
    if (run.history.endings.has(strand.node)) return;
    const cancellation = AbortSignal.any([strand.controller.signal, this.cancellation]);
    const context = new LocalContext(run, strand.node, cancellation);
    run.track(async () => {
      try {
        const abandoned = (): void => run.log.warn('A node did not stop when it was told to, and was left alone', { node: strand.node });
        // A step has its own grace, which ends before this one.
        const result = await untilAbandoned(body(context), cancellation, run.clock, STOP_GRACE * 2, abandoned);
        const { how: _how, ...finished } = result;
        run.append({ type: 'node.finished', node: strand.node, ...finished });
      } catch (error) {
        if (error instanceof RunParked || run.parking.signal.aborted) return;
        try {
          if (!strand.controller.signal.aborted) throw error;
          this.#endCancelled(strand.node);
        } catch (fault) {
          run.fail(fault);
        }
      }
    });
  }

  #endCancelled(node: string): void {
    this.#run.append({ type: 'node.skipped', node, reason: 'cancelled' });
  }

  /** The earliest recorded thing not told yet: the end of a strand, or (for the run itself) the wish to cancel. */
  #nextRecorded(strands: readonly Strand[]): Arrival | undefined {
    const { history } = this.#run;
    let earliest: { seq: number; arrival: () => Arrival } | undefined;
    const wish = history.cancelRequested;
    if (wish && this.node === '' && !this.#toldOfCancel) {
      const { seq, by, reason } = wish;
      earliest = {
        seq,
        arrival: () => {
          this.#toldOfCancel = true;
          return { type: 'cancelRequested', by, ...(reason === undefined ? {} : { reason }) };
        },
      };
    }
    for (const strand of strands) {
      const ending = history.endings.get(strand.node);
      const local = this.#local(strand);
      if (!ending || local.told || (earliest && earliest.seq < ending.seq)) continue;
      earliest = {
        seq: ending.seq,
        arrival: () => {
          local.told = true;
          if (ending.type === 'node.skipped') return { type: 'ended', strand, end: { how: 'cancelled' } };
          const { outlet, output, trust, error, failed } = ending;
          const more = { ...(error === undefined ? {} : { error }), ...(failed === undefined ? {} : { failed }) };
          return { type: 'ended', strand, end: { how: 'finished', outlet, output, trust, ...more } };
        },
      };
    }
    return earliest?.arrival();
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
      await this.#run.answer(key, { decision: TIMED_OUT, by: 'time-out', at: clock.now() });
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
