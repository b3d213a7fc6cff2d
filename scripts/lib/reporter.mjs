// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { root } from './paths.mjs';

/** @typedef {import('./results.mjs').Report} Report */
/** @typedef {import('vitest/node').TestModule} TestModule */

/**
 * A reporter for vitest that writes what `npm test` says at its end: how many, which failed and why, and which needed a second try.
 * Vitest's own JSON report leaves out the errors that no test is to blame for.
 */
export class ReportWriter {
  #file;

  /** @param {string} file */
  constructor(file) {
    this.#file = file;
  }

  /**
   * @param {ReadonlyArray<TestModule>} modules
   * @param {ReadonlyArray<import('vitest').SerializedError>} unhandled
   */
  onTestRunEnd(modules, unhandled) {
    /** @type {Report} */
    const report = { passed: 0, failed: 0, skipped: 0, failures: [], secondTries: [] };
    for (const module of modules) {
      const where = relative(root, module.moduleId);
      for (const error of module.errors()) report.failures.push({ test: where, message: error.message });
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        const name = `${where} > ${test.fullName}`;
        if (state === 'passed') report.passed++;
        else if (state === 'skipped') report.skipped++;
        else {
          // A test that never came to its end has not passed.
          report.failed++;
          report.failures.push({ test: name, message: messageOf(errors) || 'it did not end' });
        }
        if (test.diagnostic()?.flaky) report.secondTries.push({ test: name, message: messageOf(errors) });
      }
    }
    for (const error of unhandled) report.failures.push({ test: 'outside of all tests', message: error.stack ?? error.message });
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, `${JSON.stringify(report)}\n`);
  }
}

/** @param {ReadonlyArray<{ message: string }> | undefined} errors */
const messageOf = (errors) => (errors ?? []).map(({ message }) => message).join('\n');
