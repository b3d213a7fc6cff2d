/** Where a path of a flow leads, and whether that is inside the workspace. */
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { BelayError } from '../../engine/errors.ts';

/** What governs flows, agents, the repository and the editor: written only with a yes. Segments of a path, from anywhere in it. */
const PROTECTED_FOLDERS = [['.belay'], ['.git'], ['.vscode'], ['.github', 'agents']];
const PROTECTED_FILES = /\.(flow\.json|agent\.md|prompt\.md)$/;

/** Names that Windows reads as devices, with any extension. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;
/** Characters that some file systems ignore in names: `.g​it` would be `.git`. */
const IGNORABLE = /[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu;

/** Whether writing to a path (relative to the root, forward slashes) needs a yes. Compared as the most lenient file system would. */
export function isProtected(path: string): boolean {
  const segments = path
    .toLowerCase()
    .replace(IGNORABLE, '')
    .split('/')
    .map((segment) => segment.replace(/[. ]+$/, ''));
  return (
    PROTECTED_FILES.test(segments.at(-1) ?? '') ||
    PROTECTED_FOLDERS.some((folder) => segments.some((_, at) => folder.every((name, offset) => segments[at + offset] === name)))
  );
}

/**
 * The absolute path that `path` means, seen from `from`, by its text alone.
 * @throws BelayError `FILE_PATH_INVALID`, `FILE_OUTSIDE`
 */
export function locate(root: string, path: string, from: string): string {
  const invalid = whyInvalid(path);
  if (invalid !== undefined) {
    throw new BelayError('FILE_PATH_INVALID', `"${path.replaceAll('\0', '␀')}" is no usable path: ${invalid}.`, {
      hint: 'Use a path relative to the flow, with forward slashes.',
      kind: 'badRequest',
    });
  }
  const absolute = resolve(root, from, path);
  if (!isInside(root, absolute)) throw outside(path);
  return absolute;
}

function whyInvalid(path: string): string | undefined {
  if (path === '') return 'it is empty';
  if (path.includes('\0')) return 'it contains a NUL character';
  const windows = process.platform === 'win32';
  if (!windows && path.includes('\\')) return 'it contains a backslash';
  if (/^[\\/]{2}/.test(path)) return 'it names another machine or a device';
  // `C:name` is relative to whatever folder that drive has; anything else behind a colon is a stream of the file.
  const withoutDrive = windows && isAbsolute(path) ? path.replace(/^[A-Za-z]:/, '') : path;
  if (windows ? withoutDrive.includes(':') : /^[A-Za-z]:[\\/]/.test(path)) return 'it names a drive or a stream';
  if (windows && path.split(/[\\/]/).some((segment) => DEVICE.test(segment))) return 'it names a device';
  return undefined;
}

/**
 * The real path behind `absolute`: links resolved as far as the path exists. What is not there yet is taken as it is written.
 * @throws BelayError `FILE_OUTSIDE` where it leads out of `root` (a real path), also by a link that leads nowhere.
 */
export async function realInside(root: string, absolute: string, shown: string): Promise<string> {
  const missing: string[] = [];
  let at = absolute;
  for (;;) {
    const real = await realpath(at).catch((error: NodeJS.ErrnoException) => error);
    if (typeof real === 'string') {
      if (!isInside(root, real)) throw outside(shown);
      return join(real, ...missing);
    }
    if (real.code === 'ELOOP') throw outside(shown);
    if (real.code === 'EACCES') {
      throw new BelayError('FILE_NOT_ALLOWED', `"${shown}" cannot be reached: permission denied.`, {
        hint: 'Check the permissions of the folder.',
        kind: 'permission',
        cause: real,
      });
    }
    const link = await lstat(at).catch(() => undefined);
    // Somebody made it just now, as others do who write into a new folder at the same time: it is looked at once more.
    if (real.code === 'ENOENT' && link?.isSymbolicLink() === false) continue;
    // It exists and yet leads nowhere: what is written there would appear wherever the link points.
    if (link !== undefined) throw outside(shown);
    missing.unshift(basename(at));
    at = dirname(at);
  }
}

function isInside(root: string, absolute: string): boolean {
  const path = relative(root, absolute);
  return path === '' || (path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path));
}

/** Relative to the root, with forward slashes; the root itself is `.`. */
export function fromRoot(root: string, absolute: string): string {
  return relative(root, absolute).split(sep).join('/') || '.';
}

function outside(path: string): BelayError {
  return new BelayError('FILE_OUTSIDE', `"${path}" leads out of the workspace.`, {
    hint: 'Steps reach files of the workspace only; links are followed and count where they lead.',
    kind: 'permission',
  });
}
