/** Lays out a flow beside the page, so that the page goes on drawing. */
import type { ArrangeProblem } from '../../engine/format/arrange.ts';
import type { Position } from '../../engine/format/boxes.ts';

let loading: Promise<Worker> | undefined;

/** Made at the first use. A web view may start workers from a `blob:` address only. */
function worker(): Promise<Worker> {
  loading ??= import('belay:layout-worker').then(({ source }) => {
    const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
    const started = new Worker(address);
    URL.revokeObjectURL(address);
    return started;
  });
  return loading;
}

/** One problem at a time: the caller waits for the places before it asks again. */
export async function arrangeInWorker(problem: ArrangeProblem): Promise<Readonly<Record<string, Position>>> {
  const target = await worker();
  return new Promise((resolve, reject) => {
    target.onmessage = ({ data }: MessageEvent<Record<string, Position>>) => resolve(data);
    target.onerror = (event) => {
      loading = undefined;
      target.terminate();
      reject(new Error(`The layout failed: ${event.message}`));
    };
    target.postMessage(problem);
  });
}
