/** A run laid out in time: when each node was at work, and how the run stood at a moment. Pure. */
import type { RunEvent } from '../../engine/run/events.ts';
import { idOf, isPass, parentOf } from '../../engine/run/paths.ts';
import type { NodeState, RunView } from '../../engine/run/view.ts';

export interface Bar {
  /** Path in the run. */
  path: string;
  id: string;
  /** How many bodies and sub-flows it stands in. */
  depth: number;
  /** Milliseconds from the beginning of the run. */
  from: number;
  to: number;
  /** As it ended. */
  state: NodeState;
}

/** The longest span that is told: a run without an end has lasted until its last event. Milliseconds. */
export function lengthOf(events: readonly RunEvent[]): number {
  const [first] = events;
  const last = events.at(-1);
  return first && last ? Math.max(0, last.t - first.t) : 0;
}

/**
 * The nodes that were at work, in the order in which they began, those of a body behind its owner. Nodes that were skipped or given
 * took no time and have no bar.
 * @param view the run at its end
 */
export function barsOf(view: RunView, end: number): Bar[] {
  const bars = Object.values(view.nodes).flatMap(({ node, state, startedAt, finishedAt, given }): Bar[] => {
    if (isPass(node) || startedAt === undefined || given !== undefined || state === 'skipped' || state === 'pending') return [];
    const from = Math.max(0, startedAt - view.createdAt);
    const to = Math.max(from, (finishedAt ?? view.createdAt + end) - view.createdAt);
    return [{ path: node, id: idOf(node), depth: depthOf(node), from, to, state }];
  });
  const barOf = new Map(bars.map((bar) => [bar.path, bar]));
  // Compared from the outside in: a node of a body stands where its owner does.
  const ways = new Map(bars.map((bar) => [bar.path, wayTo(bar.path)]));
  return bars.sort((a, b) => compareWays(ways.get(a.path) ?? [], ways.get(b.path) ?? [], barOf));
}

/** The nodes around a path, outermost first, itself last. */
function wayTo(path: string): string[] {
  const way: string[] = [];
  for (let at = path; at !== ''; at = parentOf(at)) if (!isPass(at)) way.unshift(at);
  return way;
}

function depthOf(path: string): number {
  return wayTo(path).length - 1;
}

function compareWays(a: readonly string[], b: readonly string[], barOf: ReadonlyMap<string, Bar>): number {
  for (const [index, one] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (one !== other) return compareBars(barOf.get(one), barOf.get(other)) || (one < other ? -1 : 1);
  }
  return a.length - b.length;
}

/** Of two that began in the same millisecond the one that was over first: it let the other begin, or had no time to wait for it. */
function compareBars(a: Bar | undefined, b: Bar | undefined): number {
  return (a?.from ?? 0) - (b?.from ?? 0) || (a?.to ?? 0) - (b?.to ?? 0);
}

/** How many events there are up to a moment (ms from the beginning), itself included. */
export function countUntil(events: readonly RunEvent[], moment: number): number {
  const [first] = events;
  if (!first) return 0;
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((events[middle]?.t ?? 0) - first.t <= moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Events that change nothing one could see. */
const UNSEEN: ReadonlySet<RunEvent['type']> = new Set(['segment.opened', 'segment.closed', 'run.created', 'run.queued', 'run.admitted']);

/** The next moment after (or, with -1, before) another at which something happened that can be seen; the ends of the run else. */
export function momentFrom(events: readonly RunEvent[], moment: number, direction: 1 | -1): number {
  const start = events[0]?.t ?? 0;
  const moments = events.filter(({ type }) => !UNSEEN.has(type)).map(({ t }) => t - start);
  return direction > 0 ? (moments.find((at) => at > moment) ?? lengthOf(events)) : (moments.findLast((at) => at < moment) ?? 0);
}
