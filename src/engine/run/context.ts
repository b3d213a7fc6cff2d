/**
 * The small world in which a run is carried out: everything that has to outlive a crash goes through it. The same runner works on
 * any implementation; the one on a local journal is local-context.ts.
 *
 * Whatever is asked under a name is done once: asked again (after a restart), the recorded result is given back. Names are unique in
 * their node; the key is the node's path and the name, never a count of calls. Within a strand things happen one after another;
 * what happens side by side are strands of their own.
 */
import type { Awaitable } from '../awaitable.ts';
import type { ErrorData } from '../errors.ts';
import type { Json } from '../format/json.ts';
import type { Effect, ErrorKind } from '../format/model.ts';
import type { StepInfo, StepOptions } from '../nodes/executor.ts';
import type { GivenHow, SignalReply, SignalRequest, Trust } from './events.ts';

export interface RetryPolicy {
  /** In all, the first one included. */
  attempts: number;
  backoff: 'constant' | 'exponential';
  /** ms */
  delay: number;
  /** ms. A service that wants a longer wait (Retry-After) is not asked again. */
  maxDelay: number;
  jitter: boolean;
  on: ReadonlySet<ErrorKind>;
}

export interface StepSpec {
  /** What people call it. */
  title: string;
  effect: Effect;
  args: Json;
  argsHash: string;
  trust: Trust;
  retry: RetryPolicy;
  /** How long one attempt may take, in ms. */
  attemptTimeout: number | undefined;
  /** How long all attempts and the waits between them may take, in ms from the first one. */
  totalTimeout: number | undefined;
  reconcile: StepOptions['reconcile'];
  /** Nothing is done but writing it down, so that after a crash there is nothing to be in doubt about. */
  rehearsed?: true;
}

/** A node ended the whole flow: an `end` node, or an unconnected `rejected` in a body. Without outputs: those the flow declares. */
export interface FlowEnd {
  outcome: 'succeeded' | 'rejected';
  outputs?: Json;
}

/** What came of a strand: what its `node.finished` holds. */
export interface StrandResult {
  outlet: string;
  output: Json;
  trust: Trust;
  error?: ErrorData;
  failed?: boolean;
  /** Of a node without a start of its own: the resolved parameters. */
  input?: Json;
  ends?: FlowEnd;
  given?: GivenHow;
  unreached?: true;
}

/** A strand under way. Made by `spawn`, waited for by `first`. */
export interface Strand {
  readonly node: string;
}

/** `end` undefined: the strand was stopped from outside, its node has no result. */
export type Arrival =
  | { type: 'ended'; strand: Strand; end: StrandResult | undefined }
  | { type: 'cancelRequested'; by: string; reason?: unknown };

export type Mark =
  | { type: 'node.started'; node: string; input?: Json; trust?: Trust }
  | { type: 'node.skipped'; node: string; reason: 'dead' | 'disabled' }
  | { type: 'flow.started'; node: string; flow: string; title: string; inputs: Json; trust?: Trust }
  | {
      type: 'run.finished';
      outcome: 'succeeded' | 'failed' | 'rejected' | 'cancelled';
      outputs?: Json;
      error?: ErrorData;
      reason?: string;
    };

export interface DurableContext {
  /** Path of the node whose strand this is; empty for the run itself. */
  readonly node: string;
  /** Aborted when the strand is cancelled or the run is let go. */
  readonly cancellation: AbortSignal;
  /** Notes that something happened, once. */
  record(mark: Mark): void;
  /** Epoch ms, the same after every restart. */
  now(name: string): Promise<number>;
  /** 0 ≤ x < 1, the same after every restart. */
  random(name: string): Promise<number>;
  /**
   * Performs and records, with retries and time-outs. Throws what the last attempt threw, as a `BelayError`, and `StepHappened`
   * where a person said that a step in doubt had happened.
   */
  step(name: string, spec: StepSpec, perform: (info: StepInfo) => Promise<Json>): Promise<Json>;
  /** Waits until a moment (epoch ms), also over restarts. */
  sleep(name: string, until: number): Promise<void>;
  /** Asks and waits for the answer, also over restarts. `timeout` in ms from the question; undefined: it came first. `answer` was given beforehand. */
  signal(name: string, request: SignalRequest, options?: { timeout?: number; answer?: SignalReply }): Promise<SignalReply | undefined>;
  /**
   * Begins a strand. It runs when `arrived` or `first` has nothing recorded to give any more. `patient`: when it is stopped it is waited
   * for as long as it takes, because it only waits for strands of its own, or for nothing.
   */
  spawn(node: string, body: (context: DurableContext) => Awaitable<StrandResult>, patient?: 'patient'): Strand;
  /** The same as `first`, if it can be had at once; undefined: wait for `first`. */
  arrived(): Arrival | undefined;
  /** The next thing that happens to one of the strands spawned here, each once, in recorded order; and, once, that this one is cancelled. */
  first(): Promise<Arrival>;
  /**
   * After a restart, instead of spawning once more what followed one after another: takes the recorded ends from the next one on, at most
   * `most`, as long as they are those of `node(0)`, `node(1)` and so on and `goesOn` is true of them. Gives back the last of them.
   */
  skipEnded(
    most: number,
    node: (index: number) => string,
    goesOn: (end: StrandResult) => boolean,
  ): { index: number; end: StrandResult } | undefined;
  /** Stops a strand and those spawned in it; `first` tells when it has ended. One that does not listen is left alone after a grace. */
  cancel(strand: Strand, reason: unknown): void;
  /** Whether the sleep of this name was begun before. */
  hasSlept(name: string): boolean;
  /** The moment (epoch ms) `ms` after this was first asked, the same after every restart. It is known that something happens then, until `over`. */
  deadline(name: string, ms: number, over: AbortSignal): number;
  /** Whether a step that changes the world was begun in a strand of this one. */
  changedTheWorld(): boolean;
}

/** A person said that a step in doubt had happened: its node ends well, with what they know of the result. */
export class StepHappened extends Error {
  readonly output: Json;

  constructor(output: Json) {
    super('A person said that the step had happened');
    this.name = 'StepHappened';
    this.output = output;
  }
}

/** The run was let go by its owner in good order. Not a failure: somebody goes on with it later. */
export class RunParked extends Error {
  constructor() {
    super('The run was parked');
    this.name = 'RunParked';
  }
}
