// @ts-check
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureNode } from './dependencies.mjs';
import { toolEnvironment } from './environment.mjs';
import { withLock } from './lock.mjs';
import { say, seconds, step } from './log.mjs';
import { cacheFolder } from './paths.mjs';
import { mustRun } from './process.mjs';
import { ensureBuildTools } from './system.mjs';

/** VS Code 1.139.1 with its extension host on Node 24. */
const codeServerVersion = '4.139.1';

/** The native modules that the workbench needs; the others serve parts that are never started here and cost two warnings. */
const nativeModules = ['@vscode/spdlog', 'node-pty', '@vscode/native-watchdog', '@parcel/watcher'];

/**
 * A real VS Code workbench served to a browser, installed once for all clones of this user.
 * It is built in a folder of its own and renamed at the end: a half-finished install breaks the next one.
 * @returns {Promise<{ entry: string, nodeBinary: string }>} the script to run and the Node to run it with
 */
export async function ensureCodeServer() {
  const node = await ensureNode();
  const name = `code-server-${codeServerVersion}`;
  const home = join(cacheFolder, name);
  const installed = { entry: join(home, 'node_modules', 'code-server', 'out', 'node', 'entry.js'), nodeBinary: node.binary };
  if (existsSync(installed.entry)) return installed;
  await withLock(name, async () => {
    if (existsSync(installed.entry)) return;
    for (const leftover of readdirSync(cacheFolder)) {
      if (leftover.startsWith(`${name}.partial-`)) rmSync(join(cacheFolder, leftover), { recursive: true, force: true });
    }
    await ensureBuildTools();
    const partial = join(cacheFolder, `${name}.partial-${process.pid}`);
    mkdirSync(partial, { recursive: true });
    await step(`installing code-server ${codeServerVersion}, once, about 620 MB, into ${home}`, () => build(partial, node));
    renameSync(partial, home);
  });
  return installed;
}

/**
 * Installs without install scripts, then builds only the native modules that are used: a third of the time of a plain
 * install, and none of the development packages that the unused ones want.
 * @param {string} folder
 * @param {{ binary: string, headers: string | undefined }} node
 */
async function build(folder, node) {
  const env = toolEnvironment(node.binary);
  if (node.headers !== undefined) env.npm_config_nodedir = node.headers;
  const log = join(cacheFolder, `code-server-${codeServerVersion}.log`);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'belay-code-server', private: true }));
  const server = join(folder, 'node_modules', 'code-server');
  const workbench = join(server, 'lib', 'vscode');
  const quiet = ['--no-audit', '--no-fund'];
  const withoutScripts = ['--ignore-scripts', ...quiet];
  /** @type {[text: string, cwd: string, args: string[]][]} */
  const steps = [
    ['the server', folder, ['install', `code-server@${codeServerVersion}`, '--save-exact', ...withoutScripts]],
    ['the workbench', workbench, ['install', '--omit=dev', ...withoutScripts]],
    ['the built-in extensions', join(workbench, 'extensions'), ['install', '--omit=dev', ...withoutScripts]],
    ['native modules of the workbench', workbench, ['rebuild', ...nativeModules, ...quiet]],
    ['native modules of the server', server, ['rebuild', 'argon2', ...quiet]],
  ];
  for (const [index, [text, cwd, args]] of steps.entries()) {
    const started = Date.now();
    await mustRun('CODE_SERVER_INSTALL', 'npm', args, { cwd, env, log, next: 'mend what npm names and run the command again' });
    say(`  ${index + 1}/${steps.length} ${text} (${seconds(Date.now() - started)})`);
  }
}
