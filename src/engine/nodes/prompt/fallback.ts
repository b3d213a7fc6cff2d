/** The models of a node, one after the other, until one gives what was asked for. */
import { BelayError } from '../../errors.ts';
import type { ErrorKind } from '../../format/model.ts';
import type { NodeContext } from '../executor.ts';

/**
 * What another model would not make better, or must not: a request that is wrong stays wrong, a filter is not to be evaded by asking
 * elsewhere, and what was cancelled was cancelled.
 */
const FINAL: ReadonlySet<ErrorKind> = new Set(['badRequest', 'contentFilter', 'cancelled', 'internal']);

/** Errors of models and connections, and the time-out of a step. Not a person's no, and nothing that the flow itself got wrong. */
const OF_MODELS = /^(MODEL_|CONNECTION_|STEP_TIMEOUT$)/;

/**
 * Asks the first model, and each of `fallback` after the one before has failed with all its repairs and attempts.
 *
 * @param ask One model's whole answer. `prefix` begins the names of its steps: empty for the first, `fallback1.` for the next, …
 * @throws BelayError of the last model that was asked.
 */
export async function withFallback<T>(
  models: { first: string | undefined; fallback: readonly string[] },
  context: NodeContext,
  ask: (model: string | undefined, prefix: string) => Promise<T>,
): Promise<T> {
  const { first, fallback } = models;
  for (let at = 0; ; at += 1) {
    const model = at === 0 ? first : fallback[at - 1];
    try {
      return await ask(model, at === 0 ? '' : `fallback${at}.`);
    } catch (error) {
      if (at === fallback.length || !isForAnother(error, context)) throw error;
    }
  }
}

function isForAnother(error: unknown, context: NodeContext): boolean {
  if (context.signal.aborted || !(error instanceof BelayError)) return false;
  // A recording and a person answer for whatever model: there is no other one to ask.
  const mode = context.mode();
  if (mode === 'recorded' || mode === 'byHand') return false;
  return OF_MODELS.test(error.code) && (error.code === 'MODEL_CANNOT' || !FINAL.has(error.kind)) && !context.isRetried(error);
}
