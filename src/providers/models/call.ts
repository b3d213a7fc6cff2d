/** What all dialects do alike around a call: its end is judged, its failure put into the words of the port. */
import { BelayError } from '../../engine/errors.ts';
import type { Json } from '../../engine/format/json.ts';
import { redactJson } from '../../engine/policy/redact.ts';
import type { AssistantMessage, ModelCallContext, ModelCheck, ModelEvent } from '../../engine/ports.ts';
import { isRedirect, networkFailure } from '../http/failures.ts';
import type { Connection } from './connection.ts';
import { addressOf } from './connection.ts';
import { failureOf, kindOf, modelError } from './model-errors.ts';
import type { Reply } from './reply.ts';

/** How long, in ms, the beginning of an answer may take: local servers first load the model. */
export const ANSWER_TIMEOUT = 600_000;
export const LIST_TIMEOUT = 15_000;
/** Characters of a service's own words that an error keeps. Cut when they are redacted, never before. */
const LONGEST_MESSAGE = 2000;

export type Redact = (text: string) => string;

/**
 * Follows a stream to its end. A stream that was aborted ends as if it were complete, in both SDKs; one that ends without a reason to
 * end was cut; one that breaks after it is as whole as a reply can be.
 */
export async function* followed(
  connection: Connection,
  { reply, redact, wantsObject, signal }: { reply: Reply; redact: Redact; wantsObject: boolean; signal: ModelCallContext['signal'] },
  events: () => AsyncIterable<ModelEvent>,
): AsyncGenerator<ModelEvent> {
  try {
    for await (const event of events()) {
      yield event;
      if (signal.aborted) break;
    }
  } catch (error) {
    // The reply was whole; only the count of tokens was still to come.
    if (reply.reason === undefined || signal.aborted) throw toModelError(connection, error, { signal, redact, partial: reply.partial });
  }
  if (signal.aborted) throw toModelError(connection, signal.reason, { signal, redact, partial: reply.partial });
  if (reply.reason === undefined) {
    const message = `The reply of ${connection.id} broke off before its end.`;
    throw modelError('network', { message, cause: undefined }, redacted(reply.partial, redact));
  }
  yield* reply.finish(wantsObject);
}

export function toModelError(
  connection: Connection,
  error: unknown,
  { signal, redact, partial }: { signal?: AbortSignal | undefined; redact: Redact; partial?: AssistantMessage | undefined },
): BelayError {
  const { origin } = addressOf(connection);
  const more = redacted(partial, redact);
  if (signal?.aborted) return modelError('cancelled', { message: 'The call of the model was cancelled.', cause: signal.reason }, more);
  if (error instanceof BelayError) return error;
  if (isRedirect(error)) return modelError('badRequest', { message: `${origin} redirects to another address.`, cause: error }, more);
  const failure = failureOf(error);
  const network = failure.status === undefined && failure.code === undefined ? networkFailure(error, origin) : undefined;
  if (network) return modelError(network.kind, { message: network.message, cause: error }, more);
  if (error instanceof SyntaxError) return modelError('network', { message: `${origin} sent a garbled reply.`, cause: error }, more);
  return modelError(
    kindOf(failure),
    { ...failure, message: redact(`${connection.id}: ${failure.message}`).slice(0, LONGEST_MESSAGE) },
    more,
  );
}

/** A web page or a whole reply where a stream was asked for: mostly the address is wrong. */
export function notAStream(connection: Connection, response: Response): BelayError | undefined {
  const type = response.headers.get('content-type') ?? '';
  if (!/^(text\/html|application\/json)/i.test(type)) return undefined;
  return new BelayError('MODEL_BAD_REQUEST', `${addressOf(connection).origin} answered with ${type.split(';')[0]} instead of a stream.`, {
    hint: 'Check the address of the service: it mostly ends in /v1.',
    kind: 'badRequest',
    details: { status: response.status },
  });
}

/** Whether a service works, by asking it for its models. */
export async function checkByList(list: () => Promise<unknown>): Promise<ModelCheck> {
  try {
    await list();
    return { ok: true };
  } catch (error) {
    if (!(error instanceof BelayError)) throw error;
    // Some servers list no models and serve them all the same.
    return error.kind === 'modelNotFound' ? { ok: true } : { ok: false, error };
  }
}

function redacted(partial: AssistantMessage | undefined, redact: Redact): AssistantMessage | undefined {
  if (partial === undefined) return undefined;
  return { role: 'assistant', content: redactJson(partial.content as Json, redact) as AssistantMessage['content'] };
}
