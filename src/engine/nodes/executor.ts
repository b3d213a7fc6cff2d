/** What a node type does when its turn comes: `src/engine/nodes/<type>/executor.ts`. */
import type { Awaitable } from '../awaitable.ts';
import type { BelayError, ErrorData } from '../errors.ts';
import type { Json, JsonObject, JsonPath, JsonSchema } from '../format/json.ts';
import type { Effect } from '../format/model.ts';
import type { EnginePorts } from '../ports.ts';
import type { LiveEvent, RunMode, SignalReply, SignalRequest, Trust, Usage } from '../run/events.ts';

/** How a node ends: the outlet it leaves by and its result (`steps.ID.output`). Failures are thrown as `BelayError`. */
export interface NodeResult {
  outlet: string;
  output: Json;
  /** Label of the result where the node knows better than its manifest. */
  trust?: Trust;
  /** The whole flow ends here, with these outputs; undefined: with those the flow declares. */
  ends?: { outputs?: JsonObject };
}

/** One run of a node's body, or of the flow it names: a strand of its own with the path `NODE[index]`. */
export interface PassRequest {
  /** From 0. A pass is run once for each index; after a restart what is recorded of it is given back. */
  index: number;
  /** What the body sees. Absent: null. */
  item?: Json;
  itemTrust?: Trust;
  previous?: Json;
  previousTrust?: Trust;
  /** Computed in the body's scope when it has ended: the result of the pass, and whether it was the last one. */
  result?: Json;
  until?: string;
  /** Instead of the node's own body: another flow of the bundle, by its path relative to this one. */
  flow?: { path: string; inputs: JsonObject; trust?: Trust };
}

/** `done`: `until` was true, or there is none. */
export type PassEnd =
  | { index: number; how: 'finished'; output: Json; trust: Trust; done: boolean }
  | { index: number; how: 'failed'; error: ErrorData; trust: Trust }
  | { index: number; how: 'cancelled' };

export interface Passes {
  /**
   * After a restart: the last of the passes that followed each other, of which each has ended and was not the last one. A loop goes on
   * behind it, as if it had begun each of them and waited for it. `most`: of so many passes. Asked before the first is begun.
   */
  lastRecorded(most: number): { index: number; output: Json; trust: Trust } | undefined;
  begin(request: PassRequest): void;
  /** The next pass that ends, in recorded order. Passes that end the whole flow end the node too. */
  next(): Promise<PassEnd>;
  /** Stops those under way; `next` tells when they have ended. */
  cancel(reason: string): void;
}

/** What a step gives back besides its value: shown with the attempt. */
export interface StepNotes {
  usage?: Usage;
  model?: string;
  recorded?: boolean;
  /** It was not performed. */
  dry?: true;
}

export interface StepInfo {
  /** From 1. */
  attempt: number;
  /** The same for every attempt and after every crash. */
  idempotencyKey: string;
  /** Aborted by cancellation, by the attempt's time-out or by the total one. */
  signal: AbortSignal;
  note(notes: StepNotes): void;
}

export interface StepOptions {
  effect: Effect;
  /** The resolved arguments: hashed for gates and intents, shown (redacted) in views. */
  args: Json;
  /** It asks a model, and so uses up tokens and money. */
  asksModel?: true;
  /** What people call it, where the node does more than one thing. Default: the node's title. */
  title?: string;
  /** Label of `args`, where they are less trusted than the node's parameters: a model chose them. */
  trust?: Trust;
  /** The effect is that of these very arguments: what the flow says of the node does not lower it. */
  own?: true;
  /** The step's result where a person said that it had happened (with what they know). Default: the node ends well with it. */
  happened?(output: Json): Json;
  /**
   * Asked when the process died between intent and result: has it happened, may it be done again, or must a person say?
   * Absent: `none` and `read` steps repeat, others ask.
   */
  reconcile?(): Promise<{ is: 'done'; output: Json } | { is: 'repeat' } | { is: 'ask'; why: string }>;
}

type WithoutNode<E> = E extends unknown ? Omit<E, 'node'> : never;
export type LiveUpdate = WithoutNode<LiveEvent>;

export interface NodeContext {
  /** Path of the node in the run; the id for nodes of the top level. */
  readonly node: string;
  /** Its id in the flow, the same in every pass. */
  readonly id: string;
  readonly title: string;
  readonly runId: string;
  /** The flow's folder, relative to the journal root: where the node's paths start. */
  readonly flowDir: string;
  /** The flow file, relative to the journal root. */
  readonly flowPath: string;
  /** Under which names replies are recorded: of the flow that was started, as it has to run without those of others, and of the node in it. */
  readonly recordedAs: { flow: string; node: string };
  /** The flow's own default model, if it names one. */
  readonly flowModel: string | undefined;
  /** The MCP servers that the flow lists, as it is written there. */
  readonly mcpServers: JsonObject | undefined;
  /** `output` of the node: the schema its result has to match. */
  readonly outputSchema: JsonSchema | undefined;
  /** The node's `with` as the author wrote it (templates unresolved), for recordings. */
  readonly source: JsonObject;
  /** Label of the resolved arguments. */
  readonly trust: Trust;
  readonly ports: EnginePorts;
  readonly signal: AbortSignal;
  /** Mode and model as they stand now; a person may have changed them in mid-run. */
  mode(): RunMode;
  model(): string | undefined;
  setMode(mode: RunMode, model: string | undefined, by: string): void;
  /** Evaluates a CEL expression in the node's scope. Throws `EXPRESSION_FAILED`. */
  evaluate(expression: string): Json;
  /** Text of a file of the frozen bundle (a prompt file), by its path relative to the flow. */
  bundled(path: string): string | undefined;
  /** Renders a Liquid template in the node's scope. Throws `TEMPLATE_FAILED`. */
  render(template: string): string;
  /**
   * Does something once: recorded, retried by the node's policy, timed out, gated where it must be. `name` is unique in the node.
   * The gate (declared, or demanded for irreversible effects) is asked before the first attempt.
   */
  step<T extends Json>(name: string, options: StepOptions, perform: (info: StepInfo) => Promise<T>): Promise<T>;
  /** Whether the node would be tried again as a whole, if it failed with this error now and outside of a step. */
  isRetried(error: BelayError): boolean;
  /** Asks a person and waits, also over restarts. Undefined: the time-out (ms) came first. */
  ask(name: string, request: SignalRequest, timeoutMs?: number): Promise<SignalReply | undefined>;
  /** Waits until a moment (epoch ms), also over restarts. `name` is unique in the node. */
  sleep(name: string, until: number): Promise<void>;
  /** Epoch ms, the same after every restart. */
  now(name: string): Promise<number>;
  /** Runs of the node's body. */
  readonly passes: Passes;
  /** Shown while it happens, never recorded. */
  live(event: LiveUpdate): void;
  /** sha256 of canonical JSON: what a gate binds. */
  hash(value: Json): string;
}

/** A file that is frozen with the flow. `path` is relative to it, or from the root (`fromRoot`). `agent`: one that may ship with Belay. */
export interface Reached {
  path: string;
  at: JsonPath;
  flow?: true;
  agent?: string;
}

/** `params` are valid against the manifest; templates and values are resolved, conditions stand as text. */
export interface NodeExecutor {
  type: string;
  /** The manifest's effect for resolved arguments, where it depends on them (a protected path). Default: the manifest's. */
  effect?(params: JsonObject, ports: EnginePorts, flowDir: string): Promise<Effect>;
  /** Files the node reaches, to be frozen with the flow: paths relative to it. What a `flow` reaches is frozen too. */
  reaches?(params: JsonObject): Reached[];
  /** At once where nothing has to be waited for. */
  run(params: JsonObject, context: NodeContext): Awaitable<NodeResult>;
}
