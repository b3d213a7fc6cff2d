/**
 * The host's messages in their order. A document in which something does not fit needs zod, which the page loads only then, and one that
 * comes of arranging is drawn in another task than it is read in: what comes meanwhile waits for its turn.
 *
 * @param receive what it returns is waited for
 */
export function createInbox<M>(
  receive: (message: M) => Promise<void> | undefined,
  { isWaiting, load, fault }: { isWaiting(thrown: unknown): boolean; load(): Promise<void>; fault(thrown: unknown): void },
): (message: M) => void {
  const waiting: M[] = [];
  let isHeld = false;

  function drain(): void {
    for (let message = waiting[0]; message !== undefined && !isHeld; message = waiting[0]) {
      try {
        const more = receive(message);
        if (more) hold(more.catch(fault).then(() => waiting.shift()));
        else waiting.shift();
      } catch (thrown) {
        if (isWaiting(thrown)) hold(load().catch((reason: unknown) => [fault(reason), waiting.shift()]));
        else {
          fault(thrown);
          waiting.shift();
        }
      }
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
