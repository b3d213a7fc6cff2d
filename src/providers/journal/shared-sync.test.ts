import { fdatasyncSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunJournal } from '../../engine/ports.ts';
import { CommitGroup, diskSyncer, type Syncer } from './commit-group.ts';
import { JournalLayout } from './layout.ts';
import { Owners, systemProcesses } from './processes.ts';
import { SharedSync } from './shared-sync.ts';
import { decodeFrames, encodeFrame, HEADER_BYTES, type Piece } from './sync-log-format.ts';
import { header, started, storeIn, temporaryRoot } from './testing/fixture.ts';
import { silentLog } from './testing/silent-log.ts';

const ids = ['a', 'b', 'c'].map((letter) => `20261122-134501-${letter.repeat(6)}`);
const RUNS = '.belay/local/runs';
const LOGS = '.belay/local/sync-logs';

const segment = (root: string, id: string | undefined): string => join(root, RUNS, id ?? '', '0001.jsonl');

/** Where processes cannot be told apart (Windows), there is no log. */
const linux = process.platform === 'linux';

/** The log, as soon as it is used: journals are synced until then. */
async function logOf(root: string, journals: readonly RunJournal[]): Promise<string> {
  for (;;) {
    const [name] = await readdir(join(root, LOGS));
    await Promise.all(journals.map((journal) => record(journal, 'early')));
    if (name && (await readFile(join(root, LOGS, name))).readUInt32LE(HEADER_BYTES) > 0) return join(root, LOGS, name);
  }
}

async function record(journal: RunJournal, node: string): Promise<void> {
  journal.append(started(node));
  await journal.sync();
}

/** Syncs, and counts those in parallel. */
function countingSyncer(): { syncer: Syncer; syncs(): number } {
  let count = 0;
  const inParallel = (fd: number): Promise<void> => {
    count += 1;
    return diskSyncer.inParallel(fd);
  };
  return { syncer: { ...diskSyncer, inParallel }, syncs: () => count };
}

/** What a disk holds that keeps only what was synced: the content of each file at its last sync, by its path below the root. */
class LossyDisk {
  readonly #root: string;
  readonly #durable = new Map<string, Buffer>();
  readonly syncer: Syncer = {
    inline: (fd) => {
      fdatasyncSync(fd);
      this.#keep(fd);
    },
    inParallel: async (fd) => {
      // As it was when the sync began: what is written during it may come too late.
      this.#keep(fd);
      await diskSyncer.inParallel(fd);
    },
  };

  constructor(root: string) {
    this.#root = root;
  }

  async published(path: string): Promise<void> {
    this.#durable.set(relative(this.#root, path), await readFile(path));
  }

  #keep(fd: number): void {
    const path = `/proc/self/fd/${fd}`;
    this.#durable.set(relative(this.#root, readlinkSync(path)), readFileSync(path));
  }

  /** The root as it is after the loss of power. */
  async cut(): Promise<string> {
    const durable = [...this.#durable];
    const copy = await temporaryRoot();
    await cp(this.#root, copy, { recursive: true });
    for (const [path, bytes] of durable) {
      if (await stat(join(copy, path)).catch(() => undefined)) await writeFile(join(copy, path), bytes);
    }
    return copy;
  }
}

const nodesIn = async (root: string, id: string): Promise<string[]> =>
  (await storeIn(root).read(id)).events.flatMap((event) => (event.type === 'node.started' ? [event.node] : []));

describe.runIf(linux)('a power cut', () => {
  test('at any moment loses nothing that was acknowledged, however often the log begins anew', async () => {
    const root = await temporaryRoot();
    const disk = new LossyDisk(root);
    const { syncer } = disk;
    const store = storeIn(root, { group: new CommitGroup(syncer), syncLog: { syncer, room: HEADER_BYTES + 3000 } });
    const journals = await Promise.all(ids.map((id) => store.create(header(id))));
    for (const id of ids) await disk.published(segment(root, id));
    const acknowledged = new Map<string, string[]>(ids.map((id) => [id, []]));
    const log = await logOf(root, journals);
    const cuts: { copy: string; known: Map<string, string[]> }[] = [];
    for (let step = 0; step < 40; step += 1) {
      // Sometimes one run, sometimes some, sometimes more than fits; and lines that nobody syncs.
      await Promise.all(
        journals.map(async (journal, i) => {
          if (step % (i + 1) !== 0) return;
          const node = `${'n'.repeat(step === 20 ? 4000 : 1)}${step}`;
          journal.append(started(`unsynced${step}`));
          await new Promise((resolve) => setImmediate(resolve));
          await record(journal, node);
          acknowledged.get(journal.runId)?.push(node);
        }),
      );
      const known = new Map([...acknowledged].map(([id, nodes]) => [id, [...nodes]]));
      cuts.push({ copy: await disk.cut(), known });
    }
    expect((await readFile(log)).readUInt32LE(HEADER_BYTES + 4)).toBeGreaterThan(5);
    for (const journal of journals) await journal.release('parked');
    expect(await readdir(join(root, LOGS))).toEqual([]);
    let behind = 0;
    for (const { copy, known } of cuts) {
      const before = await Promise.all(ids.map(async (id) => (await stat(segment(copy, id))).size));
      for (const [i, id] of ids.entries()) {
        const found = (await nodesIn(copy, id)).filter((node) => !/^(unsynced|early)/.test(node));
        expect(found).toEqual(known.get(id));
        if ((await stat(segment(copy, id))).size > (before[i] ?? 0)) behind += 1;
      }
      expect(await readdir(join(copy, LOGS))).toEqual([]);
      const again = await storeIn(copy).acquire(ids[0] ?? '');
      await again.release('parked');
    }
    // Otherwise nothing was shown.
    expect(behind).toBeGreaterThan(20);
  }, 60_000);

  test.each<[string, (root: string) => Promise<void>, string[]]>([
    ['cut off', (root) => truncate(segment(root, ids[0]), 0), []],
    ['of a run that was deleted', (root) => rm(join(root, RUNS, ids[0] ?? ''), { recursive: true }), ids.slice(1)],
    ['filled with zeros', async (root) => await zeros(segment(root, ids[0])), ids],
  ])('heals a segment %s as far as the log reaches, and makes none', async (_name, damage, whole) => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    const journals = await Promise.all(ids.map((id) => store.create(header(id))));
    const log = await logOf(root, journals);
    await Promise.all(journals.map((journal) => record(journal, 'last')));
    const copy = await temporaryRoot();
    await cp(root, copy, { recursive: true });
    for (const journal of journals) await journal.release('parked');
    await damage(copy);
    for (const id of whole) expect((await nodesIn(copy, id)).at(-1)).toBe('last');
    await storeIn(copy).list();
    expect(await readdir(join(copy, LOGS))).toEqual([]);
    expect(log).toContain(`${process.pid}-`);
    const there = await stat(join(copy, RUNS, ids[0] ?? '')).catch(() => undefined);
    expect(there === undefined).toBe(_name.includes('deleted'));
  });

  test('of another machine is not its to recover from', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    const journals = await Promise.all(ids.map((id) => store.create(header(id))));
    await logOf(root, journals);
    await Promise.all(journals.map((journal) => record(journal, 'last')));
    const copy = await temporaryRoot();
    await cp(root, copy, { recursive: true });
    for (const journal of journals) await journal.release('parked');
    const { length } = await readFile(segment(copy, ids[0]));
    await truncate(segment(copy, ids[0]), length - 40);
    const elsewhere = storeIn(copy, { processes: { ...systemProcesses(), machine: async () => 'other' } });
    expect((await elsewhere.read(ids[0] ?? '')).events.at(-1)).not.toMatchObject({ node: 'last' });
    expect(await readdir(join(copy, LOGS))).toHaveLength(1);
  });
});

async function zeros(path: string): Promise<void> {
  const bytes = await readFile(path);
  // The last line: certainly told to the log.
  const from = bytes.lastIndexOf(0x0a, bytes.length - 2) + 1;
  await writeFile(path, bytes.fill(0, from));
}

test('frames are read up to the first that is not whole, wherever the log was torn, and none of an earlier generation', () => {
  const piece = (text: string, at: number): Piece => ({ runId: ids[0] ?? '', segment: 1, at, bytes: Buffer.from(text) });
  const texts = ['one\n', 'two, somewhat longer\n', 'three\n'];
  const frames = texts.map((text, i) => encodeFrame(7, [piece(text, i), piece('more', 100 + i)]));
  const old = encodeFrame(6, [piece('of before\n', 0)]);
  const log = Buffer.concat([Buffer.alloc(HEADER_BYTES), ...frames, old, Buffer.alloc(200)]);
  const told = (bytes: Buffer): string[] => decodeFrames(bytes).map(({ bytes: found }) => Buffer.from(found).toString());
  expect(told(log)).toEqual(texts.flatMap((text) => [text, 'more']));
  const ends = frames.map((_, i) => frames.slice(0, i + 1).reduce((sum, { length }) => sum + length, HEADER_BYTES));
  for (let cut = HEADER_BYTES; cut < (ends.at(-1) ?? 0); cut += 1) {
    const whole = ends.filter((end) => end <= cut).length;
    const expected = texts.slice(0, whole).flatMap((text) => [text, 'more']);
    expect(told(log.subarray(0, cut))).toEqual(expected);
    expect(told(Buffer.from(log).fill(0, cut))).toEqual(expected);
    expect(told(Buffer.from(log).fill(0xff, cut, cut + 1)).length).toBeLessThanOrEqual(2 * (whole + (log[cut] === 0xff ? 1 : 0)));
  }
});

describe.runIf(linux)('whoever has a log', () => {
  test('and was taken for dead learns which runs it lost, and syncs the others itself', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    const journals = await Promise.all(ids.map((id) => store.create(header(id))));
    const log = await logOf(root, journals);
    const [lost, ...rest] = journals;
    await rm(log);
    await writeFile(join(root, RUNS, ids[0] ?? '', '0002.jsonl'), '');
    lost?.append(started('tooLate'));
    await expect(lost?.sync()).rejects.toMatchObject({ code: 'RUN_LOST' });
    for (const journal of rest) await record(journal, 'mine');
    for (const journal of journals) await journal.release('parked');
    for (const id of ids.slice(1)) expect((await nodesIn(root, id)).at(-1)).toBe('mine');
  });

  test('that the disk refuses goes on without', async () => {
    const root = await temporaryRoot();
    const full = (): never => {
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    };
    const { syncer: counting, syncs } = countingSyncer();
    const store = storeIn(root, {
      group: new CommitGroup(counting),
      syncLog: { syncer: { inline: full, inParallel: async () => full() } },
    });
    const journals = await Promise.all(ids.map((id) => store.create(header(id))));
    await logOf(root, journals);
    const before = syncs();
    await Promise.all(journals.map((journal) => record(journal, 'mine')));
    expect(syncs() - before).toBe(ids.length);
    for (const journal of journals) await journal.release('parked');
    for (const id of ids) expect((await nodesIn(root, id)).at(-1)).toBe('mine');
  });

  test('shares one sync among all that commit in a turn', async () => {
    const root = await temporaryRoot();
    const { syncer, syncs } = countingSyncer();
    const store = storeIn(root, { group: new CommitGroup(syncer), syncLog: { syncer } });
    const journals = await Promise.all(ids.map((id) => store.create(header(id))));
    await logOf(root, journals);
    await Promise.all(journals.map((journal) => record(journal, 'first')));
    const before = syncs();
    await Promise.all(journals.map((journal) => record(journal, 'second')));
    expect(syncs() - before).toBe(1);
    for (const journal of journals) await journal.release('parked');
  });

  test('writes what is appended before a sync with it, and what nobody syncs by itself', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    const journals = await Promise.all(ids.map((id) => store.create(header(id))));
    await logOf(root, journals);
    const [journal] = journals;
    const written = async (): Promise<number> => (await stat(segment(root, ids[0]))).size;
    const before = await written();
    journal?.append(started('first'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(statSync(segment(root, ids[0])).size).toBe(before);
    const synced = journal?.sync();
    journal?.append(started('second'));
    await synced;
    expect((await nodesIn(root, ids[0] ?? '')).slice(-2)).toEqual(['first', 'second']);
    const after = await written();
    expect(after).toBeGreaterThan(before);
    journal?.append(started('third'));
    await expect.poll(written).toBeGreaterThan(after);
    for (const each of journals) await each.release('parked');
  });

  test('of one run that goes on for long is small, and what it told of stays when it begins anew', async () => {
    const root = await temporaryRoot();
    const disk = new LossyDisk(root);
    const [id = ''] = ids;
    const store = storeIn(root, { group: new CommitGroup(disk.syncer), syncLog: { syncer: disk.syncer } });
    const journal = await store.create(header(id));
    await disk.published(segment(root, id));
    const log = await logOf(root, [journal]);
    expect((await stat(log)).size).toBe(256 * 1024);
    const generation = async (): Promise<number> => (await readFile(log)).readUInt32LE(HEADER_BYTES + 4);
    const nodes = Array.from({ length: 50 }, (_, n) => `${n}-${'x'.repeat(10_000)}`);
    for (const node of nodes) await record(journal, node);
    expect(await generation()).toBe(2);
    const cut = await disk.cut();
    // As long as its owner lives nobody recovers from a log.
    await journal.release('parked');
    const behind = (await stat(segment(cut, id))).size;
    expect((await nodesIn(cut, id)).filter((node) => node !== 'early')).toEqual(nodes);
    expect((await stat(segment(cut, id))).size).toBeGreaterThan(behind);
  });

  test('is made beforehand for a run that is about to sync often', async () => {
    const root = await temporaryRoot();
    const journal = await storeIn(root).create(header(ids[0]));
    journal.expectSyncs(24);
    while ((await readdir(join(root, LOGS))).length === 0);
    await journal.release('finished');
  });

  test('has it before those that come together are there, and none when they do not come', async () => {
    const layout = new JournalLayout(await temporaryRoot());
    await layout.ready();
    const sync = new SharedSync({ layout, owners: new Owners('test', systemProcesses()), group: new CommitGroup(), log: silentLog });
    let fail: (reason: Error) => void = () => undefined;
    const made = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const first = sync.expecting(() => made);
    expect(await readdir(layout.syncLogs)).toEqual([]);
    const second = sync.expecting(() => made);
    await expect.poll(() => readdir(layout.syncLogs)).toHaveLength(1);
    fail(new Error('no journal'));
    await expect(first).rejects.toThrow('no journal');
    await expect(second).rejects.toThrow('no journal');
    expect(await readdir(layout.syncLogs)).toEqual([]);
  });

  test('cannot be led elsewhere by a link', async () => {
    const root = await temporaryRoot();
    await mkdir(join(root, '.belay/local'), { recursive: true });
    await symlink(root, join(root, LOGS));
    await expect(storeIn(root).create(header(ids[0]))).rejects.toMatchObject({ code: 'JOURNAL_FOLDER' });
  });
});
