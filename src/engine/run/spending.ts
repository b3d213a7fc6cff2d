/** What a run has used up, counted from its journal alone: over sub-flows, loops and resumes, the same in every process. Pure. */
import type { RunEvent } from './events.ts';
import { isPass, isWithin, parentOf } from './paths.ts';

export type BudgetKind = 'steps' | 'tokens' | 'cost' | 'time';

export class Spending {
  #steps = 0;
  #tokens = 0;
  #cost = 0;
  readonly #clock = new WorkClock();
  /** Nodes that have begun and not ended; those with a start of their own are counted by it, the others by their end. */
  readonly #counted = new Set<string>();
  /** Nodes let through that have recorded nothing yet. */
  readonly #begun = new Set<string>();
  /** Replies of models whose cost nobody told. */
  unpriced = 0;

  add(event: RunEvent): void {
    this.#clock.add(event);
    switch (event.type) {
      case 'node.started':
        this.#begun.delete(event.node);
        this.#counted.add(event.node);
        this.#steps += 1;
        break;
      case 'node.finished':
        this.#begun.delete(event.node);
        if (!this.#counted.delete(event.node) && event.input !== undefined && !isPass(event.node)) this.#steps += 1;
        break;
      case 'node.skipped':
        this.#begun.delete(event.node);
        this.#counted.delete(event.node);
        break;
      case 'step.finished': {
        const { usage, model, recorded } = event;
        this.#tokens += (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0);
        this.#cost += usage?.cost ?? 0;
        if (model !== undefined && recorded !== true && usage?.cost === undefined) this.unpriced += 1;
        break;
      }
      default:
    }
  }

  /** A node is let through: it counts from now on. Its journal says so only later. */
  begin(node: string): void {
    if (!this.#counted.has(node)) this.#begun.add(node);
  }

  /** Whether the node is counted already. */
  hasBegun(node: string): boolean {
    return this.#counted.has(node) || this.#begun.has(node);
  }

  /** `now` in epoch ms; time in ms. */
  used(kind: BudgetKind, now: number): number {
    switch (kind) {
      case 'steps':
        return this.#steps + this.#begun.size;
      case 'tokens':
        return this.#tokens;
      case 'cost':
        return this.#cost;
      case 'time':
        return this.#clock.worked(now);
      default:
        return kind satisfies never;
    }
  }
}

/**
 * How long somebody carried the run and something in it was at work. A node works unless it waits for a person or a timer, or is made
 * of others that do. Between two segments nobody carried it; while it is queued or its budget is asked about, nothing is begun.
 */
class WorkClock {
  #worked = 0;
  /** When the last event was recorded; undefined: nobody carries the run. */
  #since: number | undefined;
  /** Open nodes, by how many open nodes they hold. */
  readonly #open = new Map<string, number>();
  /** What open nodes wait for: keys by node. */
  readonly #waits = new Map<string, Set<string>>();
  /** Open nodes that hold no other and wait for nothing. */
  #working = 0;
  #paused = 0;

  worked(now: number): number {
    return this.#worked + (this.#since === undefined || !this.#atWork() ? 0 : Math.max(0, now - this.#since));
  }

  add(event: RunEvent): void {
    // Whoever had the run before has died in the meantime: since its last event nobody carried it, as far as is known.
    if (event.type !== 'segment.opened') this.#worked = this.worked(event.t);
    this.#since = event.t;
    switch (event.type) {
      case 'segment.opened':
        break;
      case 'segment.closed':
        this.#since = undefined;
        break;
      case 'run.queued':
        this.#paused += 1;
        break;
      case 'run.admitted':
        this.#paused -= 1;
        break;
      case 'node.started':
        this.#start(event.node);
        break;
      case 'node.finished':
      case 'node.skipped':
        this.#end(event.node);
        break;
      case 'signal.requested':
        if (event.node === '') this.#paused += 1;
        else this.#wait(event.node, event.key);
        break;
      case 'signal.received':
        if (event.node === '') this.#paused -= 1;
        else this.#goOn(event.node, event.key);
        break;
      case 'timer.set':
        if (!event.limit) this.#wait(event.node, event.key);
        break;
      case 'timer.fired':
        this.#goOn(event.node, event.key);
        break;
      case 'step.started':
        this.#goOn(event.node, event.step);
        break;
      case 'step.finished':
        if (event.retryInMs !== undefined) this.#wait(event.node, event.step);
        break;
      default:
    }
  }

  /** Where nothing is open, the engine itself is at work. */
  #atWork(): boolean {
    return this.#paused === 0 && (this.#working > 0 || this.#open.size === 0);
  }

  #isWorking(node: string): boolean {
    return this.#open.get(node) === 0 && !this.#waits.has(node);
  }

  #change(node: string, change: () => void): void {
    const before = this.#isWorking(node);
    change();
    const after = this.#isWorking(node);
    if (before !== after) this.#working += after ? 1 : -1;
  }

  #start(node: string): void {
    if (this.#open.has(node)) return;
    this.#change(node, () => this.#open.set(node, 0));
    const holder = this.#holderOf(node);
    if (holder !== undefined) this.#change(holder, () => this.#open.set(holder, (this.#open.get(holder) ?? 0) + 1));
  }

  /** With a node ends whatever is still open in it. */
  #end(path: string): void {
    for (const node of [...this.#open.keys()].reverse()) if (isWithin(node, path)) this.#endNode(node);
  }

  #endNode(node: string): void {
    if (!this.#open.has(node)) return;
    this.#change(node, () => {
      this.#open.delete(node);
      this.#waits.delete(node);
    });
    const holder = this.#holderOf(node);
    if (holder !== undefined) this.#change(holder, () => this.#open.set(holder, Math.max(0, (this.#open.get(holder) ?? 0) - 1)));
  }

  #wait(node: string, key: string): void {
    this.#change(node, () => {
      const keys = this.#waits.get(node) ?? new Set();
      this.#waits.set(node, keys.add(key));
    });
  }

  #goOn(node: string, key: string): void {
    this.#change(node, () => {
      const keys = this.#waits.get(node);
      if (keys?.delete(key) && keys.size === 0) this.#waits.delete(node);
    });
  }

  /** The open node in whose body it stands. */
  #holderOf(node: string): string | undefined {
    const pass = parentOf(node);
    const holder = pass === '' ? '' : parentOf(pass);
    return holder !== '' && this.#open.has(holder) ? holder : undefined;
  }
}
