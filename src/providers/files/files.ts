/** Files of the workspace: confined, whole, UTF-8. */
import { createHash, randomBytes } from 'node:crypto';
import { constants, realpathSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { BelayError } from '../../engine/errors.ts';
import { sha256 } from '../../engine/policy/hash.ts';
import type { WorkspaceFiles } from '../../engine/ports.ts';
import { fromRoot, isProtected, locate, realInside } from './paths.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY } = constants;
/** Neither a link put there after the check nor a pipe that never answers. Windows has neither flag. */
const CAREFUL = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * @param root The folder that confines everything. It has to exist.
 *
 * Absolute paths handed to `read`, `list`, `hash`, `write` and `append` come from `resolve`; they are checked again there, because links can
 * change in between. Errors: `FILE_PATH_INVALID`, `FILE_OUTSIDE`, `FILE_NOT_FOUND`, `FILE_IS_FOLDER`, `FILE_NOT_A_FILE`,
 * `FILE_NOT_ALLOWED`, `FILE_TOO_LARGE`, `FILE_NOT_TEXT`, `FILE_NO_SPACE`, `FILE_FAILED`.
 */
export function createWorkspaceFiles(root: string): WorkspaceFiles {
  const realRoot = realpathSync.native(root);

  /** An absolute path by way of the root as it was given, which may itself be a link, means the same place under the real one. */
  const underRealRoot = (path: string) => (path === root || path.startsWith(root + sep) ? realRoot + path.slice(root.length) : path);

  /** Fails where the path no longer leads where `resolve` said. */
  async function confirm(absolute: string): Promise<string> {
    const shown = fromRoot(realRoot, absolute);
    if ((await realInside(realRoot, absolute, shown)) !== absolute) throw becameLink(shown);
    return absolute;
  }

  async function readAll(absolute: string, maxBytes: number): Promise<Buffer> {
    const path = await confirm(absolute);
    return withFile(path, O_RDONLY, realRoot, async (file) => {
      const { size } = await file.stat();
      const tooLarge = () =>
        new BelayError('FILE_TOO_LARGE', `"${fromRoot(realRoot, path)}" has more than ${maxBytes} bytes.`, {
          hint: 'Read a smaller file, or cut it down with a command first.',
          kind: 'badRequest',
          details: { bytes: size },
        });
      if (size > maxBytes) throw tooLarge();
      const bytes = await file.readFile();
      if (bytes.length > maxBytes) throw tooLarge();
      return bytes;
    });
  }

  return {
    root: realRoot,

    async resolve(path, from) {
      const lexical = locate(realRoot, underRealRoot(path), from);
      const absolute = await realInside(realRoot, lexical, path);
      const relative = fromRoot(realRoot, absolute);
      return { absolute, relative, protected: isProtected(relative) || isProtected(fromRoot(realRoot, lexical)) };
    },

    async read(absolute, maxBytes) {
      return textOf(await readAll(absolute, maxBytes), fromRoot(realRoot, absolute));
    },

    readBytes: readAll,

    async list(absolute) {
      const path = await confirm(absolute);
      const found = await translated(fromRoot(realRoot, path), () => readdir(path, { withFileTypes: true }));
      return found
        .map((it) => ({
          name: it.name,
          kind: it.isFile() ? ('file' as const) : it.isDirectory() ? ('folder' as const) : ('other' as const),
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },

    async hash(absolute) {
      const path = await confirm(absolute);
      try {
        return await withFile(path, O_RDONLY, realRoot, sha256OfFile);
      } catch (error) {
        if (error instanceof BelayError && error.code === 'FILE_NOT_FOUND') return undefined;
        throw error;
      }
    },

    async write(absolute, text) {
      const path = await confirm(absolute);
      const shown = fromRoot(realRoot, path);
      const bytes = Buffer.from(text);
      await translated(shown, async () => {
        await mkdir(dirname(path), { recursive: true });
        await confirm(absolute);
        const mode = await writableMode(path, shown);
        const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`);
        try {
          const file = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | CAREFUL, mode);
          try {
            await file.writeFile(bytes);
            if (mode !== undefined) await file.chmod(mode & 0o777);
            await file.sync();
          } finally {
            await file.close();
          }
          await confirm(absolute);
          await rename(temporary, path);
        } catch (error) {
          await rm(temporary, { force: true });
          throw error;
        }
        await syncFolder(dirname(path));
      });
      return { bytes: bytes.length, sha256: sha256(bytes) };
    },

    async append(absolute, text) {
      const path = await confirm(absolute);
      const bytes = Buffer.from(text);
      await translated(fromRoot(realRoot, path), () => mkdir(dirname(path), { recursive: true }));
      await confirm(absolute);
      const hash = await withFile(path, O_RDWR | O_CREAT | O_APPEND, realRoot, async (file) => {
        await file.appendFile(bytes);
        await file.sync();
        return sha256OfFile(file);
      });
      return { bytes: bytes.length, sha256: hash };
    },
  };
}

async function withFile<T>(path: string, flags: number, root: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const shown = fromRoot(root, path);
  return translated(shown, async () => {
    const file = await open(path, flags | CAREFUL, 0o666);
    try {
      const found = await file.stat();
      if (found.isDirectory()) throw folder(shown);
      if (!found.isFile()) {
        throw new BelayError('FILE_NOT_A_FILE', `"${shown}" is a device, a pipe or a socket.`, {
          hint: 'Name a regular file.',
          kind: 'badRequest',
        });
      }
      return await use(file);
    } finally {
      await file.close();
    }
  });
}

/** The mode to give the new file: that of the one it replaces. Replacing asks no permission of the old file, so it is asked for here. */
async function writableMode(path: string, shown: string): Promise<number | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) return undefined;
  if (found.isDirectory()) throw folder(shown);
  await access(path, constants.W_OK);
  return found.mode;
}

async function syncFolder(path: string): Promise<void> {
  // Folders cannot be opened on Windows; there renames are durable by the file system's own journal.
  const handle = await open(path, O_RDONLY).catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

async function sha256OfFile(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function textOf(bytes: Buffer, shown: string): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Told below, like a NUL character: both mean that this is no text.
  }
  throw new BelayError('FILE_NOT_TEXT', `"${shown}" is no UTF-8 text.`, {
    hint: 'Convert it to UTF-8, or read it with a command.',
    kind: 'badRequest',
  });
}

function folder(shown: string): BelayError {
  return new BelayError('FILE_IS_FOLDER', `"${shown}" is a folder.`, { hint: 'Name a file in it.', kind: 'badRequest' });
}

function becameLink(shown: string, cause?: unknown): BelayError {
  return new BelayError('FILE_OUTSIDE', `"${shown}" became a link after it had been checked.`, {
    hint: 'Find out who changes the folder, then try again.',
    kind: 'permission',
    cause,
  });
}

/** Errors of the platform in the words of the port. */
async function translated<T>(shown: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BelayError) throw error;
    throw translate(error, shown);
  }
}

function translate(cause: unknown, shown: string): BelayError {
  const { code, message } = cause as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return new BelayError('FILE_NOT_FOUND', `There is no file "${shown}".`, {
        hint: 'Paths are relative to the flow.',
        kind: 'notFound',
        cause,
      });
    case 'EISDIR':
      return folder(shown);
    case 'ENOTDIR':
    case 'EEXIST':
      return new BelayError('FILE_NOT_FOUND', `On the way to "${shown}" stands a file where a folder is needed.`, {
        hint: 'Use another path.',
        kind: 'notFound',
        cause,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new BelayError('FILE_NOT_ALLOWED', `"${shown}" may not be opened that way: permission denied.`, {
        hint: 'Check the permissions of the file and of its folder.',
        kind: 'permission',
        cause,
      });
    case 'ELOOP':
      return becameLink(shown, cause);
    case 'ENXIO':
      return new BelayError('FILE_NOT_A_FILE', `"${shown}" is a device, a pipe or a socket.`, {
        hint: 'Name a regular file.',
        kind: 'badRequest',
        cause,
      });
    case 'ENAMETOOLONG':
      return new BelayError('FILE_PATH_INVALID', `"${shown}" is too long a path.`, {
        hint: 'Use a shorter name.',
        kind: 'badRequest',
        cause,
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return new BelayError('FILE_NO_SPACE', `There is no room left to write "${shown}".`, {
        hint: 'Free some space.',
        kind: 'quota',
        cause,
      });
    default:
      return new BelayError('FILE_FAILED', `"${shown}": ${message}`, { hint: 'Look at the disk and the path.', kind: 'unknown', cause });
  }
}
