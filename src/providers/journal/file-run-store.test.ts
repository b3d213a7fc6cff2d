import { appendFile, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Owner, RunEvent } from '../../engine/run/events.ts';
import { encodeEvent } from '../../engine/run/journal-codec.ts';
import { emptyView, reduceView, summaryOf } from '../../engine/run/view.ts';
import type { ProcessTable } from './processes.ts';
import { systemProcesses } from './processes.ts';
import { asked, header, RUN, started, storeIn, temporaryRoot } from './testing/fixture.ts';

const types = (events: readonly RunEvent[]): string[] => events.map((event) => event.type);
const folder = (root: string, ...path: string[]): string => join(root, '.belay/local', ...path);

describe('a run', () => {
  test('is created, followed while it is written, released and read again', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    const journal = await store.create(header());
    expect(types(journal.recorded)).toEqual(['segment.opened', 'run.created']);
    const event = journal.append(started('read'));
    expect(event).toMatchObject({ seq: 2, type: 'node.started', node: 'read' });
    await journal.sync();
    const record = await storeIn(root).read(RUN);
    expect(record).toMatchObject({ owner: { pid: process.pid, kind: 'test' }, local: true });
    expect(record.events).toEqual([...journal.recorded, event]);
    await journal.release('finished');
    expect(() => journal.append(started('late'))).toThrow(/let go/);
    expect(await store.read(RUN)).toMatchObject({ owner: undefined });
  });

  test('is nobody else’s business: folders and files are for their user alone, and git does not see them', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    const journal = await store.create(header());
    await journal.summarize(summaryOf(journal.recorded.reduce(reduceView, emptyView()), true));
    await store.putObject('bundle');
    await store.publish(RUN, { type: 'cancel', key: 'cancel', by: 'ada' });
    await journal.release('parked');
    const all = await readdir(folder(root), { recursive: true, withFileTypes: true });
    expect(all.length).toBeGreaterThan(10);
    for (const entry of all) {
      const { mode } = await stat(join(entry.parentPath, entry.name));
      expect([entry.name, (mode & 0o777).toString(8)]).toEqual([entry.name, entry.isDirectory() ? '700' : '600']);
    }
    expect(await readFile(folder(root, '.gitignore'), 'utf8')).toBe('*\n');
    expect(await readdir(folder(root, 'tmp'))).toEqual([]);
  });

  test.each(['..', '../../etc', 'a/b', '', 'CON', '20261122-134501-k3f9x2/..', '20261122-134501-K3F9X2'])(
    'with the id %j is unknown',
    async (id) => {
      const store = storeIn(await temporaryRoot());
      const unknown = expect.objectContaining({ code: 'RUN_UNKNOWN' });
      await expect(store.read(id)).rejects.toEqual(unknown);
      await expect(store.acquire(id)).rejects.toEqual(unknown);
      await expect(store.remove(id)).rejects.toEqual(unknown);
      await expect(store.publish(id, { type: 'cancel', key: 'cancel', by: 'ada' })).rejects.toEqual(unknown);
      await expect(store.create(header(id))).rejects.toEqual(unknown);
    },
  );

  test('has an id of its own', async () => {
    const root = await temporaryRoot();
    const journal = await storeIn(root).create(header());
    await expect(storeIn(root).create(header())).rejects.toMatchObject({ code: 'RUN_EXISTS' });
    await journal.release('finished');
  });

  test('is not led out of the workspace by a link that came with the repository', async () => {
    const root = await temporaryRoot();
    const elsewhere = await temporaryRoot();
    await mkdir(join(root, '.belay'));
    await symlink(elsewhere, folder(root));
    await expect(storeIn(root).create(header())).rejects.toMatchObject({ code: 'JOURNAL_FOLDER' });
    expect(await readdir(elsewhere)).toEqual([]);
  });
});

describe('the owner of a run', () => {
  const table: ProcessTable = {
    pid: 70_001,
    host: 'here',
    machine: async () => 'mine',
    bootId: async () => 'boot',
    startOf: async (pid) => (pid < 80_000 ? '100' : undefined),
  };
  const dead: Owner = { kind: 'editor', nonce: 'n', pid: 90_000, processStart: '100', bootId: 'boot', host: 'here', machine: 'mine' };
  const since = Date.UTC(2026, 10, 22, 12);

  async function ownedBy(owner: Owner): Promise<string> {
    const root = await temporaryRoot();
    await mkdir(folder(root, 'runs', RUN), { recursive: true });
    const events: RunEvent[] = [
      { seq: 0, t: since, type: 'segment.opened', segment: 1, owner },
      { seq: 1, t: since, type: 'run.created', run: header() },
    ];
    await writeFile(folder(root, 'runs', RUN, '0001.jsonl'), events.map((event) => `${encodeEvent(event)}\n`).join(''));
    return root;
  }

  test.each<[string, Partial<Owner>, 'free' | 'RUN_OWNED' | 'RUN_FOREIGN']>([
    ['a process that lives', { pid: 70_002 }, 'RUN_OWNED'],
    ['a process that is gone', {}, 'free'],
    ['a pid that another process has now', { pid: 70_002, processStart: '99' }, 'free'],
    ['a pid that this process has now', { pid: 70_001 }, 'free'],
    ['a process before the machine started anew', { pid: 70_002, bootId: 'earlier' }, 'free'],
    ['a process on another machine', { host: 'there' }, 'RUN_FOREIGN'],
    ['a forger who knows the name of the machine', { machine: 'guessed' }, 'RUN_FOREIGN'],
    ['a forger who says nothing', { machine: undefined }, 'RUN_FOREIGN'],
  ])('%s', async (_name, owner, expected) => {
    const root = await ownedBy({ ...dead, ...owner });
    const store = storeIn(root, { processes: table });
    const record = await store.read(RUN);
    expect(record.owner?.pid).toBe(expected === 'RUN_OWNED' ? 70_002 : undefined);
    expect(record.local).toBe(expected !== 'RUN_FOREIGN');
    expect(await store.list()).toMatchObject([
      { local: expected !== 'RUN_FOREIGN', status: expected === 'free' ? 'interrupted' : 'running' },
    ]);
    if (expected === 'free') {
      const journal = await store.acquire(RUN);
      expect(journal.recorded.at(-1)).toMatchObject({
        type: 'segment.opened',
        segment: 2,
        previous: { segment: 1 },
        owner: { pid: 70_001 },
      });
      await journal.release('parked');
      return;
    }
    await expect(store.acquire(RUN)).rejects.toMatchObject({ code: expected });
  });

  test('is named to those who come second', async () => {
    const store = storeIn(await ownedBy({ ...dead, pid: 70_002 }), { processes: table });
    await expect(store.acquire(RUN)).rejects.toMatchObject({
      code: 'RUN_OWNED',
      message: expect.stringMatching(/held by VS Code \(process 70002, since 2026-11-2\d /),
      details: { owner: 'editor', pid: 70_002, since },
    });
    await expect(store.remove(RUN)).rejects.toMatchObject({ code: 'RUN_OWNED' });
  });

  test('shows by its heartbeat that it lives where the platform does not tell when processes started', async () => {
    const without: ProcessTable = { ...table, bootId: async () => '', startOf: async () => '' };
    const root = await ownedBy({ ...dead, pid: 70_002, processStart: '', bootId: '' });
    const store = storeIn(root, { processes: without });
    const beat = folder(root, 'runs', RUN, 'heartbeat');
    await writeFile(beat, '');
    await expect(store.acquire(RUN)).rejects.toMatchObject({ code: 'RUN_OWNED' });
    const longAgo = new Date(Date.now() - 20_000);
    await utimes(beat, longAgo, longAgo);
    const journal = await store.acquire(RUN);
    expect((await stat(beat)).mtimeMs).toBeGreaterThan(Date.now() - 10_000);
    await expect(storeIn(root, { processes: { ...without, pid: 70_003 } }).acquire(RUN)).rejects.toMatchObject({ code: 'RUN_OWNED' });
    await journal.release('parked');
  });

  test('that was taken for dead and writes on is ignored, and learns of it', async () => {
    const root = await ownedBy(dead);
    const store = storeIn(root, { processes: table });
    const journal = await store.acquire(RUN);
    const zombie: RunEvent = { seq: 2, t: since, type: 'node.started', node: 'zombie' };
    await appendFile(folder(root, 'runs', RUN, '0001.jsonl'), `${encodeEvent(zombie)}\n`);
    journal.append(started('mine'));
    await journal.sync();
    expect((await store.read(RUN)).events.map((event) => ('node' in event ? event.node : event.type))).toEqual([
      'segment.opened',
      'run.created',
      'segment.opened',
      'mine',
    ]);

    await writeFile(folder(root, 'runs', RUN, '0003.jsonl'), '');
    journal.append(started('tooLate'));
    await expect(journal.sync()).rejects.toMatchObject({ code: 'RUN_LOST' });
    await expect(journal.release('parked')).resolves.toBeUndefined();
    expect(await readFile(folder(root, 'runs', RUN, '0002.jsonl'), 'utf8')).not.toContain('tooLate');
  });
});

describe('the list of runs', () => {
  const at = (second: number): string => `20261122-1345${String(second).padStart(2, '0')}-k3f9x2`;

  test('knows which of two runs of the same second came later', async () => {
    let now = 1_000;
    const store = storeIn(await temporaryRoot(), { now: () => now });
    for (const suffix of ['zzzzzz', 'aaaaaa', 'mmmmmm']) {
      now += 1;
      await (await store.create(header(`20261122-134501-${suffix}`))).release('parked');
    }
    expect((await store.list()).map(({ id }) => id.slice(-6))).toEqual(['mmmmmm', 'aaaaaa', 'zzzzzz']);
  });

  test('has the newest first, from summaries where they are fresh and from journals where they are not', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    const finish = { type: 'run.finished', outcome: 'succeeded' } as const;
    const end = async (
      second: number,
      summarize: boolean,
      reason: 'parked' | 'finished',
      ...events: Parameters<typeof journalOf>[1][]
    ): Promise<void> => {
      const journal = await journalOf(at(second), ...events);
      if (summarize) await journal.summarize(summaryOf([...journal.recorded, ...journal.events].reduce(reduceView, emptyView()), true));
      await journal.release(reason);
    };
    const journalOf = async (id: string, ...events: Parameters<Awaited<ReturnType<typeof store.create>>['append']>[0][]) => {
      const journal = await store.create(header(id));
      return Object.assign(journal, { events: events.map((event) => journal.append(event)) });
    };
    await end(1, true, 'finished', started('a'), finish);
    await end(2, false, 'finished', started('a'), finish);
    await end(3, true, 'parked', started('a'), asked);
    await end(4, false, 'parked', started('a'), asked);
    await end(5, false, 'parked', started('a'));
    const running = await journalOf(at(6), started('a'));
    await mkdir(folder(root, 'runs', at(7)));

    const list = await storeIn(root).list();
    expect(list.map(({ id, status, waiting }) => [id, status, waiting.map((signal) => signal.key)])).toEqual([
      [at(6), 'running', []],
      [at(5), 'interrupted', []],
      [at(4), 'waiting', ['approve/ask']],
      [at(3), 'waiting', ['approve/ask']],
      [at(2), 'succeeded', []],
      [at(1), 'succeeded', []],
    ]);
    expect(list.map((summary) => summary.owner?.pid)).toEqual([process.pid, undefined, undefined, undefined, undefined, undefined]);
    await running.release('finished');

    await store.remove(at(1));
    expect((await store.list()).map(({ id }) => id)).not.toContain(at(1));
    await expect(store.read(at(1))).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
    expect(await readdir(folder(root, 'tmp'))).toEqual([]);
  });

  const forged = {
    id: '20261122-134501-zzzzzz',
    flow: 'a.flow.json',
    title: 'T',
    mode: 'live',
    startedBy: 'cli',
    createdAt: 1,
    waiting: [],
  };
  test.each(['succeeded', 'waiting'])('believes no summary that says which run it is, or whose: %s', async (status) => {
    const root = await temporaryRoot();
    const there = storeIn(root, { processes: { ...systemProcesses(), machine: async () => 'there' } });
    await (await there.create(header())).release('parked');
    const summary = {
      at: { segment: 1, length: (await stat(folder(root, 'runs', RUN, '0001.jsonl'))).size },
      summary: { ...forged, status, local: true },
    };
    await writeFile(folder(root, 'runs', RUN, 'summary.json'), JSON.stringify(summary));
    expect(await storeIn(root).list()).toMatchObject([{ id: RUN, local: false, status }]);
    await rm(folder(root, 'runs', RUN, '0001.jsonl'));
    await rm(folder(root, 'index.jsonl'), { force: true });
    for (const run of await storeIn(root).list()) expect(run).toMatchObject({ id: RUN, local: false });
  });

  test('is empty where nothing ever ran, and looking makes no folders', async () => {
    const root = await temporaryRoot();
    expect(await storeIn(root).list()).toEqual([]);
    expect(await readdir(root)).toEqual([]);
  });

  test('is told to look again when another process changes a run', async () => {
    const root = await temporaryRoot();
    const told = new Set<string>();
    let wake = (): void => undefined;
    const watching = storeIn(root).watch((id) => {
      told.add(id);
      wake();
    });
    const tells = async (id: string, change: () => Promise<unknown>): Promise<void> => {
      told.delete(id);
      const news = new Promise<void>((resolve) => {
        wake = () => told.has(id) && resolve();
      });
      await change();
      await news;
    };
    const store = storeIn(root);
    await store.putObject('makes the folders');
    const journal = await (async () => {
      let made: Awaited<ReturnType<typeof store.create>> | undefined;
      await tells(RUN, async () => {
        made = await store.create(header());
      });
      return made!;
    })();
    await tells(RUN, async () => {
      journal.append(started('read'));
      await journal.sync();
    });
    await tells(RUN, () => store.publish(RUN, { type: 'cancel', key: 'cancel', by: 'ada' }));
    await tells(RUN, () => journal.release('finished'));
    watching.dispose();
  });
});

describe('objects', () => {
  test('are found by their hash, mended when stored again, and never given back changed', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    const name = await store.putObject('grüße');
    expect(name).toMatch(/^[0-9a-f]{64}$/);
    expect(await store.putObject('grüße')).toBe(name);
    expect(await store.getObject(name)).toBe('grüße');
    await writeFile(folder(root, 'objects', name), 'grüsse');
    await expect(store.getObject(name)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    expect(await store.putObject('grüße')).toBe(name);
    expect(await store.getObject(name)).toBe('grüße');
    await rm(folder(root, 'objects', name));
    await expect(store.getObject(name)).rejects.toMatchObject({ code: 'OBJECT_UNKNOWN' });
    await expect(store.getObject('../../x')).rejects.toMatchObject({ code: 'OBJECT_UNKNOWN' });
  });
});
