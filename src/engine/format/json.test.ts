import { expect, test } from 'vitest';
import type { Json } from './json.ts';
import { payloadOf } from './json.ts';

test.each<[written: string, payload: Json | undefined]>([
  ['', undefined],
  [' \n', undefined],
  ['{"a": [1]}', { a: [1] }],
  ['5', 5],
  ['"5"', '5'],
  ['paid on Monday', 'paid on Monday'],
  ['{"a"', '{"a"'],
])('a payload written as %j is %j', (written, payload) => {
  expect(payloadOf(written)).toEqual(payload);
});
