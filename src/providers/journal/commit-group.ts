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

interface Request {
  promise: Promise<void>;
  resolve(): void;
  reject(reason: unknown): void;
}

export class CommitGroup {
  readonly #syncer: Syncer;
  #requests = new Map<Committable, Request>();
  #inFlight = 0;

  constructor(syncer: Syncer = diskSyncer) {
    this.#syncer = syncer;
  }

  /** Resolves when all that `file` was given before this turn's end is durable. */
  commit(file: Committable): Promise<void> {
    const asked = this.#requests.get(file);
    if (asked) return asked.promise;
    const request = newRequest();
    if (this.#requests.size === 0) setImmediate(() => this.#commitAll());
    this.#requests.set(file, request);
    return request.promise;
  }

  #commitAll(): void {
    const batch = this.#requests;
    this.#requests = new Map();
    const alone = batch.size === 1 && this.#inFlight === 0;
    for (const [file, request] of batch) {
      try {
        file.flush();
        if (!alone) {
          this.#inFlight += 1;
          this.#syncer
            .inParallel(file.fd)
            .then(request.resolve, request.reject)
            .finally(() => {
              this.#inFlight -= 1;
            });
          continue;
        }
        this.#syncer.inline(file.fd);
        request.resolve();
      } catch (error) {
        request.reject(error);
      }
    }
  }
}

function newRequest(): Request {
  let settle: Pick<Request, 'resolve' | 'reject'> | undefined;
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  if (!settle) throw new Error('a promise runs its executor at once');
  return { promise, ...settle };
}
