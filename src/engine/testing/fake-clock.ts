/** A clock that stands still until a test moves it. */
import type { Clock } from '../ports.ts';

interface Sleeper {
  until: number;
  wake(): void;
}

export class FakeClock implements Clock {
  #now: number;
  #chance: number;
  readonly #sleepers = new Set<Sleeper>();

  /** `now` in epoch ms; `chance` seeds what `random` gives. */
  constructor(now = Date.UTC(2026, 0, 5, 7), chance = 1) {
    this.#now = now;
    this.#chance = chance;
  }

  now(): number {
    return this.#now;
  }

  /** A Lehmer generator: the same numbers in every test. */
  random(): number {
    this.#chance = (this.#chance * 48_271) % 0x7fff_ffff;
    return this.#chance / 0x7fff_ffff;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        until: this.#now + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener('abort', stop);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** When the next sleeper wakes, in epoch ms. */
  get next(): number | undefined {
    return this.#sleepers.size === 0 ? undefined : Math.min(...[...this.#sleepers].map(({ until }) => until));
  }

  /** Moves on by `ms`, waking whoever is due on the way, each at its own moment. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await quiet();
      const due = this.next;
      if (due === undefined || due > end) break;
      this.#now = Math.max(this.#now, due);
      for (const sleeper of [...this.#sleepers]) if (sleeper.until <= this.#now) sleeper.wake();
    }
    this.#now = end;
    await quiet();
  }
}

/** Lets everything run that is ready to: promises and what they set in motion. Nothing here waits for time to pass. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
