// @ts-check
/**
 * `npm test`: everything, on a machine that has nothing but Node, npm and apt.
 * `npm test -- unit` (or check, suite, webview, e2e) runs one suite; words after it choose test files: `npm test -- e2e smoke`.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureCodeServer } from './lib/code-server.mjs';
import { ensureDependencies, ensureNode } from './lib/dependencies.mjs';
import { toolEnvironment, withoutSecrets } from './lib/environment.mjs';
import { report as reportError, SetupError, say, seconds } from './lib/log.mjs';
import { resultsFolder, root } from './lib/paths.mjs';
import { endAll, endWithUs, run } from './lib/process.mjs';
import { inWords, remarksOf, reportOf, sum } from './lib/results.mjs';
import { ensureBrowser } from './lib/system.mjs';

/** Longer than any suite takes, also on a busy machine; a hang must still leave time to report. */
const limit = 40 * 60_000;

/**
 * `needsHost`: the built extension in a code-server; `needsBrowser`: that, or a browser alone.
 * @type {Record<string, { needsHost?: boolean, needsBrowser?: boolean, command: (filters: string[]) => string[] }>}
 */
const suites = {
  check: { command: () => ['npm', 'run', '--silent', 'check'] },
  unit: { command: vitest('unit') },
  suite: { needsHost: true, command: (filters) => ['node', join('test', 'suite', 'main.ts'), ...filters] },
  webview: { needsBrowser: true, command: vitest('webview') },
  e2e: { needsHost: true, command: vitest('e2e') },
};

/** @param {string} project */
function vitest(project) {
  return (/** @type {string[]} */ filters) => ['vitest', 'run', `--project=${project}`, ...filters];
}

/** @param {string[]} words */
async function main(words) {
  const [only, ...filters] = words;
  if (only !== undefined && !(only in suites)) {
    throw new SetupError('USAGE', `there is no suite named ${only}`, `name one of ${Object.keys(suites).join(', ')}, or none for all`);
  }
  const chosen = Object.entries(suites).filter(([name]) => only === undefined || name === only);
  await ensureDependencies();
  const node = await ensureNode();
  const env = withoutSecrets(toolEnvironment(node.binary));
  if (only === undefined) rmSync(resultsFolder, { recursive: true, force: true });
  mkdirSync(resultsFolder, { recursive: true });

  let built = true;
  if (chosen.some(([, { needsHost, needsBrowser }]) => needsHost || needsBrowser)) await ensureBrowser();
  if (chosen.some(([, { needsHost }]) => needsHost)) {
    await ensureCodeServer();
    say('npm run build');
    built = (await run('npm', ['run', '--silent', 'build'], { cwd: root, env, limit })) === 0;
  }

  const all = [];
  for (const [name, { needsHost, command }] of chosen) {
    const report = join(resultsFolder, `${name}.json`);
    rmSync(report, { force: true });
    if (needsHost && !built) {
      say(`── ${name}: not run, for the extension does not build`);
      all.push({ name, result: reportOf(report, 1), took: 0 });
      continue;
    }
    const [program = 'node', ...args] = command(filters);
    say(`── ${name}: ${[program, ...args].join(' ')}`);
    const started = Date.now();
    const exit = await run(program, args, { cwd: root, env: { ...env, BELAY_TEST_REPORT: report }, limit });
    if (exit === 124) say(`${name} was ended after ${seconds(limit)}`);
    // The checks have no report of their own: they hold as a whole, or do not.
    if (name === 'check')
      writeFileSync(report, `${JSON.stringify({ passed: exit === 0 ? 1 : 0, failed: exit === 0 ? 0 : 1, skipped: 0 })}\n`);
    all.push({ name, result: reportOf(report, exit), took: Date.now() - started });
  }

  // Once more at the end, where it is found in a long log.
  for (const { name, result } of all) for (const line of remarksOf(name, result)) say(line);
  for (const { name, result, took } of all) say(`${name}: ${inWords(result)} (${seconds(took)})`);
  return sum(all.map(({ result }) => result));
}

endWithUs();
let total = { passed: 0, failed: 1, skipped: 0 };
try {
  total = await main(process.argv.slice(2));
} catch (error) {
  reportError(error);
}
await endAll();
// The last line is what machines read.
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
