// @ts-check
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError, step } from './log.mjs';
import { cacheFolder } from './paths.mjs';
import { ask, mustRun, onPath } from './process.mjs';

const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const macBrowser = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** What building native modules takes, as commands and as the Debian packages that bring them. */
const buildTools = [
  { command: 'python3', debian: 'python3' },
  { command: 'make', debian: 'make' },
  { command: 'g++', debian: 'g++' },
];

/** @returns {string | undefined} a Chromium or Chrome on this machine; BELAY_CHROMIUM names another one */
function findBrowser() {
  const chosen = process.env.BELAY_CHROMIUM;
  if (chosen) return chosen;
  for (const name of browsers) {
    const found = onPath(name);
    if (found !== undefined) return found;
  }
  return existsSync(macBrowser) ? macBrowser : undefined;
}

/**
 * The browser that the tests drive, installed from Debian when it is missing and we may.
 * @returns {Promise<string>} its executable
 */
export async function ensureBrowser() {
  // The fonts are for the screenshots: without any, a headless browser draws boxes.
  if (findBrowser() === undefined) await installPackages('the browser for the tests', ['chromium', 'fonts-dejavu-core']);
  const found = findBrowser();
  if (found === undefined)
    throw new SetupError('BROWSER', 'no Chromium or Chrome on the PATH', 'install one, or name it in BELAY_CHROMIUM');
  return found;
}

/** The compiler that the native modules of code-server need. */
export async function ensureBuildTools() {
  const missing = buildTools.filter((tool) => onPath(tool.command) === undefined);
  if (missing.length > 0)
    await installPackages(
      'what builds native modules',
      missing.map((tool) => tool.debian),
    );
}

/**
 * @param {string} purpose
 * @param {string[]} packages names in Debian
 */
async function installPackages(purpose, packages) {
  const byHand = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const apt = onPath('apt-get');
  if (apt === undefined)
    throw new SetupError(
      'SYSTEM_PACKAGES',
      `${purpose} is missing: ${packages.join(', ')}`,
      `install it with this system's package manager (on Debian: ${byHand})`,
    );
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && (await ask('sudo', ['-n', 'true'])) === undefined) {
    throw new SetupError('SYSTEM_PACKAGES', `${purpose} is missing: ${packages.join(', ')}`, `run: sudo sh -c '${byHand}'`);
  }
  mkdirSync(cacheFolder, { recursive: true });
  const log = join(cacheFolder, 'apt.log');
  const prefix = isRoot ? [] : ['sudo', '-n', 'env', 'DEBIAN_FRONTEND=noninteractive'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await step(`installing ${packages.join(', ')} from Debian`, async () => {
    for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
      const [command = apt, ...rest] = [...prefix, apt, ...args];
      await mustRun('SYSTEM_PACKAGES', command, rest, { env, log, next: `run by hand: ${byHand}` });
    }
  });
}
