// @ts-check
import { existsSync, readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {{ test: string, message: string }} Failure */
/** What a suite leaves behind; `secondTries` are tests that failed first, and then passed. @typedef {Counts & { failures: Failure[], secondTries: Failure[] }} Report */

/**
 * What a suite achieved, from the report it wrote and the way it ended. A runner that fails without a failed test, or that
 * leaves no report, counts as one failure: silence is never success.
 * @param {string} file a report of ours or of Mocha
 * @param {number} exit of the runner
 * @returns {Report}
 */
export function reportOf(file, exit) {
  const report = existsSync(file) ? read(file) : undefined;
  if (report === undefined)
    return { passed: 0, failed: 1, skipped: 0, failures: [{ test: 'the suite', message: 'left no report' }], secondTries: [] };
  const nothingRan = report.passed + report.failed === 0;
  if ((exit === 0 && !nothingRan) || report.failed > 0) return report;
  const message = nothingRan ? 'no test ran' : `its runner ended with ${exit}`;
  return { ...report, failed: 1, failures: report.failures.length > 0 ? report.failures : [{ test: 'the suite', message }] };
}

/**
 * @param {string} file
 * @returns {Report | undefined} undefined when it is not a report
 */
function read(file) {
  try {
    const json = JSON.parse(readFileSync(file, 'utf8'));
    const report = json.stats ? ofMocha(json) : { failures: [], secondTries: [], ...json };
    return [report.passed, report.failed, report.skipped].every(Number.isInteger) ? report : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {{ stats: { passes: number, failures: number, pending: number }, failures?: { fullTitle: string, err: { message?: string } }[] }} json
 * @returns {Report}
 */
function ofMocha({ stats, failures = [] }) {
  return {
    passed: stats.passes,
    failed: stats.failures,
    skipped: stats.pending,
    failures: failures.map(({ fullTitle, err }) => ({ test: fullTitle, message: err.message ?? '' })),
    secondTries: [],
  };
}

/**
 * What is worth reading at the end of a long log: what failed and why, and what needed a second try.
 * @param {string} suite
 * @param {Report} report
 * @returns {string[]} lines
 */
export function remarksOf(suite, { failures, secondTries }) {
  /** @param {string} what @param {Failure[]} of */
  const told = (what, of) =>
    of.flatMap(({ test, message }) => [`${suite}: ${what}: ${test}`, ...message.split('\n', 12).map((line) => `    ${line}`)]);
  return [...told('failed', failures), ...told('only at the second try', secondTries)];
}

/**
 * @param {Counts[]} all
 * @returns {Counts}
 */
export function sum(all) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of all) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
}

/** @param {Counts} counts */
export function inWords({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
