/**
 * Short work that only one process of a root may do at a time, such as deciding which run is next.
 *
 * A lock is a folder of numbered files, `locks/<name>/<number>`, that say who took it. The highest number counts. Whoever wants the
 * lock publishes the next number, exclusively, once the highest one says that it was let go or its holder is dead. Numbers only grow,
 * because the highest file always stays: so a process that was slow between looking and publishing cannot take a lock that others have
 * had meanwhile. Either the number is taken, or it sees a higher one and tries again.
 */
import { lstat, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BelayError } from '../../engine/errors.ts';
import { sha256 } from '../../engine/policy/hash.ts';
import type { Owner } from '../../engine/run/events.ts';
import { ownerDoor } from '../../engine/run/events.ts';
import { publishExclusively } from './atomic-file.ts';
import { isErrno } from './errno.ts';
import type { JournalLayout } from './layout.ts';
import { FOLDER_MODE } from './layout.ts';
import type { Owners } from './processes.ts';

const NUMBER = /^[1-9]\d{0,14}$/;
/** What the file of a lock says that was let go. */
const FREE = 'free\n';
/** So many files stay below the highest one: whoever lists them while others come and go has to see one that stays. */
const KEPT = 4;
/** ms. A file that says neither is being written, if it is younger: not every file system lets files appear whole. */
const UNREADABLE = 15_000;
/** How often a lock that is held is looked at, in ms: it is held for some milliseconds. */
const LOOK_EVERY = 15;
/** ms. Work under a lock lists runs and writes a line; whoever takes longer than this is stuck. */
const PATIENCE = 30_000;

/** Turns of this process by lock folder: they need not compete through the disk. */
const turns = new Map<string, Promise<unknown>>();

export class Locks {
  readonly #layout: JournalLayout;
  readonly #owners: Owners;

  constructor(layout: JournalLayout, owners: Owners) {
    this.#layout = layout;
    this.#owners = owners;
  }

  /** Does `work` while nobody else of this root does any under the same name. Throws `LOCK_BUSY` after half a minute, and what `work` throws. */
  async exclusive<T>(name: string, work: () => Promise<T>): Promise<T> {
    const folder = join(this.#layout.locks, sha256(name));
    const before = turns.get(folder) ?? Promise.resolve();
    const turn = before.then(() => this.#locked(folder, name, work));
    const settled = turn.catch(() => undefined);
    turns.set(folder, settled);
    try {
      return await turn;
    } finally {
      if (turns.get(folder) === settled) turns.delete(folder);
    }
  }

  async #locked<T>(folder: string, name: string, work: () => Promise<T>): Promise<T> {
    await this.#layout.ready();
    await makeFolder(folder, name);
    const owner = await this.#owners.make();
    try {
      const held = await this.#take(folder, name, JSON.stringify(owner));
      try {
        return await work();
      } finally {
        await writeFile(held, FREE);
      }
    } finally {
      this.#owners.drop(owner);
    }
  }

  async #take(folder: string, name: string, owner: string): Promise<string> {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const last = await highest(folder);
      const next = String(last + 1);
      // A number that leaves none after it was not counted up to, and would be the highest for ever.
      if (!NUMBER.test(next) || Date.now() > deadline) throw busy(name, join(folder, String(last)));
      if (last === 0 || !(await this.#isHeld(join(folder, String(last))))) {
        const path = join(folder, next);
        if (!(await publishExclusively(path, owner, this.#layout.tmp))) continue;
        if ((await highest(folder)) === last + 1) {
          await clean(folder, last + 1 - KEPT);
          return path;
        }
        await rm(path, { force: true });
      } else await sleep(LOOK_EVERY);
    }
  }

  async #isHeld(path: string): Promise<boolean> {
    try {
      const text = await readFile(path, 'utf8');
      if (text === FREE) return false;
      const owner = parseOwner(text);
      return owner ? await this.#owners.isAlive(owner, path) : Date.now() - (await stat(path)).mtimeMs < UNREADABLE;
    } catch (error) {
      // Removed, because there is a higher number.
      if (isErrno(error, 'ENOENT')) return false;
      throw error;
    }
  }
}

/** A repository can carry a link in its place, which would lead what is written and removed here out of the workspace. */
async function makeFolder(folder: string, name: string): Promise<void> {
  await mkdir(folder, { mode: FOLDER_MODE }).catch(async (error: unknown) => {
    if (!isErrno(error, 'EEXIST')) throw error;
    if (!(await lstat(folder)).isDirectory()) throw busy(name, folder);
  });
}

function parseOwner(text: string): Owner | undefined {
  try {
    const parsed = ownerDoor.safeParse(JSON.parse(text));
    // JSON has no `undefined`, so optional keys are absent, which zod's types cannot say.
    return parsed.success ? (parsed.data as Owner) : undefined;
  } catch {
    return undefined;
  }
}

/** 0: there is none. */
async function highest(folder: string): Promise<number> {
  return Math.max(0, ...(await numbers(folder)));
}

/** What lies far below the highest number decides nothing any more. */
async function clean(folder: string, below: number): Promise<void> {
  for (const number of await numbers(folder)) if (number < below) await rm(join(folder, String(number)), { force: true });
}

async function numbers(folder: string): Promise<number[]> {
  return (await readdir(folder)).filter((name) => NUMBER.test(name)).map(Number);
}

function busy(name: string, path: string): BelayError {
  return new BelayError('LOCK_BUSY', `Another process has been deciding about "${name}" for too long.`, {
    hint: `If no other Belay is at work here, remove ${path} and try again.`,
    kind: 'internal',
  });
}
