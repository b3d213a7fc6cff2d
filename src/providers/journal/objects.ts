/**
 * Texts by the hash of their content: frozen bundles. Verified whenever they are read, collected when no run names them.
 *
 * A run may start while objects are collected. What keeps its bundle: whoever starts a run stores the bundle before it creates the
 * run and once more afterwards, and storing touches the file. The collector looks for runs first. So either it saw the run; or the
 * object was touched after the collector began, which it sees at the last moment; or it was already gone and is written anew.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { BelayError } from '../../engine/errors.ts';
import { sha256 } from '../../engine/policy/hash.ts';
import { replaceFile } from './atomic-file.ts';
import { isErrno } from './errno.ts';
import { isObjectName, type JournalLayout } from './layout.ts';
import { bundlesOf } from './segments.ts';

/** How coarse the times of files may be: FAT counts in steps of 2 s. */
const COARSE_MS = 2000;

/** Stores a text durably and returns its sha256 (hex). A damaged copy is mended. */
export async function putObject(layout: JournalLayout, text: string): Promise<string> {
  await layout.ready();
  const name = sha256(text);
  const path = layout.object(name);
  const there = await touched(path);
  if (!there || sha256(there) !== name) await replaceFile(path, text, layout.tmp, true);
  return name;
}

/** Touched first and read then: a collector that comes in between either sees the touch or leaves nothing to read. */
async function touched(path: string): Promise<Buffer | undefined> {
  try {
    const now = new Date();
    await utimes(path, now, now);
    return await readFile(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Deletes the objects that no run names, but for those stored in the last seconds. Where it cannot be told what a run names,
 * nothing is deleted and the reason is thrown.
 */
export async function collectObjects(layout: JournalLayout): Promise<void> {
  await layout.ready();
  const began = Date.now() - COARSE_MS;
  const isYoung = async (path: string): Promise<boolean> => (await stat(path)).mtimeMs >= began;
  const named = new Set<string>();
  for (const runId of await layout.runIds()) for (const name of await bundlesOf(layout, runId)) named.add(name);
  for (const name of (await readdir(layout.objects)).filter(isObjectName)) {
    const path = layout.object(name);
    // Nobody else's: what another collector moves must not be deleted on the judgement made here.
    const grave = join(layout.tmp, `object-${randomBytes(9).toString('base64url')}`);
    try {
      if (named.has(name) || (await isYoung(path))) continue;
      await rename(path, grave);
      if (await isYoung(grave)) await rename(grave, path);
      else await rm(grave, { force: true });
    } catch (error) {
      // Another process collects too.
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  }
}

/** Throws `OBJECT_UNKNOWN` and `OBJECT_CORRUPT`. */
export async function getObject(layout: JournalLayout, name: string): Promise<string> {
  return readVerified(layout.object(name), name);
}

function bytesOf(path: string, name: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw isErrno(error, 'ENOENT') ? missing(name, error) : error;
  }
}

function missing(name: string, cause: unknown): BelayError {
  return new BelayError('OBJECT_UNKNOWN', `The stored object ${name} is missing.`, {
    hint: 'Start the run anew from its flow.',
    kind: 'notFound',
    cause,
  });
}

/** The text of a file whose name is the hash of its content. Throws `OBJECT_UNKNOWN` and `OBJECT_CORRUPT`. */
export async function readVerified(path: string, name: string): Promise<string> {
  const bytes = bytesOf(path, name);
  if (sha256(bytes) !== name) {
    throw new BelayError('OBJECT_CORRUPT', `The stored object ${name} has been changed: its content does not match its name.`, {
      hint: 'Start the run anew from its flow; nothing of the changed object was used.',
      kind: 'internal',
    });
  }
  return bytes.toString('utf8');
}
