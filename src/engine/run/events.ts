/**
 * What happens in a run, in order: the journal's lines, and what every view is derived from.
 * Validated once, when a journal is read. New event types and fields may be added; none changes its meaning.
 */
import * as z from 'zod';
import { Door } from '../format/door.ts';
import type { Json, JsonSchema } from '../format/json.ts';
import { lazily } from '../format/lazily.ts';
import { effectSchema, errorKindSchema } from '../format/model.ts';
import generated from './events.generated.json' with { type: 'json' };

/** Events come from `JSON.parse`, so that whatever stands there is JSON; going through it once more would cost most of reading a journal. */
const json = lazily(() => z.custom<Json>((value) => value !== undefined));
export const trustSchema = lazily(() => z.enum(['trusted', 'untrusted']));
/** Where a value came from, joined over everything it was made from. */
export type Trust = z.infer<ReturnType<typeof trustSchema>>;

/**
 * Where model replies come from. Chosen for a run, shown everywhere, never switched silently. `recordMissing`: what is recorded is
 * replayed, the rest is asked of a model and recorded.
 */
export const runModeSchema = lazily(() => z.enum(['live', 'recorded', 'record', 'recordMissing', 'byHand']));
export type RunMode = z.infer<ReturnType<typeof runModeSchema>>;

export const errorDataSchema = lazily(() =>
  z.object({
    code: z.string(),
    kind: errorKindSchema(),
    message: z.string(),
    hint: z.string(),
    node: z.string().exactOptional(),
    details: json().exactOptional(),
  }),
);

/** The process that owns a run: the only one that writes its journal. */
export const ownerSchema = lazily(() =>
  z.object({
    kind: z.enum(['editor', 'cli', 'test']),
    /** Made anew for every owner. */
    nonce: z.string(),
    pid: z.int(),
    /** When the process started, as the platform tells it; tells a reused pid from the owner. Empty where it cannot be had. */
    processStart: z.string(),
    /** The boot of the machine; empty where it cannot be had. */
    bootId: z.string(),
    /** The name of the machine. Journals of other machines are shown, never resumed. */
    host: z.string(),
    /** A number of the machine and its user that nobody can guess: a journal without it was not made here, whatever name it gives. */
    machine: z.string().optional(),
  }),
);
export const ownerDoor = new Door(ownerSchema, () => generated.owner as unknown as JsonSchema);
export type Owner = z.infer<ReturnType<typeof ownerSchema>>;

export const runHeaderSchema = lazily(() =>
  z.object({
    id: z.string(),
    /** The flow file, relative to the journal root, with forward slashes. */
    flow: z.string(),
    title: z.string(),
    /** sha256 of the bundle: the flow and every file it reaches, frozen when the run started. */
    bundle: z.string(),
    inputs: z.record(z.string(), json()),
    /** Label of the inputs; absent: trusted, because a person typed them. */
    inputsTrust: trustSchema().optional(),
    mode: runModeSchema(),
    /** The model chosen for nodes that name none, `connection/model`; absent where no model is needed. */
    model: z.string().optional(),
    startedBy: z.enum(['editor', 'cli', 'test']),
    /** Gates and approvals answered beforehand by whoever started the run (`belay run --approve NODE`). */
    approved: z.array(z.string()).optional(),
    /** The earlier run that this one was made from. */
    rerunOf: z.string().optional(),
    /** The node from which everything was done anew; what is neither this node nor behind it kept the results of the earlier run. */
    rerunFrom: z.string().optional(),
    /** The one node that is run; what it reads comes from the earlier run. */
    only: z.string().optional(),
    /** The node with which the run ends: what it does not need was not begun. */
    to: z.string().optional(),
    /** Nodes whose pinned result was taken instead of running them. */
    pinned: z.array(z.string()).optional(),
    /** A dry run: what it would do is recorded, and nothing of it is done. */
    dry: z.literal(true).optional(),
    belay: z.string(),
  }),
);
export type RunHeader = z.infer<ReturnType<typeof runHeaderSchema>>;

/**
 * A result that was not made by running the node: `kept` from the earlier run, `pinned` by a person, or in a dry run a `sample` made up
 * from the schema of the result.
 */
export const givenHowSchema = lazily(() => z.enum(['kept', 'pinned', 'sample']));
export type GivenHow = z.infer<ReturnType<typeof givenHowSchema>>;

/** A question only a person (or a signal from outside) can answer. `key` is unique in the run. */
export const signalRequestSchema = lazily(() =>
  z.discriminatedUnion('kind', [
    /** An `approval` node. Decisions: approved, rejected (with reason). Times out by itself. */
    z.object({
      kind: z.literal('approval'),
      title: z.string(),
      message: z.string(),
      details: json().optional(),
      argsHash: z.string(),
      untrusted: z.boolean(),
    }),
    /** A gate, declared or demanded by the engine. Decisions: approved, rejected. Covers exactly `args` by `argsHash`. */
    z.object({
      kind: z.literal('gate'),
      title: z.string(),
      message: z.string(),
      effect: effectSchema(),
      args: json(),
      argsHash: z.string(),
      untrusted: z.boolean(),
      /** `declared` by the flow, or `demanded` by the engine because an irreversible step has no gate. */
      why: z.enum(['declared', 'demanded']),
    }),
    /** A prompt answered by hand. Decision: replied, with the text as `value`. */
    z.object({
      kind: z.literal('reply'),
      title: z.string(),
      message: z.string(),
      prompt: z.string(),
      system: z.string().optional(),
      schema: json().optional(),
    }),
    /**
     * A recorded run met a prompt that is not in the recording. Decisions: `live` (with `value` = the model), `byHand`, `restore`
     * (only if `recordedTemplate` is there: the editor puts it back into the flow and this run ends as cancelled).
     */
    z.object({
      kind: z.literal('recordingMissing'),
      title: z.string(),
      message: z.string(),
      prompt: z.string(),
      system: z.string().optional(),
      schema: json().optional(),
      recordedTemplate: z.string().optional(),
    }),
    /** A model may be used only after a person agreed to it in the editor. Decisions: approved, rejected. */
    z.object({ kind: z.literal('consent'), title: z.string(), message: z.string(), model: z.string() }),
    /** The process died (or the line was cut) between an effect's intent and its result. Decisions: happened, retry, abort. */
    z.object({
      kind: z.literal('inDoubt'),
      title: z.string(),
      message: z.string(),
      effect: effectSchema(),
      args: json(),
      argsHash: z.string(),
    }),
    /** A `wait` node: something outside has to happen. Decision: received, with what came along as `value`. Times out by itself. */
    z.object({ kind: z.literal('signal'), title: z.string(), message: z.string(), name: z.string(), schema: json().exactOptional() }),
    /** A budget of the run is used up. Decisions: more (the same amount once more), stop. */
    z.object({
      kind: z.literal('budget'),
      title: z.string(),
      message: z.string(),
      budget: z.enum(['steps', 'tokens', 'cost', 'time']),
      used: z.number(),
      limit: z.number(),
    }),
  ]),
);
export type SignalRequest = z.infer<ReturnType<typeof signalRequestSchema>>;
export type SignalKind = SignalRequest['kind'];

/** Which decisions answer which question. The first valid one wins. */
export const DECISIONS: { readonly [K in SignalKind]: readonly string[] } = {
  approval: ['approved', 'rejected'],
  gate: ['approved', 'rejected'],
  reply: ['replied'],
  recordingMissing: ['live', 'byHand', 'restore'],
  consent: ['approved', 'rejected'],
  inDoubt: ['happened', 'retry', 'abort'],
  signal: ['received'],
  budget: ['more', 'stop'],
};

export const signalReplySchema = lazily(() =>
  z.object({
    decision: z.string(),
    /** Who decided, for the record: a user name and where (`ada, editor`), `time-out`, or `--approve`. */
    by: z.string(),
    /** Epoch milliseconds. */
    at: z.number(),
    reason: z.string().optional(),
    value: json().optional(),
  }),
);
export type SignalReply = z.infer<ReturnType<typeof signalReplySchema>>;

/** What a call of a model used up. */
export const usageSchema = lazily(() =>
  z.object({
    /** With those read from and written to a cache. */
    inputTokens: z.number().optional(),
    /** With those of reasoning. */
    outputTokens: z.number().optional(),
    cacheReadTokens: z.number().optional(),
    cacheWriteTokens: z.number().optional(),
    reasoningTokens: z.number().optional(),
    /** US dollars. Absent: unknown, which is not nothing. */
    cost: z.number().optional(),
    /** Of the tokens: counted by the service, or guessed. */
    source: z.enum(['reported', 'estimated']),
    /** Of the cost: told by the service, or worked out from a list of prices. Absent in old journals: told. */
    costSource: z.enum(['reported', 'estimated']).optional(),
  }),
);
export type Usage = z.infer<ReturnType<typeof usageSchema>>;

export const outcomeSchema = lazily(() => z.enum(['succeeded', 'failed', 'rejected', 'cancelled']));
export type RunOutcome = z.infer<ReturnType<typeof outcomeSchema>>;

/** Every event has `seq` (from 0, without gaps over all segments) and `t` (epoch ms, when it was recorded). */
const at = lazily(() => ({ seq: z.int().min(0), t: z.number() }));
const node = lazily(() => z.string());

export const runEventSchema = lazily(() =>
  z.discriminatedUnion('type', [
    z.object({ ...at(), type: z.literal('run.created'), run: runHeaderSchema() }),
    /**
     * First event of each journal segment: who writes it, in which format (absent: 1; see journal-codec.ts), and how much of the segment
     * before is valid (bytes).
     */
    z.object({
      ...at(),
      type: z.literal('segment.opened'),
      format: z.int().optional(),
      segment: z.int(),
      owner: ownerSchema(),
      previous: z.object({ segment: z.int(), length: z.int() }).optional(),
    }),
    /** The owner let go in good order. */
    z.object({ ...at(), type: z.literal('segment.closed'), reason: z.enum(['parked', 'finished']) }),
    z.object({ ...at(), type: z.literal('node.started'), node: node(), input: json().optional(), trust: trustSchema().optional() }),
    z.object({ ...at(), type: z.literal('node.skipped'), node: node(), reason: z.enum(['dead', 'disabled', 'cancelled']) }),
    /** The strand of a node ended: what the planner reduces. The order of these events is the order in which the run saw them. */
    z.object({
      ...at(),
      type: z.literal('node.finished'),
      node: node(),
      outlet: z.string(),
      output: json(),
      trust: trustSchema(),
      error: errorDataSchema().exactOptional(),
      /** False where a failure was let through by `continueOnFailure`. */
      failed: z.boolean().exactOptional(),
      /** What `node.started` would have said, of a node that ended in the same moment and has no such event. */
      input: json().exactOptional(),
      /** The node ended the whole flow: an `end`, or an unconnected `rejected` in a body. */
      ends: z.object({ outcome: z.enum(['succeeded', 'rejected']), outputs: json().exactOptional() }).exactOptional(),
      given: givenHowSchema().exactOptional(),
      /** In a dry run: with the values at hand the run would not have come here. */
      unreached: z.literal(true).exactOptional(),
    }),
    /** A sub-flow begins: `node` is the path of its pass. */
    z.object({
      ...at(),
      type: z.literal('flow.started'),
      node: node(),
      flow: z.string(),
      title: z.string(),
      inputs: json(),
      trust: trustSchema().optional(),
    }),
    /** The intent of a step, before anything is done. `step` is unique in the run: node path + name. */
    z.object({
      ...at(),
      type: z.literal('step.started'),
      node: node(),
      step: z.string(),
      attempt: z.int(),
      effect: effectSchema(),
      idempotencyKey: z.string(),
      argsHash: z.string().optional(),
      args: json().optional(),
      trust: trustSchema().optional(),
    }),
    z.object({
      ...at(),
      type: z.literal('step.finished'),
      node: node(),
      step: z.string(),
      attempt: z.int(),
      output: json().optional(),
      error: errorDataSchema().optional(),
      usage: usageSchema().optional(),
      model: z.string().optional(),
      recorded: z.boolean().optional(),
      /** It was shown and not performed: the run is a dry run. */
      dry: z.literal(true).optional(),
      /** Set where the step is tried again: when, in ms from `t`. */
      retryInMs: z.number().optional(),
    }),
    /** `limit`: not a wait, but the moment at which the node is stopped. */
    z.object({
      ...at(),
      type: z.literal('timer.set'),
      node: node(),
      key: z.string(),
      until: z.number(),
      limit: z.literal(true).exactOptional(),
    }),
    z.object({ ...at(), type: z.literal('timer.fired'), node: node(), key: z.string() }),
    z.object({
      ...at(),
      type: z.literal('signal.requested'),
      node: node(),
      key: z.string(),
      request: signalRequestSchema(),
      until: z.number().optional(),
    }),
    z.object({ ...at(), type: z.literal('signal.received'), node: node(), key: z.string(), reply: signalReplySchema() }),
    /** The mode of the run changed because a person chose so. */
    z.object({ ...at(), type: z.literal('run.mode'), mode: runModeSchema(), model: z.string().optional(), by: z.string() }),
    /** As many runs of the flow as it allows were there: the run waits for its turn ("limits": "concurrency"), and then has it. */
    z.object({ ...at(), type: z.literal('run.queued') }),
    z.object({ ...at(), type: z.literal('run.admitted') }),
    /** From here on the run goes on with another version of its flow. */
    z.object({ ...at(), type: z.literal('run.moved'), bundle: z.string(), by: z.string() }),
    z.object({ ...at(), type: z.literal('run.cancelRequested'), by: z.string(), reason: z.string().optional() }),
    z.object({
      ...at(),
      type: z.literal('run.finished'),
      outcome: outcomeSchema(),
      outputs: json().optional(),
      error: errorDataSchema().optional(),
      reason: z.string().optional(),
    }),
  ]),
);
/** A line of a journal. */
export const runEventDoor = new Door(runEventSchema, () => generated.event as unknown as JsonSchema);
export type RunEvent = z.infer<ReturnType<typeof runEventSchema>>;
export type RunEventType = RunEvent['type'];

type Without<E, K extends PropertyKey> = E extends unknown ? Omit<E, K> : never;
/** An event before the journal has given it `seq` and `t`. */
export type NewRunEvent = Without<RunEvent, 'seq' | 't'>;

/** What is shown while it happens and never recorded: streamed text, process output. */
export type LiveEvent =
  | { type: 'live.text'; node: string; text: string }
  | { type: 'live.reasoning'; node: string; text: string }
  | { type: 'live.output'; node: string; stream: 'stdout' | 'stderr'; text: string }
  /** A new attempt: what was streamed before is void. */
  | { type: 'live.reset'; node: string };
