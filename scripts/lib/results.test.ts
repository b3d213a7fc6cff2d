import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inWords, remarksOf, reportOf, sum } from './results.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-results-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ours = (passed: number, failed: number, more: object = {}) =>
  JSON.stringify({ passed, failed, skipped: 3, failures: [], secondTries: [], ...more });
const mocha = (passes: number, failures: number, more: object = {}) =>
  JSON.stringify({ stats: { passes, failures, pending: 0 }, tests: [], ...more });
const failure = { test: 'a.test.ts > adds', message: 'expected 1 to be 2' };
const outside = { test: 'outside of all tests', message: 'Error: nobody waited for this' };

test.each([
  { name: 'ours, all well', text: ours(3, 0), exit: 0, counts: [3, 0, 3], failures: [] },
  { name: 'ours, one failed', text: ours(3, 1, { failures: [failure] }), exit: 1, counts: [3, 1, 3], failures: [failure] },
  { name: 'Mocha, all well', text: mocha(2, 0), exit: 0, counts: [2, 0, 0], failures: [] },
  {
    name: 'Mocha, one failed',
    text: mocha(2, 1, { failures: [{ fullTitle: 'adds', err: { message: 'expected 1 to be 2' } }] }),
    exit: 1,
    counts: [2, 1, 0],
    failures: [{ test: 'adds', message: 'expected 1 to be 2' }],
  },
  { name: 'plain counts', text: '{"passed":1,"failed":0,"skipped":0}', exit: 0, counts: [1, 0, 0], failures: [] },
  { name: 'an error outside of all tests', text: ours(3, 0, { failures: [outside] }), exit: 1, counts: [3, 1, 3], failures: [outside] },
  {
    name: 'a runner that failed',
    text: ours(3, 0),
    exit: 7,
    counts: [3, 1, 3],
    failures: [{ test: 'the suite', message: 'its runner ended with 7' }],
  },
  { name: 'no test ran', text: mocha(0, 0), exit: 0, counts: [0, 1, 0], failures: [{ test: 'the suite', message: 'no test ran' }] },
  {
    name: 'a report cut off',
    text: ours(3, 0).slice(0, 20),
    exit: 0,
    counts: [0, 1, 0],
    failures: [{ test: 'the suite', message: 'left no report' }],
  },
  {
    name: 'something else',
    text: '{"success":true}',
    exit: 0,
    counts: [0, 1, 0],
    failures: [{ test: 'the suite', message: 'left no report' }],
  },
])('reads: $name', ({ text, exit, counts, failures }) => {
  const file = join(folder, 'report.json');
  writeFileSync(file, text);
  const report = reportOf(file, exit);
  expect([report.passed, report.failed, report.skipped]).toEqual(counts);
  expect(report.failures).toEqual(failures);
});

test('a runner without a report has failed', () => {
  expect(reportOf(join(folder, 'none.json'), 0)).toMatchObject({ passed: 0, failed: 1, skipped: 0 });
});

test('remarks name what failed with the first lines of why, and what needed a second try', () => {
  const message = Array.from({ length: 20 }, (_, line) => `line ${line}`).join('\n');
  const report = {
    passed: 1,
    failed: 1,
    skipped: 0,
    failures: [{ test: 'a > b', message }],
    secondTries: [{ test: 'c > d', message: 'once' }],
  };
  const lines = remarksOf('unit', report);
  expect(lines[0]).toBe('unit: failed: a > b');
  expect(lines.filter((line) => line.startsWith('    line'))).toHaveLength(12);
  expect(lines.slice(-2)).toEqual(['unit: only at the second try: c > d', '    once']);
});

test('the sum of all suites', () => {
  const total = sum([
    { passed: 3, failed: 0, skipped: 1 },
    { passed: 2, failed: 1, skipped: 0 },
  ]);
  expect(total).toEqual({ passed: 5, failed: 1, skipped: 1 });
  expect(inWords(total)).toBe('5 passed, 1 failed, 1 skipped');
});
