/** The budget of a run (`limits.budget`): what goes beyond it waits until a person has said whether it may. */
import type { Awaitable } from '../awaitable.ts';
import { BelayError } from '../errors.ts';
import type { Flow } from '../format/model.ts';
import { durationMs } from '../format/model.ts';
import type { DurableContext } from './context.ts';
import type { RunEvent, SignalRequest } from './events.ts';
import type { RunHistory } from './history.ts';
import { keyOf } from './history.ts';
import type { BudgetKind } from './spending.ts';
import { Spending } from './spending.ts';

/** Amounts: steps, tokens, money, ms. */
export type Budget = Partial<Record<BudgetKind, number>>;

/** Undefined: nothing is limited. */
export function budgetOf({ limits }: Flow): Budget | undefined {
  const { steps, tokens, cost, time } = limits?.budget ?? {};
  const budget: Budget = {
    ...(steps === undefined ? {} : { steps }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(cost === undefined ? {} : { cost }),
    ...(time === undefined ? {} : { time: durationMs(time) }),
  };
  return Object.keys(budget).length === 0 ? undefined : budget;
}

/** What the nodes of a run ask before they use something up. Both wait as long as a person takes, and throw `BUDGET_EXCEEDED` after a stop. */
export interface Allowance {
  /** Before a node begins, by its path. */
  node(path: string, strand: Pick<DurableContext, 'cancellation'>): Awaitable<void>;
  /** Before a step of a node asks a model. */
  modelCall(path: string, step: string, cancellation: AbortSignal): Promise<void>;
}

export interface BudgetTools {
  history: RunHistory;
  /** Epoch ms. */
  now(): number;
  /** Asks for the whole run; the answer is in the history when it resolves. Rejects when the run is let go. */
  ask(key: string, request: SignalRequest): Promise<void>;
  /** Waits on behalf of a strand, which does nothing meanwhile. */
  waiting(wait: () => Promise<void>): Promise<void>;
}

/** A node needs a step and time; a call needs tokens and money as well. */
const OF_NODE = ['steps', 'time'] as const;
const OF_CALL = ['tokens', 'cost', 'time'] as const;

export class BudgetKeeper implements Allowance {
  readonly #budget: Budget;
  readonly #tools: BudgetTools;
  readonly #spending = new Spending();
  readonly #asking = new Map<string, Promise<void>>();

  /** `events`: what has been recorded so far; `add` is told the rest. */
  constructor(budget: Budget, events: readonly RunEvent[], tools: BudgetTools) {
    this.#budget = budget;
    this.#tools = tools;
    for (const event of events) this.#spending.add(event);
  }

  add(event: RunEvent): void {
    this.#spending.add(event);
  }

  node(path: string, strand: Pick<DurableContext, 'cancellation'>): Awaitable<void> {
    // Begun before a restart: it goes on.
    if (this.#spending.hasBegun(path)) return;
    const take = (): void => this.#spending.begin(path);
    return this.#over(OF_NODE) ? this.#within(OF_NODE, strand.cancellation, take) : take();
  }

  async modelCall(path: string, step: string, cancellation: AbortSignal): Promise<void> {
    const past = this.#tools.history.steps.get(keyOf(path, step));
    const isRecorded = past?.finished !== undefined && past.finished.retryInMs === undefined;
    if (!isRecorded) await this.#within(OF_CALL, cancellation);
  }

  /** All of them have to be within the budget at the same moment: waiting for one, another may be used up. */
  async #within(kinds: readonly BudgetKind[], cancellation: AbortSignal, take?: () => void): Promise<void> {
    for (;;) {
      const over = this.#over(kinds);
      // Taken in the same moment: others look too.
      if (!over) return take?.();
      if (over.stopped) throw exceeded(over);
      await this.#ask(over, cancellation);
    }
  }

  #over(kinds: readonly BudgetKind[]): Beyond | undefined {
    for (const kind of kinds) {
      const over = this.#beyond(kind);
      if (over) return over;
    }
    return undefined;
  }

  #beyond(kind: BudgetKind): Beyond | undefined {
    const amount = this.#budget[kind];
    if (amount === undefined) return undefined;
    const { signals } = this.#tools.history;
    let limit = amount;
    for (let n = 1; ; n += 1) {
      const used = this.#spending.used(kind, this.#tools.now());
      if (used < limit) return undefined;
      const key = `budget/${kind}/${n}`;
      const reply = signals.get(key)?.reply;
      if (reply?.decision !== 'more') return { kind, key, amount, used, limit, ...(reply ? { stopped: reply.by } : {}) };
      limit += amount;
    }
  }

  /** One question for everybody who comes to it. */
  async #ask({ kind, key, amount, used, limit }: Beyond, cancellation: AbortSignal): Promise<void> {
    let asking = this.#asking.get(key);
    if (!asking) {
      const spent = `The run has used up ${words(kind, used)}, and ${words(kind, limit)} is all it may`;
      asking = this.#tools.ask(key, {
        kind: 'budget',
        title: `Budget of ${words(kind, limit)}`,
        message: `${spent}. It can go on with ${words(kind, amount)} more, or stop: then what would go beyond the budget fails.`,
        budget: kind,
        used,
        limit,
      });
      this.#asking.set(key, asking);
      asking.catch(() => undefined);
    }
    const answered = asking;
    await this.#tools.waiting(() => untilAborted(answered, cancellation));
  }
}

interface Beyond {
  kind: BudgetKind;
  key: string;
  /** What the flow gives, and gives again. */
  amount: number;
  used: number;
  /** With all that has been given since. */
  limit: number;
  /** Who said stop. */
  stopped?: string;
}

function exceeded({ kind, used, limit, stopped }: Beyond): BelayError {
  return new BelayError('BUDGET_EXCEEDED', `The budget of ${words(kind, limit)} is used up, and ${stopped} stopped the run there.`, {
    hint: 'Run the flow again, with a larger budget if that is intended.',
    kind: 'quota',
    details: { budget: kind, used, limit },
  });
}

function words(kind: BudgetKind, amount: number): string {
  switch (kind) {
    case 'steps':
      return amount === 1 ? '1 step' : `${amount} steps`;
    case 'tokens':
      return amount === 1 ? '1 token' : `${amount} tokens`;
    case 'cost':
      return `${Number(amount.toFixed(4))} of cost`;
    case 'time':
      return timeWords(amount);
    default:
      return kind satisfies never;
  }
}

const UNITS = [
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** The two largest units that say anything: `1 h 5 min`, `90 ms`. */
function timeWords(ms: number): string {
  const parts: string[] = [];
  let left = Math.round(ms);
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}

function untilAborted(wait: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    wait.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
