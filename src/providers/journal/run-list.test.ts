import { cp, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { NewRunEvent } from '../../engine/run/events.ts';
import type { RunSummary } from '../../engine/run/view.ts';
import { emptyView, reduceView, summaryOf } from '../../engine/run/view.ts';
import type { FileRunStore } from './file-run-store.ts';
import { JournalLayout } from './layout.ts';
import { systemProcesses } from './processes.ts';
import { RunIndex } from './run-index.ts';
import { listRuns } from './run-list.ts';
import { asked, header, started, storeIn, temporaryRoot } from './testing/fixture.ts';
import { silentLog } from './testing/silent-log.ts';

const id = (n: number): string => `20261122-13${String(Math.floor(n / 60)).padStart(2, '0')}${String(n % 60).padStart(2, '0')}-k3f9x2`;
const indexFile = (root: string): string => join(root, '.belay/local/index.jsonl');
const runsFolder = (root: string, ...path: string[]): string => join(root, '.belay/local/runs', ...path);
const finished: NewRunEvent = { type: 'run.finished', outcome: 'succeeded' };
const failed: NewRunEvent = {
  type: 'run.finished',
  outcome: 'failed',
  error: { code: 'SHELL_EXIT', kind: 'badRequest', message: 'It failed.', hint: 'Look.' },
};

async function begin(store: FileRunStore, runId: string, ...events: NewRunEvent[]) {
  const journal = await store.create(header(runId));
  const recorded = [...journal.recorded, ...events.map((event) => journal.append(event))];
  await journal.summarize(summaryOf(recorded.reduce(reduceView, emptyView()), true));
  return journal;
}

/** Some of each kind: finished, failed, waiting, interrupted; `n` of them. */
async function populate(root: string, n: number): Promise<void> {
  const store = storeIn(root);
  for (let i = 0; i < n; i += 1) {
    const [events, reason] = (
      [
        [[finished], 'finished'],
        [[asked], 'parked'],
        [[failed], 'finished'],
        [[started('a')], 'parked'],
      ] as const
    )[i % 4]!;
    await (await begin(store, id(i), ...events)).release(reason);
  }
}

/** As if nothing had come or gone for an hour. */
async function settle(root: string): Promise<void> {
  const then = new Date(Date.now() - 3_600_000);
  await utimes(runsFolder(root), then, then);
}

/** What a listing does, by a process that has listed nothing yet. */
async function counted(root: string): Promise<{ runs: RunSummary[]; looked: string[]; foldersRead: number }> {
  const layout = new JournalLayout(root);
  const looked: string[] = [];
  let foldersRead = 0;
  const runNames = layout.runNames.bind(layout);
  layout.runNames = () => {
    foldersRead += 1;
    return runNames();
  };
  const index = new RunIndex(layout, () => systemProcesses().machine());
  const without = storeIn(root);
  const runs = await listRuns({
    layout,
    index,
    log: silentLog,
    look: async (runId) => {
      looked.push(runId);
      const summary = (await without.list()).find((run) => run.id === runId);
      return summary && { summary };
    },
  });
  return { runs, looked, foldersRead };
}

/** The truth: without any index. */
async function fromJournals(root: string): Promise<RunSummary[]> {
  const copy = await temporaryRoot();
  await cp(root, copy, { recursive: true });
  await rm(indexFile(copy), { force: true });
  return await storeIn(copy).list();
}

describe('a list of runs from the index', () => {
  test('reads neither journals nor the folder of runs, however many there are', async () => {
    const root = await temporaryRoot();
    await populate(root, 24);
    const truth = await fromJournals(root);
    await settle(root);
    expect(await storeIn(root).list()).toEqual(truth);
    expect(await counted(root)).toEqual({ runs: truth, looked: [], foldersRead: 0 });
    expect(truth.map(({ status }) => status).slice(0, 4)).toEqual(['interrupted', 'failed', 'waiting', 'succeeded']);
  });

  test('looks only at what changed: a run that came, one that went, one that went on', async () => {
    const root = await temporaryRoot();
    await populate(root, 8);
    const store = storeIn(root);
    await settle(root);
    await store.list();

    const running = await begin(store, id(30), started('a'));
    await store.remove(id(0));
    const further = await store.acquire(id(1));
    const before = await counted(root);
    expect(before.looked.toSorted()).toEqual([id(1), id(30)]);
    expect(before.runs.map((run) => [run.id, run.status])).toEqual([
      [id(30), 'running'],
      [id(7), 'interrupted'],
      [id(6), 'failed'],
      [id(5), 'waiting'],
      [id(4), 'succeeded'],
      [id(3), 'interrupted'],
      [id(2), 'failed'],
      [id(1), 'waiting'],
    ]);
    await running.release('parked');
    await further.release('parked');
    expect((await storeIn(root).list()).map(({ status }) => status)).not.toContain('running');
    expect((await counted(root)).looked).toEqual([]);
  });

  test('keeps looking at a run that somebody has, though no folder changes any more', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    const journal = await begin(store, id(1), started('a'));
    await settle(root);
    for (let n = 0; n < 2; n += 1)
      expect(await storeIn(root).list()).toMatchObject([{ id: id(1), status: 'running', owner: { kind: 'test' } }]);
    journal.append(finished);
    await journal.summarize({ ...(await store.list())[0]!, status: 'succeeded', finishedAt: 5 });
    await journal.release('finished');
    expect(await storeIn(root).list()).toMatchObject([{ id: id(1), status: 'succeeded' }]);
  });

  test('sees what was done by somebody who tells the index nothing', async () => {
    const root = await temporaryRoot();
    await populate(root, 8);
    const store = storeIn(root);
    await settle(root);
    await store.list();
    const index = await readFile(indexFile(root));
    await rm(runsFolder(root, id(2)), { recursive: true });
    await (await store.acquire(id(1))).release('parked');
    await (await begin(store, id(40), finished)).release('finished');
    await writeFile(indexFile(root), index);
    expect(await storeIn(root).list()).toEqual(await fromJournals(root));

    // Put back as it was, under a name that the index knows as gone.
    await rename(runsFolder(root, id(3)), join(root, 'aside'));
    expect((await store.list()).map((run) => run.id)).not.toContain(id(3));
    await rename(join(root, 'aside'), runsFolder(root, id(3)));
    await settle(root);
    for (let n = 0; n < 3; n += 1) expect((await storeIn(root).list()).map((run) => run.id)).toContain(id(3));
  });

  test('gives all that is not finished and only the newest that are, if asked so', async () => {
    const root = await temporaryRoot();
    await populate(root, 12);
    const list = await storeIn(root).list({ finished: 2 });
    expect(list.map((run) => run.id)).toEqual([11, 10, 9, 8, 7, 5, 3, 1].map(id));
  });

  const changes: [string, (text: Buffer) => Buffer | undefined][] = [
    ['missing', () => undefined],
    ['empty', () => Buffer.alloc(0)],
    ['of zeros', (text) => Buffer.alloc(text.length)],
    ['of another machine', (text) => Buffer.from(text.toString().replace(/"machine":"\w/, '"machine":"x'))],
    ['of a newer version', (text) => Buffer.from(text.toString().replace('"index":1', '"index":2'))],
    ['changed in its second line', (text) => Buffer.from(text.toString().replace('"ids":["2', '"ids":["3'))],
    ['cut in its second line', (text) => text.subarray(0, text.indexOf('"ids"') + 20)],
    ['cut in its last line', (text) => text.subarray(0, text.length - 9)],
    [
      'damaged in its last line, with more behind it',
      (text) => Buffer.concat([text.subarray(0, text.length - 9), Buffer.from('\n\0\0{}\n')]),
    ],
  ];
  test.each(changes)('is right where the index is %s, and mends it', async (_name, change) => {
    const root = await temporaryRoot();
    await populate(root, 6);
    await storeIn(root).list();
    const store = storeIn(root);
    await (await begin(store, id(50), finished)).release('finished');
    await settle(root);
    await store.list();
    const text = change(await readFile(indexFile(root)));
    if (text) await writeFile(indexFile(root), text);
    else await rm(indexFile(root));
    const truth = await fromJournals(root);
    expect(await storeIn(root).list()).toEqual(truth);
    expect(await counted(root)).toEqual({ runs: truth, looked: [], foldersRead: 0 });
  });

  test('is right wherever the index ends', async () => {
    const root = await temporaryRoot();
    await populate(root, 4);
    const store = storeIn(root);
    await store.list();
    await (await begin(store, id(50), finished)).release('finished');
    await (await begin(store, id(51), asked)).release('parked');
    await settle(root);
    await store.list();
    const truth = await fromJournals(root);
    const whole = await readFile(indexFile(root));
    for (let cut = 0; cut < whole.length; cut += 37) {
      await writeFile(indexFile(root), whole.subarray(0, cut));
      expect(await storeIn(root).list()).toEqual(truth);
    }
  });

  test('is complete when several processes write it, list from it and put a smaller one in its place', async () => {
    const root = await temporaryRoot();
    await populate(root, 1);
    const work = async (from: number): Promise<void> => {
      const store = storeIn(root);
      for (let n = from; n < from + 12; n += 1) {
        await (await begin(store, id(n), n % 2 ? asked : finished)).release(n % 2 ? 'parked' : 'finished');
        if (n % 4 === 0) await rm(indexFile(root), { force: true });
        await store.list();
      }
    };
    await Promise.all([work(60), work(120), work(180)]);
    expect(await storeIn(root).list()).toHaveLength(37);
    await settle(root);
    await storeIn(root).list();
    expect(await counted(root)).toMatchObject({ looked: [], foldersRead: 0 });
  });

  test('does not follow a link in the place of the index', async () => {
    const root = await temporaryRoot();
    const target = join(await temporaryRoot(), 'target');
    await writeFile(target, 'theirs');
    await mkdir(join(root, '.belay/local'), { recursive: true });
    const { symlink } = await import('node:fs/promises');
    await symlink(target, indexFile(root));
    await populate(root, 2);
    expect(await storeIn(root).list()).toHaveLength(2);
    expect(await readFile(target, 'utf8')).toBe('theirs');
    expect((await stat(indexFile(root))).size).toBeGreaterThan(6);
  });
});
