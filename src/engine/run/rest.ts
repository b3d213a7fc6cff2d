/** Whether a run that nobody has may be left alone: whoever finds one need not take it just to wait with it. */
import type { RunEvent } from './events.ts';
import { RunHistory } from './history.ts';
import { parentOf } from './paths.ts';

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
  const open = [...history.signals.values()].filter(({ node, reply }) => reply === undefined && !history.isOver(node));
  // Whoever has a body waits with what stands in it.
  const asking = new Set(open.flatMap(({ node }) => around(node)));
  return (
    open.every(({ until }) => until === undefined) &&
    [...history.timers.values()].every(({ node, fired }) => fired || history.isOver(node)) &&
    [...started].every((node) => history.isOver(node) || asking.has(node))
  );
}

/** The path and those of everything around it. */
function around(path: string): string[] {
  const paths: string[] = [];
  for (let at = path; at !== ''; at = parentOf(at)) paths.push(at);
  return paths;
}
