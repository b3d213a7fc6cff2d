/** What is measured, and who takes part. Data only: the processes that do the work are told by it what to do. */

/** One shape of work. `nodes`, `branches`, `passes`, `runs` are counts, `bytes` the length of the value that is handed on. */
export type Work =
  | { kind: 'chain'; nodes: number }
  | { kind: 'fan'; branches: number }
  | { kind: 'loop'; passes: number }
  | { kind: 'many'; runs: number; nodes: number }
  | { kind: 'payload'; bytes: number; nodes: number; changed: boolean };

/** Work that begins with the start of a process: `cold`, or `resume` after so many passes of a loop. */
export type ProcessWork = { kind: 'cold' } | { kind: 'resume'; passes: number };

/** No engine at all: what the machine needs for the same thing, measured in the process that also runs Belay. */
export const LIMITS = ['turn', 'append', 'fdatasync', 'shared', 'stringify'] as const;
export type Limit = (typeof LIMITS)[number];

/**
 * `pure`: steps without an effect, journal on the disk. `synced`: each step has an effect, so its intent is on the disk before and
 * its result after. `probe`: `pure` with a journal that keeps nothing, to tell the engine's own time from the disk's.
 */
export const VARIANTS = ['pure', 'synced', 'probe'] as const;
export type Variant = (typeof VARIANTS)[number];

export const PEERS = ['langgraph', 'langgraph-sqlite', 'mastra', 'mastra-libsql', 'rivet', 'node-red'] as const;
export type Peer = (typeof PEERS)[number];

export type Contender = Limit | Variant | Peer;

/** How columns are headed. */
export const NAMES: { readonly [C in Contender | 'bare']: string } = {
  bare: 'bare Node',
  turn: 'limit: a turn',
  append: 'limit: a line appended',
  fdatasync: 'limit: + fdatasync',
  shared: 'limit: a shared sync',
  stringify: 'limit: JSON.stringify',
  pure: 'Belay',
  synced: 'Belay, effects',
  probe: 'Belay, no journal',
  langgraph: 'LangGraph, memory',
  'langgraph-sqlite': 'LangGraph, SQLite',
  mastra: 'Mastra, no storage',
  'mastra-libsql': 'Mastra, LibSQL',
  rivet: 'Rivet',
  'node-red': 'Node-RED',
};

export interface Workload {
  /** What `npm run bench -- ID` and `--profile=ID` call it. */
  id: string;
  title: string;
  work: Work;
  /** Steps the time is divided by. */
  steps: number;
  /** The unit of the table: µs or ms for each step. */
  unit: 'µs' | 'ms';
  contenders: readonly Contender[];
}

export interface ProcessWorkload {
  id: string;
  title: string;
  work: ProcessWork;
  contenders: readonly ('bare' | 'pure' | Peer)[];
}

const everyone = [...LIMITS.filter((limit) => limit !== 'shared'), ...VARIANTS, ...PEERS];
const parallel = [...LIMITS, ...VARIANTS, ...PEERS];

function chain(nodes: number, contenders: readonly Contender[] = everyone): Workload {
  return {
    id: `chain-${nodes}`,
    title: `chain of ${nodes.toLocaleString('en')}`,
    work: { kind: 'chain', nodes },
    steps: nodes,
    unit: 'µs',
    contenders,
  };
}

function payload(bytes: number, size: string, changed: boolean): Workload {
  const how = changed ? 'changed' : 'carried';
  return {
    id: `payload-${size.replace(' ', '').toLowerCase()}-${how}`,
    title: `${size} along 20 nodes, ${how}`,
    work: { kind: 'payload', bytes, nodes: 20, changed },
    steps: 20,
    unit: bytes >= 1e6 ? 'ms' : 'µs',
    contenders: ['append', 'stringify', 'pure', 'probe', ...PEERS],
  };
}

export const WORKLOADS: readonly Workload[] = [
  chain(10),
  chain(100),
  chain(1000),
  chain(10_000, ['turn', 'append', 'pure', 'probe']),
  { id: 'fan-100', title: 'fan-out 100 and merge', work: { kind: 'fan', branches: 100 }, steps: 100, unit: 'µs', contenders: parallel },
  { id: 'loop-1000', title: 'loop of 1,000', work: { kind: 'loop', passes: 1000 }, steps: 1000, unit: 'µs', contenders: everyone },
  {
    id: 'many-200',
    title: '200 runs × 10 at once',
    work: { kind: 'many', runs: 200, nodes: 10 },
    steps: 2000,
    unit: 'µs',
    contenders: parallel,
  },
  ...([false, true] as const).flatMap((changed) => [
    payload(1000, '1 KB', changed),
    payload(100_000, '100 KB', changed),
    payload(5_000_000, '5 MB', changed),
  ]),
];

const stored = ['bare', 'pure', 'langgraph-sqlite', 'mastra-libsql'] as const;

export const PROCESS_WORKLOADS: readonly ProcessWorkload[] = [
  { id: 'resume-10', title: 'resume after 10 passes', work: { kind: 'resume', passes: 10 }, contenders: ['bare', 'pure'] },
  { id: 'resume-1000', title: 'resume after 1,000 passes', work: { kind: 'resume', passes: 1000 }, contenders: stored },
  { id: 'resume-10000', title: 'resume after 10,000 events', work: { kind: 'resume', passes: 5000 }, contenders: ['bare', 'pure'] },
  {
    id: 'cold',
    title: 'cold start to the end of 3 nodes',
    work: { kind: 'cold' },
    contenders: ['bare', 'pure', 'langgraph', 'mastra', 'rivet', 'node-red'],
  },
];

/** What a quick look runs: no process, nothing large. */
export const SMALL: readonly string[] = ['chain-10', 'fan-100'];

/** One measurement, as the process that did the work reports it. */
export interface Measured {
  /** Between the moment all runs were there and the end of the last step. */
  ms: number;
  /** From the call that starts to the end, where that is more. */
  wholeMs?: number;
  /** What was written for the runs. */
  bytes?: number;
  /** How far the memory of the process rose above where it was before (bytes). */
  peakBytes?: number;
}

/** `none`: this contender has no such thing. */
export type Answer = { measured: Measured } | { none: true } | { failed: string };
