/** The run that is shown on the graph: folded from its events. Pure, but for the clock that the callers bring. */
import type { LiveEvent, RunEvent } from '../../engine/run/events.ts';
import { emptyView, type NodeState, type NodeView, type RunView, reduceView } from '../../engine/run/view.ts';
import type { HostMessage } from '../protocol/messages.ts';

export interface ShownRun {
  id: string;
  view: RunView;
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
      next.signals = next.signals.map((signal) => (signal.key === event.key ? { ...signal } : signal));
    }
    next = reduceView(next, event);
  }
  return next;
}

type RunMessage = NonNullable<Extract<HostMessage, { type: 'run' }>['run']>;

export function shownRun(message: RunMessage): ShownRun {
  return { id: message.id, view: fold(emptyView(), message.events), interrupted: message.interrupted, sameFlow: message.sameFlow };
}

export function withEvents(run: ShownRun, events: readonly RunEvent[]): ShownRun {
  if (events.length === 0) return run;
  return { ...run, view: fold(run.view, events), interrupted: false };
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

export type RunPhase = 'queued' | 'running' | 'waiting' | 'interrupted' | 'succeeded' | 'failed' | 'rejected' | 'cancelled';

/** What the banner says of the run. */
export function phaseOf(run: ShownRun): RunPhase {
  const { status, finishedAt } = run.view;
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
