/** When a step that failed is tried again, and how a step that does not listen is left alone. */
import { BelayError, type ErrorData } from '../errors.ts';
import { isJsonObject } from '../format/json.ts';
import type { ErrorKind, NodeSpec } from '../format/model.ts';
import { durationMs } from '../format/model.ts';
import type { Clock } from '../ports.ts';
import type { RetryPolicy } from './context.ts';

const DEFAULT_KINDS: readonly ErrorKind[] = ['rateLimit', 'overloaded', 'network', 'timeout', 'exit', 'invalidOutput'];

/** How long a step may take to wind up after it was told to stop, in ms. Then nobody waits for it any more. */
export const STOP_GRACE = 5000;

/** Reason of signals that only end a timer: nobody sees it, and making an exception of it would be costly. */
export const OVER = 'over';

export const NO_RETRY: RetryPolicy = { attempts: 1, backoff: 'constant', delay: 0, maxDelay: 0, jitter: false, on: new Set() };

/** The policy of a node, with the defaults of the format. Without `retry` there is one attempt. */
export function retryPolicy({ retry }: Pick<NodeSpec, 'retry'>): RetryPolicy {
  if (!retry) return NO_RETRY;
  return {
    attempts: retry.attempts,
    backoff: retry.backoff ?? 'exponential',
    delay: durationMs(retry.delay ?? '1s'),
    maxDelay: durationMs(retry.maxDelay ?? '1m'),
    jitter: retry.jitter ?? true,
    on: new Set(retry.on ?? DEFAULT_KINDS),
  };
}

export function timeouts({ timeout }: Pick<NodeSpec, 'timeout'>): { attempt: number | undefined; total: number | undefined } {
  if (timeout === undefined) return { attempt: undefined, total: undefined };
  if (typeof timeout === 'string') return { attempt: durationMs(timeout), total: undefined };
  const ms = (text: string | undefined): number | undefined => (text === undefined ? undefined : durationMs(text));
  return { attempt: ms(timeout.attempt), total: ms(timeout.total) };
}

/** The end of a step at its limit. `ms`: the limit as the flow states it; `what`: whose it is, such as `The attempt`. */
export function outOfTime(what: string, ms: number): BelayError {
  const limit = ms < 1000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`;
  const hint = 'Raise "timeout" of the node if it needs longer.';
  return new BelayError('STEP_TIMEOUT', `${what} took longer than ${limit}.`, { hint, kind: 'timeout' });
}

/** So many refusals of one step cost no attempt: a service that is never ready has to come to an end all the same. */
const MOST_REFUSALS = 10;

/**
 * The wait before the next attempt in ms, or undefined if there is none. `attempt` is the one that failed, from 1; `refusals`: how
 * many of those up to now were refused with the time to come back, which do not count as attempts (up to a limit). The back-off is
 * spread at random over its whole length (full jitter); a service that says how long it wants to be left alone (`retryAfterMs` in the
 * details) is left alone that long, or for good if that is longer than the longest wait allowed.
 */
export function retryDelay(policy: RetryPolicy, attempt: number, error: ErrorData, random: number, refusals = 0): number | undefined {
  // Who wants one attempt wants one.
  const counted = policy.attempts === 1 ? attempt : attempt - Math.min(refusals, MOST_REFUSALS);
  if (counted >= policy.attempts || !policy.on.has(error.kind)) return undefined;
  const grown = policy.backoff === 'constant' ? policy.delay : policy.delay * 2 ** Math.max(0, counted - 1);
  const capped = Math.min(grown, policy.maxDelay);
  const backoff = Math.round(policy.jitter ? capped * random : capped);
  const wanted = isJsonObject(error.details) ? error.details.retryAfterMs : undefined;
  if (typeof wanted !== 'number') return backoff;
  return wanted > policy.maxDelay ? undefined : Math.max(wanted, backoff);
}

/**
 * Waits for work that was told to stop by `signal`; `grace` ms after the signal it is given up, with the signal's reason.
 * What it does after that is told to `abandoned`.
 */
export function untilAbandoned<T>(work: Promise<T>, signal: AbortSignal, clock: Clock, grace: number, abandoned: () => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let waiting: AbortController | undefined;
    const giveUp = (): void => {
      waiting = new AbortController();
      clock.sleep(grace, waiting.signal).then(
        () => {
          abandoned();
          reject(signal.reason);
        },
        () => undefined,
      );
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
    const done = (): void => {
      signal.removeEventListener('abort', giveUp);
      waiting?.abort(OVER);
    };
    work.then(
      (value) => {
        done();
        resolve(value);
      },
      (error) => {
        done();
        reject(error);
      },
    );
  });
}
