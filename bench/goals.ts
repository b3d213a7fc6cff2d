/** What the engine has to reach, as ratios to what the machine allows. */
import type { Result } from './race.ts';
import type { Contender } from './work.ts';
import { NAMES, PROCESS_WORKLOADS, WORKLOADS } from './work.ts';

/** By id of the workload, then by contender. */
export type Results = ReadonlyMap<string, ReadonlyMap<string, Result>>;

export interface Goal {
  text: string;
  /** At most so much of what `reached` gives. */
  allowed: number;
  /** `×`, or the unit of an absolute goal. */
  unit: '×' | 'ms';
  /** Undefined: not measured, or it failed. */
  reached(results: Results): number | undefined;
}

export const GOALS: readonly Goal[] = [
  against('chain-100', 'pure', 'append', 6),
  against('chain-100', 'probe', 'turn', 3.5),
  against('chain-100', 'synced', 'fdatasync', 1.5),
  against('fan-100', 'synced', 'shared', 3),
  against('loop-1000', 'pure', 'append', 5),
  against('loop-1000', 'synced', 'fdatasync', 1.5),
  against('many-200', 'synced', 'shared', 3),
  {
    text: 'chain of 1,000: a step against one of a chain of 10',
    allowed: 1.2,
    unit: '×',
    reached: (r) => perStep(r, 'chain-1000', 'chain-10', 'ms'),
  },
  {
    text: 'chain of 10,000: a step against one of a chain of 1,000',
    allowed: 1.2,
    unit: '×',
    reached: (r) => perStep(r, 'chain-10000', 'chain-1000', 'ms'),
  },
  {
    text: 'chain of 10,000: journal bytes of a step against a chain of 1,000',
    allowed: 1.1,
    unit: '×',
    reached: (r) => perStep(r, 'chain-10000', 'chain-1000', 'bytes'),
  },
  against('payload-5mb-carried', 'pure', 'append', 1.5),
  against('payload-5mb-changed', 'pure', 'append', 1.5),
  { text: '5 MB carried: memory of 80 nodes against 20', allowed: 1.25, unit: '×', reached: (r) => memory(r, 'payload-5mb-carried') },
  { text: '5 MB changed: memory of 80 nodes against 20', allowed: 1.25, unit: '×', reached: (r) => memory(r, 'payload-5mb-changed') },
  {
    text: 'resume after 1,000 passes against after 10',
    allowed: 1.3,
    unit: '×',
    reached: (r) => ratio(time(r, 'resume-1000', 'pure'), time(r, 'resume-10', 'pure')),
  },
  {
    text: 'resume after 1,000 passes against bare Node',
    allowed: 2.5,
    unit: '×',
    reached: (r) => ratio(time(r, 'resume-1000', 'pure'), time(r, 'resume-1000', 'bare')),
  },
  { text: 'resume after 10,000 events', allowed: 250, unit: 'ms', reached: (r) => time(r, 'resume-10000', 'pure') },
  {
    text: 'cold start to the end of 3 nodes against bare Node',
    allowed: 3,
    unit: '×',
    reached: (r) => ratio(time(r, 'cold', 'pure'), time(r, 'cold', 'bare')),
  },
];

/** What only these goals need: how memory grows with the length of the way. Ids of `MEMORY_NODES`. */
export const MEMORY_NODES = [20, 80] as const;

export function memoryId(workload: string, nodes: number): string {
  return `${workload}/memory-${nodes}`;
}

function against(workload: string, contender: Contender, limit: Contender, allowed: number): Goal {
  const title = [...WORKLOADS, ...PROCESS_WORKLOADS].find(({ id }) => id === workload)?.title ?? workload;
  return {
    text: `${title}: ${NAMES[contender]} against ${NAMES[limit].replace('limit: ', '')}`,
    allowed,
    unit: '×',
    reached: (results) => ratio(time(results, workload, contender), time(results, workload, limit)),
  };
}

function measured(results: Results, workload: string, contender: string) {
  const result = results.get(workload)?.get(contender);
  return result !== undefined && 'measured' in result ? result.measured : undefined;
}

function time(results: Results, workload: string, contender: string): number | undefined {
  return measured(results, workload, contender)?.ms;
}

function ratio(ours: number | undefined, theirs: number | undefined): number | undefined {
  return ours === undefined || theirs === undefined || theirs === 0 ? undefined : ours / theirs;
}

function perStep(results: Results, long: string, short: string, what: 'ms' | 'bytes'): number | undefined {
  const each = (id: string): number | undefined => {
    const value = measured(results, id, 'pure')?.[what];
    const steps = WORKLOADS.find((workload) => workload.id === id)?.steps;
    return value === undefined || steps === undefined ? undefined : value / steps;
  };
  return ratio(each(long), each(short));
}

function memory(results: Results, workload: string): number | undefined {
  const [few, many] = MEMORY_NODES.map((nodes) => measured(results, memoryId(workload, nodes), 'pure')?.peakBytes);
  return ratio(many, few);
}
