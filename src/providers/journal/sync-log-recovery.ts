/** What a sync log holds beyond the segments goes into them, once nobody writes it any more. */
import { constants, readdirSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from './errno.ts';
import type { JournalLayout } from './layout.ts';
import { isRunId } from './layout.ts';
import type { Owners } from './processes.ts';
import { decodeFrames, decodeHeader, HEADER_BYTES, type Piece } from './sync-log-format.ts';

const LOG = /^([\w-]+\.log)(\.taken)?$/;

/**
 * Recovers the logs of owners that are gone, and removes them: an owner that was only taken for dead learns from that, that its runs may have
 * been taken. Two processes may do it at once: both write the same. Logs of other machines are left alone. Throws system errors; what was
 * not recovered then is at the next call. True: there was such a log.
 */
export async function recoverSyncLogs(layout: JournalLayout, owners: Owners): Promise<boolean> {
  let found = false;
  for (const name of namesIn(layout.syncLogs)) {
    const log = LOG.exec(name)?.[1];
    if (log === undefined || !(await isAbandoned(join(layout.syncLogs, name), owners))) continue;
    // Its name is taken from it before it is read: an owner that lives after all does not believe in what it writes there afterwards.
    const taken = join(layout.syncLogs, `${log}.taken`);
    if (name === log) await rename(join(layout.syncLogs, log), taken).catch(unlessGone);
    found = true;
    const bytes = await readFile(taken).catch(unlessGone);
    if (!bytes) continue;
    for (const [segment, pieces] of bySegment(layout, decodeFrames(bytes))) await mend(segment, pieces);
    await rm(taken, { force: true });
  }
  return found;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

async function isAbandoned(path: string, owners: Owners): Promise<boolean> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(unlessGone);
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(HEADER_BYTES), position: 0 });
    const owner = decodeHeader(buffer.subarray(0, bytesRead));
    return owner !== undefined && (await owners.isLocal(owner)) && !(await owners.isAlive(owner, path));
  } finally {
    await file.close();
  }
}

function bySegment(layout: JournalLayout, pieces: readonly Piece[]): Map<string, Piece[]> {
  const segments = new Map<string, Piece[]>();
  for (const piece of pieces) {
    if (!isRunId(piece.runId)) continue;
    const path = layout.segment(piece.runId, piece.segment);
    const known = segments.get(path);
    if (known) known.push(piece);
    else segments.set(path, [piece]);
  }
  return segments;
}

/** A run that was deleted stays so: nothing is made, only filled in. */
async function mend(segment: string, pieces: readonly Piece[]): Promise<void> {
  const file = await open(segment, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0)).catch(unlessGone);
  if (!file) return;
  try {
    let { size } = await file.stat();
    for (const { at, bytes } of pieces) {
      // What stood before it was durable: whatever cut it off was no crash, and reading the run tells of it.
      if (at > size) break;
      if (!(await holds(file, at, bytes))) await writeAll(file, at, bytes);
      size = Math.max(size, at + bytes.length);
    }
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function holds(file: FileHandle, at: number, bytes: Uint8Array): Promise<boolean> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(bytes.length), position: at });
  return bytesRead === bytes.length && buffer.equals(bytes);
}

async function writeAll(file: FileHandle, at: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
}

/** A link is nobody's log and nobody's segment. */
function unlessGone(error: unknown): undefined {
  if (!isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) throw error;
}
