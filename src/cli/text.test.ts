import { describe, expect, test } from 'vitest';
import { duration, harmless, indent, oneLine, shorten, table, width } from './text.ts';

describe('text', () => {
  test.each([
    ['\u001b[31mred\u001b[0m', '\\u{1b}[31mred\\u{1b}[0m'],
    ['\u009b2J', '\\u{9b}2J'],
    ['a\u202eb\u2066c', 'a\\u{202e}b\\u{2066}c'],
    ['over\rwritten', 'over\\u{d}written'],
    ['lines\r\nand\ttabs\n', 'lines\nand\ttabs\n'],
    ['👩‍🚀 grüße 東京', '👩‍🚀 grüße 東京'],
  ])('%j cannot steer a terminal', (text, expected) => {
    expect(harmless(text)).toBe(expected);
  });

  test.each([
    ['plain', 5],
    ['東京', 4],
    ['👩‍🚀', 2],
    ['é', 1],
  ])('%j takes %d columns', (text, columns) => {
    expect(width(text)).toBe(columns);
  });

  test.each([
    ['short', 5, 'short'],
    ['longer', 5, 'long…'],
    ['東京都', 5, '東京…'],
    ['東京都', 4, '東…'],
  ])('%j in %d columns is %j', (text, columns, expected) => {
    expect(shorten(text, columns)).toBe(expected);
    expect(width(shorten(text, columns))).toBeLessThanOrEqual(columns);
  });

  test.each([
    [0, '0.0 s'],
    [1234, '1.2 s'],
    [9999, '10.0 s'],
    [12_400, '12 s'],
    [59_499, '59 s'],
    [59_600, '1 min'],
    [65_000, '1 min 5 s'],
    [11 * 60_000, '11 min'],
    [3_600_000, '1 h'],
    [3_600_000 * 3 + 20 * 60_000, '3 h 20 min'],
    [4 * 86_400_000, '4 d'],
    [-5, '0.0 s'],
  ])('%d ms is %s', (ms, expected) => {
    expect(duration(ms)).toBe(expected);
  });

  test('columns and indents', () => {
    expect(
      table([
        ['a', 'long', 'x'],
        ['東京', 'b', ''],
        ['c', '', 'y'],
      ]),
    ).toBe('a     long  x\n東京  b\nc           y');
    expect(indent('a\n\nb', '│ ')).toBe('│ a\n│\n│ b');
    expect(oneLine(' a\n\tb\u0007 ')).toBe('a b\\u{7}');
  });
});
