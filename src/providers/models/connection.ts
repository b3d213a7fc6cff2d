/** A service with its address: what the user configured, whatever it speaks. */
import { BelayError } from '../../engine/errors.ts';
import { redactor } from '../../engine/policy/redact.ts';
import type { ConnectionLimits } from './connection-gate.ts';

/** What a service speaks: OpenAI's Responses, Chat Completions (everybody else's), Anthropic's Messages. */
export const DIALECTS = ['responses', 'chat', 'anthropic'] as const;
export type Dialect = (typeof DIALECTS)[number];

/** The key belongs to the origin of the address and is sent nowhere else. */
export interface Connection {
  /** Names it in `connection/model`. */
  id: string;
  /** Up to and including `/v1`. */
  baseUrl: string;
  /** Undefined: told by the address (`dialectOf`). */
  dialect?: Dialect;
  /** Asked for at every call. Undefined: the server needs none. */
  key(): Promise<string | undefined>;
  /** The header of the key. Undefined: told by the address, mostly `Authorization`. */
  keyHeader?: string;
  /** Models to offer, besides or instead of those the service lists. */
  models?: readonly string[];
  /** Sent with every request. */
  headers?: Readonly<Record<string, string>>;
  /** Kept by the registry, for all calls of this process. */
  limits?: ConnectionLimits;
}

export interface Address {
  origin: string;
  host: string;
}

/** Throws `CONNECTION_INVALID`. */
export function addressOf({ id, baseUrl }: Pick<Connection, 'id' | 'baseUrl'>): Address {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return { origin: url.origin, host: url.hostname };
  throw new BelayError('CONNECTION_INVALID', `The address of the connection "${id}" is not usable.`, {
    hint: 'Give an http or https address without a user name, such as https://api.openai.com/v1.',
    kind: 'badRequest',
  });
}

const isAzure = (host: string): boolean => /\.(openai\.azure|cognitiveservices\.azure|services\.ai\.azure)\.com$/.test(host);

/** Responses where it is at home, which is OpenAI and Azure: others ignore schemas on it silently, or have not got it. */
export function dialectOf(connection: Pick<Connection, 'id' | 'baseUrl' | 'dialect'>): Dialect {
  if (connection.dialect) return connection.dialect;
  const { host } = addressOf(connection);
  if (host === 'api.openai.com' || isAzure(host)) return 'responses';
  return host === 'api.anthropic.com' ? 'anthropic' : 'chat';
}

/** How a key travels. */
export function keyHeaders(connection: Connection, key: string | undefined): Record<string, string> {
  if (key === undefined) return {};
  const { host } = addressOf(connection);
  const usual = dialectOf(connection) === 'anthropic' ? 'X-Api-Key' : isAzure(host) ? 'api-key' : 'Authorization';
  const name = connection.keyHeader ?? usual;
  return { [name]: /authorization$/i.test(name) ? `Bearer ${key}` : key };
}

/** Hides the key, and headers that may be one, in whatever the service says. Not `x-portkey-provider`: words like "openai" are no secrets. */
export function connectionRedactor({ headers }: Connection, key: string | undefined): (text: string) => string {
  const secretHeaders = Object.entries(headers ?? {}).filter(([name]) => /(^|[-_])(api)?key($|[-_])|auth|token|secret|cookie/i.test(name));
  return redactor([...(key === undefined ? [] : [key]), ...secretHeaders.map(([, value]) => value)]);
}

/** The SDKs add the headers of a variable to whatever they send; they were written for one service, and may hold its key. */
export function withoutHeadersOf(variable: string | undefined): Record<string, null> {
  const lines = (variable ?? '').split('\n').filter((line) => line.includes(':'));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).trim(), null]));
}
