/** The journal root: where `.belay` stands. */
import { statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { BelayError } from '../engine/errors.ts';
import { findRoot } from '../providers/journal/root.ts';

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

/** What a command typed in `cwd` needs to find the root: nothing, or ` --root FOLDER`. */
export function rootOption(root: string, cwd: string): string {
  if (findRoot(cwd) === root) return '';
  const path = relative(cwd, root) || '.';
  return ` --root ${/^[\w@%+=:,./\\-]+$/.test(path) ? path : JSON.stringify(path)}`;
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
