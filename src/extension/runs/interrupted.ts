/** Going on with the runs that an editor was in the middle of when it was closed or killed. */
import { toErrorData } from '../../engine/errors.ts';
import type { Log } from '../../engine/ports.ts';
import type { RunItem } from './questions.ts';
import { type RunRef, refKey } from './run-ref.ts';

export interface InterruptedRuns {
  runs(): RunItem[];
  owns(root: string, id: string): boolean;
  /** Throws RUN_OWNED where another process has it. */
  resume(ref: RunRef): Promise<void>;
  /** Whether a run that waits for a person was in the middle of something else as well. */
  isUnderWay(ref: RunRef): Promise<boolean>;
}

/**
 * Resumes them at once, or as soon as they are free: a window that is reloaded, and a host that VS Code started again for a moment, may
 * still have a run when its successor looks, or take it just then; and one that is killed tells nobody that it is gone.
 */
export class Interrupted {
  readonly #on: InterruptedRuns;
  readonly #log: Log;
  /** Runs that another window had when this one looked, as `ROOT\nID`. */
  readonly #heldElsewhere = new Set<string>();

  constructor(on: InterruptedRuns, log: Log) {
    this.#on = on;
    this.#log = log;
  }

  /** Whether a run is waited for: nothing but a look at its owner may tell that it is free. */
  get waits(): boolean {
    return this.#heldElsewhere.size > 0;
  }

  /** @returns the runs that go on now */
  async resumeAll(): Promise<RunRef[]> {
    const resumed: RunRef[] = [];
    for (const item of this.#on.runs()) {
      const ref = { root: item.root, id: item.run.id };
      if (item.run.owner?.kind === 'editor' && !this.#on.owns(ref.root, ref.id)) this.#heldElsewhere.add(refKey(ref));
      else if (await this.#goOn(item)) resumed.push(ref);
    }
    return resumed;
  }

  /** To be called whenever the list of runs was made anew. */
  async resumeReleased(): Promise<void> {
    if (!this.waits) return;
    const items = this.#on.runs();
    const there = new Set(items.map(({ root, run }) => refKey({ root, id: run.id })));
    for (const key of this.#heldElsewhere) if (!there.has(key)) this.#heldElsewhere.delete(key);
    for (const item of items) {
      if (!item.run.owner && this.#heldElsewhere.delete(refKey({ root: item.root, id: item.run.id }))) await this.#goOn(item);
    }
  }

  async #goOn({ root, run }: RunItem): Promise<boolean> {
    if (run.startedBy !== 'editor' || !run.local || run.owner) return false;
    const ref = { root, id: run.id };
    try {
      if (run.status !== 'interrupted' && !(run.status === 'waiting' && (await this.#on.isUnderWay(ref)))) return false;
      await this.#on.resume(ref);
      return true;
    } catch (error) {
      if (toErrorData(error).code === 'RUN_OWNED') this.#heldElsewhere.add(refKey(ref));
      this.#log.warn(`Run ${run.id} could not be resumed`, error);
      return false;
    }
  }
}
