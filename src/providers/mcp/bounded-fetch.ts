/** Answers of servers by HTTP, bounded: no message is longer, and no stream goes on for ever without saying anything of use. */
import type { McpLimits } from './limits.ts';

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** @param onCut told why an answer was not read to its end */
export function boundedFetch(limits: McpLimits, onCut: (reason: string) => void, inner: Fetch = fetch): Fetch {
  return async (url, init) => {
    const response = await inner(url, init);
    if (response.body === null || [204, 205, 304].includes(response.status)) return response;
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    const body = response.body.pipeThrough(bounded(limits, isStream, onCut));
    const bounded_ = new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers });
    // A response that is made has no address, but the SDK looks at where it was redirected to.
    Object.defineProperties(bounded_, { url: { value: response.url }, redirected: { value: response.redirected } });
    return bounded_;
  };
}

function bounded(limits: McpLimits, isStream: boolean, onCut: (reason: string) => void): TransformStream<Uint8Array, Uint8Array> {
  let message = 0;
  let total = 0;
  let before = 0;
  return new TransformStream({
    transform(chunk, controller) {
      total += chunk.length;
      message += chunk.length;
      if (isStream) {
        // An empty line ends an event.
        for (let at = chunk.length - 1; at >= 0; at -= 1) {
          const [here, previous] = [chunk[at], at > 0 ? chunk[at - 1] : before];
          if ((here !== LINE_FEED && here !== CARRIAGE_RETURN) || (previous !== LINE_FEED && previous !== CARRIAGE_RETURN)) continue;
          if (here === LINE_FEED && previous === CARRIAGE_RETURN) continue;
          message = chunk.length - 1 - at;
          break;
        }
        before = chunk.at(-1) ?? before;
      }
      const reason =
        message > limits.messageBytes
          ? `it sent a message of more than ${limits.messageBytes} bytes`
          : total > limits.unansweredBytes
            ? 'it sends without end'
            : undefined;
      if (reason === undefined) return controller.enqueue(chunk);
      onCut(reason);
      controller.error(new Error(reason));
    },
  });
}
