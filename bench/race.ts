/** Contenders side by side: every round measures each of them for a while, each round begins with another one. */
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
/**
 * In a round so much of each is measured (ms), at least once; what counts is the median. The first measurement after another contender is
 * that of code and caches that were just that one's. Making ready what is measured may take longer than that: so many times as long at most.
 */
const STAY = 500;
const MAKING = 5;
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
  /** @returns undefined: there is nothing more to measure */
  const take = async (contender: C): Promise<Measured | undefined> => {
    if (results.has(contender)) return undefined;
    const began = performance.now();
    const answer = await measure(contender).catch((error: unknown): Answer => ({ failed: String(error) }));
    if (!('measured' in answer)) {
      results.set(contender, answer);
      return undefined;
    }
    if (performance.now() - began > SLOW) results.set(contender, { measured: answer.measured, rounds: 1 });
    return answer.measured;
  };
  /** Measures until so much has been measured, or that has taken so long in all; at least once. */
  const stay = async (contender: C, ms: number, longest: number): Promise<Measured[]> => {
    const began = performance.now();
    const measured: Measured[] = [];
    let sum = 0;
    do {
      const one = await take(contender);
      if (one) measured.push(one);
      sum += one?.ms ?? 0;
    } while (sum < ms && performance.now() - began < longest && !results.has(contender));
    return measured;
  };
  const cold = new Map(warmUp ? contenders.map((contender) => [contender, WARM * rounds] as const) : []);
  while (cold.size > 0) {
    for (const [contender, left] of cold) {
      const began = performance.now();
      await stay(contender, TURN, TURN);
      const rest = results.has(contender) ? 0 : left - (performance.now() - began);
      if (rest > 0) cold.set(contender, rest);
      else cold.delete(contender);
    }
  }
  for (let round = 0; round < rounds; round += 1) {
    const from = round % contenders.length;
    for (const contender of [...contenders.slice(from), ...contenders.slice(0, from)]) {
      const measured = await stay(contender, warmUp ? STAY : 0, STAY * MAKING);
      if (measured.length > 0) samples.get(contender)?.push(mediansOf(measured));
    }
  }
  return new Map(contenders.map((contender) => [contender, results.get(contender) ?? resultOf(samples.get(contender) ?? [])]));
}

function resultOf(samples: readonly Measured[]): Result {
  return samples.length === 0 ? { failed: 'not measured' } : { measured: mediansOf(samples), rounds: samples.length };
}

/** @param samples at least one */
function mediansOf(samples: readonly Measured[]): Measured {
  const measured: Measured = { ms: 0 };
  for (const key of Object.keys(samples[0] ?? {}) as (keyof Measured)[]) measured[key] = median(samples.map((sample) => sample[key] ?? 0));
  return measured;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}
