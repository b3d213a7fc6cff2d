/** Whole flows in the documentation are sound: what people copy has to run. */
import { describe, expect, it } from 'vitest';
import { lintFlow } from '../../src/engine/format/lint.ts';
import { parseFlow } from '../../src/engine/format/parse.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';
import { blocksOf } from './pages.ts';

const flows = blocksOf('json').filter(({ text }) => /^ {2}"version":/m.test(text));

describe('flows in the documentation', () => {
  it('are found', () => expect(flows.length).toBeGreaterThan(4));

  it.each(flows)('$where has no problem', ({ text }) => {
    const parsed = parseFlow(text, catalog);
    expect([...parsed.problems, ...lintFlow(parsed, catalog)].map(({ code, message }) => `${code}: ${message}`)).toEqual([]);
  });
});
