/** Files beside a flow, read to look at it: while it is edited or validated, before anybody has said that it may run. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';

/** Larger files are no prompts: 5 MiB. */
const LARGEST = 5 * 1_048_576;

/**
 * The text of a file of the workspace. A flow may name anything, so that this is read at all is decided here: regular files inside
 * the root, links resolved, of a size that can be looked at. Neither a device nor a file of the user's own.
 *
 * @param root, folder absolute: what confines, and where `path` starts.
 * @returns undefined where there is no such file.
 */
export function readBeside(root: string, folder: string, path: string): string | undefined {
  try {
    const real = realpathSync.native(resolve(folder, path));
    const below = relative(realpathSync.native(root), real);
    if (below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below)) return undefined;
    const found = statSync(real);
    if (!found.isFile() || found.size > LARGEST) return undefined;
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(real));
  } catch {
    return undefined;
  }
}
