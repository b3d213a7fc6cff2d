/** What became of a write in whose middle the process died. */

import type { Json } from '../../format/json.ts';
import { sha256 } from '../../policy/hash.ts';
import type { WorkspaceFiles } from '../../ports.ts';

/** Larger files do not belong into prompts and journals: 5 MiB. */
export const MAX_READ = 5 * 1_048_576;

export interface FileWrite {
  action: 'write' | 'append';
  absolute: string;
  /** As people know it. */
  path: string;
  content: string;
  /** Hash of the file before; null: it was not there. */
  before: Json;
}

export async function reconcileFile(
  { action, absolute, path, content, before }: FileWrite,
  files: WorkspaceFiles,
): Promise<{ is: 'done'; output: Json } | { is: 'repeat' } | { is: 'ask'; why: string }> {
  const now = (await files.hash(absolute)) ?? null;
  const wanted = Buffer.from(content);
  const wantedHash = sha256(wanted);
  if (action === 'write' && now === wantedHash) return { is: 'done', output: { path, bytes: wanted.length, sha256: now } };
  if (now === before) return { is: 'repeat' };
  if (action === 'append' && (await hasGrownBy(content, before, absolute, files)))
    return { is: 'done', output: { path, bytes: wanted.length, sha256: now } };
  return { is: 'ask', why: `"${path}" is neither as it was before this step nor as the step would have left it.` };
}

/** Whether the file is what it was before (by its hash; null: not there) with `added` at its end. False where that cannot be told. */
async function hasGrownBy(added: string, before: Json, absolute: string, files: WorkspaceFiles): Promise<boolean> {
  const whole = await files.read(absolute, MAX_READ).catch(() => undefined);
  if (whole === undefined || !whole.endsWith(added)) return false;
  const rest = whole.slice(0, whole.length - added.length);
  return before === null ? rest === '' : sha256(rest) === before;
}
