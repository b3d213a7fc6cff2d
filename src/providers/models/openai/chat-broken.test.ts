import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Connection } from '../connection.ts';
import { connection, KEY, loadSdks, request, stream as streamOf } from '../testing/stream.ts';
import { createChatCompletions } from './chat.ts';

const stream = (to: Connection, ...more: Parameters<typeof streamOf> extends [unknown, ...infer R] ? R : never) =>
  streamOf(createChatCompletions(to), ...more);

loadSdks();

describe('a service that misbehaves (20 raw lines)', () => {
  let answer: (incoming: IncomingMessage, response: ServerResponse, body: string) => void;
  const seen: { headers: IncomingMessage['headers']; body: string; url: string }[] = [];
  const server = createServer((incoming, response) => {
    let body = '';
    incoming.on('data', (chunk) => {
      body += chunk;
    });
    incoming.on('end', () => {
      seen.push({ headers: incoming.headers, body, url: incoming.url ?? '' });
      answer(incoming, response, body);
    });
  });
  let base: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  });
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((resolve) => void server.close(resolve));
  });
  afterEach(() => void seen.splice(0));

  const chunk = (content: string, finish_reason: string | null = null, more = {}) =>
    `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', model: 'served', choices: [{ index: 0, delta: { content }, finish_reason }], ...more })}\n\n`;
  const sse =
    (...frames: string[]) =>
    (_incoming: IncomingMessage, response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const frame of frames) response.write(frame);
      response.end();
    };
  const json =
    (status: number, body: unknown, headers: Record<string, string> = {}) =>
    (_incoming: IncomingMessage, response: ServerResponse) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    };

  type Row = [what: string, frames: string[], kind: string, partial: string | undefined];
  it.each<Row>([
    ['a clean end without a finish', [chunk('Hel'), chunk('lo')], 'network', 'Hello'],
    ['a clean end with [DONE] but without a finish', [chunk('Hel'), 'data: [DONE]\n\n'], 'network', 'Hel'],
    ['nothing at all', [], 'network', undefined],
    ['an error frame', [chunk('Hel'), 'data: {"error":{"message":"overloaded","type":"overloaded_error"}}\n\n'], 'overloaded', 'Hel'],
    ['an error event', [chunk('Hel'), 'event: error\ndata: {"message":"boom","type":"server_error"}\n\n'], 'overloaded', 'Hel'],
    ['a status in the body', [chunk('Hel'), 'data: {"error":{"message":"slow down","code":429}}\n\n'], 'rateLimit', 'Hel'],
    [
      'a context overflow',
      ['data: {"error":{"message":"too long","type":"exceed_context_size_error","code":400}}\n\n'],
      'contextLength',
      undefined,
    ],
    ['an error in a word', ['data: {"error":"something odd"}\n\n'], 'unknown', undefined],
    ['garbage', [chunk('Hel'), 'data: {"choi\n\n'], 'network', 'Hel'],
  ])('%s', async (_what, frames, kind, partial) => {
    answer = sse(...frames);
    const { error, events } = await stream(connection(base), request('Hi'));
    expect(error?.kind).toBe(kind);
    expect((error?.details as { partial?: string } | undefined)?.partial).toBe(partial);
    expect(events.some(({ type }) => type === 'finish')).toBe(false);
  });

  it.each<[what: string, frames: string[], text: string]>([
    ['a last chunk without [DONE]', [chunk('Hello'), chunk('', 'stop')], 'Hello'],
    ['frames with nothing in them', ['data: {}\n\n', 'data: {"choices":[]}\n\n', ': comment\n\n', chunk('Hello', 'stop')], 'Hello'],
    ['a role without content', ['data: {"choices":[{"delta":{"role":"assistant","content":null}}]}\n\n', chunk('Hello', 'stop')], 'Hello'],
    ['lines that end in CRLF', [chunk('Hello', 'stop').replaceAll('\n', '\r\n')], 'Hello'],
  ])('%s is a whole reply', async (_what, frames, text) => {
    answer = sse(...frames);
    const { error, events } = await stream(connection(base), request('Hi'));
    expect(error).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'stop', message: { content: text } });
  });

  const calls = (...tool_calls: unknown[]) => `data: ${JSON.stringify({ choices: [{ delta: { tool_calls } }] })}\n\n`;
  it.each<[what: string, frames: string[], expected: [name: string, args: string][]]>([
    [
      'whole calls without numbers and ids',
      [calls({ function: { name: 'a', arguments: '{}' } }, { function: { name: 'b', arguments: { q: 1 } } })],
      [
        ['a', '{}'],
        ['b', '{"q":1}'],
      ],
    ],
    [
      'the name with every piece',
      [
        calls({ index: 0, id: 'x', function: { name: 'a', arguments: '{"q"' } }),
        calls({ index: 0, id: 'x', function: { name: 'a', arguments: ':1}' } }),
      ],
      [['a', '{"q":1}']],
    ],
    [
      'ids without numbers',
      [
        calls({ id: 'x', function: { name: 'a', arguments: '{"q"' } }),
        calls({ id: 'x', function: { arguments: ':1}' } }),
        calls({ id: 'y', function: { name: 'b' } }),
      ],
      [
        ['a', '{"q":1}'],
        ['b', ''],
      ],
    ],
    [
      'nonsense among them',
      [calls(null, 7, { function: 'x' }, { index: 0, id: 'x', function: { name: 'a', arguments: '{}' } })],
      [['a', '{}']],
    ],
  ])('calls of tools: %s', async (_what, frames, expected) => {
    answer = sse(...frames, chunk('', 'stop'));
    const { events } = await stream(connection(base), request('Hi'));
    const parts = events.flatMap((event) => (event.type === 'part' && event.part.type === 'toolCall' ? [event.part] : []));
    expect(parts.map(({ name, arguments: args }) => [name, args])).toEqual(expected);
    expect(new Set(parts.map(({ id }) => id)).size).toBe(expected.length);
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'toolCalls' });
  });

  it('hands reasoning back to the service that wants it, in the field it came in', async () => {
    const thought = (field: string) =>
      sse(
        `data: ${JSON.stringify({ choices: [{ delta: { [field]: 'Let me think' } }] })}\n\n`,
        calls({ index: 0, id: 'x', function: { name: 'a', arguments: '{}' } }),
        chunk('', 'tool_calls'),
      );
    for (const [field, back] of [
      ['reasoning_content', 'Let me think'],
      ['reasoning', undefined],
    ] as const) {
      answer = thought(field);
      const { events } = await stream(connection(base), request('Hi'));
      const finish = events.at(-1);
      if (finish?.type !== 'finish') throw new Error('no finish');
      const next = request('Hi', { messages: [finish.message, { role: 'tool', callId: 'x', name: 'a', content: 'y' }] });
      await stream(connection(base), next);
      expect(JSON.parse(seen.at(-1)?.body ?? '').messages[0].reasoning_content).toBe(back);
      await stream(connection(base, { id: 'elsewhere' }), { ...next, model: 'elsewhere/m' });
      expect(JSON.parse(seen.at(-1)?.body ?? '').messages[0].reasoning_content).toBeUndefined();
    }
  });

  it('takes the cost a gateway reports, and no usage for none', async () => {
    answer = sse(chunk('x', 'stop', { usage: { prompt_tokens: 1, completion_tokens: 2, cost: 0.003 } }));
    expect((await stream(connection(base), request('Hi'))).events.at(-1)).toMatchObject({
      usage: { inputTokens: 1, outputTokens: 2, cost: 0.003, source: 'reported', costSource: 'reported' },
    });
    answer = sse(chunk('x', 'stop', { usage: null }));
    expect((await stream(connection(base), request('Hi'))).events.at(-1)).not.toHaveProperty('usage');
  });

  it('a refusal is a withheld reply', async () => {
    answer = sse('data: {"choices":[{"delta":{"refusal":"I cannot"},"finish_reason":null}]}\n\n', chunk('', 'stop'));
    const { events } = await stream(connection(base), request('Hi'));
    expect(events.slice(1)).toMatchObject([
      { type: 'warning', message: 'The model refused: I cannot' },
      { type: 'finish', reason: 'contentFilter' },
    ]);
  });

  it('a socket that is torn in mid-stream ("terminated") is a failure of the network', async () => {
    answer = (_incoming, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk('Hel'), () => setImmediate(() => response.destroy()));
    };
    const { error } = await stream(connection(base), request('Hi'));
    expect(error).toMatchObject({ kind: 'network', message: expect.stringContaining('127.0.0.1') });
  });

  it('one that is torn after the finish costs the count of tokens only', async () => {
    answer = (_incoming, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk('Hello', 'stop'), () => setImmediate(() => response.destroy()));
    };
    expect((await stream(connection(base), request('Hi'))).events.at(-1)).toEqual({
      type: 'finish',
      reason: 'stop',
      message: { role: 'assistant', content: 'Hello' },
    });
  });

  it('a server that never answers is left when the caller stops waiting', async () => {
    const abort = new AbortController();
    answer = () => abort.abort(new Error('time-out'));
    expect((await stream(connection(base), request('Hi'), abort)).error).toMatchObject({ kind: 'cancelled' });
  });

  it('nobody there is a failure of the network, which says where', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => void closed.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`;
    await new Promise((resolve) => void closed.close(resolve));
    const { error } = await stream(connection(`${address}/v1`), request('Hi'));
    expect(error).toMatchObject({ kind: 'network', message: `Nothing answers at ${address}.` });
    expect(await createChatCompletions(connection(`${address}/v1`)).check()).toMatchObject({
      ok: false,
      error: { kind: 'network' },
    });
  });

  it.each<[what: string, type: string, body: string]>([
    ['a web page', 'text/html; charset=utf-8', '<html>'],
    ['a reply that is not streamed', 'application/json', '{"choices":[]}'],
  ])('%s instead of a stream points at the address', async (_what, type, body) => {
    answer = (_incoming, response) => void response.writeHead(200, { 'content-type': type }).end(body);
    expect((await stream(connection(base), request('Hi'))).error).toMatchObject({
      kind: 'badRequest',
      hint: expect.stringContaining('/v1'),
    });
  });

  it('does without what a service refuses, and says so where it matters', async () => {
    const refuse = ['stream_options', 'response_format', 'max_tokens'];
    answer = (incoming, response, body) => {
      const refused = refuse.find((name) => name in JSON.parse(body));
      if (refused === undefined) return sse(chunk('{"a":1}', 'stop'))(incoming, response);
      const message =
        refused === 'max_tokens' ? "'max_tokens' is not supported, use 'max_completion_tokens'" : `unknown parameter ${refused}`;
      return json(400, { error: { message, type: 'invalid_request_error' } })(incoming, response);
    };
    const { events, text } = await stream(connection(base), request('Hi', { schema: { type: 'object' }, maxOutputTokens: 10 }));
    expect(text).toBe('{"a":1}');
    expect(events.filter(({ type }) => type === 'warning')).toMatchObject([{ message: expect.stringContaining('JSON Schemas') }]);
    expect(Object.keys(JSON.parse(seen.at(-1)?.body ?? ''))).toEqual(['model', 'messages', 'stream', 'max_completion_tokens']);
    expect(seen).toHaveLength(4);
  });

  it.each<[header: Record<string, string>, ms: number | undefined]>([
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-1' }, undefined],
  ])('%j waits %s ms', async (headers, ms) => {
    answer = json(429, { error: { message: 'slow down' } }, headers);
    const details = (await stream(connection(base), request('Hi'))).error?.details as { retryAfterMs?: number };
    expect(details.retryAfterMs).toBe(ms);
  });

  describe('the key', () => {
    it('goes into the header, and into nothing that is shown', async () => {
      answer = json(401, { error: { message: `Incorrect API key provided: ${KEY}`, code: 'invalid_api_key' } });
      const { error } = await stream(connection(base, { headers: { 'X-Api-Key': 'header-secret', 'X-Title': 'Belay' } }), request('Hi'));
      expect(seen[0]?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, 'x-api-key': 'header-secret', 'x-title': 'Belay' });
      expect(error?.message).toBe('test: Incorrect API key provided: •••');
      expect(JSON.stringify(error)).not.toContain(KEY);
    });

    it('is recognised before a long message is cut', async () => {
      answer = json(401, { error: { message: `${'x'.repeat(1995)} ${KEY}`, code: 'invalid_api_key' } });
      const { error } = await stream(connection(base), request('Hi'));
      expect(error?.message).not.toContain(KEY.slice(0, 4));
    });

    it('and nothing else of the environment goes with it', async () => {
      vi.stubEnv('OPENAI_CUSTOM_HEADERS', 'X-Other-Service: its-key\nAuthorization: Bearer of-another');
      answer = sse(chunk('x', 'stop'));
      await stream(connection(base), request('Hi'));
      await stream(connection(base, { key: async () => undefined }), request('Hi'));
      vi.unstubAllEnvs();
      expect(seen.map(({ headers }) => [headers['x-other-service'], headers.authorization])).toEqual([
        [undefined, `Bearer ${KEY}`],
        [undefined, undefined],
      ]);
    });

    it('is not invented for a server without one', async () => {
      answer = sse(chunk('x', 'stop'));
      await stream(connection(base, { key: async () => undefined }), request('Hi'));
      expect(seen[0]?.headers).not.toHaveProperty('authorization');
    });

    it('does not follow a redirect', async () => {
      const elsewhere = createServer((incoming, response) => {
        seen.push({ headers: incoming.headers, body: 'elsewhere', url: '' });
        response.end();
      });
      await new Promise<void>((resolve) => void elsewhere.listen(0, '127.0.0.1', resolve));
      answer = (_incoming, response) =>
        void response
          .writeHead(307, { location: `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/v1/chat/completions` })
          .end();
      const { error } = await stream(connection(base), request('Hi'));
      await new Promise((resolve) => void elsewhere.close(resolve));
      expect(error).toMatchObject({ kind: 'badRequest', message: expect.stringContaining('redirects') });
      expect(seen).toHaveLength(1);
    });

    it.each(['ftp://x/v1', 'not an address', 'http://user:pass@x/v1', 'file:///etc'])('is not sent to %s', (baseUrl) => {
      expect(() => createChatCompletions(connection(baseUrl))).toThrow(expect.objectContaining({ code: 'CONNECTION_INVALID' }));
    });
  });
});
