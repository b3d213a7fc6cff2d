// @ts-check
import { existsSync, readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * What a suite achieved, from the report it wrote and the way it ended. A runner that fails without a failed test, or that
 * leaves no report, counts as one failure: silence is never success.
 * @param {string} file a JSON report of vitest or Mocha, or counts as they are
 * @param {number} exit of the runner
 * @returns {Counts}
 */
export function countsOf(file, exit) {
  const counts = existsSync(file) ? read(file) : undefined;
  if (counts === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const nothingRan = counts.passed + counts.failed === 0;
  return (exit !== 0 || nothingRan) && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/**
 * @param {string} file
 * @returns {Counts | undefined} undefined when it is not a report
 */
function read(file) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    const counts = report.stats
      ? { passed: report.stats.passes, failed: report.stats.failures, skipped: report.stats.pending }
      : 'numPassedTests' in report
        ? { passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests + report.numTodoTests }
        : { passed: report.passed, failed: report.failed, skipped: report.skipped };
    return Object.values(counts).every(Number.isInteger) ? counts : undefined;
  } catch {
    return undefined;
  }
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
