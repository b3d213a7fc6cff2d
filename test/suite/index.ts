import { load } from 'belay:test-files';
import Mocha from 'mocha';

/**
 * What the extension host calls for `extensionTestsPath`: runs every test file of the suite inside VS Code and writes Mocha's
 * JSON report to the file that BELAY_TEST_REPORT names.
 * @throws Error when a test failed, which VS Code turns into its exit code
 */
export async function run(): Promise<void> {
  const output = process.env.BELAY_TEST_REPORT;
  if (output === undefined) throw new Error('BELAY_TEST_REPORT does not name the report');
  const mocha = new Mocha({ ui: 'bdd', timeout: 20_000, reporter: 'json', reporterOptions: { output } });
  // Tests with one of these words in their names, where there are any.
  const words = (process.env.BELAY_TEST_WORDS ?? '').split(' ').filter((word) => word !== '');
  if (words.length > 0) mocha.grep(new RegExp(words.join('|'), 'i'));
  mocha.suite.emit('pre-require', globalThis, null, mocha);
  await load();
  const failures = await new Promise<number>((resolve) => {
    mocha.run(resolve);
  });
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
