/**
 * State on disk: `.belay/local/state/<sha256 of scope and key>/000000001.json`, a file for each version of what is remembered under a
 * key. A change reads the newest version and publishes the next one by `link(2)`: of several processes one gets the number, the
 * others look again. There is no lock, so there is none to be left behind by a crash. A file that was not written by this user on this
 * machine is passed over: what came with a repository was not remembered by its flows here.
 */
import { lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { BelayError } from '../../engine/errors.ts';
import { lazily } from '../../engine/format/lazily.ts';
import type { StateAddress, StateChange, StateChanged, StateDocument, StateWriter } from '../../engine/nodes/state/document.ts';
import { applyChange, changed, EMPTY } from '../../engine/nodes/state/document.ts';
import { sha256 } from '../../engine/policy/hash.ts';
import type { State } from '../../engine/ports.ts';
import { publishExclusively, syncFolder } from '../journal/atomic-file.ts';
import { isErrno } from '../journal/errno.ts';
import { FOLDER_MODE, JournalLayout } from '../journal/layout.ts';
import { systemProcesses } from '../journal/processes.ts';

/** Raised when an older Belay could not read what is written; each step is documented in docs/durability.md. */
const FORMAT = 1;
const VERSION = /^\d{9}\.json$/;
/** Versions that stay besides the newest: whoever read a list of files that is a moment old still finds what it names. */
const KEPT_BEHIND = 3;
/** Each further look means that another process was quicker; that many in a row do not happen. */
const MOST_LOOKS = 1000;

const fileSchema = lazily(() =>
  z.object({
    format: z.int(),
    machine: z.string(),
    scope: z.union([z.literal('workspace'), z.object({ flow: z.string() })]),
    key: z.string(),
    entries: z.array(z.object({ value: z.json(), at: z.number(), run: z.string(), change: z.string() })),
    seen: z.array(z.string()),
    applied: z.array(z.tuple([z.string(), z.number()])),
  }),
);

interface Found {
  document: StateDocument;
  /** Of the newest file, readable or not; 0: none. */
  newest: number;
}

export class FileState implements State {
  readonly #layout: JournalLayout;
  readonly #machine: () => Promise<string>;
  /** Changes of this process to one key happen one after another; only those of others can get in between. */
  readonly #queues = new Map<string, Promise<unknown>>();

  /** `root`: absolute path of the folder that holds (or will hold) `.belay`. */
  constructor(root: string, machine: () => Promise<string> = () => systemProcesses().machine()) {
    this.#layout = new JournalLayout(root);
    this.#machine = machine;
  }

  async read(address: StateAddress): Promise<StateDocument> {
    const folder = this.#folder(address);
    return (await this.#reporting(folder, () => this.#newest(folder))).document;
  }

  change(address: StateAddress, change: StateChange, writer: StateWriter): Promise<StateChanged> {
    const folder = this.#folder(address);
    const before = this.#queues.get(folder) ?? Promise.resolve();
    const own = before.then(() => this.#reporting(folder, () => this.#change(folder, address, change, writer)));
    const settled = own.catch(() => undefined);
    this.#queues.set(folder, settled);
    void settled.then(() => {
      if (this.#queues.get(folder) === settled) this.#queues.delete(folder);
    });
    return own;
  }

  async #change(folder: string, address: StateAddress, change: StateChange, writer: StateWriter): Promise<StateChanged> {
    await this.#make(folder);
    const machine = await this.#machine();
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      const { document, newest } = await this.#newest(folder);
      const made = changed(document, writer.id);
      if (made) {
        // Perhaps made by a process that died before the name was on the disk.
        await syncFolder(folder);
        return made;
      }
      const next = applyChange(document, change, writer);
      const text = `${JSON.stringify({ format: FORMAT, machine, ...address, ...next.document })}\n`;
      const name = `${String(newest + 1).padStart(9, '0')}.json`;
      // It would never be the newest.
      if (!VERSION.test(name)) throw corrupt(folder, 'the number of its newest file leaves none after it');
      if (!(await publishExclusively(join(folder, name), text, this.#layout.tmp))) continue;
      const names = await versions(folder);
      // A number can be free because its file was swept away since it was looked for: what is not the newest may count for nothing.
      if (names.at(-1) !== name && changed((await this.#newest(folder)).document, writer.id) === undefined) continue;
      await this.#sweep(folder, names.slice(0, -1 - KEPT_BEHIND));
      return next.result;
    }
    throw corrupt(folder, 'its files come and go without end');
  }

  #folder({ scope, key }: StateAddress): string {
    return join(this.#layout.state, sha256(JSON.stringify([scope, key])));
  }

  async #make(folder: string): Promise<void> {
    await this.#layout.ready();
    const made = await mkdir(folder, { mode: FOLDER_MODE }).then(
      () => true,
      (error: unknown) => {
        if (isErrno(error, 'EEXIST')) return false;
        throw error;
      },
    );
    if (made) await syncFolder(this.#layout.state);
    // A repository can carry a link in its place.
    else if (!(await lstat(folder)).isDirectory()) throw corrupt(folder, 'it is not a folder');
  }

  async #newest(folder: string): Promise<Found> {
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      const names = await versions(folder);
      const newest = Number.parseInt(names.at(-1) ?? '0', 10);
      const found = await this.#readable(folder, names);
      // Swept away while it was looked at: there is a newer one.
      if (found === 'gone') continue;
      return { document: found ?? EMPTY, newest };
    }
    throw corrupt(folder, 'its files come and go without end');
  }

  /** The newest file that is whole. Without hard links one can be torn by a crash, or still be on its way. */
  async #readable(folder: string, names: readonly string[]): Promise<StateDocument | 'gone' | undefined> {
    const machine = await this.#machine();
    for (const name of names.toReversed()) {
      const path = join(folder, name);
      const text = await textOf(path);
      if (text === undefined) return 'gone';
      const document = text.endsWith('\n') ? parse(path, text, machine) : undefined;
      if (document) return document;
    }
    return undefined;
  }

  async #sweep(folder: string, older: readonly string[]): Promise<void> {
    for (const name of older) await rm(join(folder, name), { force: true });
  }

  async #reporting<T>(folder: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw isSystemError(error) ? failed(folder, error) : error;
    }
  }
}

/** Names of the files, oldest first. */
async function versions(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  });
  return names.filter((name) => VERSION.test(name)).sort();
}

/** Undefined: it has gone. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    if (!(await lstat(path)).isFile()) throw corrupt(path, 'it is not a file');
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

/** Undefined: it was written elsewhere. */
function parse(path: string, text: string, own: string): StateDocument | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw corrupt(path, 'it is not JSON', cause);
  }
  const head = z.object({ format: z.int(), machine: z.string().optional() }).safeParse(value);
  if (head.success && head.data.format > FORMAT) {
    throw new BelayError('STATE_NEWER', `A newer Belay wrote ${path}.`, { hint: 'Update Belay.', kind: 'badRequest' });
  }
  if (head.success && head.data.machine !== own) return undefined;
  const parsed = fileSchema().safeParse(value);
  if (!parsed.success) throw corrupt(path, 'it is not what Belay writes');
  const { entries, seen, applied } = parsed.data;
  return { entries: entries as StateDocument['entries'], seen, applied };
}

function failed(folder: string, cause: NodeJS.ErrnoException): BelayError {
  const why = cause.code === 'ENOSPC' ? 'there is no room left on the disk' : cause.message;
  return new BelayError('STATE_FAILED', `What flows remember cannot be read or written (${folder}): ${why}.`, {
    hint: 'Make room or mend the permissions, then run the flow again.',
    kind: cause.code === 'EACCES' || cause.code === 'EPERM' || cause.code === 'EROFS' ? 'permission' : 'unknown',
    cause,
  });
}

function corrupt(path: string, why: string, cause?: unknown): BelayError {
  return new BelayError('STATE_CORRUPT', `What is remembered in ${path} cannot be read: ${why}.`, {
    hint: 'Restore it from a backup, or remove it: the flow then starts as if nothing had been remembered.',
    kind: 'internal',
    cause,
  });
}
