// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { ask, onPath } from './process.mjs';

/**
 * A desktop VS Code on this machine that can run the extension.
 * One that would have to be downloaded first is not considered: it comes from outside the package registries and needs a
 * display, and where there is a display there is mostly a `code` too. Without one, code-server shows the same workbench.
 * @returns {Promise<{ command: string, version: string } | { unfit: string }>} `unfit`: why there is none, for the person who waits
 */
export async function findDesktop() {
  const command = onPath('code');
  if (command === undefined) return { unfit: 'no `code` on the PATH' };
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return { unfit: '`code` is on the PATH, but there is no display' };
  if (process.getuid?.() === 0) return { unfit: '`code` does not start as root' };
  const version = (await ask(command, ['--version']))?.split('\n')[0]?.trim() ?? '';
  const wanted = minimum(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.vscode);
  if (!isAtLeast(version, wanted)) return { unfit: `\`code\` is ${version || 'of an unknown version'}; Belay needs ${wanted}` };
  return { command, version };
}

/** @param {string} range as engines.vscode has it: `^1.106.0` */
function minimum(range) {
  return range.replace(/^[^\d]*/, '');
}

/**
 * @param {string} version
 * @param {string} wanted
 */
export function isAtLeast(version, wanted) {
  const parts = (/** @type {string} */ text) => /^(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number);
  const [have, need] = [parts(version), parts(wanted)];
  if (have === undefined || need === undefined) return false;
  for (const [index, part] of need.entries()) {
    const own = have[index] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}
