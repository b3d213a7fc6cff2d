/** What people see of a run, as data. Browser-safe. */
import type { ErrorData } from '../errors.ts';
import type { Json } from '../format/json.ts';
import type { Effect } from '../format/model.ts';
import type { GivenHow, Owner, RunMode, RunOutcome, SignalReply, SignalRequest, Trust, Usage } from './events.ts';

/** `pending`: not reached yet. `waiting`: between attempts or on a timer. `awaiting`: on a person. */
export type NodeState = 'pending' | 'running' | 'waiting' | 'awaiting' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';

export interface AttemptView {
  step: string;
  attempt: number;
  effect: Effect;
  startedAt: number;
  finishedAt?: number;
  args?: Json;
  output?: Json;
  error?: ErrorData;
  usage?: Usage;
  model?: string;
  /** The reply came from a recording. Said wherever it is shown. */
  recorded?: boolean;
  /** Shown and not performed. */
  dry?: true;
}

export interface SignalView {
  key: string;
  node: string;
  request: SignalRequest;
  requestedAt: number;
  until?: number;
  reply?: SignalReply;
  /** Nobody needs to answer any more: its node has ended. */
  over?: true;
}

export interface NodeView {
  node: string;
  state: NodeState;
  startedAt?: number;
  finishedAt?: number;
  outlet?: string;
  input?: Json;
  output?: Json;
  trust?: Trust;
  error?: ErrorData;
  attempts: AttemptView[];
  /** Where the result comes from, if not from the node itself: the earlier run, a pin, or (in a dry run) its schema. */
  given?: GivenHow;
  /** In a dry run: with these values the run would not have come here. */
  unreached?: true;
  /** Of a pass that is another flow: its file, relative to the journal root, and its title. */
  flow?: string;
  title?: string;
}

/** `queued`: waits for its turn. `interrupted`: not finished, and nobody owns it; told by the store, not by the events. */
export type RunStatus = 'queued' | 'running' | 'waiting' | 'interrupted' | RunOutcome;

export interface RunView {
  id: string;
  flow: string;
  title: string;
  bundle: string;
  mode: RunMode;
  model?: string;
  startedBy: 'editor' | 'cli' | 'test';
  /** What it was made from, and which part of the flow it is; see the header in events.ts. */
  rerunOf?: string;
  rerunFrom?: string;
  only?: string;
  to?: string;
  pinned?: string[];
  dry?: true;
  inputs: Record<string, Json>;
  status: RunStatus;
  /** Has not had its turn yet, whoever has the run. */
  queued?: boolean;
  /** How many sub-flows have begun in it; absent: none. */
  subFlows?: number;
  createdAt: number;
  finishedAt?: number;
  owner?: Owner;
  nodes: Record<string, NodeView>;
  /** Every question asked so far, in order; open ones have no reply. */
  signals: SignalView[];
  outputs?: Json;
  error?: ErrorData;
  reason?: string;
}
