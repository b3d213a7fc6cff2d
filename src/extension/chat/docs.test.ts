import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { sectionsAbout, sectionsOf } from './docs.ts';

const root = join(import.meta.dirname, '../../..');
const sections = globSync('docs/*.md', { cwd: root }).flatMap((file) => sectionsOf(basename(file), readFileSync(join(root, file), 'utf8')));

test.each([
  ['How do I repeat steps until something is true?', 'Loops'],
  ['How can I run two flows inside one another?', 'Sub-flows'],
  ['What does MODEL_CANNOT mean?', undefined],
  ['how do I add a gateway such as OpenRouter', undefined],
])('%s', (question, heading) => {
  const found = sectionsAbout(question, sections, 6);
  expect(found.length).toBeGreaterThan(0);
  if (heading !== undefined) expect(found.map((section) => section.heading)).toContain(heading);
});

test('the pages are found by words that stand in few of them', () => {
  expect(sectionsAbout('What is MODEL_CANNOT?', sections, 1)[0]?.text).toContain('MODEL_CANNOT');
  expect(sectionsAbout('and the of', sections, 3)).toEqual([]);
});
