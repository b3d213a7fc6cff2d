import { readdirSync } from 'node:fs';
import { cpuUsage } from 'node:process';
import { describe, expect, it } from 'vitest';
import { hasErrors, parseFlow } from '../../src/engine/format/parse.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';
import { BROKEN_FOLDER, brokenDocuments } from './broken-documents.ts';

describe('broken documents', () => {
  it.each(brokenDocuments)('$name', ({ text, problems, says }) => {
    const started = cpuUsage();
    const parsed = parseFlow(text, catalog);
    // The time of the processor, not of the clock: other tests run beside this one.
    expect(cpuUsage(started).user / 1000).toBeLessThan(10_000);
    expect(parsed.problems.map(({ place, code }) => `${place.line}:${place.column} ${code}`)).toEqual(problems);
    expect(parsed.problems[0]?.message).toMatch(says);
    for (const { message, hint } of parsed.problems) {
      expect(message).toMatch(/^["A-Z].*[.]$/s);
      expect(hint).toMatch(/[.?]$/);
      expect(`${message} ${hint}`).not.toMatch(/zod|undefined|\bobject Object\b|Invalid input/);
    }
  });

  it('has a row for every fixture', () => {
    const fixtures = readdirSync(BROKEN_FOLDER).map((file) => file.replace('.flow.json', ''));
    expect(brokenDocuments.map(({ name }) => name)).toEqual(expect.arrayContaining(fixtures));
  });

  it('pollutes no prototype', () => {
    for (const { text } of brokenDocuments) parseFlow(text, catalog);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it.each(['version-newer', 'cycle', 'duplicate-id', 'parameter-wrong', 'node-text', 'nodes-missing'])('can still be drawn: %s', (name) => {
    const text = brokenDocuments.find((it) => it.name === name)?.text ?? '';
    const { flow, problems } = parseFlow(text, catalog);
    expect(flow).toBeDefined();
    expect(hasErrors(problems)).toBe(true);
  });
});
