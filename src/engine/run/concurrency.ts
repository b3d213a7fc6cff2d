/** Whose turn it is: at most so many runs of a flow at the same time, over all processes of the journal root (`limits.concurrency`). */
import { BelayError } from '../errors.ts';
import type { Flow } from '../format/model.ts';
import type { Clock, RunStore } from '../ports.ts';
import type { NewRunEvent } from './events.ts';
import type { RunStatus, RunSummary } from './view.ts';

export interface Concurrency {
  /** At least 1. */
  maxRuns: number;
  policy: 'queue' | 'skip' | 'cancelPrevious';
}

/** Undefined: as many as are started. */
export function concurrencyOf({ limits }: Flow): Concurrency | undefined {
  const stated = limits?.concurrency;
  return stated && { maxRuns: stated.maxRuns, policy: stated.policy ?? 'queue' };
}

/** What a run that is about to be opened meets. */
interface Place {
  queued: boolean;
  /** Those that have to end first, oldest first. Empty where there is room. */
  inTheWay: readonly RunSummary[];
}

interface TurnTools {
  runs: RunStore;
  clock: Clock;
  /** All runs, those of this process as they are at this moment. */
  list(): Promise<RunSummary[]>;
}

/** A run that has not had its turn yet. */
export interface QueuedRun {
  id: string;
  /** Path of the flow file. */
  flow: string;
  maxRuns: number;
}

/** A run that others are looking at is not listed anew more often than this, in ms. */
const LOOK_EVERY = 250;

export class Turns {
  readonly #tools: TurnTools;

  constructor(tools: TurnTools) {
    this.#tools = tools;
  }

  /**
   * Opens the journal of a new run of a flow; `open` records the given events with its first ones. While it does, no other run of the
   * flow begins. Throws `RUN_SKIPPED` where there is no room and the flow says not to wait.
   */
  begin<T>(flow: string, limit: Concurrency, open: (place: Place, ...events: NewRunEvent[]) => Promise<T>): Promise<T> {
    return this.#tools.runs.exclusive(lockOf(flow), async () => {
      const ahead = present(await this.#tools.list(), flow);
      const inTheWay = ahead.slice(0, Math.max(0, ahead.length - limit.maxRuns + 1));
      if (inTheWay.length === 0) return open({ queued: false, inTheWay });
      if (limit.policy === 'skip') throw skipped(flow, limit, inTheWay);
      return open({ queued: true, inTheWay }, { type: 'run.queued' });
    });
  }

  /** The same for a run that is gone on with and does not hold its place any more. It waits for its turn, whatever the policy. */
  again<T>(run: QueuedRun, wasQueued: boolean, open: (queued: boolean, ...events: NewRunEvent[]) => Promise<T>): Promise<T> {
    return this.#tools.runs.exclusive(lockOf(run.flow), async () => {
      const queued = !(await this.#hasTurn(run));
      if (queued === wasQueued) return open(queued);
      return open(queued, { type: queued ? 'run.queued' : 'run.admitted' });
    });
  }

  /** Waits for the turn of a queued run, and admits it while no other run of the flow begins. Rejects with the reason of `stop`. */
  async wait(run: QueuedRun, admit: () => Promise<void>, stop: AbortSignal): Promise<void> {
    const { runs, clock } = this.#tools;
    /** Only those in the way can make room: whoever comes later waits behind this one. Undefined while they are being looked for. */
    let inTheWay: ReadonlySet<string> | undefined;
    let changed = bell();
    const watching = runs.watch((id) => {
      if (inTheWay?.has(id) ?? true) changed.ring();
    });
    const stopped = aborted(stop);
    try {
      for (;;) {
        stop.throwIfAborted();
        inTheWay = undefined;
        changed = bell();
        const ahead = await this.#ahead(run);
        if (ahead.length < run.maxRuns && (await this.#admit(run, admit, stop))) return;
        inTheWay = new Set(ahead.map(({ id }) => id));
        await Promise.race([changed.rung, stopped]);
        await clock.sleep(LOOK_EVERY, stop);
      }
    } finally {
      watching.dispose();
    }
  }

  /** False: somebody else has taken the place meanwhile. */
  #admit(run: QueuedRun, admit: () => Promise<void>, stop: AbortSignal): Promise<boolean> {
    return this.#tools.runs.exclusive(lockOf(run.flow), async () => {
      if (!(await this.#hasTurn(run))) return false;
      stop.throwIfAborted();
      await admit();
      return true;
    });
  }

  async #hasTurn(run: QueuedRun): Promise<boolean> {
    return (await this.#ahead(run)).length < run.maxRuns;
  }

  /** Those that have a place, and those that have waited for one longer. */
  async #ahead({ id, flow }: QueuedRun): Promise<RunSummary[]> {
    const runs = await this.#tools.list();
    const own = runs.find((run) => run.id === id);
    return present(runs, flow).filter(
      (other) => other.id !== id && (other.status !== 'queued' || own === undefined || inOrder(other, own) < 0),
    );
  }
}

/**
 * The runs of the flow that take a place or wait for one, oldest first. One that waits for a person keeps its place, whoever has it;
 * one whose owner died has none until somebody goes on with it.
 */
function present(runs: readonly RunSummary[], flow: string): RunSummary[] {
  return runs.filter((run) => run.flow === flow && run.local && PRESENT.has(run.status)).sort(inOrder);
}

const PRESENT: ReadonlySet<RunStatus> = new Set(['queued', 'running', 'waiting']);

function inOrder(a: RunSummary, b: RunSummary): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}

function lockOf(flow: string): string {
  return `concurrency ${flow}`;
}

/** Something that is waited for and happens once. */
function bell(): { rung: Promise<void>; ring(): void } {
  let ring = (): void => undefined;
  const rung = new Promise<void>((resolve) => {
    ring = resolve;
  });
  return { rung, ring };
}

function aborted(signal: AbortSignal): Promise<never> {
  const promise = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // It is raced for, and may be aborted when nobody waits any more.
  promise.catch(() => undefined);
  return promise;
}

function skipped(flow: string, { maxRuns }: Concurrency, inTheWay: readonly RunSummary[]): BelayError {
  const ids = inTheWay.map(({ id }) => id);
  return new BelayError(
    'RUN_SKIPPED',
    `Not started: ${flow} allows ${maxRuns} run${maxRuns === 1 ? '' : 's'} at a time, and ${ids.join(', ')} is there.`,
    {
      hint: 'Wait until it has ended, cancel it, or let runs wait for their turn ("policy": "queue").',
      kind: 'quota',
      details: { maxRuns, runs: ids },
    },
  );
}
