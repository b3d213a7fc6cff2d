/** Whether a run that nobody has may be left alone: whoever finds one need not take it just to wait with it. */
import type { RunEvent } from './events.ts';
import { RunHistory } from './history.ts';

/**
 * True where nothing can happen before a person answers: no step and no node is under way or due, and no time-out or timer runs.
 * A run that was let go or died in the middle of something else has to be gone on with, though one of its branches waits.
 */
export function waitsForPeopleOnly(events: readonly RunEvent[]): boolean {
  const history = new RunHistory();
  const started = new Set<string>();
  let last: RunEvent['type'] | undefined;
  for (const event of events) {
    history.add(event);
    if (event.type === 'node.started') started.add(event.node);
    if (event.type !== 'segment.opened' && event.type !== 'segment.closed') last = event.type;
  }
  // Whatever else came last set something in motion that is not recorded yet.
  if (last !== 'signal.requested') return false;
  const open = [...history.signals.values()].filter(({ node, reply }) => reply === undefined && !history.endings.has(node));
  const asking = new Set(open.map(({ node }) => node));
  return (
    open.every(({ until }) => until === undefined) &&
    [...history.timers.values()].every(({ fired }) => fired) &&
    [...started].every((node) => history.endings.has(node) || asking.has(node))
  );
}
