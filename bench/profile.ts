/** Where the time goes: the functions that take most of it themselves, by V8's sampling profiler. */
import { Session } from 'node:inspector/promises';
import { dirname, relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

/** µs between two samples. */
const INTERVAL = 100;
/** Time (ms) for one profile. */
const ENOUGH = 5000;
const LINES = 30;
const PARTS = 12;

/** Samples what lies between `start` and `stop`, as often as they are called. */
export class Profiler {
  readonly #session = new Session();
  readonly #sampled: Sampled[] = [];
  readonly #stopping: Promise<void>[] = [];

  async open(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.setSamplingInterval', { interval: INTERVAL });
  }

  async start(): Promise<void> {
    await this.#session.post('Profiler.start');
  }

  /** Takes effect at once; what was sampled comes later. */
  stop(): void {
    this.#stopping.push(
      this.#session.post('Profiler.stop').then(({ profile }) => {
        this.#sampled.push(profile);
      }),
    );
  }

  /** @returns lines of a table */
  async close(): Promise<string[]> {
    await Promise.all(this.#stopping);
    this.#session.disconnect();
    return selfTimes(this.#sampled);
  }
}

/** Makes rounds until there has been enough to look at. */
export async function repeated(round: () => Promise<void>): Promise<void> {
  const began = performance.now();
  while (performance.now() - began < ENOUGH) await round();
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

/**
 * What V8 sampled, also what a `.cpuprofile` file holds, as lines: the share of the time of each part of the code, then of the functions
 * that take most of it, their own and with what they call.
 */
export function selfTimes(profiles: readonly Sampled[]): string[] {
  const self = new Map<string, number>();
  const total = new Map<string, number>();
  const parts = new Map<string, number>();
  for (const sampled of profiles) sumUp(sampled, self, total, parts);
  const sum = [...self.values()].reduce((all, time) => all + time, 0);
  const percent = (time: number): string => `${((100 * time) / sum).toFixed(1)} %`.padStart(7);
  const most = (of: ReadonlyMap<string, number>, count: number): [string, number][] =>
    [...of].sort(([, a], [, b]) => b - a).slice(0, count);
  return [
    ...most(parts, PARTS).map(([part, time]) => `${percent(time)}  ${part}`),
    '',
    ...most(self, LINES).map(([name, time]) => `${percent(time)}  ${percent(total.get(name) ?? 0)}  ${name}`),
  ];
}

/** The machine that waits, and the profiler itself. */
const NOT_WORK = new Set(['(idle)', '(root)', '(program)', 'post  node:inspector']);

function sumUp(
  { nodes, samples = [], timeDeltas = [] }: Sampled,
  self: Map<string, number>,
  total: Map<string, number>,
  parts: Map<string, number>,
): void {
  const own = new Map<number, number>();
  samples.forEach((id, i) => {
    own.set(id, (own.get(id) ?? 0) + (timeDeltas[i] ?? 0));
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const add = (sums: Map<string, number>, name: string, time: number): void => void sums.set(name, (sums.get(name) ?? 0) + time);
  // Depth first, without recursion of our own: what stands below counts for each function once, however often it is on the way.
  const root = nodes[0];
  const stack: { node: SampledNode; above: readonly string[] }[] = root ? [{ node: root, above: [] }] : [];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const name = nameOf(next.node);
    const way = next.above.includes(name) ? next.above : [...next.above, name];
    const time = NOT_WORK.has(name) ? 0 : (own.get(next.node.id) ?? 0);
    add(self, name, time);
    add(parts, partOf(next.node), time);
    for (const each of way) add(total, each, time);
    for (const id of next.node.children ?? []) {
      const child = byId.get(id);
      if (child) stack.push({ node: child, above: way });
    }
  }
}

/** A folder of Belay, a package, or what Node does on our behalf. */
function partOf({ callFrame: { functionName, url } }: SampledNode): string {
  if (functionName === '(garbage collector)') return 'collecting garbage';
  if (url === '') return SYNCS.has(functionName) ? 'waiting for the disk (sync)' : 'system calls and V8 itself';
  if (url.startsWith('node:internal/modules/') || url.startsWith('node:internal/bootstrap/')) return 'Node: loading modules';
  if (!url.startsWith('file:')) return 'Node: the rest';
  const path = relative(process.cwd(), fileURLToPath(url));
  const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  return name ?? dirname(path);
}

/** Of the binding: that they wait is all they do. */
const SYNCS = new Set(['fdatasync', 'fsync']);

function nameOf({ callFrame: { functionName, url, lineNumber } }: SampledNode): string {
  const name = functionName || '(anonymous)';
  if (url === '') return name;
  // Of Node's own functions the module is enough.
  if (!url.startsWith('file:')) return `${name}  ${url}`;
  return `${name}  ${relative(process.cwd(), fileURLToPath(url))}:${lineNumber + 1}`;
}
