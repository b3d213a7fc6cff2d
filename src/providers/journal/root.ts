/** Where the runs of a flow are kept: one rule for every host, so that editor and terminal find each other's runs. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The nearest folder, from `start` upwards, that holds `.belay` or `.git`.
 *
 * @param start absolute.
 * @param top where to stop looking: a workspace folder above `start`, or `start` itself. Default: the root of the file system.
 * @param otherwise where none of them does. Default: `start`.
 */
export function findRoot(start: string, top?: string, otherwise = start): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.belay')) || existsSync(join(folder, '.git'))) return folder;
    if (folder === top || folder === dirname(folder)) return otherwise;
  }
}
