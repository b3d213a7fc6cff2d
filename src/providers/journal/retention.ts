/** What removing old runs needs of the disk: when it was last done and by which limits, how large runs are, and which ones are kept. */
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Tidied } from '../../engine/run/retention.ts';
import { replaceFile } from './atomic-file.ts';
import { isErrno } from './errno.ts';
import type { JournalLayout } from './layout.ts';
import { FILE_MODE, runUnknown } from './layout.ts';

const limitsSchema = z.object({
  perFlow: z.int().min(0).exactOptional(),
  olderThanMs: z.number().min(0).exactOptional(),
  maxBytes: z.number().min(0).exactOptional(),
});
const tidiedSchema = z.object({ at: z.number(), limits: limitsSchema.exactOptional() });

/** Undefined also for what cannot be read: then the limits are the default ones, and nothing is lost but a day. */
export async function lastTidied(layout: JournalLayout): Promise<Tidied | undefined> {
  try {
    return tidiedSchema.parse(JSON.parse(await readFile(layout.tidied, 'utf8')));
  } catch {
    return undefined;
  }
}

export async function noteTidied(layout: JournalLayout, tidied: Tidied): Promise<void> {
  await layout.ready();
  await replaceFile(layout.tidied, `${JSON.stringify(tidied)}\n`, layout.tmp, false);
}

/** Bytes of the files of a run; undefined: it has gone. */
export async function sizeOf(layout: JournalLayout, runId: string): Promise<number | undefined> {
  try {
    const entries = await readdir(layout.run(runId), { recursive: true, withFileTypes: true });
    let total = 0;
    for (const entry of entries) if (entry.isFile()) total += (await stat(join(entry.parentPath, entry.name))).size;
    return total;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

export async function setKept(layout: JournalLayout, runId: string, kept: boolean): Promise<void> {
  if (!kept) {
    await rm(layout.keep(runId), { force: true });
    return;
  }
  await writeFile(layout.keep(runId), '', { mode: FILE_MODE }).catch((error: unknown) => {
    throw isErrno(error, 'ENOENT', 'ENOTDIR') ? runUnknown(runId) : error;
  });
}

export function isKept(layout: JournalLayout, runId: string): boolean {
  return existsSync(layout.keep(runId));
}
