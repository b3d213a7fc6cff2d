/**
 * Where things stand on disk, all under `<root>/.belay/local/`:
 *
 *     runs/<run>/0001.jsonl …      the journal, one segment per owner
 *     runs/<run>/summary.json      a cache of it for lists
 *     runs/<run>/inbox/<key>.json  commands to the owner
 *     runs/<run>/objects/<sha256>  large values that its events name
 *     runs/<run>/heartbeat         only where the platform cannot tell when a process started
 *     runs/<run>/keep             there where a person wants the run kept
 *     index.jsonl                 a cache of all runs for lists
 *     tidied.json                 when old runs were last removed, and by which limits
 *     objects/<sha256>             frozen bundles
 *     state/<sha256>/              what flows remember, a file for each version (providers/state)
 *     pins/<sha256>.json           results that a person pinned (providers/pins)
 *     locks/<name>/<number>        who decides about a name just now (locks.ts)
 *     sync-logs/<owner>.log        what several segments were given since they were synced (shared-sync.ts)
 *     changes/<run>                touched at every change: what watchers watch
 *     tmp/                         files on their way to their final name
 */
import { chmodSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BelayError } from '../../engine/errors.ts';
import { sha256 } from '../../engine/policy/hash.ts';
import { isErrno } from './errno.ts';

export const FOLDER_MODE = 0o700;
export const FILE_MODE = 0o600;

/** Run ids sort by time: `20261122-134501-k3f9x2`. Nothing else becomes a path. */
const RUN_ID = /^\d{8}-\d{6}-[0-9a-z]{4,16}$/;
const SEGMENT = /^(\d{4,9})\.jsonl$/;
const SHA256 = /^[0-9a-f]{64}$/;
const STALE_MS = 3_600_000;

export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

export function isObjectName(text: string): boolean {
  return SHA256.test(text);
}

export function segmentName(number: number): string {
  return `${String(number).padStart(4, '0')}.jsonl`;
}

export class JournalLayout {
  readonly root: string;
  readonly local: string;
  readonly runs: string;
  readonly objects: string;
  readonly changes: string;
  readonly state: string;
  readonly pins: string;
  readonly locks: string;
  readonly syncLogs: string;
  readonly tmp: string;
  readonly index: string;
  readonly tidied: string;
  #ready: Promise<void> | undefined;

  /** `root`: absolute path of the folder that holds (or will hold) `.belay`. */
  constructor(root: string) {
    this.root = root;
    this.local = join(root, '.belay', 'local');
    this.runs = join(this.local, 'runs');
    this.objects = join(this.local, 'objects');
    this.changes = join(this.local, 'changes');
    this.state = join(this.local, 'state');
    this.pins = join(this.local, 'pins');
    this.locks = join(this.local, 'locks');
    this.syncLogs = join(this.local, 'sync-logs');
    this.tmp = join(this.local, 'tmp');
    this.index = join(this.local, 'index.jsonl');
    this.tidied = join(this.local, 'tidied.json');
  }

  /** Folder of a run. Ids come from people and other processes: what is not one is unknown, never a path. */
  run(runId: string): string {
    if (!RUN_ID.test(runId)) throw runUnknown(runId);
    return join(this.runs, runId);
  }

  segment(runId: string, number: number): string {
    return join(this.run(runId), segmentName(number));
  }

  summary(runId: string): string {
    return join(this.run(runId), 'summary.json');
  }

  inbox(runId: string): string {
    return join(this.run(runId), 'inbox');
  }

  /** Keys hold slashes and whatever a flow's author wrote: a hash of them is safe on every file system. */
  inboxFile(runId: string, key: string): string {
    return join(this.inbox(runId), `${sha256(key)}.json`);
  }

  /** Makes the inbox of a run that is there: a run that was removed meanwhile must not come back half. Throws `RUN_UNKNOWN`. */
  makeInbox(runId: string): void {
    if (kindOf(this.run(runId)) !== 'folder') throw runUnknown(runId);
    try {
      mkdirSync(this.inbox(runId), { mode: FOLDER_MODE });
    } catch (error) {
      if (isErrno(error, 'ENOENT')) throw runUnknown(runId);
      if (!isErrno(error, 'EEXIST')) throw error;
      refuseLink(this.inbox(runId));
    }
  }

  heartbeat(runId: string): string {
    return join(this.run(runId), 'heartbeat');
  }

  keep(runId: string): string {
    return join(this.run(runId), 'keep');
  }

  change(runId: string): string {
    if (!RUN_ID.test(runId)) throw runUnknown(runId);
    return join(this.changes, runId);
  }

  object(sha256: string): string {
    return join(this.objects, objectName(sha256));
  }

  /** Large values of a run; made with the first of them. */
  values(runId: string): string {
    return join(this.run(runId), 'objects');
  }

  value(runId: string, sha256: string): string {
    return join(this.values(runId), objectName(sha256));
  }

  /**
   * Makes the folders. Called before anything is written; the work is done once, and at once: to wait for each of these calls would take
   * longer than all of them.
   */
  ready(): Promise<void> {
    this.#ready ??= this.#make().catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }

  /** Numbers of the segments there are, ascending. Throws `RUN_UNKNOWN`. */
  segments(runId: string): number[] {
    const numbers = this.#namesIn(runId).flatMap((name) => {
      const match = SEGMENT.exec(name);
      return match ? [Number(match[1])] : [];
    });
    if (numbers.length === 0) throw runUnknown(runId);
    return numbers.sort((a, b) => a - b);
  }

  #namesIn(runId: string): string[] {
    try {
      return readdirSync(this.run(runId));
    } catch (error) {
      throw isErrno(error, 'ENOENT', 'ENOTDIR') ? runUnknown(runId) : error;
    }
  }

  /** Ids of all runs, newest first. */
  async runIds(): Promise<string[]> {
    return (await this.runNames()).filter(isRunId).sort().reverse();
  }

  /** What stands in the folder of runs, in any order. */
  async runNames(): Promise<string[]> {
    return await readdir(this.runs).catch((error: unknown) => {
      if (isErrno(error, 'ENOENT')) return [];
      throw error;
    });
  }

  async #make(): Promise<void> {
    this.refuseLinks();
    for (const folder of [this.local, this.runs, this.objects, this.changes, this.locks, this.syncLogs, this.state, this.tmp]) {
      if (kindOf(folder) === undefined) mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
    }
    if (process.platform !== 'win32') chmodSync(this.local, FOLDER_MODE);
    try {
      writeFileSync(join(this.local, '.gitignore'), '*\n', { flag: 'wx', mode: FILE_MODE });
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
    await this.#sweep();
  }

  /** A repository can carry links: nothing must be led out of the workspace by one. Throws `JOURNAL_FOLDER`. */
  refuseLinks(): void {
    const { local, runs, objects, changes, locks, pins, state, syncLogs, tmp } = this;
    for (const folder of [join(this.root, '.belay'), local, runs, objects, changes, locks, pins, state, syncLogs, tmp]) refuseLink(folder);
  }

  /** Files that a crash left on their way. Young ones may be in use. */
  async #sweep(): Promise<void> {
    for (const name of readdirSync(this.tmp)) {
      const path = join(this.tmp, name);
      const found = await stat(path).catch(() => undefined);
      if (found && found.mtimeMs < Date.now() - STALE_MS) await rm(path, { recursive: true, force: true });
    }
  }
}

/** What stands there by itself, not what a link leads to. Undefined: nothing, or nothing that can be seen. */
function kindOf(path: string): 'folder' | 'other' | undefined {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found && (found.isDirectory() ? 'folder' : 'other');
  } catch {
    return undefined;
  }
}

function refuseLink(folder: string): void {
  if (kindOf(folder) !== 'other') return;
  throw new BelayError('JOURNAL_FOLDER', `${folder} is not a folder, so nothing can be kept there.`, {
    hint: 'Remove it; Belay makes the folder itself.',
    kind: 'permission',
  });
}

/** Names of objects stand in journals, which others may have written: what is not one never becomes a path. */
function objectName(text: string): string {
  if (isObjectName(text)) return text;
  throw new BelayError('OBJECT_UNKNOWN', `"${text}" is not the name of a stored object.`, {
    hint: 'Start the run anew.',
    kind: 'notFound',
  });
}

export function runUnknown(runId: string): BelayError {
  return new BelayError('RUN_UNKNOWN', `There is no run "${runId}".`, { hint: 'List the runs with `belay runs`.', kind: 'notFound' });
}
