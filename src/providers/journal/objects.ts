/** Texts by the hash of their content: frozen bundles. Verified whenever they are read. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { BelayError } from '../../engine/errors.ts';
import { replaceFile } from './atomic-file.ts';
import { isErrno } from './errno.ts';
import type { JournalLayout } from './layout.ts';

/** Stores a text durably and returns its sha256 (hex). A damaged copy is mended. */
export async function putObject(layout: JournalLayout, text: string): Promise<string> {
  await layout.ready();
  const name = sha256(text);
  const path = layout.object(name);
  const there = await readFile(path).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (!there || sha256(there) !== name) await replaceFile(path, text, layout.tmp, true);
  return name;
}

/** Throws `OBJECT_UNKNOWN` and `OBJECT_CORRUPT`. */
export async function getObject(layout: JournalLayout, name: string): Promise<string> {
  const bytes = await readFile(layout.object(name)).catch((error: unknown) => {
    if (!isErrno(error, 'ENOENT')) throw error;
    throw new BelayError('OBJECT_UNKNOWN', `The stored object ${name} is missing.`, {
      hint: 'Start the run anew from its flow.',
      kind: 'notFound',
      cause: error,
    });
  });
  if (sha256(bytes) !== name) {
    throw new BelayError('OBJECT_CORRUPT', `The stored object ${name} has been changed: its content does not match its name.`, {
      hint: 'Start the run anew from its flow; nothing of the changed object was used.',
      kind: 'internal',
    });
  }
  return bytes.toString('utf8');
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
