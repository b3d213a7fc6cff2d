import { expect, test } from 'vitest';
import type { Syncer } from './commit-group.ts';
import { CommitGroup, diskSyncer } from './commit-group.ts';
import { header, started, storeIn, temporaryRoot } from './testing/fixture.ts';

const ids = Array.from({ length: 8 }, (_, i) => `20261122-13450${i}-k3f9x2`);

/** The disk's syncs, counted. */
function counting(): { syncer: Syncer; inline: number; parallel: number; most: number } {
  let now = 0;
  const counted = {
    inline: 0,
    parallel: 0,
    most: 0,
    syncer: {
      inline(fd: number) {
        counted.inline += 1;
        diskSyncer.inline(fd);
      },
      async inParallel(fd: number) {
        counted.parallel += 1;
        now += 1;
        counted.most = Math.max(counted.most, now);
        await diskSyncer.inParallel(fd);
        now -= 1;
      },
    },
  };
  return counted;
}

test('one writing run syncs inline; all that asked in the same turn share the sync', async () => {
  const counted = counting();
  const store = storeIn(await temporaryRoot(), { group: new CommitGroup(counted.syncer) });
  const journal = await store.create(header());
  await journal.sync();
  expect(counted).toMatchObject({ inline: 0, parallel: 0 });
  const strands = Array.from({ length: 50 }, async (_, i) => {
    journal.append(started(`node${i}`));
    await journal.sync();
  });
  await Promise.all(strands);
  expect(counted).toMatchObject({ inline: 1, parallel: 0 });
  await journal.sync();
  expect(counted).toMatchObject({ inline: 1, parallel: 0 });
  journal.append(started('last'));
  await journal.sync();
  expect(counted).toMatchObject({ inline: 2, parallel: 0 });
  await journal.release('finished');
});

test('several writing runs sync in parallel, each once', async () => {
  const counted = counting();
  const store = storeIn(await temporaryRoot(), { group: new CommitGroup(counted.syncer) });
  const journals = await Promise.all(ids.map((id) => store.create(header(id))));
  await Promise.all(
    journals.flatMap((journal) =>
      ['a', 'b', 'c'].map(async (node) => {
        journal.append(started(node));
        await journal.sync();
      }),
    ),
  );
  expect(counted).toMatchObject({ inline: 0, parallel: ids.length, most: ids.length });
  for (const journal of journals) {
    expect((await store.read(journal.runId)).events.map((event) => event.type)).toEqual([
      'segment.opened',
      'run.created',
      'node.started',
      'node.started',
      'node.started',
    ]);
    await journal.release('finished');
  }
});

test.each([
  ['inline', 1],
  ['in parallel', 2],
])('after a sync that failed %s nothing more is acknowledged, and the run can be taken again', async (_name, count) => {
  const root = await temporaryRoot();
  const full = (): never => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
  const store = storeIn(root, { group: new CommitGroup({ inline: full, inParallel: async () => full() }) });
  const journals = await Promise.all(ids.slice(0, count).map((id) => store.create(header(id))));
  const failed = { code: 'JOURNAL_WRITE', message: expect.stringContaining('no space left') };
  const syncs = journals.map((journal) => {
    journal.append(started('read'));
    return expect(journal.sync()).rejects.toMatchObject(failed);
  });
  await Promise.all(syncs);
  for (const journal of journals) {
    await expect(journal.sync()).rejects.toMatchObject(failed);
    expect(() => journal.append(started('draft'))).toThrow(/cannot be written/);
    await expect(storeIn(root).acquire(journal.runId)).rejects.toMatchObject({ code: 'RUN_OWNED' });
    await journal.release('parked');
    const again = await storeIn(root).acquire(journal.runId);
    expect(again.recorded.map((event) => event.type)).toEqual(['segment.opened', 'run.created', 'node.started', 'segment.opened']);
    await again.release('parked');
  }
});
