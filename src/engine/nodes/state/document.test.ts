import { describe, expect, test } from 'vitest';
import type { Json } from '../../format/json.ts';
import type { StateChange, StateChanged, StateDocument } from './document.ts';
import { applyChange, changed, EMPTY, LARGEST_VALUE, MOST_ENTRIES, MOST_SEEN, presentValue } from './document.ts';

const set = (value: Json): StateChange => ({ action: 'set', value });
const append = (value: Json): StateChange => ({ action: 'append', value });
const forget: StateChange = { action: 'delete' };
const seen = (...marks: string[]): StateChange => ({ action: 'seen', marks });

/** Makes the changes in order, each under a name of its own: `c0`, `c1`, … */
function made(changes: readonly StateChange[], from: StateDocument = EMPTY): { document: StateDocument; result: StateChanged | undefined } {
  let document = from;
  let result: StateChanged | undefined;
  for (const [i, change] of changes.entries()) ({ document, result } = applyChange(document, change, { id: `c${i}`, run: 'r', at: i }));
  return { document, result };
}

test.each<[changes: StateChange[], value: Json | undefined, result: StateChanged]>([
  [[set(1)], 1, { gave: 0, value: 1, previous: null }],
  [[set(1), set(null)], null, { gave: 1, value: null, previous: 1 }],
  [[append('a')], ['a'], { gave: 1, value: ['a'], previous: null }],
  [[set([1]), append([2])], [1, [2]], { gave: 2, value: [1, [2]], previous: [1] }],
  [[forget], undefined, { gave: 0, value: null, previous: null }],
  [[set(1), forget], undefined, { gave: 1, value: null, previous: 1 }],
  [[seen('a'), forget], undefined, { gave: 1, value: null, previous: null }],
  [[seen('a', 'b', 'a')], undefined, { gave: 2, value: null, previous: null }],
  [[seen('a', 'b'), seen('b', 'c')], undefined, { gave: 1, value: null, previous: null }],
  [[seen('a'), forget, seen('a')], undefined, { gave: 1, value: null, previous: null }],
])('%j', (changes, value, result) => {
  const end = made(changes);
  expect(presentValue(end.document)).toEqual(value);
  expect(end.result).toEqual(result);
  // What is asked for again, by the same name, is what it gave.
  expect(changed(end.document, `c${changes.length - 1}`)).toEqual({ ...result, ...(value === undefined ? { previous: null } : {}) });
  expect(changed(end.document, 'another')).toBeUndefined();
});

describe('limits', () => {
  test('the last values stay, and of large ones fewer; the present one always', () => {
    const many = made(Array.from({ length: MOST_ENTRIES + 5 }, (_, i) => set(i))).document;
    expect(many.entries.map(({ value }) => value)).toEqual(Array.from({ length: MOST_ENTRIES }, (_, i) => i + 5));
    const large = (mark: string) => set(mark.repeat(LARGEST_VALUE / 2 - 2));
    expect(made([large('a'), large('b'), large('c')]).document.entries.map(({ value }) => String(value)[0])).toEqual(['b', 'c']);
    expect(made([set('a'.repeat(LARGEST_VALUE - 2)), set('b'.repeat(LARGEST_VALUE - 2))]).document.entries).toHaveLength(1);
  });

  test('what is too large is refused, and so is adding to what is no list', () => {
    const grown = made([append('x'.repeat(LARGEST_VALUE - 5))]).document;
    for (const [change, code] of [
      [set('ü'.repeat(LARGEST_VALUE / 2)), 'STATE_TOO_LARGE'],
      [append('x'), 'STATE_TOO_LARGE'],
      [seen(...Array.from({ length: MOST_SEEN + 1 }, (_, i) => `${i}`)), 'STATE_TOO_LARGE'],
    ] as const) {
      expect(() => applyChange(grown, change, { id: 'n', run: 'r', at: 0 })).toThrow(expect.objectContaining({ code }));
    }
    expect(() => made([set({ a: 1 }), append(1)])).toThrow(expect.objectContaining({ code: 'STATE_NOT_A_LIST' }));
    expect(() => made([set(null), append(1)])).toThrow(expect.objectContaining({ code: 'STATE_NOT_A_LIST' }));
  });

  test('what still turns up is not forgotten, however much is seen', () => {
    const all = Array.from({ length: MOST_SEEN }, (_, i) => `m${i}`);
    const { document } = made([seen(...all), seen('m0'), seen('new1', 'new2')]);
    expect(document.seen).toHaveLength(MOST_SEEN);
    expect([document.seen.includes('m0'), document.seen.includes('m1'), document.seen.includes('m3')]).toEqual([true, false, true]);
  });
});
