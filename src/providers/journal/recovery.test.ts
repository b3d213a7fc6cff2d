import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../engine/run/events.ts';
import { encodeEvent } from '../../engine/run/journal-codec.ts';
import type { FileRunStore } from './file-run-store.ts';
import { header, RUN, started, storeIn, temporaryRoot } from './testing/fixture.ts';

const segment = (root: string, number: number): string => join(root, '.belay/local/runs', RUN, `000${number}.jsonl`);

/** A piece of work in one segment: five events. */
async function record(store: FileRunStore): Promise<readonly RunEvent[]> {
  const journal = await store.create(header());
  journal.append(started('read'));
  await journal.sync();
  journal.append(started('draft'));
  await journal.release('parked');
  return (await store.read(RUN)).events;
}

async function copyOf(root: string): Promise<string> {
  const copy = await temporaryRoot();
  await cp(root, copy, { recursive: true });
  return copy;
}

/** Cuts the segment of a copy at every byte there is; some copies at a time, as each cut waits for the disk. */
async function cutEverywhere(original: string, number: number, check: (root: string, whole: number) => Promise<void>): Promise<void> {
  const bytes = await readFile(segment(original, number));
  const ends = [...bytes.entries()].filter(([, byte]) => byte === 0x0a).map(([at]) => at + 1);
  const copies = await Promise.all(Array.from({ length: 8 }, () => copyOf(original)));
  await Promise.all(
    copies.map(async (root, first) => {
      for (let cut = bytes.length - first; cut >= 0; cut -= copies.length) {
        await truncate(segment(root, number), cut);
        await check(root, ends.filter((end) => end <= cut).length);
      }
    }),
  );
}

describe('a journal cut off', () => {
  test('at any byte opens with the longest whole prefix, is taken over and goes on', async () => {
    const original = await temporaryRoot();
    const whole = await record(storeIn(original));
    await cutEverywhere(original, 1, async (root, count) => {
      const prefix = whole.slice(0, count);
      const store = storeIn(root);
      expect((await store.read(RUN)).events).toEqual(prefix);
      const journal = await store.acquire(RUN);
      expect(journal.recorded.slice(0, -1)).toEqual(prefix);
      const next = journal.append(started('again'));
      await journal.release('parked');
      const reread = (await storeIn(root).read(RUN)).events;
      expect(reread.slice(0, count)).toEqual(prefix);
      expect(reread.slice(count).map((event) => event.type)).toEqual(['segment.opened', 'node.started', 'segment.closed']);
      expect(reread[count + 1]).toEqual(next);
      expect(reread.map((event) => event.seq)).toEqual(reread.map((_, i) => i));
      await rm(segment(root, 2));
    });
  }, 60_000);

  test('in its second segment, at any byte, keeps the first one whole', async () => {
    const original = await temporaryRoot();
    const store = storeIn(original);
    const first = await record(store);
    const journal = await store.acquire(RUN);
    journal.append(started('more'));
    await journal.release('parked');
    const whole = (await store.read(RUN)).events;
    await cutEverywhere(original, 2, async (root, count) => {
      const prefix = whole.slice(0, first.length + count);
      expect((await storeIn(root).read(RUN)).events).toEqual(prefix);
      await (await storeIn(root).acquire(RUN)).release('parked');
      const reread = (await storeIn(root).read(RUN)).events;
      expect(reread.slice(0, prefix.length)).toEqual(prefix);
      expect(reread.slice(prefix.length).map((event) => event.type)).toEqual(['segment.opened', 'segment.closed']);
      expect(reread[prefix.length]).toMatchObject({ segment: 3, previous: { segment: count === 0 ? 1 : 2 } });
      await rm(segment(root, 3));
    });
  }, 60_000);
});

describe('damage that no crash leaves', () => {
  const change = (text: string, from: string, to: string): string => {
    expect(text).toContain(from);
    return text.replace(from, to);
  };
  test.each<[string, (text: string) => string, string, RegExp]>([
    [
      'a changed letter',
      (text) => change(text, '"node":"draft"', '"node":"drift"'),
      'JOURNAL_CORRUPT',
      /0001\.jsonl:4: the checksum does not match/,
    ],
    [
      'a line taken out',
      (text) => change(text, `${text.split('\n')[3]}\n`, ''),
      'JOURNAL_CORRUPT',
      /0001\.jsonl:4: the event has number 4, expected 3/,
    ],
    ['a line written twice', (text) => `${text.split('\n').slice(0, 2).join('\n')}\n${text}`, 'JOURNAL_CORRUPT', /0001\.jsonl:3/],
    ['a broken header with whole lines behind it', (text) => `x${text.slice(1)}`, 'JOURNAL_CORRUPT', /0001\.jsonl:1/],
    ['a segment under another number', (text) => text, 'JOURNAL_CORRUPT', /0002\.jsonl:1: the segment says that it is number 1/],
  ])('%s is told with its place, and nothing is taken over', async (name, damage, code, message) => {
    const root = await temporaryRoot();
    await record(storeIn(root));
    const text = await readFile(segment(root, 1), 'utf8');
    await writeFile(segment(root, name.startsWith('a segment') ? 2 : 1), damage(text));
    const store = storeIn(root);
    await expect(store.read(RUN)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    await expect(store.acquire(RUN)).rejects.toMatchObject({ code });
    await writeFile(join(root, '.belay/local/runs', RUN, 'summary.json'), 'gone');
    expect(await store.list()).toMatchObject([{ id: RUN, status: 'interrupted', error: { code } }]);
  });

  test('of a segment that a later one builds on: cut short, or missing', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    await record(store);
    await (await store.acquire(RUN)).release('parked');
    const bytes = await readFile(segment(root, 1));
    await truncate(segment(root, 1), bytes.length - 1);
    await expect(store.read(RUN)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT', message: expect.stringContaining('0001.jsonl:5') });
    await rm(segment(root, 1));
    await expect(store.read(RUN)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT', message: expect.stringContaining('missing') });
  });

  test('a segment of a newer format is left alone: neither read as something else, nor taken over, nor deleted', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    await record(store);
    const [first = ''] = (await readFile(segment(root, 1), 'utf8')).split('\n');
    const { crc: _crc, ...opened } = JSON.parse(first);
    const length = (await readFile(segment(root, 1))).length;
    const header = { ...opened, seq: 5, format: 2, segment: 2, previous: { segment: 1, length } };
    const text = `${encodeEvent(header)}\n{"a line as nobody writes it yet"}\n`;
    await writeFile(segment(root, 2), text);
    const newer = {
      code: 'JOURNAL_NEWER',
      message: expect.stringContaining('journal format 2'),
      hint: expect.stringContaining('Update Belay'),
    };
    await expect(store.read(RUN)).rejects.toMatchObject(newer);
    await expect(store.acquire(RUN)).rejects.toMatchObject(newer);
    await expect(store.remove(RUN)).rejects.toMatchObject(newer);
    expect(await store.list()).toMatchObject([{ id: RUN, status: 'interrupted', error: { code: 'JOURNAL_NEWER' } }]);
    expect(await readFile(segment(root, 2), 'utf8')).toBe(text);
  });

  test('an event of a newer Belay is not damage', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    const journal = await store.create(header());
    journal.append({ type: 'moon.rose' } as never);
    await journal.release('parked');
    await expect(store.read(RUN)).rejects.toMatchObject({ code: 'JOURNAL_NEWER', message: expect.stringContaining('0001.jsonl:3') });
  });
});
