/** Large values of one run: written beside its journal by the hash of their content, while the events carry only the name. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../engine/policy/hash.ts';
import { syncFile, syncFolder } from './atomic-file.ts';
import { isErrno } from './errno.ts';
import type { JournalLayout } from './layout.ts';
import { FILE_MODE, FOLDER_MODE } from './layout.ts';

export class RunValues {
  readonly #layout: JournalLayout;
  readonly #runId: string;
  /** Known to be whole on disk. */
  readonly #names = new Set<string>();
  /** Not durable yet. */
  #unsynced: string[] = [];
  #folderMade = false;
  #folderSynced = false;

  constructor(layout: JournalLayout, runId: string) {
    this.#layout = layout;
    this.#runId = runId;
  }

  get pending(): boolean {
    return this.#unsynced.length > 0;
  }

  /**
   * The value is there, whole, when this returns. `written`: it was not there before, and is durable only after `sync`.
   * Synchronous, so that nothing can be appended in between that names a value not there. Throws system errors.
   */
  write(text: string): { sha256: string; written: boolean } {
    const bytes = encoded(text);
    const name = sha256(bytes);
    if (this.#names.has(name)) return { sha256: name, written: false };
    const path = this.#layout.value(this.#runId, name);
    // An earlier owner may have written it without coming to sync it: after a loss of power the name can stand for anything.
    if (contentOf(path)?.equals(bytes) !== true) this.#replace(path, bytes, name);
    this.#names.add(name);
    this.#unsynced.push(path);
    return { sha256: name, written: true };
  }

  /** Makes all values written so far durable. Throws system errors. */
  async sync(): Promise<void> {
    const paths = this.#unsynced;
    this.#unsynced = [];
    for (const path of paths) await syncFile(path);
    await syncFolder(this.#layout.values(this.#runId));
    if (this.#folderSynced) return;
    await syncFolder(this.#layout.run(this.#runId));
    this.#folderSynced = true;
  }

  #replace(path: string, bytes: Buffer, name: string): void {
    this.#makeFolder();
    const temporary = join(this.#layout.tmp, `value-${process.pid}-${this.#runId}-${name}`);
    try {
      writeFileSync(temporary, bytes, { mode: FILE_MODE });
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  #makeFolder(): void {
    if (this.#folderMade) return;
    try {
      mkdirSync(this.#layout.values(this.#runId), { mode: FOLDER_MODE });
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
    this.#folderMade = true;
  }
}

/** Longer texts (bytes) have memory of their own. */
const MOST_SCRATCH = 8 * 1024 * 1024;
/** Texts are encoded into the same memory again and again: garbage of that size comes faster than it is collected. */
let scratch = Buffer.alloc(0);

/** Valid until the next call, so only for what does not wait. */
function encoded(text: string): Buffer {
  const length = Buffer.byteLength(text);
  if (length > MOST_SCRATCH) return Buffer.from(text);
  if (scratch.length < length) scratch = Buffer.allocUnsafeSlow(Math.min(MOST_SCRATCH, 2 * length));
  return scratch.subarray(0, scratch.write(text));
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
