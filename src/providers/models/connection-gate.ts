/**
 * The way to one service: how many calls of this process may be on it, and when. Calls wait here for their turn instead of being
 * refused one by one, which would cost each of them an attempt.
 */
import { BelayError } from '../../engine/errors.ts';
import { isJsonObject } from '../../engine/format/json.ts';
import type { Clock } from '../../engine/ports.ts';
import { modelError } from './model-errors.ts';

/** What the user's account allows. Each absent: not limited here. */
export interface ConnectionLimits {
  requestsPerMinute?: number;
  /** Of the request and its reply together; estimated until the service has counted them. */
  tokensPerMinute?: number;
  /** Calls under way at a time. */
  concurrency?: number;
}

/** A call that has its turn. */
export interface Turn {
  /** The service has begun to answer. */
  answered(): void;
  /** What the service counted. */
  used(tokens: number): void;
  failed(error: unknown): void;
  /** The call is over, however it ended. Called once. */
  leave(): void;
}

const MINUTE = 60_000;

/** A service that wants to be left alone for longer (ms) is not waited for here: retry, fallback model or failure path decide. */
const LONGEST_PAUSE = 60_000;

/**
 * What was spent in the last minute, exactly: unlike a bucket that is full at the beginning, it never lets twice the limit through in
 * one minute.
 */
class Window {
  #spent: { at: number; amount: number }[] = [];

  spend(at: number, amount: number): { amount: number } {
    const entry = { at, amount };
    this.#spent.push(entry);
    return entry;
  }

  /** How long (ms) until `amount` fits. What is more than the whole limit fits when nothing else is there: it would wait for ever. */
  wait(now: number, amount: number, limit: number): number {
    this.#spent = this.#spent.filter(({ at }) => at > now - MINUTE);
    let over = this.#spent.reduce((sum, it) => sum + it.amount, 0) + amount - limit;
    for (const entry of this.#spent) {
      if (over <= 0) return 0;
      over -= entry.amount;
      if (over <= 0 || entry === this.#spent.at(-1)) return entry.at + MINUTE - now;
    }
    return 0;
  }
}

/** A refusal comes within this time (ms): a call that lasts longer is being answered, however slowly. */
const REFUSED_WITHIN = 2000;

interface Waiting {
  tokens: number;
  admit(): void;
  refuse(error: unknown): void;
}

export class ConnectionGate {
  readonly #clock: Clock;
  readonly #name: string;
  readonly #requests = new Window();
  readonly #tokens = new Window();
  readonly #queue: Waiting[] = [];
  #limits: ConnectionLimits = {};
  #underWay = 0;
  /** The service asked to be left alone until then (epoch ms). */
  #pausedUntil = 0;
  /** After a pause one call goes ahead; the others follow when it is answered, so that they are not all refused once more. */
  #scout: 'none' | 'wanted' | 'away' = 'none';
  #timer: AbortController | undefined;

  /** `name`: as people call the service. */
  constructor(name: string, clock: Clock) {
    this.#name = name;
    this.#clock = clock;
  }

  /** As the settings have it now. */
  limit(limits: ConnectionLimits): void {
    this.#limits = limits;
    this.#advance();
  }

  /**
   * Resolves when it is this call's turn, first come, first served. Throws the signal's reason, and `MODEL_RATE_LIMIT` where the
   * service wants to be left alone for longer than calls are kept waiting.
   */
  enter(tokens: number, signal: AbortSignal): Promise<Turn> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const leaveQueue = (): void => {
        const at = this.#queue.indexOf(waiting);
        if (at >= 0) this.#queue.splice(at, 1);
        signal.removeEventListener('abort', stop);
      };
      const stop = (): void => {
        leaveQueue();
        reject(signal.reason);
        this.#advance();
      };
      const waiting: Waiting = {
        tokens,
        admit: () => {
          leaveQueue();
          resolve(this.#begin(tokens));
        },
        refuse: (error) => {
          leaveQueue();
          reject(error);
        },
      };
      signal.addEventListener('abort', stop, { once: true });
      this.#queue.push(waiting);
      this.#advance();
    });
  }

  #begin(tokens: number): Turn {
    const now = this.#clock.now();
    this.#underWay += 1;
    if (this.#limits.requestsPerMinute !== undefined) this.#requests.spend(now, 1);
    const spent = this.#limits.tokensPerMinute === undefined ? undefined : this.#tokens.spend(now, tokens);
    const isScout = this.#scout === 'wanted';
    const over = new AbortController();
    const back = (scout: 'none' | 'wanted'): void => {
      if (!isScout || over.signal.aborted) return;
      over.abort('over');
      this.#scout = scout;
    };
    const answered = (): void => {
      back('none');
      this.#advance();
    };
    if (isScout) {
      this.#scout = 'away';
      this.#clock.sleep(REFUSED_WITHIN, over.signal).then(answered, () => undefined);
    }
    return {
      answered,
      used: (counted) => {
        if (spent) spent.amount = counted;
        this.#advance();
      },
      failed: (error) => {
        const pause = pauseWanted(error);
        if (pause === undefined) return;
        this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + pause);
        if (this.#scout === 'none') this.#scout = 'wanted';
      },
      leave: () => {
        this.#underWay -= 1;
        back('wanted');
        this.#advance();
      },
    };
  }

  /** Lets in whoever may go now, and looks again when the next one may. */
  #advance(): void {
    this.#timer?.abort('over');
    this.#timer = undefined;
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      const paused = this.#pausedUntil - this.#clock.now();
      if (paused > LONGEST_PAUSE) {
        next.refuse(this.#leftAlone(paused));
        continue;
      }
      const wait = this.#wait(next);
      if (wait > 0) {
        this.#lookIn(wait);
        return;
      }
      next.admit();
    }
  }

  /** ms; infinite: until another call is answered or over. */
  #wait({ tokens }: Waiting): number {
    const now = this.#clock.now();
    const { requestsPerMinute, tokensPerMinute, concurrency } = this.#limits;
    if (this.#scout === 'away' || this.#underWay >= (concurrency ?? Infinity)) return Infinity;
    return Math.max(
      this.#pausedUntil - now,
      requestsPerMinute === undefined ? 0 : this.#requests.wait(now, 1, requestsPerMinute),
      tokensPerMinute === undefined ? 0 : this.#tokens.wait(now, tokens, tokensPerMinute),
    );
  }

  #lookIn(ms: number): void {
    if (ms === Infinity) return;
    const timer = new AbortController();
    this.#timer = timer;
    this.#clock.sleep(ms, timer.signal).then(
      () => this.#advance(),
      () => undefined,
    );
  }

  #leftAlone(ms: number): BelayError {
    const message = `${this.#name} wants to be left alone for ${Math.ceil(ms / 1000)} s more.`;
    return modelError('rateLimit', { message, retryAfterMs: ms, cause: undefined });
  }
}

function pauseWanted(error: unknown): number | undefined {
  if (!(error instanceof BelayError) || (error.kind !== 'rateLimit' && error.kind !== 'overloaded')) return undefined;
  const { details } = error;
  return isJsonObject(details) && typeof details.retryAfterMs === 'number' ? details.retryAfterMs : undefined;
}

/** One gate for each service, shared by all who use it: a limit is one of the account, not of a window or a run. */
export class ConnectionGates {
  readonly #clock: Clock;
  readonly #gates = new Map<string, ConnectionGate>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The gate of the connection at this address. */
  of({ id, baseUrl, limits }: { id: string; baseUrl: string; limits?: ConnectionLimits }): ConnectionGate {
    const key = `${id}\n${URL.canParse(baseUrl) ? new URL(baseUrl).origin : baseUrl}`;
    const gate = this.#gates.get(key) ?? new ConnectionGate(id, this.#clock);
    this.#gates.set(key, gate);
    gate.limit(usable(limits));
    return gate;
  }
}

/** Settings are written by hand: what is no positive number is no limit. */
function usable(limits: ConnectionLimits | undefined): ConnectionLimits {
  const known = Object.entries(limits ?? {}).filter(([, value]) => typeof value === 'number' && value >= 1);
  return Object.fromEntries(known);
}
