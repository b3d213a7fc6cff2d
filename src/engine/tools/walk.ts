/** The files of the workspace as tools see them. */
import type { WorkspaceFiles } from '../ports.ts';

/** What git, package managers and Belay keep for themselves: of no use to a model, and partly nobody's business. */
export function isHidden(path: string): boolean {
  const segments = path.toLowerCase().split('/');
  return segments.some((name, at) => name === '.git' || name === 'node_modules' || (name === '.belay' && segments[at + 1] === 'local'));
}

/** More files are not looked at, however they are nested. */
const MOST_FILES = 20_000;

/**
 * The files below a folder, by name, each with its path from the root. Links are not followed.
 *
 * @param folder relative to the root.
 */
export async function* walk(folder: string, files: WorkspaceFiles, signal: AbortSignal): AsyncGenerator<string> {
  const open = [folder === '.' ? '' : folder];
  let seen = 0;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    signal.throwIfAborted();
    const { absolute } = await files.resolve(at === '' ? '.' : at, '');
    const folders: string[] = [];
    for (const { name, kind } of await files.list(absolute)) {
      const path = at === '' ? name : `${at}/${name}`;
      if (isHidden(path)) continue;
      if (kind === 'folder') folders.push(path);
      if (kind !== 'file') continue;
      seen += 1;
      if (seen > MOST_FILES) return;
      yield path;
    }
    open.push(...folders.reverse());
  }
}
