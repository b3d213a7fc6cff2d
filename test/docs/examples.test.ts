import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintFlow } from '../../src/engine/format/lint.ts';
import { parseFlow } from '../../src/engine/format/parse.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs')).map((name) => join('docs', name)),
].filter((name) => name.endsWith('.md'));

/** Whole flows among the code blocks of a page, by the line they begin on. */
function flowsIn(page: string): { where: string; text: string }[] {
  const source = readFileSync(join(ROOT, page), 'utf8');
  return [...source.matchAll(/^```json\n(.*?)^```/gms)]
    .map((block) => ({ where: `${page}:${source.slice(0, block.index).split('\n').length}`, text: block[1] ?? '' }))
    .filter(({ text }) => /^ {2}"version":/m.test(text));
}

const examples = pages.flatMap(flowsIn);

describe('flows in the documentation', () => {
  it('are found', () => expect(examples.length).toBeGreaterThan(4));

  it.each(examples)('$where has no problem', ({ text }) => {
    const parsed = parseFlow(text, catalog);
    expect(parsed.problems).toEqual([]);
    // Warnings are advice that short examples need not take; errors would keep them from running.
    expect(lintFlow(parsed, catalog).filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});
