import { expect, test } from 'vitest';
import { namesFor } from './suggestions.ts';

const names = ['openai/gpt-5', 'fast', 'local/fast-one', 'smart'].map((name) => ({ name, about: '' }));

test.each([
  ['', ['openai/gpt-5', 'fast', 'local/fast-one', 'smart']],
  ['fa', ['fast', 'local/fast-one']],
  ['FAST-', ['local/fast-one']],
  ['nothing', []],
])('“%s” offers %j', (typed, labels) => expect(namesFor(names, typed).map(({ label }) => label)).toEqual(labels));
