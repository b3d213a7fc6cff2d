/** Paths of files as flows write them: relative, with forward slashes. */

/** Begins paths that start at the journal root, wherever the flow is: agents, and the tools that agents name. */
const ROOT = 'root:';

export function fromRoot(path: string): string {
  return ROOT + path;
}

/** A path of the bundle as seen from the flow in `folder` (from the root): `root:a.md` is `../a.md` for a flow in `flows`. */
export function seenFrom(folder: string, path: string): string {
  if (!path.startsWith(ROOT)) return path;
  return '../'.repeat(folder.split('/').filter((part) => part !== '').length) + path.slice(ROOT.length);
}

/** `path` from the root, of a flow in `folder`. */
export function rootPath(folder: string, path: string): string {
  return path.startsWith(ROOT) ? joinPath('', path.slice(ROOT.length)) : joinPath(folder, path);
}

/** `path` as seen from `folder`; `..` goes up, also beyond the start. What starts at the root stays there. */
export function joinPath(folder: string, path: string): string {
  if (path.startsWith(ROOT)) return ROOT + joinPath('', path.slice(ROOT.length));
  if (folder.startsWith(ROOT)) return ROOT + joinPath(folder.slice(ROOT.length), path);
  const parts: string[] = [];
  for (const part of `${folder}/${path}`.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

/** Empty for a file without one. */
export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}
