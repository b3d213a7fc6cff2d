/**
 * The host's messages in their order. A document in which something does not fit needs zod, which the page loads only then, and one that
 * comes of arranging is drawn in another task than it is read in: what comes meanwhile waits for its turn.
 *
 * @param receive calls `hold` with what the next message has to wait for
 */
export function createInbox<M>(
  receive: (message: M, hold: (until: Promise<unknown>) => void) => void,
  { isWaiting, load, fault }: { isWaiting(thrown: unknown): boolean; load(): Promise<void>; fault(thrown: unknown): void },
): (message: M) => void {
  const waiting: M[] = [];
  let isHeld = false;

  function drain(): void {
    for (let message = waiting[0]; message !== undefined && !isHeld; message = waiting[0]) {
      try {
        receive(message, (until) => hold(until.catch(fault)));
      } catch (thrown) {
        if (isWaiting(thrown)) {
          hold(load().catch((reason: unknown) => [fault(reason), waiting.shift()]));
          return;
        }
        fault(thrown);
      }
      waiting.shift();
    }
  }

  function hold(until: Promise<unknown>): void {
    isHeld = true;
    void until.then(() => {
      isHeld = false;
      drain();
    });
  }

  return (message) => {
    waiting.push(message);
    if (!isHeld && waiting.length === 1) drain();
  };
}
