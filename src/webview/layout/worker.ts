/** The worker that lays out flows: a problem comes in, places go out. A bundle of its own, of which the editor has the text. */
import { type ArrangeProblem, arrange } from '../../engine/format/arrange.ts';

/** The compiler takes this for a window; what is used of it here is what a worker has too. */
const port = globalThis as unknown as {
  onmessage: ((event: MessageEvent<ArrangeProblem>) => void) | null;
  postMessage(message: unknown): void;
};

port.onmessage = ({ data }) => port.postMessage(arrange(data));
