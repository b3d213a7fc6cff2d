/** Which finished runs are old. Pure; who removes them, and when, is the service's business. */
import type { RunSummary } from './view.ts';

/** Limits for finished runs, each on its own: what exceeds one of them is old. Absent: no such limit. */
export interface Retention {
  /** So many of the newest of each flow. */
  perFlow?: number;
  /** Finished no longer ago. */
  olderThanMs?: number;
  /** So many bytes on disk, the newest first. */
  maxBytes?: number;
}

/** Removes finished runs that are old; without any limit, all that `keep` does not protect. Unfinished and kept runs stay. */
export interface PruneRequest extends Retention {
  /** So many of the newest finished runs stay in any case. */
  keep?: number;
}

/** `limits`: as a host last set them; absent: no host did. */
export interface Tidied {
  /** Epoch milliseconds. */
  at: number;
  limits?: Retention;
}

const DAY_MS = 86_400_000;

/**
 * Generous, because journals are how people find out what happened; and limits all the same, because journals hold prompts and personal
 * data, and a flow that runs every minute fills a disk unseen: a quarter of a year, 1,000 runs of a flow, 2 GiB for a folder.
 */
export const DEFAULT_RETENTION: Retention = { perFlow: 1000, olderThanMs: 90 * DAY_MS, maxBytes: 2 * 1024 ** 3 };

/** Runs that nobody may remove for their age: unfinished ones, those a person wants kept, those of another machine. */
function mayGo(run: RunSummary): boolean {
  return run.finishedAt !== undefined && run.local && run.kept !== true;
}

/**
 * The runs to remove, newest first. Without any limit all but those that `keep` protects, or none where there is no `keep` either.
 *
 * @param runs all there are.
 * @param now epoch milliseconds.
 * @param bytes what a run takes on disk; asked only where there is a limit for it.
 */
export function oldRuns(runs: readonly RunSummary[], request: PruneRequest, now: number, bytes: (runId: string) => number): RunSummary[] {
  const { keep, perFlow, olderThanMs, maxBytes } = request;
  const unlimited = perFlow === undefined && olderThanMs === undefined && maxBytes === undefined;
  if (unlimited && keep === undefined) return [];
  const ofFlow = new Map<string, number>();
  let total = 0;
  const isOld = (run: RunSummary): boolean => {
    const count = (ofFlow.get(run.flow) ?? 0) + 1;
    ofFlow.set(run.flow, count);
    if (perFlow !== undefined && count > perFlow) return true;
    if (olderThanMs !== undefined && now - (run.finishedAt ?? now) > olderThanMs) return true;
    if (maxBytes === undefined) return false;
    total += bytes(run.id);
    return total > maxBytes;
  };
  const finished = runs.filter(mayGo).toSorted((a, b) => b.createdAt - a.createdAt);
  const old = finished.filter((run) => isOld(run) || unlimited);
  const safe = new Set(finished.slice(0, keep ?? 0));
  return old.filter((run) => !safe.has(run));
}

/** `last`: when old runs were last looked for. `limits`: those that count now. A day later, or at once by other limits. */
export function isTidyingDue(last: Tidied, limits: Retention | undefined, now: number): boolean {
  return Math.abs(now - last.at) >= DAY_MS || key(limits) !== key(last.limits);
}

function key(limits: Retention | undefined): string {
  return limits ? [limits.perFlow, limits.olderThanMs, limits.maxBytes].join() : '';
}

/** Whether the sizes of runs matter, which have to be measured. */
export function needsSizes(request: PruneRequest): boolean {
  return request.maxBytes !== undefined;
}
