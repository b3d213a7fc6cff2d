import type { RunEvent } from './events.ts';
import type { RunView } from './view.ts';
import { emptyView, reduceView } from './view.ts';

/** The view of events that only grow in number: brought up to date when somebody looks, and not before. */
export class FoldedView {
  #view: RunView = emptyView();
  /** How many events are in it. */
  #folded = 0;

  /** `events`: those of the last call, and what came since. */
  of(events: readonly RunEvent[]): RunView {
    for (; this.#folded < events.length; this.#folded += 1) this.#view = reduceView(this.#view, events[this.#folded] as RunEvent);
    return this.#view;
  }
}
