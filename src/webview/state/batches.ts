/** What streams in from a run, at most once for each picture: a run changes more often than one can see. */
import type { LiveEvent, RunEvent } from '../../engine/run/events.ts';

interface Deps {
  nextFrame(callback: () => void): void;
  fold(events: readonly RunEvent[]): void;
  stream(events: readonly LiveEvent[]): void;
}

export interface Batches {
  take(events: readonly RunEvent[], live: readonly LiveEvent[]): void;
  /** Another run is shown, or none: what waits belongs to the one before. */
  clear(): void;
}

export function createBatches({ nextFrame, fold, stream }: Deps): Batches {
  let events: RunEvent[] = [];
  let live: LiveEvent[] = [];
  let isWaiting = false;
  /** The first events after a pause are shown at once, those before the next picture with it. */
  let isFolded = false;

  function wait(): void {
    if (isWaiting) return;
    isWaiting = true;
    nextFrame(() => {
      const [lateEvents, lateLive] = [events, live];
      [events, live, isWaiting, isFolded] = [[], [], false, false];
      if (lateLive.length > 0) stream(lateLive);
      if (lateEvents.length === 0) return;
      isFolded = true;
      fold(lateEvents);
      wait();
    });
  }

  return {
    take(more, moreLive) {
      live.push(...moreLive);
      if (more.length > 0 && !isFolded) {
        isFolded = true;
        fold(more);
      } else events.push(...more);
      if (more.length > 0 || moreLive.length > 0) wait();
    },
    clear() {
      [events, live] = [[], []];
    },
  };
}
