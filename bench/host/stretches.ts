/** How long code holds a thread up without a break, from what V8 sampled. */

export interface Sampled {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] | undefined }[];
  samples?: number[] | undefined;
  /** µs before each sample. */
  timeDeltas?: number[] | undefined;
}

/** Work without a break. */
export interface Stretch {
  ms: number;
  /** The functions in which most of it was, with their ms. */
  in: string[];
}

const COLLECTING = '(garbage collector)';
const TOLD = 4;

/**
 * Counted is what ran, not what the clock says: a sample stands for no more than twice the interval, so that a thread that had to
 * wait for its core is not held for one that worked.
 *
 * @param isOurs says of the address of a script whether it is of the code that is asked about.
 * @param interval µs between two samples.
 * @returns the stretches in which it was on the stack all the time, the longest first
 */
export function stretchesOf(
  { nodes, samples = [], timeDeltas = [] }: Sampled,
  isOurs: (url: string) => boolean,
  interval: number,
): Stretch[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const innermost = (id: number): string | undefined => {
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = byId.get(at)?.callFrame;
      if (frame && isOurs(frame.url))
        return `${frame.functionName || '(anonymous)'} (${frame.url.split('/').at(-1)}:${frame.lineNumber + 1})`;
    }
    return undefined;
  };
  const found: Stretch[] = [];
  let current: Map<string, number> | undefined;
  const end = (): void => {
    if (!current) return;
    const told = [...current].sort(([, a], [, b]) => b - a).slice(0, TOLD);
    found.push({
      ms: [...current.values()].reduce((sum, ms) => sum + ms, 0),
      in: told.map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`),
    });
    current = undefined;
  };
  for (const [index, id] of samples.entries()) {
    const isCollecting = current !== undefined && byId.get(id)?.callFrame.functionName === COLLECTING;
    const name = innermost(id) ?? (isCollecting ? COLLECTING : undefined);
    if (name === undefined) {
      end();
      continue;
    }
    current ??= new Map();
    const us = Math.min(timeDeltas[index + 1] ?? interval, 2 * interval);
    current.set(name, (current.get(name) ?? 0) + us / 1000);
  }
  end();
  return found.sort((a, b) => b.ms - a.ms);
}
