import { expect, test } from 'vitest';
import { lintFlow } from '../../engine/format/lint.ts';
import { parseFlow } from '../../engine/format/parse.ts';
import { charsToTokens } from '../../engine/messages.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import params from '../../engine/nodes/params.generated.json' with { type: 'json' };
import { EXAMPLE, flowGuide } from './guide.ts';

const guide = flowGuide(catalog, params);

test('the guide tells of every type that can run, with its required fields, and of no other', () => {
  for (const { type, built } of catalog.values()) expect(guide.includes(`## ${type}: `), type).toBe(built);
  expect(guide).toContain('- action* (literal, "read" | "write" | "append"): ');
  expect(guide).toContain('output: { text: string, model: string }');
  expect(guide).toContain('{ path: string, text: string, bytes: integer } (action read)');
  expect(guide).not.toContain('x-belay');
});

test('the guide is small enough for a local model', () => expect(charsToTokens(guide.length)).toBeLessThan(6000));

test('the example of the guide has no problem at all', () => {
  const parsed = parseFlow(JSON.stringify(EXAMPLE), catalog);
  expect([...parsed.problems, ...lintFlow(parsed, catalog)]).toEqual([]);
});
