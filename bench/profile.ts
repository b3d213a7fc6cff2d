/** Where the time goes: the functions that take most of it themselves, by V8's sampling profiler. */
import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

/** µs between two samples. */
const INTERVAL = 100;
/** The work is repeated until so much time (ms) has been sampled. */
const ENOUGH = 3000;
const LINES = 30;

/** @param work one round. @returns lines of a table: share of the time, its own and with what it calls, and the function */
export async function profile(work: () => Promise<void>): Promise<string[]> {
  await work();
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL });
  await session.post('Profiler.start');
  const began = performance.now();
  while (performance.now() - began < ENOUGH) await work();
  const { profile: sampled } = await session.post('Profiler.stop');
  session.disconnect();
  return selfTimes(sampled);
}

interface SampledNode {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number };
  children?: number[] | undefined;
}

interface Sampled {
  nodes: SampledNode[];
  samples?: number[] | undefined;
  timeDeltas?: number[] | undefined;
}

/** Sums up what V8 sampled, also what a `.cpuprofile` file holds. */
export function selfTimes({ nodes, samples = [], timeDeltas = [] }: Sampled): string[] {
  const own = new Map<number, number>();
  samples.forEach((id, i) => {
    own.set(id, (own.get(id) ?? 0) + (timeDeltas[i] ?? 0));
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const self = new Map<string, number>();
  const total = new Map<string, number>();
  const add = (sums: Map<string, number>, name: string, time: number): void => void sums.set(name, (sums.get(name) ?? 0) + time);
  /** Depth first, without recursion of our own: what stands below counts for each function once, however often it is on the way. */
  const root = nodes[0];
  const stack: { node: SampledNode; above: readonly string[] }[] = root ? [{ node: root, above: [] }] : [];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const name = nameOf(next.node);
    const way = next.above.includes(name) ? next.above : [...next.above, name];
    const time = own.get(next.node.id) ?? 0;
    add(self, name, time);
    for (const each of way) add(total, each, time);
    for (const id of next.node.children ?? []) {
      const child = byId.get(id);
      if (child) stack.push({ node: child, above: way });
    }
  }
  const sum = [...self.entries()].reduce((all, [name, time]) => (name === '(idle)' ? all : all + time), 0);
  const percent = (time: number): string => `${((100 * time) / sum).toFixed(1)} %`.padStart(7);
  return [...self]
    .filter(([name]) => name !== '(idle)' && name !== '(root)')
    .sort(([, a], [, b]) => b - a)
    .slice(0, LINES)
    .map(([name, time]) => `${percent(time)}  ${percent(total.get(name) ?? 0)}  ${name}`);
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: SampledNode): string {
  const name = functionName || '(anonymous)';
  if (url === '') return name;
  const place = url.startsWith('file:') ? relative(process.cwd(), fileURLToPath(url)) : url;
  return `${name}  ${place}:${lineNumber + 1}`;
}
