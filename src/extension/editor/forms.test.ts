import { describe, expect, test } from 'vitest';
import { readCron } from './forms.lazy.ts';

describe('a schedule', () => {
  const now = new Date('2026-11-28T12:00:00Z');
  test('reads as words, with its next five times in its zone', () => {
    expect(readCron({ text: '0 7 * * 1-5', timeZone: 'Europe/Berlin' }, now)).toEqual({
      words: 'At 07:00, Monday through Friday',
      next: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'].map((day, i) =>
        expect.stringMatching(new RegExp(`^${day},? ${i === 0 ? 30 : i} \\w+ 2026,? (at )?07:00 (CET|GMT\\+1)$`)),
      ),
    });
  });
  test.each(['', '7', '0 25 * * *', 'every day', '0 7 * *'])('that cannot be: “%s”', (text) =>
    expect(readCron({ text }, now)).toEqual({ problem: expect.stringContaining('five fields') }),
  );
  test('of a zone that is none', () => expect(readCron({ text: '0 7 * * *', timeZone: 'Nowhere/Land' }, now)).toHaveProperty('problem'));
});
