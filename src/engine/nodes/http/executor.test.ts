import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../format/json.ts';
import { secretPlaceholder } from '../../format/resolve-secrets.ts';
import { type FakeWorld, fakeContext } from '../fake-context.ts';
import { httpExecutor } from './executor.ts';
import { http } from './manifest.ts';

async function run(params: JsonObject, world: FakeWorld = {}) {
  expect(http.params.safeParse(params)).toMatchObject({ success: true });
  const { context, seen } = fakeContext({ source: params, ...world });
  const result = await Promise.resolve(httpExecutor.run(params, context)).catch((error: unknown) => ({ error }));
  return { result, seen };
}

const URL = 'https://example.org/api';
const json = { 'content-type': 'application/json; charset=utf-8' };

describe('what is sent', () => {
  it.each<[string, JsonObject, object]>([
    ['reads unless told otherwise', { url: URL }, { method: 'GET', url: URL, headers: {} }],
    ['adds the query, encoded', { url: `${URL}?a=1`, query: { q: 'x & y', empty: '' } }, { url: `${URL}?a=1&q=x+%26+y&empty=` }],
    [
      'a body that is data goes as JSON, with a key that makes the request the same one',
      { url: URL, method: 'POST', body: { a: [1] }, headers: { 'X-More': 'b' } },
      { body: '{"a":[1]}', headers: { 'content-type': 'application/json', 'x-more': 'b', 'idempotency-key': 'run/request' } },
    ],
    [
      'a body that is text goes as it is, and headers of the flow win',
      { url: URL, method: 'PUT', body: 'a,b', headers: { 'Content-Type': 'text/csv', 'Idempotency-Key': 'mine' } },
      { body: 'a,b', headers: { 'content-type': 'text/csv', 'idempotency-key': 'mine' } },
    ],
  ])('%s', async (_what, params, expected) => {
    const { seen } = await run(params);
    expect(seen.http).toHaveLength(1);
    expect(seen.http[0]).toMatchObject(expected);
  });

  it('has the secrets, which nothing that is recorded has', async () => {
    const params = { url: URL, headers: { authorization: `Bearer ${secretPlaceholder('KEY')}` } };
    const { seen } = await run(params, { secrets: { KEY: 'sesame' } });
    expect(seen.http[0]?.headers).toEqual({ authorization: 'Bearer sesame' });
    expect(JSON.stringify(seen.steps)).not.toContain('sesame');
    const { result } = await run(params);
    expect(result).toMatchObject({ error: { code: 'SECRET_MISSING' } });
  });

  it.each<[string, JsonObject, string]>([
    ['no address', { url: 'example.org' }, 'HTTP_ADDRESS'],
    ['another protocol', { url: 'file:///etc/passwd' }, 'HTTP_ADDRESS'],
    ['a user in the address', { url: 'https://me:secret@example.org' }, 'HTTP_ADDRESS'],
    ['a header that begins another one', { url: URL, headers: { a: 'b\r\nc: d' } }, 'HTTP_HEADER'],
    ['a name that is none', { url: URL, headers: { 'a b': 'c' } }, 'HTTP_HEADER'],
  ])('is nothing where there is %s', async (_what, params, code) => {
    const { result, seen } = await run(params);
    expect(result).toMatchObject({ error: { code, kind: 'badRequest' } });
    expect(seen.http).toEqual([]);
  });

  it('cannot be taken back unless it only reads', () => {
    const effects = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => http.effect({ url: URL, method }));
    expect(effects).toEqual(['read', 'read', 'irreversible', 'irreversible', 'irreversible', 'irreversible']);
    expect(http.params.safeParse({ url: URL, body: 'x' }).success).toBe(false);
  });
});

describe('what comes of an answer', () => {
  it.each<[string, Partial<{ status: number; headers: Record<string, string>; body: string }>, JsonObject, object]>([
    ['JSON is data', { headers: json, body: '{"a":1}' }, {}, { status: 200, body: { a: 1 }, url: URL }],
    ['so is what is based on JSON', { headers: { 'content-type': 'application/problem+json' }, body: '[]' }, {}, { body: [] }],
    ['anything else is text', { headers: { 'content-type': 'text/html' }, body: '{}' }, {}, { body: '{}' }],
    ['nothing is null', { status: 204 }, {}, { status: 204, body: null }],
    ['a status that the flow allows is fine', { status: 404, body: 'no' }, { allowedStatus: [200, 404] }, { status: 404, body: 'no' }],
  ])('%s', async (_what, response, more, expected) => {
    const { result } = await run({ url: URL, ...more }, { http: () => response });
    expect(result).toMatchObject({ outlet: 'success', output: expected });
  });

  it.each<[number, string]>([
    [304, 'badRequest'],
    [400, 'badRequest'],
    [401, 'auth'],
    [403, 'permission'],
    [404, 'notFound'],
    [408, 'timeout'],
    [429, 'rateLimit'],
    [503, 'overloaded'],
  ])('%i fails as %s', async (status, kind) => {
    const { result } = await run(
      { url: URL },
      { secrets: { KEY: 'sesame' }, http: () => ({ status, body: 'no sesame', retryAfterMs: 7000 }) },
    );
    const details = { status, url: URL, body: 'no •••', retryAfterMs: 7000 };
    expect(result).toMatchObject({ error: { code: 'HTTP_STATUS', kind, details } });
  });

  it('what is called JSON and is none fails', async () => {
    const { result } = await run({ url: URL }, { http: () => ({ headers: json, body: '<html>' }) });
    expect(result).toMatchObject({ error: { code: 'HTTP_BODY_INVALID', kind: 'invalidOutput' } });
  });
});
