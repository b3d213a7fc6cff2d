/** The run that is shown on the graph: folded from its events. Pure, but for the clock that the callers bring. */
import type { LiveEvent, RunEvent } from '../../engine/run/events.ts';
import { emptyView, type NodeState, type NodeView, type RunView, reduceView } from '../../engine/run/view.ts';
import type { HostMessage } from '../protocol/messages.ts';
import { countUntil } from './timeline.ts';

export interface ShownRun {
  id: string;
  /** As it stands, or as it stood at `moment`. */
  view: RunView;
  /** All that happened so far. Grows in place: each state of the run looks at its beginning. */
  events: readonly RunEvent[];
  /** Looked back to: the moment in milliseconds from the beginning, and how the run stands now. Undefined: that is shown. */
  past?: { moment: number; now: RunView };
  interrupted: boolean;
  /** False where the flow was edited since the run started. */
  sameFlow: boolean;
}

/** What streams while a step runs. Never recorded. */
export interface LiveText {
  text: string;
  reasoning: string;
  output: string;
}

const NO_LIVE: LiveText = { text: '', reasoning: '', output: '' };

/** More than this of streamed text (UTF-16 code units) is of no use to a reader, and costs time to draw. */
const MOST_LIVE = 200_000;

const tail = (text: string): string => (text.length > MOST_LIVE ? text.slice(text.length - MOST_LIVE) : text);

/** Folds events into a view and gives everything that they touched a new identity; the rest keeps its own. */
function fold(view: RunView, events: readonly RunEvent[]): RunView {
  const touched = new Set<string>();
  let next: RunView = { ...view, nodes: { ...view.nodes }, signals: [...view.signals] };
  for (const event of events) {
    if ('node' in event) {
      const node = next.nodes[event.node];
      if (node && !touched.has(event.node))
        next.nodes[event.node] = { ...node, attempts: node.attempts.map((attempt) => ({ ...attempt })) };
      touched.add(event.node);
    }
    if (event.type === 'run.finished') {
      next.nodes = Object.fromEntries(Object.entries(next.nodes).map(([id, node]) => [id, { ...node }]));
    }
    if (event.type === 'signal.received') {
      // A view of its own, so that what is open in it is found anew: it is kept by identity, and this question has a new one.
      next = { ...next, signals: next.signals.map((signal) => (signal.key === event.key ? { ...signal } : signal)) };
    }
    next = reduceView(next, event);
  }
  return next;
}

type RunMessage = NonNullable<Extract<HostMessage, { type: 'run' }>['run']>;

export function shownRun(message: RunMessage): ShownRun {
  const { id, interrupted, sameFlow } = message;
  return { id, view: fold(emptyView(), message.events), events: [...message.events], interrupted, sameFlow };
}

export function withEvents(run: ShownRun, events: readonly RunEvent[]): ShownRun {
  if (events.length === 0) return run;
  (run.events as RunEvent[]).push(...events);
  return { ...run, view: fold(run.view, events), interrupted: false };
}

/** A run as it stood at a moment (ms from its beginning); undefined: as it stands now. */
export function atMoment(run: ShownRun, moment: number | undefined): ShownRun {
  const { past, ...rest } = run;
  const now = past?.now ?? run.view;
  if (moment === undefined) return { ...rest, view: now };
  const known = past === undefined ? Number.POSITIVE_INFINITY : countUntil(run.events, past.moment);
  const wanted = countUntil(run.events, moment);
  // Forward from where it is looked at; what is behind has to be told from the beginning.
  const view = wanted >= known ? fold(run.view, run.events.slice(known, wanted)) : fold(emptyView(), run.events.slice(0, wanted));
  return { ...rest, view, past: { moment, now } };
}

export function withLive(live: Readonly<Record<string, LiveText>>, events: readonly LiveEvent[]): Readonly<Record<string, LiveText>> {
  const next = { ...live };
  for (const event of events) {
    const now = next[event.node] ?? NO_LIVE;
    switch (event.type) {
      case 'live.text':
        next[event.node] = { ...now, text: tail(now.text + event.text) };
        break;
      case 'live.reasoning':
        next[event.node] = { ...now, reasoning: tail(now.reasoning + event.text) };
        break;
      case 'live.output':
        next[event.node] = { ...now, output: tail(now.output + event.text) };
        break;
      case 'live.reset':
        next[event.node] = NO_LIVE;
        break;
      default:
        event satisfies never;
    }
  }
  return next;
}

export const STATE_WORDS: { readonly [S in NodeState]: string } = {
  pending: 'not reached yet',
  running: 'running',
  waiting: 'waiting',
  awaiting: 'waiting for you',
  succeeded: 'succeeded',
  failed: 'failed',
  skipped: 'skipped',
  cancelled: 'cancelled',
};

export const STATE_ICONS: { readonly [S in NodeState]: string } = {
  pending: 'circle-outline',
  running: 'loading',
  waiting: 'watch',
  awaiting: 'bell-dot',
  succeeded: 'pass-filled',
  failed: 'error',
  skipped: 'debug-step-over',
  cancelled: 'circle-slash',
};

/** `past`: an earlier moment of it is looked at. */
export type RunPhase = 'past' | 'queued' | 'running' | 'waiting' | 'interrupted' | 'succeeded' | 'failed' | 'rejected' | 'cancelled';

/** What the banner says of the run. */
export function phaseOf(run: ShownRun): RunPhase {
  const { status, finishedAt } = run.view;
  if (run.past !== undefined) return 'past';
  if (finishedAt === undefined && run.interrupted) return 'interrupted';
  return status;
}

/** True while the run can go on by itself or by an answer. */
export function isActive(run: ShownRun): boolean {
  const phase = phaseOf(run);
  return phase === 'queued' || phase === 'running' || phase === 'waiting';
}

/** Whether what a node did came from a recording. */
export function isRecorded(node: NodeView): boolean {
  return node.attempts.some((attempt) => attempt.recorded === true);
}

export type EdgeFate = 'none' | 'taken' | 'dead';

/**
 * What became of an edge in the run.
 * @param passes the source is disabled, and the flow goes on by this edge all the same
 */
export function edgeFate(source: NodeView | undefined, outlet: string, passes = false): EdgeFate {
  if (!source) return 'none';
  if (source.state === 'skipped') return passes ? 'taken' : 'dead';
  if (source.outlet === undefined) return 'none';
  return source.outlet === outlet ? 'taken' : 'dead';
}
