import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../engine/ports.ts';
import { createHttpClient } from './http-client.ts';

const client = createHttpClient();
const never = new AbortController().signal;

interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A web service on the loopback that answers as the path says. */
function service(elsewhere: () => string) {
  const seen: Seen[] = [];
  const routes: Record<string, (response: ServerResponse, request: Seen) => void> = {
    '/hello': (response) =>
      response.writeHead(200, { 'content-type': 'text/plain', 'set-cookie': 'session=1', 'x-more': 'a' }).end('Grüße'),
    '/latin': (response) => response.writeHead(200, { 'content-type': 'text/html; charset=ISO-8859-1' }).end(Buffer.from([0xe4])),
    '/unknown-charset': (response) => response.writeHead(200, { 'content-type': 'text/plain; charset=klingon' }).end('ä'),
    '/binary': (response) => response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from([1, 0, 2])),
    '/long': (response) => response.writeHead(200).end('x'.repeat(5000)),
    '/slow-down': (response) => response.writeHead(429, { 'retry-after': '7' }).end('later'),
    '/moved': (response) => response.writeHead(302, { location: '/hello' }).end(),
    '/away': (response) => response.writeHead(302, { location: `${elsewhere()}/hello` }).end(),
    '/round': (response) => response.writeHead(302, { location: '/round' }).end(),
    '/to-a-file': (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    '/broken-off': (response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      response.socket?.destroy();
    },
    '/silent': () => {},
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const it = { method, url, headers, body: Buffer.concat(chunks).toString() };
      seen.push(it);
      const route = routes[url.split('?')[0] ?? ''];
      if (route) route(response, it);
      else response.writeHead(404).end();
    });
  });
  const listening = new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    seen,
    listening,
    get origin() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const other = service(() => '');
const main = service(() => other.origin);

beforeAll(async () => {
  await Promise.all([main.listening, other.listening]);
});
afterAll(async () => {
  await Promise.all([main.close(), other.close()]);
});

const ask = (path: string, more: Partial<HttpRequest> = {}, signal = never) =>
  client.request({ method: 'GET', url: path.includes('://') ? path : main.origin + path, headers: {}, maxBytes: 4000, ...more }, signal);

describe('answers', () => {
  it('are given with their headers in lower case, and without cookies', async () => {
    const { headers, ...rest } = await ask('/hello?a=1');
    expect(rest).toEqual({ url: `${main.origin}/hello?a=1`, status: 200, body: 'Grüße' });
    expect(headers).toMatchObject({ 'content-type': 'text/plain', 'x-more': 'a' });
    expect(headers).not.toHaveProperty('set-cookie');
  });

  it.each([
    ['/latin', 'ä'],
    ['/unknown-charset', 'ä'],
    ['/nowhere', ''],
  ])('are decoded as the service says: %s', async (path, body) => {
    expect((await ask(path)).body).toBe(body);
  });

  it('say how long the service wants to be left alone', async () => {
    expect(await ask('/slow-down')).toMatchObject({ status: 429, body: 'later', retryAfterMs: 7000 });
  });

  it('to a request with a body are its own', async () => {
    await ask('/hello', { method: 'POST', headers: { 'x-key': 'k' }, body: '{"a":1}' });
    expect(main.seen.at(-1)).toMatchObject({ method: 'POST', body: '{"a":1}', headers: { 'x-key': 'k' } });
  });
});

describe('redirects', () => {
  it('are followed on the same origin with all headers', async () => {
    expect(await ask('/moved', { headers: { authorization: 'secret' } })).toMatchObject({ status: 200, url: `${main.origin}/hello` });
    expect(main.seen.at(-1)).toMatchObject({ url: '/hello', headers: { authorization: 'secret' } });
  });

  it('take no key to another origin', async () => {
    expect(await ask('/away', { headers: { authorization: 'secret', 'x-key': 'k', accept: 'text/plain' } })).toMatchObject({ status: 200 });
    expect(other.seen.at(-1)?.headers).toMatchObject({ accept: 'text/plain' });
    expect(other.seen.at(-1)?.headers).not.toHaveProperty('authorization');
    expect(other.seen.at(-1)?.headers).not.toHaveProperty('x-key');
  });

  it('of what changes something are not followed', async () => {
    const before = main.seen.length;
    expect(await ask('/moved', { method: 'POST', body: 'x' })).toMatchObject({ status: 302 });
    expect(main.seen.length).toBe(before + 1);
  });

  it.each(['/round', '/to-a-file'])('that lead nowhere are told: %s', async (path) => {
    await expect(ask(path)).rejects.toMatchObject({ code: 'HTTP_REDIRECT', kind: 'badRequest' });
  });
});

describe('what is no answer', () => {
  it.each([
    ['more than is taken in', '/long', 'HTTP_TOO_LARGE', 'badRequest'],
    ['no text', '/binary', 'HTTP_NOT_TEXT', 'invalidOutput'],
    ['a broken answer', '/broken-off', 'HTTP_NETWORK', 'network'],
  ])('%s is told as %s %s', async (_what, path, code, kind) => {
    await expect(ask(path)).rejects.toMatchObject({ code, kind });
  });

  it('nobody at an address is told so that nobody has to be asked whether it has happened', async () => {
    const gone = service(() => '');
    await gone.listening;
    const { origin } = gone;
    await gone.close();
    await expect(ask(`${origin}/`)).rejects.toMatchObject({ code: 'HTTP_NETWORK', kind: 'overloaded' });
  });

  it('an aborted request rejects with the reason, also one that was aborted before', async () => {
    const reason = new Error('stopped');
    const controller = new AbortController();
    const asked = ask('/silent', {}, controller.signal);
    controller.abort(reason);
    await expect(asked).rejects.toBe(reason);
    await expect(ask('/hello', {}, controller.signal)).rejects.toBe(reason);
  });
});
