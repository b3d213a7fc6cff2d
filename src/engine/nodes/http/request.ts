/** One request to a web service: what is asked, and what its answer means. */
import { BelayError } from '../../errors.ts';
import type { Json, JsonObject } from '../../format/json.ts';
import type { ErrorKind } from '../../format/model.ts';
import { parseJson } from '../../messages.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../ports.ts';
import { optionalText, text, textRecord } from '../params.ts';

/** Larger bodies do not belong into prompts and journals: 5 MiB. */
const MAX_BODY = 5 * 1_048_576;
/** Characters of a refused answer that its error carries. */
const BODY_SHOWN = 2000;

/** The request of resolved parameters. Throws `HTTP_ADDRESS`, `HTTP_HEADER`. */
export function requestOf(params: JsonObject): HttpRequest {
  const body = params.body === undefined ? undefined : typeof params.body === 'string' ? params.body : JSON.stringify(params.body);
  return {
    method: optionalText(params.method) ?? 'GET',
    url: addressOf(params),
    headers: headersOf(params),
    maxBytes: MAX_BODY,
    ...(body === undefined ? {} : { body }),
  };
}

export interface Asking {
  http: HttpClient;
  redact(text: string): string;
  signal: AbortSignal;
  idempotencyKey: string;
  /** Statuses that are fine; empty: 200 to 299. */
  allowed: readonly Json[];
}

/** Asks once. Throws `HTTP_…`. */
export async function performRequest(request: HttpRequest, { http, redact, signal, idempotencyKey, allowed }: Asking): Promise<JsonObject> {
  const { method } = request;
  // draft-ietf-httpapi-idempotency-key-header: lets a service see that it is asked for the same thing again.
  const once = method === 'GET' || method === 'HEAD' || 'idempotency-key' in request.headers ? {} : { 'idempotency-key': idempotencyKey };
  const response = await http.request({ ...request, headers: { ...request.headers, ...once } }, signal);
  const isFine = allowed.length === 0 ? response.status >= 200 && response.status < 300 : allowed.includes(response.status);
  if (!isFine) throw refused(method, response, redact);
  const { url, status } = response;
  return { url, status, headers: response.headers, body: bodyOf(response) };
}

function addressOf(params: JsonObject): string {
  const written = text(params.url, 'url');
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new BelayError('HTTP_ADDRESS', `"${written}" is no address that can be asked.`, {
      hint: 'Write it out, beginning with http:// or https:// and without a user; keys belong into "headers", as secrets.',
      kind: 'badRequest',
    });
  }
  for (const [name, value] of Object.entries(textRecord(params.query))) url.searchParams.append(name, value);
  return url.href;
}

/** By name in lower case, as HTTP compares them. */
function headersOf(params: JsonObject): Record<string, string> {
  const headers: Record<string, string> = {};
  if (params.body !== undefined)
    headers['content-type'] = typeof params.body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  for (const [name, value] of Object.entries(textRecord(params.headers))) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || /[\r\n\0]/.test(value)) {
      throw new BelayError('HTTP_HEADER', `The header "${name}" cannot be sent.`, {
        hint: 'A name has letters, digits and "-"; a value is one line.',
        kind: 'badRequest',
      });
    }
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

function bodyOf({ status, headers, body }: HttpResponse): Json {
  if (body === '') return null;
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(headers['content-type'] ?? '')) return body;
  const value = parseJson(body);
  if (value !== undefined) return value;
  throw new BelayError('HTTP_BODY_INVALID', `The service answered ${status} with what it calls JSON and is none.`, {
    hint: 'Try again; if it stays so, the service is at fault.',
    kind: 'invalidOutput',
    details: { body: body.slice(0, BODY_SHOWN) },
  });
}

/** What services mean by a status (RFC 9110), in the kinds that retries and failure paths go by. */
function kindOf(status: number): ErrorKind {
  if (status === 401 || status === 407) return 'auth';
  if (status === 403) return 'permission';
  if (status === 404 || status === 410) return 'notFound';
  if (status === 408) return 'timeout';
  if (status === 429) return 'rateLimit';
  return status >= 500 ? 'overloaded' : 'badRequest';
}

const HINTS: { readonly [K in ErrorKind]?: string } = {
  auth: 'Put a valid key into "headers", as a secret.',
  permission: 'Use a key that may do this.',
  notFound: 'Correct the address.',
  timeout: 'Try again; a retry on the node does so by itself.',
  rateLimit: 'Wait a little; a retry on the node does so by itself, for as long as the service wants.',
  overloaded: 'Wait a little; a retry on the node does so by itself.',
};

function refused(method: string, { url, status, body, retryAfterMs }: HttpResponse, redact: (text: string) => string): BelayError {
  const kind = kindOf(status);
  return new BelayError('HTTP_STATUS', `${method} ${new URL(url).origin} was answered with ${status}.`, {
    hint: HINTS[kind] ?? 'Read what the service says; statuses that are fine belong into "allowedStatus".',
    kind,
    // Redacted before it is cut: half a secret is not recognised any more.
    details: { status, url, body: redact(body).slice(0, BODY_SHOWN), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
  });
}
