/** What the engine has to reach, as ratios to what the machine allows. */
import type { Result } from './race.ts';
import type { Contender, Measured } from './work.ts';
import { NAMES, PROCESS_WORKLOADS, WORKLOADS } from './work.ts';

/** By id of the workload, then by contender. */
export type Results = ReadonlyMap<string, ReadonlyMap<string, Result>>;

/** One result: the workload, and whose. */
type Source = readonly [workload: string, contender: Contender | 'bare'];

export interface Goal {
  text: string;
  /** How many times `than` it may be. */
  allowed: number;
  what: Source;
  than: Source;
  /** Of one step, where the two make different numbers of them. */
  each?: boolean;
  /** Default: time. */
  measure?: keyof Measured;
}

const CARRIED = 'payload-5mb-carried';
const CHANGED = 'payload-5mb-changed';
/** How long the way is whose memory is compared. */
export const MEMORY_NODES = { short: 20, long: 80 } as const;
/** Megabytes of heap it may use: a sixth of what the long way makes. */
export const MEMORY_HEAP = 64;

export const GOALS: readonly Goal[] = [
  against('chain-100', 'pure', 'append', 6),
  against('chain-100', 'probe', 'turn', 3.5),
  against('chain-100', 'synced', 'fdatasync', 1.5),
  against('fan-100', 'synced', 'shared', 3),
  against('loop-1000', 'pure', 'append', 5),
  against('loop-1000', 'synced', 'fdatasync', 1.5),
  against('many-200', 'synced', 'shared', 3),
  longer('chain-1000', 'chain-10', 1.2),
  longer('chain-10000', 'chain-10', 1.2),
  { ...longer('chain-10000', 'chain-1000', 1.1), text: 'chain of 10,000: bytes of a step against chain of 1,000', measure: 'bytes' },
  against(CARRIED, 'pure', 'append', 1.5),
  against(CHANGED, 'pure', 'append', 1.5),
  flat(CARRIED, '5 MB carried'),
  flat(CHANGED, '5 MB changed'),
  { text: 'resume after 1,000 passes against after 10', allowed: 1.3, what: ['resume-1000', 'pure'], than: ['resume-10', 'pure'] },
  { text: 'resume after 1,000 passes against bare Node', allowed: 2.5, what: ['resume-1000', 'pure'], than: ['resume-1000', 'bare'] },
  // Set as 250 ms, where bare Node takes 46: on a machine half as fast it is the same work in twice the time.
  { text: 'resume after 10,000 events against bare Node', allowed: 5.4, what: ['resume-10000', 'pure'], than: ['resume-10000', 'bare'] },
  { text: 'cold start to the end of 3 nodes against bare Node', allowed: 3, what: ['cold', 'pure'], than: ['cold', 'bare'] },
];

/** Undefined: not measured. */
export function reached({ what, than, each, measure = 'ms' }: Goal, results: Results): number | { failed: string } | undefined {
  const [ours, theirs] = [what, than].map(([id, contender]) => {
    const result = results.get(id)?.get(contender);
    if (result === undefined || 'none' in result) return undefined;
    if ('failed' in result) return result;
    const value = result.measured[measure];
    return value === undefined ? undefined : value / (each ? stepsOf(id) : 1);
  });
  for (const value of [ours, theirs]) if (typeof value !== 'number') return value;
  return Number(ours) / Number(theirs);
}

export function isMet(goal: Goal, results: Results): boolean {
  const value = reached(goal, results);
  return typeof value === 'number' && value <= goal.allowed;
}

/** Under which id the memory of a way of so many nodes stands among the results. */
export function memoryId(workload: string, nodes: number): string {
  return `${workload}/memory-${nodes}`;
}

function against(workload: string, contender: Contender, limit: Contender, allowed: number): Goal {
  const text = `${titleOf(workload)}: ${NAMES[contender]} against ${NAMES[limit].replace('limit: ', '')}`;
  return { text, allowed, what: [workload, contender], than: [workload, limit] };
}

function longer(long: string, short: string, allowed: number): Goal {
  const text = `${titleOf(long)}: a step against ${titleOf(short)}`;
  return { text, allowed, what: [long, 'pure'], than: [short, 'pure'], each: true };
}

function flat(workload: string, name: string): Goal {
  const { short, long } = MEMORY_NODES;
  return {
    text: `${name}: memory of ${long} nodes against ${short}`,
    allowed: 1.25,
    what: [memoryId(workload, long), 'pure'],
    than: [memoryId(workload, short), 'pure'],
    measure: 'peakBytes',
  };
}

function titleOf(id: string): string {
  return [...WORKLOADS, ...PROCESS_WORKLOADS].find((workload) => workload.id === id)?.title ?? id;
}

function stepsOf(id: string): number {
  return WORKLOADS.find((workload) => workload.id === id)?.steps ?? 1;
}
