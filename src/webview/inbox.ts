/**
 * The host's messages in their order. A document in which something does not fit needs zod, which the page loads only then: what comes
 * meanwhile waits for its turn.
 */
export function createInbox<M>(
  receive: (message: M) => void,
  { isWaiting, load, fault }: { isWaiting(thrown: unknown): boolean; load(): Promise<void>; fault(thrown: unknown): void },
): (message: M) => void {
  const waiting: M[] = [];
  let loading = false;

  function drain(): void {
    for (let message = waiting[0]; message !== undefined && !loading; message = waiting[0]) {
      try {
        receive(message);
      } catch (thrown) {
        if (isWaiting(thrown)) {
          loading = true;
          void load().then(resume, (reason: unknown) => {
            fault(reason);
            waiting.shift();
            resume();
          });
          return;
        }
        fault(thrown);
      }
      waiting.shift();
    }
  }

  function resume(): void {
    loading = false;
    drain();
  }

  return (message) => {
    waiting.push(message);
    if (!loading && waiting.length === 1) drain();
  };
}
