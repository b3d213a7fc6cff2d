import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { ReportWriter } from './scripts/lib/reporter.mjs';

/** Where `npm test` wants to read what came of it. */
const report = process.env.BELAY_TEST_REPORT;
/**
 * What random tests begin with. The same each time, as what decides whether a change may land has to say the same twice; to search for
 * what nobody thought of, choose others: `BELAY_SEED=$RANDOM npm test -- unit`.
 */
const seed = Number(process.env.BELAY_SEED ?? 20_261_129);

/** What takes longest is begun first: begun last, it would leave the other cores nothing to do. */
const LONG = ['test/kill/kill.test.ts', 'src/cli/cli.test.ts', 'test/kill/disk.test.ts', 'test/examples/patterns.test.ts'];

/** What people see, on a machine that may be busy. */
const SEEN = {
  // A machine that starves can make a browser lose what a person would do again. The report says "retry x1": that is a defect of the
  // test or of Belay to be mended, but it does not stop what is right.
  retry: 1,
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // A second, which is the default, is too short for a busy machine: conditions are waited for, not timed.
  expect: { poll: { timeout: 20_000 } },
};

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONG.findIndex((path) => moduleId.endsWith(path));
      return place < 0 ? LONG.length : place;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

/**
 * `unit` needs nothing but Node; `webview` opens the bare graph editor in a browser; `e2e` drives a real workbench in one, a file at a
 * time: two at once starve each other.
 */
export default defineConfig({
  test: {
    reporters: report === undefined ? ['default'] : ['default', new ReportWriter(report)],
    // Many unit tests wait for processes that they started: one core less would leave the machine idle for half of the time.
    maxWorkers: '100%',
    sequence: { sequencer: LongFirst },
    projects: [
      {
        test: {
          name: 'unit',
          provide: { seed },
          globalSetup: ['test/cli-build.ts'],
          include: ['{src,scripts,bench}/**/*.test.{ts,tsx}', 'test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/webview/**', 'test/suite/**', '**/node_modules/**', 'dist/**'],
          // Nothing is judged by how long it takes: a machine with other work on it must not fail what is right.
          testTimeout: 30_000,
          // Many start processes and wait for them. What is wrong fails twice; what is only shaky is told at the end, with its first error.
          retry: 1,
        },
      },
      {
        test: {
          name: 'webview',
          include: ['test/webview/**/*.test.ts'],
          ...SEEN,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          ...SEEN,
        },
      },
    ],
  },
});
