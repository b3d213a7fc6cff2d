/** What removing old runs needs of the disk: when it was last done and by which limits, how large runs are, and which ones are kept. */
import { lstatSync } from 'node:fs';
import { lstat, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { Door } from '../../engine/format/door.ts';
import type { JsonSchema } from '../../engine/format/json.ts';
import { lazily } from '../../engine/format/lazily.ts';
import type { Tidied } from '../../engine/run/retention.ts';
import { replaceFile } from './atomic-file.ts';
import { isErrno } from './errno.ts';
import generated from './journal.generated.json' with { type: 'json' };
import type { JournalLayout } from './layout.ts';
import { FILE_MODE, runUnknown } from './layout.ts';

const limitsSchema = lazily(() =>
  z.object({
    perFlow: z.int().min(0).exactOptional(),
    olderThanMs: z.number().min(0).exactOptional(),
    maxBytes: z.number().min(0).exactOptional(),
  }),
);
const tidiedSchema = lazily(() => z.object({ machine: z.string(), at: z.number(), limits: limitsSchema().exactOptional() }));
export const tidiedDoor = new Door(tidiedSchema, () => generated.tidied as unknown as JsonSchema);

/**
 * Undefined also for what cannot be read, or came with a repository: that would decide which runs are deleted. Then the limits are the
 * default ones, and nothing is lost but a day.
 */
export async function lastTidied(layout: JournalLayout, own: string): Promise<Tidied | undefined> {
  try {
    const { machine, ...tidied } = tidiedDoor.parse(JSON.parse(await readFile(layout.tidied, 'utf8')));
    return machine === own ? tidied : undefined;
  } catch {
    return undefined;
  }
}

/** `machine`: the number of the user on this machine (machine.ts). */
export async function noteTidied(layout: JournalLayout, machine: string, tidied: Tidied): Promise<void> {
  await layout.ready();
  await replaceFile(layout.tidied, `${JSON.stringify({ machine, ...tidied })}\n`, layout.tmp, false);
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

/** Throws `RUN_UNKNOWN`, also for a link in place of the run's folder: nothing is written or removed where it leads. */
export async function setKept(layout: JournalLayout, runId: string, kept: boolean): Promise<void> {
  const folder = await lstat(layout.run(runId)).catch(() => undefined);
  if (!folder?.isDirectory()) throw runUnknown(runId);
  if (kept && isKept(layout, runId)) return;
  // A link in its place goes, and what it leads to stays as it is.
  await rm(layout.keep(runId), { recursive: true, force: true });
  if (!kept) return;
  await writeFile(layout.keep(runId), '', { flag: 'wx', mode: FILE_MODE }).catch((error: unknown) => {
    if (isErrno(error, 'EEXIST')) return;
    throw isErrno(error, 'ENOENT', 'ENOTDIR') ? runUnknown(runId) : error;
  });
}

export function isKept(layout: JournalLayout, runId: string): boolean {
  return lstatSync(layout.keep(runId), { throwIfNoEntry: false })?.isFile() === true;
}
