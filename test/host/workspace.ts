import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Workspace {
  readonly folder: string;
  path(name: string): string;
  write(name: string, text: string): void;
  remove(): void;
}

/** A folder of its own for one test: a copy of `source`, when given, and the files named. */
export function temporaryWorkspace({ source, files = {} }: { source?: string; files?: Record<string, string> } = {}): Workspace {
  // Resolved, because the engine confines files by their real path and the temporary folder may be a link.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'belay-workspace-')));
  if (source !== undefined) cpSync(source, folder, { recursive: true });
  const path = (name: string) => join(folder, name);
  const write = (name: string, text: string) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  return { folder, path, write, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}
