import { expect, it } from 'vitest';
import { fc } from '../../engine/testing/fast-check.ts';
import { CappedOutput } from './output.ts';

function capped(text: string, limit: number, chunk = 3): { text: string; truncated: boolean } {
  const output = new CappedOutput(limit);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunk) output.push(bytes.subarray(at, at + chunk));
  return output.finish();
}

it.each<[text: string, limit: number, expected: string]>([
  ['', 10, ''],
  ['0123456789', 10, '0123456789'],
  ['0123456789a', 10, '01234\n… 1 bytes left out …\n6789a'],
  ['01234567890123456789', 10, '01234\n… 10 bytes left out …\n56789'],
  // é takes 2 bytes, € takes 3, 😀 takes 4: none is split.
  ['ééééééé', 10, 'éé\n… 6 bytes left out …\néé'],
  ['€€€€€', 10, '€\n… 9 bytes left out …\n€'],
  ['😀😀😀😀', 10, '😀\n… 8 bytes left out …\n😀'],
])('%j within %i bytes: %j', (text, limit, expected) => {
  for (const chunk of [1, 2, 3, 7, 1000]) expect(capped(text, limit, chunk)).toEqual({ text: expected, truncated: text !== expected });
});

it('never splits a character, never keeps more than the limit, counts what it leaves out', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.integer({ min: 8, max: 60 }),
      fc.integer({ min: 1, max: 20 }),
      (text, limit, chunk) => {
        const well = Buffer.from(text).toString();
        const result = capped(well, limit, chunk);
        if (!result.truncated) {
          expect(result.text).toBe(well);
          return;
        }
        const [, head = '', count = '', tail = ''] = /^([\s\S]*)\n… (\d+) bytes left out …\n([\s\S]*)$/.exec(result.text) ?? [];
        expect(well.startsWith(head) && well.endsWith(tail)).toBe(true);
        expect(Buffer.byteLength(head) + Buffer.byteLength(tail)).toBeLessThanOrEqual(limit);
        expect(Buffer.byteLength(head) + Buffer.byteLength(tail) + Number(count)).toBe(Buffer.byteLength(well));
      },
    ),
  );
});
