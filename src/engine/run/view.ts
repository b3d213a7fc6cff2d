/**
 * What people see of a run: derived from its events alone, by the editor, the Runs view and the CLI. Browser-safe.
 */
import type { ErrorData } from '../errors.ts';
import type { Owner, RunEvent, RunMode, SignalRequest } from './events.ts';
import { ancestorsOf } from './paths.ts';
import type { AttemptView, NodeState, NodeView, RunStatus, RunView, SignalView } from './view-model.ts';
import { endWithin, keepOpen, openIn } from './view-open.ts';

export type { AttemptView, NodeState, NodeView, RunStatus, RunView, SignalView } from './view-model.ts';

/** The view of a run before its first event. */
export function emptyView(): RunView {
  return {
    id: '',
    flow: '',
    title: '',
    bundle: '',
    mode: 'live',
    startedBy: 'test',
    inputs: {},
    status: 'running',
    createdAt: 0,
    nodes: {},
    signals: [],
  };
}

/** Folds one event into the view and returns it. The argument is used up: callers that keep old views copy them first. */
export function reduceView(view: RunView, event: RunEvent): RunView {
  switch (event.type) {
    case 'run.created': {
      const { belay: _version, approved: _approved, ...run } = event.run;
      return Object.assign(view, run, { createdAt: event.t });
    }
    case 'segment.opened':
      view.owner = event.owner;
      break;
    case 'segment.closed':
      delete view.owner;
      break;
    case 'node.started': {
      const node = nodeOf(view, event.node);
      node.state = 'running';
      node.startedAt = event.t;
      if (event.input !== undefined) node.input = event.input;
      if (event.trust !== undefined) node.trust = event.trust;
      break;
    }
    case 'node.skipped': {
      const node = nodeOf(view, event.node);
      node.state = event.reason === 'cancelled' ? 'cancelled' : 'skipped';
      endNode(view, node, event.t);
      break;
    }
    case 'node.finished': {
      const node = nodeOf(view, event.node);
      node.state = endState(event);
      node.outlet = event.outlet;
      node.output = event.output;
      node.trust = event.trust;
      if (event.input !== undefined) node.input = event.input;
      node.startedAt ??= event.t;
      if (event.error !== undefined) node.error = event.error;
      if (event.given !== undefined) node.given = event.given;
      if (event.unreached) node.unreached = true;
      endNode(view, node, event.t);
      break;
    }
    case 'step.started':
      startAttempt(nodeOf(view, event.node), event);
      break;
    case 'step.finished':
      finishAttempt(nodeOf(view, event.node), event);
      break;
    case 'timer.set':
      if (!event.limit) nodeOf(view, event.node).state = 'waiting';
      break;
    case 'timer.fired':
      nodeOf(view, event.node).state = 'running';
      break;
    case 'signal.requested': {
      const until = event.until === undefined ? {} : { until: event.until };
      const signal: SignalView = { key: event.key, node: event.node, request: event.request, requestedAt: event.t, ...until };
      view.signals.push(signal);
      openIn(view).signals.add(signal);
      if (event.node !== '') nodeOf(view, event.node).state = 'awaiting';
      break;
    }
    case 'signal.received': {
      const signal = view.signals.findLast((candidate) => candidate.key === event.key);
      if (signal) {
        signal.reply = event.reply;
        openIn(view).signals.delete(signal);
      }
      if (event.node !== '') nodeOf(view, event.node).state = 'running';
      break;
    }
    case 'flow.started': {
      const node = nodeOf(view, event.node);
      node.state = 'running';
      node.startedAt = event.t;
      node.input = event.inputs;
      node.flow = event.flow;
      node.title = event.title;
      view.subFlows = (view.subFlows ?? 0) + 1;
      if (event.trust !== undefined) node.trust = event.trust;
      break;
    }
    case 'run.queued':
      view.queued = true;
      break;
    case 'run.admitted':
      delete view.queued;
      break;
    case 'run.moved':
      view.bundle = event.bundle;
      break;
    case 'run.mode':
      view.mode = event.mode;
      if (event.model === undefined) delete view.model;
      else view.model = event.model;
      break;
    case 'run.cancelRequested':
      if (event.reason !== undefined) view.reason = event.reason;
      break;
    case 'run.finished':
      finishRun(view, event);
      return view;
    default:
      return event satisfies never;
  }
  if ('node' in event) keepOpen(view, event.node);
  if (view.finishedAt === undefined) view.status = statusOf(view, event);
  return view;
}

type Of<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

function nodeOf(view: RunView, id: string): NodeView {
  const known = Object.hasOwn(view.nodes, id) ? view.nodes[id] : undefined;
  if (known) return known;
  const node: NodeView = { node: id, state: 'pending', attempts: [] };
  view.nodes[id] = node;
  return node;
}

function endState({ error, failed }: Of<'node.finished'>): NodeState {
  if (error === undefined || failed === false) return 'succeeded';
  return error.kind === 'cancelled' ? 'cancelled' : 'failed';
}

/** An attempt that a crash or a person's word left open ends with its node. */
function endNode(view: RunView, node: NodeView, t: number): void {
  closeNode(node, t);
  endWithin(view, node.node, (inner) => {
    inner.state = 'cancelled';
    closeNode(inner, t);
  });
}

function closeNode(node: NodeView, t: number): void {
  node.finishedAt = t;
  for (const attempt of node.attempts) attempt.finishedAt ??= t;
}

function startAttempt(node: NodeView, event: Of<'step.started'>): void {
  node.state = 'running';
  const attempt: AttemptView = { step: event.step, attempt: event.attempt, effect: event.effect, startedAt: event.t };
  if (event.args !== undefined) attempt.args = event.args;
  const before = openAttempt(node, event.step);
  if (before) before.finishedAt = event.t;
  node.attempts.push(attempt);
}

function finishAttempt(node: NodeView, event: Of<'step.finished'>): void {
  node.state = event.retryInMs === undefined ? 'running' : 'waiting';
  const attempt = openAttempt(node, event.step);
  if (!attempt) return;
  attempt.finishedAt = event.t;
  if (event.output !== undefined) attempt.output = event.output;
  if (event.error !== undefined) attempt.error = event.error;
  if (event.usage !== undefined) attempt.usage = event.usage;
  if (event.model !== undefined) attempt.model = event.model;
  if (event.recorded !== undefined) attempt.recorded = event.recorded;
  if (event.dry) attempt.dry = true;
}

function openAttempt(node: NodeView, step: string): AttemptView | undefined {
  return node.attempts.findLast((attempt) => attempt.step === step && attempt.finishedAt === undefined);
}

function finishRun(view: RunView, event: Of<'run.finished'>): void {
  view.status = event.outcome;
  view.finishedAt = event.t;
  delete view.queued;
  if (event.outputs !== undefined) view.outputs = event.outputs;
  if (event.error !== undefined) view.error = event.error;
  if (event.reason !== undefined) view.reason = event.reason;
  for (const node of Object.values(view.nodes)) {
    if (node.finishedAt !== undefined) continue;
    node.state = 'cancelled';
    closeNode(node, event.t);
  }
}

/** `waiting`: people are asked and nothing else moves. A run that was let go without a question is interrupted. */
function statusOf(view: RunView, event: RunEvent): RunStatus {
  const { nodes, signals } = openIn(view);
  if (event.type === 'segment.closed') return signals.size > 0 ? 'waiting' : 'interrupted';
  if (view.queued) return 'queued';
  if (signals.size === 0) return 'running';
  // Nothing begins any more until it is answered.
  for (const { request } of signals) if (request.kind === 'budget') return 'waiting';
  // A loop goes on only as far as what stands in its passes does.
  const owners = new Set([...nodes].flatMap(ancestorsOf));
  for (const path of nodes) if (view.nodes[path]?.state !== 'awaiting' && !owners.has(path)) return 'running';
  return 'waiting';
}

/** Questions that nobody has answered yet and that can still be answered. */
export function openSignals(view: RunView): SignalView[] {
  return [...openIn(view).signals];
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
  /** A person wants it kept: it is not removed as an old run. */
  kept?: boolean;
  /** Nothing of it was done. */
  dry?: true;
  /** How many sub-flows have begun in it; absent: none. */
  subFlows?: number;
}

/** The line of a run. `local`: whether its journal was made on this machine. */
export function summaryOf(view: RunView, local: boolean): RunSummary {
  const { id, flow, title, mode, startedBy, status, createdAt, finishedAt, error, owner, dry, subFlows } = view;
  const waiting = openSignals(view).map(({ key, node, request, requestedAt }) => ({
    key,
    node,
    kind: request.kind,
    title: request.title,
    requestedAt,
  }));
  return {
    id,
    flow,
    title,
    mode,
    startedBy,
    status,
    createdAt,
    waiting: finishedAt === undefined ? waiting : [],
    local,
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(error === undefined ? {} : { error }),
    ...(owner === undefined ? {} : { owner }),
    ...(dry ? { dry } : {}),
    ...(subFlows === undefined ? {} : { subFlows }),
  };
}
