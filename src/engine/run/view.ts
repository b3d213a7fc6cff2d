/**
 * What people see of a run: derived from its events alone, by the editor, the Runs view and the CLI. Browser-safe.
 */
import type { ErrorData } from '../errors.ts';
import type { Json } from '../format/json.ts';
import type { Effect } from '../format/model.ts';
import type { Owner, RunEvent, RunMode, RunOutcome, SignalReply, SignalRequest, Trust, Usage } from './events.ts';

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
}

export interface SignalView {
  key: string;
  node: string;
  request: SignalRequest;
  requestedAt: number;
  until?: number;
  reply?: SignalReply;
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
}

/** `interrupted`: not finished, and nobody owns it. Told by the store, not by the events. */
export type RunStatus = 'running' | 'waiting' | 'interrupted' | RunOutcome;

export interface RunView {
  id: string;
  flow: string;
  title: string;
  bundle: string;
  mode: RunMode;
  model?: string;
  startedBy: 'editor' | 'cli' | 'test';
  inputs: Record<string, Json>;
  status: RunStatus;
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

/** The view of a run before its first event. */
export function emptyView(): RunView {
  return {
    id: '', flow: '', title: '', bundle: '', mode: 'live', startedBy: 'test', inputs: {}, status: 'running', createdAt: 0, nodes: {}, signals: [],
  };
}

/** Folds one event into the view and returns it. The argument is used up: callers that keep old views copy them first. */
export function reduceView(view: RunView, event: RunEvent): RunView {
  throw new Error(`to be written by the engine: ${event.type} ${view.id}`);
}

/** Questions nobody has answered yet. */
export function openSignals(view: RunView): SignalView[] {
  return view.signals.filter((signal) => signal.reply === undefined);
}

/** One line of the Runs view and of `belay runs`: kept beside the journal as a cache of it. */
export interface RunSummary {
  id: string;
  flow: string;
  title: string;
  mode: RunMode;
  startedBy: 'editor' | 'cli' | 'test';
  status: RunStatus;
  createdAt: number;
  finishedAt?: number;
  /** Open questions, newest last. */
  waiting: { key: string; node: string; kind: SignalRequest['kind']; title: string; requestedAt: number }[];
  error?: ErrorData;
  /** Who holds the run now, as far as can be told. */
  owner?: Owner;
  /** False for journals of another machine: shown, never resumed. */
  local: boolean;
}
