/** Every code that a step, a run or a command can fail with is explained, and none that does not exist. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAULT_GROUPS } from '../../scripts/generate/fault-codes.ts';
import { EDIT_CODES } from '../../src/engine/format/edits-plan.ts';
import { LINT_CODES } from '../../src/engine/format/lint-codes.ts';
import { PROBLEM_CODES } from '../../src/engine/format/problem-codes.ts';
import { ROOT } from './pages.ts';

/** Files whose capitals are names of environment variables. */
const OTHER_NAMES = ['src/providers/shell/environment.ts'];
/** Names in capitals that are no codes: environment variables, errors of the system. */
const NO_CODES = new Set(['BELAY_COMMAND_ID', 'BELAY_SECRET_', 'EAI_AGAIN']);

const sources = globSync('src/**/*.{ts,tsx}', { cwd: ROOT })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => !/\.test\.tsx?$|\/testing\/|\/fake-/.test(path) && !OTHER_NAMES.includes(path))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

const documented = FAULT_GROUPS.flatMap(({ codes }) => Object.keys(codes));
const ofDocuments = new Set([...Object.keys(PROBLEM_CODES), ...Object.keys(LINT_CODES), ...Object.keys(EDIT_CODES)]);

/** Codes by the first place they stand at, as texts in the code. */
const mentioned = new Map(
  sources.flatMap(({ path, text }) => [...text.matchAll(/'([A-Z][A-Z0-9]*_[A-Z0-9_]+)'/g)].map((match) => [match[1] ?? '', path] as const)),
);

describe('codes of faults', () => {
  it.each([...mentioned].filter(([code]) => !NO_CODES.has(code) && !ofDocuments.has(code)))('%s (%s) is documented', (code) =>
    expect(documented).toContain(code),
  );

  // Codes of documents that a run can fail with as well.
  const thrown = sources.flatMap(({ text }) => [...text.matchAll(/new BelayError\(\s*'([A-Z_]+)'/g)].map((match) => match[1] ?? ''));
  it.each([...new Set(thrown)])('%s is thrown and documented', (code) => expect(documented).toContain(code));

  it.each(documented)('%s is in the code', (code) => expect(sources.some(({ text }) => text.includes(`'${code}'`))).toBe(true));

  it('are shared with documents only where the cause is the same', () =>
    expect(documented.filter((code) => ofDocuments.has(code)).sort()).toEqual([
      'CONDITION_NOT_BOOLEAN',
      'FLOW_FILES_MANY',
      'INPUT_UNKNOWN',
      'PROMPT_FILE_MISSING',
      'SCHEMA_INVALID',
    ]));

  it('stand in one group each', () => expect(new Set(documented).size).toBe(documented.length));
});
