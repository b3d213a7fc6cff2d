/** Files that appear whole or not at all. Temporary files stand in a folder of the same file system. */
import { randomBytes } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isErrno } from './errno.ts';
import { FILE_MODE } from './layout.ts';

/**
 * Publishes a file under a name nobody has used: durable, and with its whole content from the first moment.
 * Returns false where the name is taken; of several at the same time exactly one gets true.
 */
export async function publishExclusively(path: string, content: string | Uint8Array, tmp: string): Promise<boolean> {
  const temporary = await writeTemporary(content, tmp, true);
  try {
    await link(temporary, path);
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    if (isErrno(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) return await createExclusively(path, content);
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(path));
  return true;
}

/** Puts a file in the place of whatever stands there. `durable`: survives the loss of power. */
export async function replaceFile(path: string, content: string | Uint8Array, tmp: string, durable: boolean): Promise<void> {
  const temporary = await writeTemporary(content, tmp, durable);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  if (durable) await syncFolder(dirname(path));
}

/** Makes what stands in a file durable. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Makes the names in a folder durable. Windows has no such call and does not need it. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeTemporary(content: string | Uint8Array, tmp: string, durable: boolean): Promise<string> {
  const path = join(tmp, `${process.pid}-${randomBytes(9).toString('base64url')}`);
  const file = await open(path, 'wx', FILE_MODE);
  try {
    await file.writeFile(content);
    if (durable) await file.sync();
  } finally {
    await file.close();
  }
  return path;
}

/** For file systems without hard links: still exclusive, but a crash can leave the content torn; readers must bear that. */
async function createExclusively(path: string, content: string | Uint8Array): Promise<boolean> {
  try {
    const file = await open(path, 'wx', FILE_MODE);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
  await syncFolder(dirname(path));
  return true;
}
