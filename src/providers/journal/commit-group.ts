/**
 * Group commit: journals that ask to be made durable in the same turn of the event loop are synced together. One alone is synced
 * inline, which spares it the way through the thread pool; several are synced in parallel, and the file system joins them.
 */
import { fdatasync, fdatasyncSync } from 'node:fs';

/** What can be made durable. */
export interface Committable {
  readonly fd: number;
  /** Writes what is buffered. Throws when it cannot. */
  flush(): void;
}

/** The two system calls, so that tests can count them and let them fail. */
export interface Syncer {
  inline(fd: number): void;
  inParallel(fd: number): Promise<void>;
}

export const diskSyncer: Syncer = {
  inline: fdatasyncSync,
  inParallel: (fd) => new Promise((resolve, reject) => fdatasync(fd, (error) => (error ? reject(error) : resolve()))),
};

/** The files that asked in one turn, each with the promise of its commit. */
interface Batch {
  end: Promise<void>;
  commits: Map<Committable, Promise<void>>;
}

export class CommitGroup {
  readonly #syncer: Syncer;
  #batch: Batch | undefined;
  #inFlight = 0;

  constructor(syncer: Syncer = diskSyncer) {
    this.#syncer = syncer;
  }

  /** Resolves when all that `file` is given before this turn's end is durable. */
  commit(file: Committable): Promise<void> {
    const batch = this.#batch ?? this.#open();
    const asked = batch.commits.get(file);
    if (asked !== undefined) return asked;
    const commit = batch.end.then(() => this.#commitNow(file, batch.commits.size === 1));
    batch.commits.set(file, commit);
    return commit;
  }

  #open(): Batch {
    const end = new Promise<void>((resolve) => {
      setImmediate(() => {
        this.#batch = undefined;
        resolve();
      });
    });
    this.#batch = { end, commits: new Map() };
    return this.#batch;
  }

  async #commitNow(file: Committable, alone: boolean): Promise<void> {
    file.flush();
    if (alone && this.#inFlight === 0) {
      this.#syncer.inline(file.fd);
      return;
    }
    this.#inFlight += 1;
    try {
      await this.#syncer.inParallel(file.fd);
    } finally {
      this.#inFlight -= 1;
    }
  }
}
