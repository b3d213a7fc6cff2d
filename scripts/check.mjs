/**
 * `npm run check [-- NAME…]`: everything that can be said about the code without running it. All checks run even when one
 * fails, so that one look shows all there is to mend.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
// By path: typescript-js, which is installed for dependency-cruiser, brings a `tsc` of its own (see arrows.mjs).
// What it has found stays in a cache: a second look at the same code takes a fourth of the time.
const tsc = (project) => [
  ...['node', 'node_modules/typescript/bin/tsc', '-p', project],
  ...['--incremental', '--tsBuildInfoFile', `node_modules/.cache/tsc/${project}.tsbuildinfo`],
];

/** @type {Record<string, string[]>} */
const checks = {
  generated: ['node', 'scripts/generate.ts', '--check'],
  'types of the Node side': tsc('tsconfig.json'),
  'types of the web view': tsc('tsconfig.webview.json'),
  'types of what both share': tsc('tsconfig.shared.json'),
  'types of the browser tests': tsc('tsconfig.browser-tests.json'),
  style: ['biome', 'check', '--error-on-warnings', '.'],
  arrows: ['node', 'scripts/arrows.mjs'],
  unused: ['knip', '--no-progress', '--cache', '--cache-location', 'node_modules/.cache/knip'],
};

const chosen = process.argv.slice(2);
const failed = [];
for (const [name, [command, ...args]] of Object.entries(checks)) {
  if (chosen.length > 0 && !chosen.some((word) => name.includes(word))) continue;
  const start = performance.now();
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) failed.push(name);
  console.log(
    `${status === 0 ? 'ok    ' : 'FAILED'}  ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)${error ? `: ${error.message}` : ''}`,
  );
}
if (failed.length > 0) {
  console.log(`\nnpm run check: ${failed.length} failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
