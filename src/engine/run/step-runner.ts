/** One step: tried until it ends, recorded before and after. Its history says where it stands, so a restart goes on where it was. */
import type { ErrorData } from '../errors.ts';
import { BelayError, toErrorData } from '../errors.ts';
import type { Json } from '../format/json.ts';
import type { StepInfo, StepNotes } from '../nodes/executor.ts';
import type { DurableContext, StepSpec } from './context.ts';
import { StepHappened } from './context.ts';
import type { StepHistory } from './history.ts';
import { isRefusal, keyOf } from './history.ts';
import type { LocalRun } from './local-run.ts';
import { OVER, outOfTime, retryDelay, STOP_GRACE, untilAbandoned } from './retry.ts';

/** The last attempt failed. The step has been retried as often as it may be: nobody above tries it again. */
export class StepFailed extends BelayError {
  constructor(error: ErrorData) {
    const details = error.details === undefined ? {} : { details: error.details };
    super(error.code, error.message, { hint: error.hint, kind: error.kind, ...details });
  }
}

const CRASHED = 'Belay stopped in the middle of this step, so whether it has happened is not known.';

type Outcome = { ok: true; output: Json } | { ok: false; error: unknown };

export class StepRunner {
  readonly #run: LocalRun;
  readonly #context: DurableContext;
  readonly #name: string;
  readonly #key: string;
  readonly #spec: StepSpec;
  /** When this process first tried it, in epoch ms: time in which nobody held the run does not count against the limit. */
  #began: number | undefined;
  /** Why it is in doubt. */
  #doubt = CRASHED;

  constructor(run: LocalRun, context: DurableContext, name: string, spec: StepSpec) {
    this.#run = run;
    this.#context = context;
    this.#name = name;
    this.#key = keyOf(context.node, name);
    this.#spec = spec;
  }

  async result(perform: (info: StepInfo) => Promise<Json>): Promise<Json> {
    for (;;) {
      const past = this.#run.history.steps.get(this.#key);
      if (!past) await this.#attempt(1, perform);
      else if (!past.finished) await this.#settleDoubt(past, perform);
      else if (!past.finished.error) return past.finished.output ?? null;
      else if (past.finished.retryInMs === undefined) throw new StepFailed(past.finished.error as ErrorData);
      else {
        await this.#waitUntil(past.finished.t + past.finished.retryInMs);
        await this.#attempt(past.last.attempt + 1, perform);
      }
    }
  }

  async #attempt(attempt: number, perform: (info: StepInfo) => Promise<Json>): Promise<void> {
    const { cancellation } = this.#context;
    const { effect, argsHash, args, trust } = this.#spec;
    const idempotencyKey = `${this.#run.journal.runId}/${this.#key}`;
    cancellation.throwIfAborted();
    this.#began ??= this.#run.clock.now();
    this.#run.append({
      type: 'step.started',
      node: this.#context.node,
      step: this.#key,
      attempt,
      effect,
      idempotencyKey,
      argsHash,
      args,
      trust,
    });
    await this.#syncIfEffective();
    if (cancellation.aborted) {
      // Known not to have happened: no reason to be in doubt about it later.
      this.#finish(attempt, { error: toErrorData(cancellation.reason, this.#context.node), retryInMs: 0 });
      throw cancellation.reason;
    }
    const notes: StepNotes = {};
    const { outcome, timedOut } = await this.#perform(attempt, idempotencyKey, notes, perform);
    if (outcome.ok) this.#finish(attempt, { output: outcome.output, ...notes });
    else this.#failed(attempt, timedOut ?? outcome.error, notes);
    await this.#settle();
  }

  async #perform(
    attempt: number,
    idempotencyKey: string,
    notes: StepNotes,
    perform: (info: StepInfo) => Promise<Json>,
  ): Promise<{ outcome: Outcome; timedOut: BelayError | undefined }> {
    const { clock, log } = this.#run;
    const limit = this.#limit();
    const signal = limit?.signal ?? this.#context.cancellation;
    const info: StepInfo = { attempt, idempotencyKey, signal, note: (more) => void Object.assign(notes, more) };
    const abandoned = (): void => log.warn('A step did not stop when it was told to, and was left alone', { step: this.#key, attempt });
    const work = Promise.resolve(info).then(perform);
    const outcome = await untilAbandoned(work, signal, clock, STOP_GRACE, abandoned).then(
      (output): Outcome => ({ ok: true, output: output ?? null }),
      (error): Outcome => ({ ok: false, error }),
    );
    limit?.over.abort(OVER);
    return { outcome, timedOut: limit?.timedOut() };
  }

  /** The time-outs of an attempt. Undefined: there are none, and whoever cancels the strand stops it. */
  #limit(): { signal: AbortSignal; over: AbortController; timedOut(): BelayError | undefined } | undefined {
    const { attemptTimeout, totalTimeout } = this.#spec;
    if (attemptTimeout === undefined && totalTimeout === undefined) return undefined;
    const { clock } = this.#run;
    const limit = new AbortController();
    const over = new AbortController();
    const arm = (ms: number | undefined, spent: number, what: string): void => {
      if (ms === undefined) return;
      const timedOut = (): void => limit.abort(outOfTime(what, ms));
      clock.sleep(Math.max(0, ms - spent), over.signal).then(timedOut, () => undefined);
    };
    arm(attemptTimeout, 0, 'The attempt');
    arm(totalTimeout, clock.now() - (this.#began ?? 0), 'The step, with all its attempts,');
    return {
      signal: AbortSignal.any([this.#context.cancellation, limit.signal]),
      over,
      timedOut: () => (limit.signal.aborted ? (limit.signal.reason as BelayError) : undefined),
    };
  }

  #failed(attempt: number, thrown: unknown, notes: StepNotes): void {
    const { clock, parking } = this.#run;
    const { cancellation } = this.#context;
    const error = toErrorData(thrown, this.#context.node);
    // Let go in the middle of it: left open, to be repeated or asked about by whoever goes on.
    if (parking.signal.aborted) throw parking.signal.reason;
    if (cancellation.aborted) {
      const stopped = toErrorData(cancellation.reason, this.#context.node);
      const unsure = this.#spec.effect === 'irreversible' ? ' Whether the step has happened all the same is not known.' : '';
      this.#finish(attempt, { error: { ...stopped, message: stopped.message + unsure }, ...notes });
      throw cancellation.reason;
    }
    if (this.#spec.effect === 'irreversible' && (error.kind === 'timeout' || error.kind === 'network')) {
      this.#doubt = `${error.message} Whether the step has happened all the same is not known.`;
      return;
    }
    const refusals = (this.#run.history.steps.get(this.#key)?.refusals ?? 0) + (isRefusal(error) ? 1 : 0);
    const delay = retryDelay(this.#spec.retry, attempt, error, clock.random(), refusals);
    const left = this.#spec.totalTimeout === undefined ? Infinity : this.#spec.totalTimeout - (clock.now() - (this.#began ?? 0));
    this.#finish(attempt, { error, ...notes, ...(delay === undefined || delay >= left ? {} : { retryInMs: delay }) });
  }

  /** Begun and no end recorded: repeat it, find out, or ask (docs/format.md, "Repeat or ask"). */
  async #settleDoubt(past: StepHistory, perform: (info: StepInfo) => Promise<Json>): Promise<void> {
    const { attempt, effect } = past.last;
    const name = `${this.#name}/inDoubt/${past.starts}`;
    if (!this.#run.history.signals.has(keyOf(this.#context.node, name))) {
      if (effect === 'none' || effect === 'read' || this.#spec.rehearsed) return this.#attempt(attempt, perform);
      if (effect === 'write' && this.#spec.reconcile) {
        const found = await this.#spec.reconcile();
        if (found.is === 'repeat') return this.#attempt(attempt, perform);
        if (found.is === 'done') {
          this.#finish(attempt, { output: found.output });
          return this.#syncIfEffective();
        }
        this.#doubt = found.why;
      }
    }
    const { title, args, argsHash } = this.#spec;
    const reply = await this.#context.signal(name, { kind: 'inDoubt', title, message: this.#doubt, effect, args, argsHash });
    switch (reply?.decision) {
      case 'happened':
        throw new StepHappened(reply.value ?? null);
      case 'retry':
        return this.#attempt(attempt + 1, perform);
      default: {
        const error = new BelayError('STEP_ABORTED', `${reply?.by ?? 'Somebody'} stopped at a step that was in doubt.`, {
          hint: 'See whether it has happened, then run the flow again.',
          kind: 'unknown',
        });
        this.#finish(attempt, { error: toErrorData(error, this.#context.node) });
        return this.#syncIfEffective();
      }
    }
  }

  #finish(attempt: number, end: { output?: Json; error?: ErrorData; retryInMs?: number } & StepNotes): void {
    this.#run.append({ type: 'step.finished', node: this.#context.node, step: this.#key, attempt, ...end });
  }

  async #waitUntil(until: number): Promise<void> {
    const { clock } = this.#run;
    await this.#run.waiting(until, () => clock.sleep(Math.max(0, until - clock.now()), this.#context.cancellation));
  }

  /**
   * The result is on disk before anything that follows from it is done: the next step with an effect syncs both at once. What cannot be
   * taken back is synced by itself, because losing its result means asking a person.
   */
  #settle(): Promise<void> | undefined {
    const { effect } = this.#spec;
    if (effect === 'irreversible') return this.#run.sync();
    if (effect !== 'none') this.#run.syncSoon();
    return undefined;
  }

  /** What changes the world is on disk before and after. A pure step may be lost: it is done again. */
  #syncIfEffective(): Promise<void> | undefined {
    return this.#spec.effect === 'none' ? undefined : this.#run.sync();
  }
}
