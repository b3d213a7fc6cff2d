/** The journal root: where `.belay` stands. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { BelayError } from '../engine/errors.ts';

/** The nearest folder, from `start` upwards, that holds `.belay` or `.git`; `start` itself where there is none. */
function findRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.belay')) || existsSync(join(folder, '.git'))) return folder;
    if (folder === dirname(folder)) return start;
  }
}

/** `--root`, or the nearest root above `start`. Throws `ROOT_INVALID`. */
export function chooseRoot(option: string | undefined, cwd: string, start: string): string {
  if (option === undefined) return findRoot(start);
  const root = resolve(cwd, option);
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) {
    throw new BelayError('ROOT_INVALID', `The root ${option} is not a folder.`, {
      hint: 'Give --root a folder that exists.',
      kind: 'notFound',
    });
  }
  return root;
}

/** A file's path below the root, with forward slashes. Throws `FLOW_OUTSIDE`. */
export function pathBelow(root: string, file: string): string {
  const path = relative(root, file);
  if (path.startsWith(`..${sep}`) || path === '..' || resolve(root, path) !== file) {
    throw new BelayError('FLOW_OUTSIDE', `${file} is not below the root ${root}.`, {
      hint: 'Leave out --root, or name a folder above the flow.',
      kind: 'badRequest',
    });
  }
  return path.split(sep).join('/');
}
