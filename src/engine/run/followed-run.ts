/** A run that is looked at: its journal, read again whenever something is said to have changed. */
import type { Disposable, Log, RunStore } from '../ports.ts';
import type { OpenRun } from './api.ts';
import type { Owner, RunEvent } from './events.ts';
import { FoldedView } from './folded-view.ts';
import type { RunView } from './view.ts';

export interface Followed {
  id: string;
  events: readonly RunEvent[];
  flowText: string;
  owner: Owner | undefined;
  local: boolean;
}

export class FollowedRun implements OpenRun {
  readonly id: string;
  readonly flowText: string;
  readonly local: boolean;
  readonly #runs: RunStore;
  readonly #log: Log;
  readonly #events: RunEvent[] = [];
  readonly #listeners = new Set<(events: readonly RunEvent[]) => void>();
  #owner: Owner | undefined;
  readonly #view = new FoldedView();
  #watching: Disposable | undefined;
  #reading = false;
  #again = false;

  constructor(ports: { runs: RunStore; log: Log }, run: Followed) {
    this.#runs = ports.runs;
    this.#log = ports.log;
    this.id = run.id;
    this.flowText = run.flowText;
    this.local = run.local;
    this.#owner = run.owner;
    this.#take(run.events);
  }

  get events(): readonly RunEvent[] {
    return this.#events;
  }

  get view(): RunView {
    return this.#view.of(this.#events);
  }

  get owner(): Owner | undefined {
    return this.#owner;
  }

  /** The journal is watched as long as somebody listens. */
  onEvents(listener: (events: readonly RunEvent[]) => void): Disposable {
    const own = (events: readonly RunEvent[]): void => listener(events);
    this.#listeners.add(own);
    this.#watching ??= this.#runs.watch((runId) => {
      if (runId === this.id) this.#look();
    });
    this.#look();
    return {
      dispose: () => {
        this.#listeners.delete(own);
        if (this.#listeners.size > 0) return;
        this.#watching?.dispose();
        this.#watching = undefined;
      },
    };
  }

  /** One look at a time; a change while looking means another look. */
  #look(): void {
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    this.#read()
      .catch((error: unknown) => this.#log.warn('A run cannot be followed', { run: this.id, error: String(error) }))
      .finally(() => {
        this.#reading = false;
      });
  }

  async #read(): Promise<void> {
    while (this.#again && this.#listeners.size > 0) {
      this.#again = false;
      const { events, owner } = await this.#runs.read(this.id);
      this.#owner = owner;
      const fresh = events.slice(this.#events.length);
      this.#take(fresh);
      if (fresh.length > 0) for (const listener of [...this.#listeners]) listener(fresh);
    }
  }

  #take(events: readonly RunEvent[]): void {
    for (const event of events) this.#events.push(event);
  }
}
