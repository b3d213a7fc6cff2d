// @ts-check
/**
 * The other end of child.ts: what every process of the bench does with a message. Plain JavaScript, for an old Node too: a peer's
 * native module may have been built for that.
 *
 * @typedef {{ ms: number, wholeMs?: number, bytes?: number, peakBytes?: number }} Measured
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

/**
 * Answers each `{ contender, work, tmp }` by `{ measured }`, `{ none: true }` (undefined came back) or `{ failed }`.
 *
 * @param {(contender: any, work: any, folder: string) => Promise<Measured | undefined>} measure is given an empty folder
 */
export function serve(measure) {
  const before = process.memoryUsage().rss;
  process.on('message', (/** @type {any} */ { contender, work, tmp }) => {
    const folder = mkdtempSync(join(tmp, 'run-'));
    // What one round leaves behind is not the next one's to clean up, as far as it is young. All of it would be too much: with the last
    // objects of a kind V8 throws away all code that it compiled for them, and no host collects everything each half second.
    globalThis.gc?.({ type: 'minor' });
    turn()
      .then(() => measure(contender, work, folder))
      .then(
        (measured) => {
          // A high-water mark of the process in kilobytes.
          const peakBytes = Math.max(0, process.resourceUsage().maxRSS * 1024 - before);
          return measured === undefined ? { none: true } : { measured: { peakBytes, ...measured } };
        },
        (error) => ({ failed: firstLine(error) }),
      )
      .then((answer) => {
        rmSync(folder, { recursive: true, force: true });
        process.send?.(answer);
      });
  });
  process.send?.({ ready: true });
}

/** @param {unknown} error */
function firstLine(error) {
  const text = error instanceof Error ? `${error.name === 'Error' ? '' : `${error.name}: `}${error.message}` : String(error);
  return text.trim().split('\n')[0]?.slice(0, 200) ?? 'failed';
}
