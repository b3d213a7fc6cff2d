/** The SDK of OpenAI, loaded at the first call, with nothing of the environment in it. */
import type OpenAI from 'openai';
import { ANSWER_TIMEOUT, LIST_TIMEOUT, type Redact, toModelError } from '../call.ts';
import type { Connection } from '../connection.ts';
import { connectionRedactor, keyHeaders, withoutHeadersOf } from '../connection.ts';

export interface Opened {
  client: OpenAI;
  redact: Redact;
}

export async function openClient(connection: Connection): Promise<Opened> {
  const [{ OpenAI }, key] = await Promise.all([import('openai'), connection.key()]);
  const client = new OpenAI({
    baseURL: connection.baseUrl,
    // The SDK insists on a key; a server without one gets no Authorization header at all.
    apiKey: key ?? 'none',
    defaultHeaders: {
      ...withoutHeadersOf(process.env.OPENAI_CUSTOM_HEADERS),
      Authorization: null,
      ...keyHeaders(connection, key),
      ...connection.headers,
    },
    // What the SDK would otherwise take from the environment belongs to OpenAI, and not to whoever has this address.
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    logLevel: 'off',
    // Only the node retries: visibly, within its budget, honouring Retry-After.
    maxRetries: 0,
    timeout: ANSWER_TIMEOUT,
    // A redirect would carry the headers to another origin.
    fetchOptions: { redirect: 'error' },
  });
  return { client, redact: connectionRedactor(connection, key) };
}

/** What the service lists, as it says it. Throws `MODEL_…`. */
export async function listEntries(connection: Connection, signal: AbortSignal | undefined): Promise<{ id: string }[]> {
  const { client, redact } = await openClient(connection);
  const entries: { id: string }[] = [];
  try {
    for await (const entry of client.models.list({ timeout: LIST_TIMEOUT, ...(signal === undefined ? {} : { signal }) }))
      entries.push(entry);
  } catch (error) {
    throw toModelError(connection, error, { signal, redact });
  }
  return entries.sort((a, b) => (a.id < b.id ? -1 : 1));
}
