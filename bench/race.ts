/** Contenders side by side: every round measures each of them once, each round begins with another one. */
import { performance } from 'node:perf_hooks';
import type { Answer, Measured } from './work.ts';

/** What came of one contender: medians, or why there is nothing. */
export type Result = { measured: Measured; rounds: number } | { none: true } | { failed: string };

/**
 * For each round a contender is warmed up so long (ms), and at least once: hosts live for hours, and starts are measured by themselves. In
 * turns of so long: what V8 has compiled for one it throws away for the next that does otherwise, until it has seen them all.
 */
const WARM = 1000;
const TURN = 200;
/** Whoever takes longer for one measurement (ms) is measured once. */
const SLOW = 15_000;

/**
 * Some measurements to warm up, then `rounds` of them. Whoever fails is not asked again.
 *
 * @param warmUp false where each measurement is a process of its own
 */
export async function race<C extends string>(
  contenders: readonly C[],
  rounds: number,
  measure: (contender: C) => Promise<Answer>,
  warmUp = true,
): Promise<Map<C, Result>> {
  const results = new Map<C, Result>();
  const samples = new Map<C, Measured[]>(contenders.map((contender) => [contender, []]));
  const take = async (contender: C, kept: boolean): Promise<void> => {
    if (results.has(contender)) return;
    const began = performance.now();
    const answer = await measure(contender).catch((error: unknown): Answer => ({ failed: String(error) }));
    if (!('measured' in answer)) {
      results.set(contender, answer);
      return;
    }
    const slow = performance.now() - began > SLOW;
    if (kept || slow) samples.get(contender)?.push(answer.measured);
    if (slow) results.set(contender, medians(samples.get(contender) ?? []));
  };
  const cold = new Map(warmUp ? contenders.map((contender) => [contender, WARM * rounds] as const) : []);
  while (cold.size > 0) {
    for (const [contender, left] of cold) {
      const began = performance.now();
      do await take(contender, false);
      while (performance.now() - began < TURN && !results.has(contender));
      const rest = results.has(contender) ? 0 : left - (performance.now() - began);
      if (rest > 0) cold.set(contender, rest);
      else cold.delete(contender);
    }
  }
  for (let round = 0; round < rounds; round += 1) {
    const from = round % contenders.length;
    for (const contender of [...contenders.slice(from), ...contenders.slice(0, from)]) await take(contender, true);
  }
  return new Map(contenders.map((contender) => [contender, results.get(contender) ?? medians(samples.get(contender) ?? [])]));
}

function medians(samples: readonly Measured[]): Result {
  const [first] = samples;
  if (!first) return { failed: 'not measured' };
  const keys = Object.keys(first) as (keyof Measured)[];
  const measured: Measured = { ms: 0 };
  for (const key of keys) measured[key] = median(samples.map((sample) => sample[key] ?? 0));
  return { measured, rounds: samples.length };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}
