// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withLock } from './lock.mjs';
import { SetupError, say, step } from './log.mjs';
import { cacheFolder, root } from './paths.mjs';
import { ask, mustRun } from './process.mjs';

/**
 * What the project installs, brought to what package-lock.json says.
 * npm records what it has put on the disk at the end of an install; comparing that record with the lock finds a missing,
 * a broken-off and an outdated install alike, and never repeats one that a developer has just made by hand.
 */
export async function ensureDependencies() {
  const key = createHash('sha256').update(root).digest('hex').slice(0, 12);
  await withLock(`dependencies-${key}`, async () => {
    const why = whatIsMissing(root);
    if (why === undefined) return;
    const log = join(cacheFolder, `dependencies-${key}.log`);
    // Not `npm ci`: it refuses a lock that lacks the optional binaries of other platforms, as one made with a partial mirror
    // does. Where the lock is in step with package.json, `install` puts the very same versions there; `--no-save`, because
    // every npm has its own idea of how the same lock is written.
    await step(`npm install (${why})`, () =>
      mustRun('DEPENDENCIES', 'npm', ['install', '--no-save', '--no-audit', '--no-fund'], {
        cwd: root,
        log,
        next: 'mend what npm names and run the command again',
      }),
    );
  });
}

/**
 * @param {string} folder a folder with package-lock.json
 * @returns {string | undefined} why an install is needed, or undefined when it is not
 */
export function whatIsMissing(folder) {
  const record = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return 'nothing is installed yet';
  const wanted = packagesOf(join(folder, 'package-lock.json'));
  const installed = packagesOf(record);
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || entry.link === true) continue;
    const there = installed[path];
    // Optional packages are mostly binaries for other platforms.
    if (there === undefined && entry.optional !== true && entry.devOptional !== true) return `${path} is missing`;
    if (there !== undefined && there.version !== entry.version) return `${path} is ${there.version}, not ${entry.version}`;
  }
  return undefined;
}

/**
 * @param {string} file a lock file of npm
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean, link?: boolean }>}
 */
function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}

/**
 * The Node that VS Code runs extensions on. Its npm package brings the binary of this platform, so that a machine with an
 * older Node needs nothing else.
 * @returns {Promise<{ binary: string, headers: string | undefined }>} `headers`: the folder that node-gyp calls nodedir
 */
export async function ensureNode() {
  const folder = join(root, 'node_modules', 'node');
  const binary = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(binary)) {
    // npm can be told not to run install scripts; the package needs its one.
    mkdirSync(cacheFolder, { recursive: true });
    say('the Node binary is missing from node_modules: running the install script of its package');
    await mustRun('NODE_BINARY', process.execPath, ['installArchSpecificPackage.js'], {
      cwd: folder,
      log: join(cacheFolder, 'node.log'),
      next: 'delete node_modules and run the command again',
    });
  }
  const version = await ask(binary, ['--version']);
  if (!version?.startsWith('v24.')) {
    throw new SetupError(
      'NODE_BINARY',
      `${binary} answered ${version ?? 'nothing'} when asked for its version`,
      'delete node_modules and run the command again',
    );
  }
  return { binary, headers: headersNear(folder) };
}

/** @param {string} folder of the npm package `node` */
function headersNear(folder) {
  for (const modules of [join(folder, 'node_modules'), dirname(folder)]) {
    if (!existsSync(modules)) continue;
    for (const name of readdirSync(modules)) {
      const candidate = join(modules, name);
      if (name.startsWith('node-') && existsSync(join(candidate, 'include', 'node', 'node.h'))) return candidate;
    }
  }
  return undefined;
}
