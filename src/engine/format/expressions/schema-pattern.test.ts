import { describe, expect, test } from 'vitest';
import { fc } from '../../testing/fast-check.ts';
import { schemaPattern } from './schema-pattern.ts';

const TEXTS = [
  ...['', 'a', 'ab', 'aab', 'A1', '12', '2026-01-31', 'a b', 'a\nb', 'a\rb', 'a\u2028b', '\u00a0', '\ufeff', '\v', '\b', '\0'],
  ...['é', '😀', 'x😀y', '[', ']', 'a]', '-', 'a-b', 'v1.2.3', 'user@example.org', 'line\n', '\n', '^', '$', 'ſ', 'K'],
];

test.each([
  ...['^.$', '^..$', '^a.b$', '\\s', '^\\S+$', '^[\\s]$', '[^\\s]', '^[\\S]+$', '^[^]$', '[]', '^$', 'a$', '^a', '^\\w+$', '\\bb\\b'],
  ...['^\\d{4}-\\d{2}-\\d{2}$', '^v\\d+(\\.\\d+)*$', '[[]', '^[\\]a]+$', '^[\\b]$', '\\u0061', '^\\u{1F600}$', '^\\ud83d\\ude00$', '\\0'],
  ...[
    '^(?:a|b)*$',
    '^(?<first>a)b',
    '(?=a)ab',
    '(?<!a)b',
    '(a)\\1',
    '^\\p{L}+$',
    '^\\P{L}+$',
    '^\\p{Script=Latin}+$',
    '[a-z\\-]',
    '\\/|\\.',
  ],
  ...['a{1,2}?b', '^[[:alph]+$', '\\cM', '\\x41'],
])('%s matches what it matches in ECMA-262', (pattern) => {
  const expected = new RegExp(pattern, 'u');
  const made = schemaPattern(pattern, 'u');
  for (const text of TEXTS) expect([text, made.test(text)]).toEqual([text, expected.test(text)]);
});

test('whatever is put together means the same', () => {
  const part = fc.constantFrom(
    ...'ab1 .*+?|()[]^$-\\'.split(''),
    '\\s',
    '\\S',
    '\\d',
    '\\w',
    '\\b',
    '{2}',
    '(?:',
    '[^',
    '\\u0061',
    '😀',
    '\n',
  );
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 8 }),
      fc.array(fc.constantFrom('a', 'b', '1', ' ', '-', ']', '\n', '\r', '😀'), { maxLength: 6 }),
      (parts, text) => {
        const pattern = parts.join('');
        let expected: RegExp;
        try {
          expected = new RegExp(pattern, 'u');
        } catch {
          expect(() => schemaPattern(pattern, 'u')).toThrow(SyntaxError);
          return;
        }
        expect(schemaPattern(pattern, 'u').test(text.join(''))).toBe(expected.test(text.join('')));
      },
    ),
    { numRuns: 5000 },
  );
});

describe('patterns that backtrack for ever elsewhere', () => {
  test.each(['^(a+)+$', '^(a|a)*$', '^(a*)*b$', '^([a-z]+\\s?)*$', '(.*)*(.*)*(.*)*x'])('%s', (pattern) => {
    expect(schemaPattern(pattern, 'u').test(`${'a'.repeat(5000)}!`)).toBe(false);
  });
});
