import { expect, test } from 'vitest';
import { BelayError } from '../engine/errors.ts';
import { faultText } from './faults.ts';

/** What VS Code takes for links in a notification (src/vs/base/common/linkedText.ts). */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;

test.each<[string, unknown]>([
  ['a coded fault', new BelayError('X', 'The node "[Fix](command:a.b)" failed.', { hint: 'See [this](https://example.com "title").' })],
  ['any error', new Error('[a](file:///b)')],
  ['what is no error', '[a](command:b)'],
])('%s shows no links that a flow could have brought', (_what, fault) => {
  const text = faultText(fault);
  expect(text).not.toMatch(LINK);
  expect(text.replaceAll('] (', '](')).toMatch(LINK);
});

test('what happened and what to do next are both told', () => {
  expect(faultText(new BelayError('X', 'It failed [1].', { hint: 'Look (again).' }))).toBe('It failed [1]. Look (again).');
});
