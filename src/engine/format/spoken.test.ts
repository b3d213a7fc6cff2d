import { expect, it } from 'vitest';
import { spoken } from './spoken.ts';

it.each([
  ['approval', 'Approval'],
  ['approval2', 'Approval 2'],
  ['askAda', 'Ask ada'],
  ['ask_ada_12', 'Ask ada 12'],
  ['mayThis__bePublished_', 'May this be published'],
  ['x', 'X'],
])('%s is said as "%s"', (id, words) => {
  expect(spoken(id)).toBe(words);
});
