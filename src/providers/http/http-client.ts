/** Web services over the platform's own `fetch`, which in VS Code knows the user's proxies and certificates. */
import { BelayError } from '../../engine/errors.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../engine/ports.ts';
import { networkFailure, retryAfter } from './failures.ts';

const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What may go to whatever origin a redirect names; anything else may be a key. */
const HARMLESS: ReadonlySet<string> = new Set(['accept', 'accept-language']);

export function createHttpClient(): HttpClient {
  return {
    async request(request, signal) {
      signal.throwIfAborted();
      try {
        return await taken(await answer(request, signal), request);
      } catch (error) {
        signal.throwIfAborted();
        throw error instanceof BelayError ? error : unreachable(error, request);
      }
    },
  };
}

/** The first answer that is no redirect. Where a request changes something, a redirect is an answer: what was agreed to names one address. */
async function answer({ method, url, headers, body }: HttpRequest, signal: AbortSignal): Promise<Response> {
  const reads = method === 'GET' || method === 'HEAD';
  let at = new URL(url);
  let sent: Readonly<Record<string, string>> = { 'user-agent': 'belay', accept: '*/*', ...headers };
  for (let redirects = 0; ; redirects += 1) {
    const response = await fetch(at.href, { method, headers: sent, signal, redirect: 'manual', ...(body === undefined ? {} : { body }) });
    const location = REDIRECTS.has(response.status) ? response.headers.get('location') : null;
    if (location === null || !reads) return response;
    await response.body?.cancel();
    const next = URL.canParse(location, at.href) ? new URL(location, at) : undefined;
    if (!next || !/^https?:$/.test(next.protocol) || next.username !== '' || next.password !== '')
      throw astray(at, 'to no address that can be asked');
    if (at.protocol === 'https:' && next.protocol === 'http:') throw astray(at, 'from https to http');
    if (redirects === MOST_REDIRECTS) throw astray(at, `on and on, more than ${MOST_REDIRECTS} times`);
    if (next.origin !== at.origin) sent = Object.fromEntries(Object.entries(sent).filter(([name]) => HARMLESS.has(name)));
    at = next;
  }
}

async function taken(response: Response, { url, maxBytes }: HttpRequest): Promise<HttpResponse> {
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== 'set-cookie'));
  const wait = retryAfter(response.headers, Date.now());
  return {
    url: response.url === '' ? url : response.url,
    status: response.status,
    headers,
    body: await textOf(response, maxBytes),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
}

async function textOf(response: Response, maxBytes: number): Promise<string> {
  const decoder = decoderFor(response.headers.get('content-type') ?? '');
  let bytes = 0;
  let text = '';
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (bytes > maxBytes) throw tooLarge(response, maxBytes);
    text += decoder.decode(chunk, { stream: true });
  }
  text += decoder.decode();
  if (!text.includes('\0')) return text;
  throw new BelayError('HTTP_NOT_TEXT', `${new URL(response.url).origin} answered with something that is no text.`, {
    hint: 'Fetch it with a command that writes it into a file.',
    kind: 'invalidOutput',
  });
}

/** The charset that the service names (WHATWG labels), else UTF-8. */
function decoderFor(contentType: string) {
  const label = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1];
  try {
    return new TextDecoder(label ?? 'utf-8');
  } catch {
    return new TextDecoder();
  }
}

function tooLarge({ url }: Response, maxBytes: number): BelayError {
  return new BelayError('HTTP_TOO_LARGE', `The answer of ${new URL(url).origin} is larger than ${maxBytes} bytes.`, {
    hint: 'Ask for less of it, or fetch it with a command that writes it into a file.',
    kind: 'badRequest',
  });
}

function astray(from: URL, where: string): BelayError {
  return new BelayError('HTTP_REDIRECT', `${from.origin} redirects ${where}.`, {
    hint: 'Open the address in a browser and write down where it leads to.',
    kind: 'badRequest',
  });
}

function unreachable(error: unknown, { url }: HttpRequest): unknown {
  const address = new URL(url).origin;
  const failure = networkFailure(error, address);
  if (!failure) return error;
  return new BelayError(failure.kind === 'timeout' ? 'HTTP_TIMEOUT' : 'HTTP_NETWORK', failure.message, {
    hint: 'Check the address and whether the service runs; a retry on the node tries again by itself.',
    // What surely has not happened is not in doubt: nobody has to be asked about it.
    kind: failure.unsent ? 'overloaded' : failure.kind,
    cause: error,
  });
}
