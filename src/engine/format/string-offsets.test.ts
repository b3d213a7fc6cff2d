import { parseTree } from 'jsonc-parser';
import { expect, test } from 'vitest';
import { fc } from '../testing/fast-check.ts';
import { rangeInString } from './string-offsets.ts';

test.each([
  // text of a JSON string, part of its value, what of the text that is
  ['"plain"', 'lai', 'lai'],
  ['"a\\nb"', 'b', 'b'],
  ['"a\\u00e9b"', 'b', 'b'],
  ['"a\\u00e9b"', 'é', '\\u00e9'],
  ['"\\"x\\" \\\\ y"', 'y', 'y'],
  ['"\\ud83d\\ude00 z"', 'z', 'z'],
  ['"😀 z"', 'z', 'z'],
])('%s: %j stands there as %j', (text, part, expected) => {
  const value = JSON.parse(text) as string;
  const node = parseTree(text);
  const { offset, length } = rangeInString(text, node as { offset: number; length: number }, {
    offset: value.indexOf(part),
    length: part.length,
  });
  expect(text.slice(offset, offset + length)).toBe(expected);
});

test('replacing the range in the text replaces the part of the value', () => {
  const escaped = fc.constantFrom((it: string) => JSON.stringify(it), everythingEscaped);
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      escaped,
      (before, part, after, spell) => {
        const literal = spell(before + part + after);
        const text = `{ "key": ${literal} }`;
        const range = rangeInString(text, { offset: 9, length: literal.length }, { offset: before.length, length: part.length });
        const changed = `${text.slice(0, range.offset)}X${text.slice(range.offset + range.length)}`;
        expect(JSON.parse(changed)).toEqual({ key: `${before}X${after}` });
      },
    ),
  );
});

function everythingEscaped(value: string): string {
  const units = Array.from({ length: value.length }, (_, index) => `\\u${value.charCodeAt(index).toString(16).padStart(4, '0')}`);
  return `"${units.join('')}"`;
}
