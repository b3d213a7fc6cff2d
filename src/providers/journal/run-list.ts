/**
 * Listing the runs of a root. Finished runs come from the index. One that rests comes from it too, if its last segment still is as the
 * index says. The others are looked at, and the index is told. Whether runs came or went is told by the time of their folder.
 */
import { existsSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import type { Log } from '../../engine/ports.ts';
import type { RunSummary } from '../../engine/run/view.ts';
import { isErrno } from './errno.ts';
import type { IndexLine, RestingRun } from './index-codec.ts';
import type { JournalLayout } from './layout.ts';
import { isRunId, segmentName } from './layout.ts';
import type { RunIndex, Snapshot } from './run-index.ts';

/** A run looked at itself. */
export interface LookedAt {
  summary: RunSummary;
  /** Its last segment, where that says all there is to know: nobody has the run, and its journal can be read. */
  resting?: { segment: number; length: number; mtime: number };
}

/** How many journals are looked at at the same time: enough to be quick, few enough for the limit of open files. */
const PARALLEL = 32;
/** So many resting runs are checked (about 10 ms) before others get their turn. */
const SLICE = 1000;
/** How coarse the times of folders may be: FAT counts in steps of 2 s. A younger time can stand for two states of the folder. */
const COARSE_MS = 2000;

export interface RunListTools {
  layout: JournalLayout;
  index: RunIndex;
  log: Log;
  /** Undefined: there is no such run. */
  look(runId: string): Promise<LookedAt | undefined>;
}

/** Newest first. `finished`: not more than so many of the newest finished ones. */
export async function listRuns(tools: RunListTools, finished = Infinity): Promise<RunSummary[]> {
  const { layout, index } = tools;
  const began = Date.now();
  const folder = await stat(layout.runs, { bigint: true }).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (!folder) return [];
  const known = await index.read();
  const found: IndexLine[] = [];
  const unknown: string[] = [];
  let gone: ReadonlySet<string> = new Set();
  const time = String(folder.mtimeNs);
  if (known.seen !== time) {
    const names = await layout.runNames();
    unknown.push(...names.filter((name) => !known.has(name) && isRunId(name)));
    if (names.length - unknown.length < known.size) gone = without(known, new Set(names));
    for (const id of gone) found.push(['gone', id]);
  }
  const { resting, moved } = await checkResting(layout, known, gone);
  const live = known.live.filter((id) => !gone.has(id));
  const lookedAt = await lookAtAll(tools, [...unknown, ...moved, ...live]);
  for (const run of lookedAt) {
    if (run.summary.finishedAt !== undefined) found.push(['done', run.summary]);
    else if (run.resting) found.push(['rest', { ...run.resting, summary: run.summary }]);
    else if (!known.has(run.summary.id)) found.push(['live', run.summary.id]);
  }
  const settled = lookedAt.length === unknown.length + moved.length + live.length;
  if (known.seen !== time && settled && Number(folder.mtimeMs) < began - COARSE_MS) found.push(['seen', time]);
  await index.add(found).catch((error: unknown) => tools.log.debug('The index of runs cannot be written', { error: String(error) }));

  const done = gone.size === 0 ? known.done : known.done.filter(({ id }) => !gone.has(id));
  return merge(done, [...resting, ...lookedAt.map(({ summary }) => summary)], finished);
}

function without(known: Snapshot, names: ReadonlySet<string>): Set<string> {
  return new Set([...known.done.map(({ id }) => id), ...known.rest.keys(), ...known.live].filter((id) => !names.has(id)));
}

/** Two system calls for each: the segment is as it was, and there is no later one. */
async function checkResting(
  layout: JournalLayout,
  known: Snapshot,
  gone: ReadonlySet<string>,
): Promise<{ resting: RunSummary[]; moved: string[] }> {
  const resting: RunSummary[] = [];
  const moved: string[] = [];
  let count = 0;
  for (const [id, run] of known.rest) {
    if (gone.has(id)) continue;
    if (isUnchanged(layout, id, run)) resting.push(run.summary);
    else moved.push(id);
    count += 1;
    if (count % SLICE === 0) await turn();
  }
  return { resting, moved };
}

function isUnchanged(layout: JournalLayout, id: string, { segment, length, mtime }: RestingRun): boolean {
  try {
    const folder = layout.run(id);
    const found = statSync(`${folder}/${segmentName(segment)}`, { throwIfNoEntry: false });
    if (found?.size !== length || found.mtimeMs !== mtime) return false;
    return !existsSync(`${folder}/${segmentName(segment + 1)}`);
  } catch {
    return false;
  }
}

async function lookAtAll({ look }: RunListTools, ids: readonly string[]): Promise<LookedAt[]> {
  const looked: (LookedAt | undefined)[] = new Array(ids.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < ids.length; i = next++) looked[i] = await look(ids[i] ?? '');
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, ids.length) }, worker));
  return looked.filter((run) => run !== undefined);
}

function merge(done: readonly RunSummary[], others: readonly RunSummary[], finished: number): RunSummary[] {
  const over = others.filter(({ finishedAt }) => finishedAt !== undefined);
  const newestDone = over.length === 0 ? done.slice(0, finished) : sorted([...over, ...done]).slice(0, finished);
  return sorted([...newestDone, ...others.filter(({ finishedAt }) => finishedAt === undefined)]);
}

function sorted(runs: RunSummary[]): RunSummary[] {
  return runs.sort((a, b) => b.createdAt - a.createdAt);
}
