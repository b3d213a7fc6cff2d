import { readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunCommand } from '../../engine/ports.ts';
import { JournalLayout } from './layout.ts';
import { header, RUN, storeIn, temporaryRoot } from './testing/fixture.ts';

const reply = (by: string, key = 'approve/ask'): RunCommand => ({ type: 'reply', key, reply: { decision: 'approved', by, at: 1 } });

test('of 20 at the same time exactly one is first, and all others learn who', async () => {
  const root = await temporaryRoot();
  const journal = await storeIn(root).create(header());
  const heard: RunCommand[] = [];
  const told = new Promise<void>((resolve) => {
    journal.onCommand((command) => {
      heard.push(command);
      resolve();
    });
  });
  const results = await Promise.all(Array.from({ length: 20 }, (_, i) => storeIn(root).publish(RUN, reply(`person ${i}`))));
  const winner = results.findIndex((result) => result.published);
  expect(results.filter((result) => result.published)).toHaveLength(1);
  for (const [i, result] of results.entries()) {
    if (i !== winner) expect(result).toEqual({ published: false, earlier: reply(`person ${winner}`) });
  }
  await told;
  expect(heard).toEqual([reply(`person ${winner}`)]);
  await journal.release('parked');
});

test('an owner hears what was published before it came, and each listener hears everything once', async () => {
  const root = await temporaryRoot();
  const store = storeIn(root);
  await (await store.create(header())).release('parked');
  await store.publish(RUN, reply('ada', 'a'));
  await writeFile(join(root, '.belay/local/runs', RUN, 'inbox', 'notes.txt'), 'not a command');
  await writeFile(join(root, '.belay/local/runs', RUN, 'inbox', `${'0'.repeat(64)}.json`), '{"type":"reply"}');

  const journal = await store.acquire(RUN);
  const hears = (count: number): Promise<RunCommand[]> => {
    const heard: RunCommand[] = [];
    return new Promise((resolve) => {
      journal.onCommand((command) => {
        heard.push(command);
        if (heard.length === count) resolve(heard);
      });
    });
  };
  const before: RunCommand[] = [];
  journal.onCommand((command) => before.push(command));
  expect(before).toEqual([reply('ada', 'a')]);
  const [first] = await hears(1);
  expect(first).toEqual(reply('ada', 'a'));
  const both = hears(2);
  await storeIn(root).publish(RUN, { type: 'cancel', key: 'cancel', by: 'bob', reason: 'no need' });
  expect(await both).toEqual([reply('ada', 'a'), { type: 'cancel', key: 'cancel', by: 'bob', reason: 'no need' }]);
  await journal.release('parked');
});

test('an answer that cannot be read is not taken for one', async () => {
  const root = await temporaryRoot();
  const store = storeIn(root);
  const journal = await store.create(header());
  await store.publish(RUN, reply('ada'));
  await writeFile(new JournalLayout(root).inboxFile(RUN, 'approve/ask'), '{"type":');
  await expect(store.publish(RUN, reply('bob'))).rejects.toMatchObject({ code: 'INBOX_CORRUPT' });
  await journal.release('parked');
});

test.skipIf(process.platform === 'win32')('a link in place of the folder leads no answer elsewhere', async () => {
  const root = await temporaryRoot();
  const elsewhere = await temporaryRoot();
  const store = storeIn(root);
  await (await store.create(header())).release('parked');
  const inbox = join(root, '.belay/local/runs', RUN, 'inbox');
  await rm(inbox, { recursive: true });
  await symlink(elsewhere, inbox);
  await expect(store.publish(RUN, reply('ada'))).rejects.toMatchObject({ code: 'JOURNAL_FOLDER' });
  const linked = RUN.replace('k3f9x2', 'linked');
  const run = await temporaryRoot();
  await writeFile(join(run, '0001.jsonl'), '');
  await symlink(run, join(root, '.belay/local/runs', linked));
  await expect(store.publish(linked, reply('ada'))).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
  expect([await readdir(elsewhere), await readdir(run)]).toEqual([[], ['0001.jsonl']]);
});

test('an answer that is nested too deep for a run does not come to it', async () => {
  const root = await temporaryRoot();
  const store = storeIn(root);
  await (await store.create(header())).release('parked');
  await store.publish(RUN, reply('ada'));
  const command = JSON.stringify({ ...reply('bob', 'b'), reply: { decision: 'received', by: 'bob', at: 1, value: 0 } });
  const deep = command.replace('"value":0', `"value":${'['.repeat(500)}${']'.repeat(500)}`);
  await writeFile(new JournalLayout(root).inboxFile(RUN, 'b'), deep);
  const journal = await store.acquire(RUN);
  const heard: RunCommand[] = [];
  journal.onCommand((it) => heard.push(it));
  expect(heard).toEqual([reply('ada')]);
  await journal.release('parked');
});
