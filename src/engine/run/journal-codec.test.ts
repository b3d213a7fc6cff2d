import { describe, expect, test } from 'vitest';
import type { RunEvent } from './events.ts';
import { decodeLines, encodeEvent } from './journal-codec.ts';

const events: RunEvent[] = [
  { seq: 0, t: 1, type: 'node.started', node: 'read', input: { text: 'grüße 🧗\n"quoted"' }, trust: 'trusted' },
  { seq: 1, t: 2, type: 'timer.set', node: 'read', key: 'read/wait', until: 5 },
  { seq: 2, t: 3, type: 'node.finished', node: 'read', outlet: 'success', output: { deep: [1, null, { a: true }] }, trust: 'untrusted' },
];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const lines = events.map((event) => `${encodeEvent(event)}\n`);
const journal = bytes(lines.join(''));

describe('journal lines', () => {
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
