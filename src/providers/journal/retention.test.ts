import { lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { NewRunEvent } from '../../engine/run/events.ts';
import { emptyView, reduceView, summaryOf } from '../../engine/run/view.ts';
import { header, RUN, started, storeIn, temporaryRoot } from './testing/fixture.ts';

const folder = (root: string, ...path: string[]): string => join(root, '.belay/local', ...path);
const finished: NewRunEvent = { type: 'run.finished', outcome: 'succeeded' };

async function runIn(root: string, end: 'finished' | 'parked' | 'held', ...events: NewRunEvent[]) {
  const journal = await storeIn(root).create(header());
  const recorded = [...journal.recorded, ...events.map((event) => journal.append(event))];
  await journal.summarize(summaryOf(recorded.reduce(reduceView, emptyView()), true));
  if (end !== 'held') await journal.release(end);
  return journal;
}

describe('an old run', () => {
  test.each<[string, boolean, (root: string) => Promise<unknown>]>([
    ['goes when it is finished', true, (root) => runIn(root, 'finished', finished)],
    [
      'goes when it ended and its owner died before it let go',
      true,
      async (root) => {
        await runIn(root, 'finished', finished);
        const path = folder(root, 'runs', RUN, '0001.jsonl');
        const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
        const text = lines
          .slice(0, -1)
          .join('\n')
          .replace(/"pid":\d+/, '"pid":1');
        // With its checksums the header cannot be changed: the owner is this process, which has let go.
        await writeFile(path, `${lines.slice(0, -1).join('\n')}\n`);
        expect(text).toContain('"pid":1');
      },
    ],
    ['stays while it is not finished', false, (root) => runIn(root, 'parked', started('a'))],
    ['stays while somebody has it', false, (root) => runIn(root, 'held', finished)],
    [
      'stays while it is kept',
      false,
      async (root) => {
        await runIn(root, 'finished', finished);
        await storeIn(root).keep(RUN, true);
      },
    ],
    [
      'goes when it is not kept any more',
      true,
      async (root) => {
        await runIn(root, 'finished', finished);
        await storeIn(root).keep(RUN, true);
        await storeIn(root).keep(RUN, false);
      },
    ],
    [
      'stays if only the index says that it is finished',
      false,
      async (root) => {
        await runIn(root, 'parked', started('a'));
        const store = storeIn(root);
        const [summary] = await store.list();
        await writeFile(
          folder(root, 'index.jsonl'),
          `\n${JSON.stringify(['done', { ...summary, status: 'succeeded', finishedAt: 1 }])}\n`,
          { flag: 'a' },
        );
        expect(await store.list()).toMatchObject([{ status: 'succeeded' }]);
      },
    ],
    [
      'stays if its journal is damaged',
      false,
      async (root) => {
        await runIn(root, 'parked', started('a'), started('b'));
        const path = folder(root, 'runs', RUN, '0001.jsonl');
        const text = (await readFile(path, 'utf8')).replace('"node":"a"', '"node":"x"');
        await writeFile(path, text.slice(0, text.lastIndexOf('{')));
      },
    ],
  ])('%s', async (_name, goes, prepare) => {
    const root = await temporaryRoot();
    await prepare(root);
    expect(await storeIn(root).removeOld(RUN)).toBe(goes);
    expect(await readdir(folder(root, 'runs'))).toEqual(goes ? [] : [RUN]);
    expect(await storeIn(root).removeOld('20261122-134501-aaaaaa')).toBe(false);
  });

  test('is shown as kept, whatever becomes of the index, and its mark tells no watcher for ever', async () => {
    const root = await temporaryRoot();
    await runIn(root, 'finished', finished);
    const store = storeIn(root);
    await store.list();
    await store.keep(RUN, true);
    expect(await store.list()).toMatchObject([{ id: RUN, kept: true }]);
    await rm(folder(root, 'index.jsonl'));
    expect(await storeIn(root).list()).toMatchObject([{ id: RUN, kept: true }]);
    expect(await readdir(folder(root, 'changes'))).toEqual([]);
    await store.keep(RUN, false);
    expect((await store.list())[0]).not.toHaveProperty('kept');
    await expect(store.keep('20261122-134501-aaaaaa', true)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
  });

  test('has the size of all its files, measured once', async () => {
    const root = await temporaryRoot();
    const journal = await runIn(root, 'held', finished);
    journal.store('x'.repeat(100_000));
    await journal.release('finished');
    const store = storeIn(root);
    await store.list();
    const files = (await readdir(folder(root, 'runs', RUN), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    let bytes = 0;
    for (const file of files) bytes += (await stat(join(file.parentPath, file.name))).size;
    expect(bytes).toBeGreaterThan(100_000);
    expect(await store.sizes([RUN, '20261122-134501-aaaaaa'])).toEqual(new Map([[RUN, bytes]]));
    await writeFile(folder(root, 'runs', RUN, 'more'), 'x');
    expect(await storeIn(root).sizes([RUN])).toEqual(new Map([[RUN, bytes]]));
  });
});

test('when old runs were looked for is remembered, and nothing is where nothing can be read', async () => {
  const root = await temporaryRoot();
  const store = storeIn(root);
  expect(await store.lastTidied()).toBeUndefined();
  const tidied = { at: 5, limits: { perFlow: 3, olderThanMs: 4 } };
  await store.noteTidied(tidied);
  expect(await storeIn(root).lastTidied()).toEqual(tidied);
  const text = await readFile(folder(root, 'tidied.json'), 'utf8');
  await writeFile(folder(root, 'tidied.json'), text.replace('"perFlow":3', '"perFlow":-1'));
  expect(await store.lastTidied()).toBeUndefined();
});

test('limits that came with a repository decide nothing', async () => {
  const root = await temporaryRoot();
  const store = storeIn(root);
  await store.noteTidied({ at: 5, limits: { perFlow: 3 } });
  const forged = (await readFile(folder(root, 'tidied.json'), 'utf8')).replace(/[0-9a-f]{32}/, '0'.repeat(32));
  for (const text of [forged, '{"at":5,"limits":{"perFlow":1}}']) {
    await writeFile(folder(root, 'tidied.json'), text);
    expect(await store.lastTidied()).toBeUndefined();
  }
});

describe.skipIf(process.platform === 'win32')('links', () => {
  test('in place of the mark that keeps a run: what they lead to stays as it is', async () => {
    const root = await temporaryRoot();
    const elsewhere = join(await temporaryRoot(), 'precious');
    await writeFile(elsewhere, 'precious');
    await runIn(root, 'finished', finished);
    const mark = folder(root, 'runs', RUN, 'keep');
    await symlink(elsewhere, mark);
    const store = storeIn(root);
    expect((await store.list())[0]).not.toHaveProperty('kept');
    await store.keep(RUN, true);
    expect((await lstat(mark)).isFile()).toBe(true);
    await rm(mark);
    await symlink(elsewhere, mark);
    await store.keep(RUN, false);
    expect(await readFile(elsewhere, 'utf8')).toBe('precious');
  });

  test('in place of a run are no run to be kept', async () => {
    const root = await temporaryRoot();
    const elsewhere = await temporaryRoot();
    await writeFile(join(elsewhere, 'keep'), 'precious');
    await mkdir(folder(root, 'runs'), { recursive: true });
    await symlink(elsewhere, folder(root, 'runs', RUN));
    for (const kept of [true, false]) await expect(storeIn(root).keep(RUN, kept)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
    expect(await readFile(join(elsewhere, 'keep'), 'utf8')).toBe('precious');
  });
});
