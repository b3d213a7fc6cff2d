/**
 * Runs of nodes that only compute never wait by themselves. So that answers, cancellations, writes and everything else in the process
 * come through, whoever carries out nodes gives way when this turn of the event loop has lasted long enough.
 */

/** How long (ms) all runs of the process together go on in one turn. */
const LONGEST = 5;

let end = 0;
let next: Promise<void> | undefined;

export function turnIsOver(): boolean {
  return performance.now() >= end;
}

/** Resolves when everything else has had its turn. Whoever waits for it may do one thing, even if the others use up the turn. */
export function nextTurn(): Promise<void> {
  next ??= new Promise((resolve) => {
    setImmediate(() => {
      next = undefined;
      end = performance.now() + LONGEST;
      resolve();
    });
  });
  return next;
}
