import { expect, it } from 'vitest';
import { bytesText, clockText, momentText, runningText, spanText } from './format.ts';

it.each([
  [-5, '0 ms'],
  [20.4, '20 ms'],
  [96, '0.1 s'],
  [420, '0.4 s'],
  [9949, '9.9 s'],
  [9960, '10 s'],
  [59_400, '59 s'],
  [59_600, '1 min 00 s'],
  [185_000, '3 min 05 s'],
  [7_800_000, '2 h 10 min'],
])('%d ms is %s', (ms, text) => expect(spanText(ms)).toBe(text));

it.each([
  [999, '0 s'],
  [59_999, '59 s'],
  [61_000, '1 min 01 s'],
])('%d ms so far is %s', (ms, text) => expect(runningText(ms)).toBe(text));

it.each([
  [0, '0 B'],
  [980, '980 B'],
  [64_200, '64.2 KB'],
  [5_000_000, '5.0 MB'],
  [2_500_000_000_000, '2500.0 GB'],
])('%i bytes: %s', (bytes, words) => expect(bytesText(bytes)).toBe(words));

it('a moment on another day names the day', () => {
  const now = new Date(2026, 0, 5, 10).getTime();
  const later = new Date(2026, 0, 5, 18, 30).getTime();
  const tomorrow = new Date(2026, 0, 6, 18, 30).getTime();
  expect(momentText(later, now)).toBe(clockText(later));
  expect(momentText(tomorrow, now)).not.toBe(clockText(tomorrow));
  expect(momentText(tomorrow, now)).toContain(clockText(tomorrow));
});
