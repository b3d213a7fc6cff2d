import { describe, expect, test } from 'vitest';
import type { Owner, RunEvent } from './events.ts';
import type { JournalFormats } from './journal-codec.ts';
import { decodeLines, encodeEvent, JOURNAL_FORMAT } from './journal-codec.ts';

const eventsOf = (text: string): RunEvent[] => [
  { seq: 0, t: 1, type: 'node.started', node: 'read', input: { text }, trust: 'trusted' },
  { seq: 1, t: 2, type: 'timer.set', node: 'read', key: 'read/wait', until: 5 },
  { seq: 2, t: 3, type: 'node.finished', node: 'read', outlet: 'success', output: { deep: [1, null, { a: true }] }, trust: 'untrusted' },
];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

// ASCII is read in a way of its own.
describe.each(['grüße 🧗\n"quoted"', 'plain\n"quoted"'])('journal lines: %j', (text) => {
  const events = eventsOf(text);
  const lines = events.map((event) => `${encodeEvent(event)}\n`);
  const journal = bytes(lines.join(''));

  test('come back as they were', () => {
    expect(decodeLines(journal)).toEqual({ events, validLength: journal.length, tail: 'clean' });
    for (const line of lines) expect(line).toMatch(/,"crc":"[0-9a-f]{8}"}\n$/);
  });

  test('cut at any byte leave exactly the whole events', () => {
    const ends = lines.map((_, i) => bytes(lines.slice(0, i + 1).join('')).length);
    for (let cut = 0; cut <= journal.length; cut += 1) {
      const whole = ends.filter((end) => end <= cut).length;
      const validLength = whole === 0 ? 0 : ends[whole - 1]!;
      expect(decodeLines(journal.subarray(0, cut))).toEqual({
        events: events.slice(0, whole),
        validLength,
        tail: cut === validLength ? 'clean' : 'torn',
      });
    }
  });

  test('changed in any byte are never taken for events', () => {
    const first = bytes(lines[0]!).length;
    for (let i = 0; i < first; i += 1) {
      const damaged = journal.slice();
      damaged[i] = damaged[i] === 0x20 ? 0x21 : 0x20;
      expect(decodeLines(damaged)).toMatchObject({ events: [], validLength: 0, corrupt: { line: 1 } });
    }
  });

  test.each([
    ['a broken last line is torn', `${lines[0]}garbage\n`, { validLength: bytes(lines[0]!).length, tail: 'torn' }],
    ['several broken lines at the end are torn', `${lines[0]}gar\nbage\n\0\0\0`, { tail: 'torn' }],
    [
      'a broken line before whole ones is damage',
      `${lines[0]}garbage\n${lines[2]}`,
      { corrupt: { line: 2, reason: 'the checksum does not match' } },
    ],
    [
      'an event of a newer version is told',
      `${lines[0]}${encodeEvent({ seq: 1, t: 1, type: 'moon.rose' } as unknown as RunEvent)}\n`,
      { newer: { line: 2 } },
    ],
  ])('%s', (_name, text, expected) => {
    const decoded = decodeLines(bytes(text));
    expect(decoded).toMatchObject(expected);
    expect(decoded.events).toEqual([events[0]]);
    if (!('corrupt' in expected)) expect(decoded.corrupt).toBeUndefined();
  });
});

describe('formats of journals', () => {
  const owner: Owner = { kind: 'test', nonce: 'n', pid: 1, processStart: '', bootId: '', host: 'here' };
  const opened = { seq: 0, t: 1, type: 'segment.opened', segment: 1, owner } as const;
  const segment = (...values: object[]): Uint8Array => bytes(values.map((value) => `${encodeEvent(value as RunEvent)}\n`).join(''));
  const skipped = { seq: 1, t: 1, type: 'node.skipped', node: 'a', reason: 'dead' } as const;

  /** A format 3 to come: 2 renamed `node.left` to `node.skipped`, 3 made reasons words. */
  const later: JournalFormats = {
    current: 3,
    upgrades: {
      1: (line) => ({ ...(line as RunEvent), ...((line as { type: string }).type === 'node.left' ? { type: 'node.skipped' } : {}) }),
      2: (line) =>
        'reason' in (line as RunEvent) && (line as { reason: unknown }).reason === 0 ? { ...(line as RunEvent), reason: 'dead' } : line,
    },
  };

  test.each([
    ['that says nothing is of format 1', segment(opened, skipped), { events: [opened, skipped] }],
    [
      'of this format',
      segment({ ...opened, format: JOURNAL_FORMAT }, skipped),
      { events: [{ ...opened, format: JOURNAL_FORMAT }, skipped] },
    ],
    [
      'of a newer one is not guessed at, though its lines look familiar',
      segment({ ...opened, format: JOURNAL_FORMAT + 1 }, skipped),
      {
        events: [],
        newer: { line: 1, reason: `journal format ${JOURNAL_FORMAT + 1}, and this Belay knows formats up to ${JOURNAL_FORMAT}` },
      },
    ],
  ])('a segment %s', (_name, journal, expected) => {
    expect(decodeLines(journal)).toMatchObject(expected);
  });

  test.each([
    ['1, through every step in between', undefined, { ...skipped, type: 'node.left', reason: 0 }],
    ['2, from there on', 2, { ...skipped, reason: 0 }],
    ['3, as it is', 3, skipped],
  ])('a later Belay reads one of format %s', (_name, format, line) => {
    const header = { ...opened, ...(format === undefined ? {} : { format }) };
    expect(decodeLines(segment(header, line), { formats: later })).toMatchObject({ events: [header, skipped], tail: 'clean' });
    const { events } = decodeLines(segment(line), { format: format ?? 1, formats: later });
    expect(events).toEqual([skipped]);
  });

  test('a format without an upgrade is understood as it is, or said to be newer; never taken for damage', () => {
    const decoded = decodeLines(segment(opened, { ...skipped, type: 'node.left' }), { formats: { current: 2, upgrades: {} } });
    expect(decoded).toMatchObject({ events: [opened], newer: { line: 2 } });
    expect(decoded.corrupt).toBeUndefined();
  });
});
