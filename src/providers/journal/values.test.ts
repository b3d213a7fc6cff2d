import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../engine/policy/hash.ts';
import { CommitGroup } from './commit-group.ts';
import { header, RUN, started, storeIn, temporaryRoot } from './testing/fixture.ts';

const folder = (root: string, ...path: string[]): string => join(root, '.belay/local', ...path);
const large = 'grüße 🧗'.repeat(20_000);

describe('a large value', () => {
  test('is whole on disk as soon as it has a name, once, and goes with its run', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    const journal = await store.create(header());
    const name = journal.store(large);
    expect(name).toBe(sha256(large));
    expect(await storeIn(root).readObject(RUN, name)).toBe(large);
    const { ino } = await stat(folder(root, 'runs', RUN, 'objects', name));
    expect(journal.store(large)).toBe(name);
    await journal.release('parked');

    const next = await store.acquire(RUN);
    expect(next.store(large)).toBe(name);
    expect((await stat(folder(root, 'runs', RUN, 'objects', name))).ino).toBe(ino);
    expect(next.store('other')).not.toBe(name);
    expect(await readdir(folder(root, 'runs', RUN, 'objects'))).toHaveLength(2);
    await next.release('finished');
    expect(() => next.store('late')).toThrow(/let go/);

    await store.collect();
    expect(await store.readObject(RUN, name)).toBe(large);
    await store.remove(RUN);
    await expect(store.readObject(RUN, name)).rejects.toMatchObject({ code: 'OBJECT_UNKNOWN' });
    expect(await readdir(folder(root, 'tmp'))).toEqual([]);
  });

  test('is durable when the sync after it has resolved, and so before the event that names it', async () => {
    const root = await temporaryRoot();
    const synced: string[] = [];
    const group = new CommitGroup({
      inline: () => void synced.push('journal'),
      inParallel: async () => void synced.push('journal'),
    });
    const journal = await storeIn(root, { group }).create(header());
    await journal.sync();
    expect(synced).toEqual([]);
    journal.store(large);
    await journal.sync();
    // The value alone makes a sync necessary; asked again, there is nothing left to do.
    expect(synced).toEqual(['journal']);
    journal.store(large);
    await journal.sync();
    expect(synced).toEqual(['journal']);
    await journal.release('parked');
  });

  test('that a loss of power left half written is written anew', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    const journal = await store.create(header());
    const name = journal.store(large);
    await journal.release('parked');
    await writeFile(folder(root, 'runs', RUN, 'objects', name), large.slice(5));
    await expect(store.readObject(RUN, name)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    const next = await store.acquire(RUN);
    next.store(large);
    expect(await readFile(folder(root, 'runs', RUN, 'objects', name), 'utf8')).toBe(large);
    await next.release('parked');
  });

  test.each(['../../objects/x', '', 'A'.repeat(64)])('is not asked for by the name %j', async (name) => {
    const store = storeIn(await temporaryRoot());
    await (await store.create(header())).release('parked');
    await expect(store.readObject(RUN, name)).rejects.toMatchObject({ code: 'OBJECT_UNKNOWN' });
    await expect(store.readObject('..', 'a'.repeat(64))).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
  });

  test('that cannot be written stops the run', async () => {
    const root = await temporaryRoot();
    const journal = await storeIn(root).create(header());
    await writeFile(folder(root, 'runs', RUN, 'objects'), 'in the way');
    expect(() => journal.store(large)).toThrow(expect.objectContaining({ code: 'JOURNAL_WRITE' }));
    expect(() => journal.append(started('next'))).toThrow(expect.objectContaining({ code: 'JOURNAL_WRITE' }));
    await journal.release('parked');
    expect(await readdir(folder(root, 'tmp'))).toEqual([]);
  });
});
