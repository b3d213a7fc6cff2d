import type { WorkspaceFiles } from '../ports.ts';

/** The folder of a disk in memory: path → text. */
export function listed(files: ReadonlyMap<string, string>, folder: string): Awaited<ReturnType<WorkspaceFiles['list']>> {
  const found = new Map<string, 'file' | 'folder'>();
  const start = folder.endsWith('/.') ? folder.slice(0, -1) : `${folder}/`;
  for (const path of files.keys()) {
    if (!path.startsWith(start)) continue;
    const [name = '', ...more] = path.slice(start.length).split('/');
    found.set(name, more.length > 0 ? 'folder' : 'file');
  }
  return [...found].map(([name, kind]) => ({ name, kind })).sort((a, b) => (a.name < b.name ? -1 : 1));
}
