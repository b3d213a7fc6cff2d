import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { countsOf, inWords, sum } from './results.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-results-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const vitest = (passed: number, failed: number) =>
  JSON.stringify({ numPassedTests: passed, numFailedTests: failed, numPendingTests: 1, numTodoTests: 2 });
const mocha = (passes: number, failures: number) => JSON.stringify({ stats: { passes, failures, pending: 0 }, tests: [] });

test.each([
  { name: 'vitest, all well', text: vitest(3, 0), exit: 0, counts: { passed: 3, failed: 0, skipped: 3 } },
  { name: 'vitest, one failed', text: vitest(3, 1), exit: 1, counts: { passed: 3, failed: 1, skipped: 3 } },
  { name: 'Mocha, all well', text: mocha(2, 0), exit: 0, counts: { passed: 2, failed: 0, skipped: 0 } },
  { name: 'plain counts', text: '{"passed":1,"failed":0,"skipped":0}', exit: 0, counts: { passed: 1, failed: 0, skipped: 0 } },
  { name: 'an error outside of all tests', text: vitest(3, 0), exit: 1, counts: { passed: 3, failed: 1, skipped: 3 } },
  { name: 'no test ran', text: mocha(0, 0), exit: 0, counts: { passed: 0, failed: 1, skipped: 0 } },
  { name: 'a report cut off', text: vitest(3, 0).slice(0, 20), exit: 0, counts: { passed: 0, failed: 1, skipped: 0 } },
  { name: 'something else', text: '{"success":true}', exit: 0, counts: { passed: 0, failed: 1, skipped: 0 } },
])('counts: $name', ({ text, exit, counts }) => {
  const file = join(folder, 'report.json');
  writeFileSync(file, text);
  expect(countsOf(file, exit)).toEqual(counts);
});

test('a runner without a report has failed', () => {
  expect(countsOf(join(folder, 'none.json'), 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('the sum of all suites', () => {
  const total = sum([
    { passed: 3, failed: 0, skipped: 1 },
    { passed: 2, failed: 1, skipped: 0 },
  ]);
  expect(total).toEqual({ passed: 5, failed: 1, skipped: 1 });
  expect(inWords(total)).toBe('5 passed, 1 failed, 1 skipped');
});
