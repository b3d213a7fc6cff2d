import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Connection } from '../connection.ts';
import { connection, KEY, loadSdks, request, stream as streamOf } from '../testing/stream.ts';
import { createChatCompletions } from './chat.ts';

const stream = (to: Connection, ...more: Parameters<typeof streamOf> extends [unknown, ...infer R] ? R : never) =>
  streamOf(createChatCompletions(to), ...more);

loadSdks();

describe('a service nobody here wrote (aimock)', () => {
  const mock = new LLMock({ port: 0 });
  let base: string;
  beforeAll(async () => {
    base = `${await mock.start()}/v1`;
  });
  afterAll(() => mock.stop());
  afterEach(() => {
    mock.clearFixtures();
    mock.clearRequests();
  });

  it('streams a reply: start first, the pieces, exactly one finish last', async () => {
    mock.onMessage(
      'Hi',
      { content: 'Hello there, how are you?', usage: { prompt_tokens: 7, completion_tokens: 6, total_tokens: 13 } },
      { chunkSize: 5 },
    );
    const { events, text, error } = await stream(connection(base), request('Hi'));
    expect(error).toBeUndefined();
    expect(events.map(({ type }) => type)).toEqual(['start', ...Array.from({ length: 5 }, () => 'textDelta'), 'finish']);
    expect(events[0]).toMatchObject({ type: 'start', model: 'vendor/small' });
    expect(text).toBe('Hello there, how are you?');
    expect(events.at(-1)).toEqual({
      type: 'finish',
      reason: 'stop',
      message: { role: 'assistant', content: 'Hello there, how are you?' },
      usage: { inputTokens: 7, outputTokens: 6, source: 'reported' },
    });
  });

  it('sends what was asked for, to Chat Completions', async () => {
    mock.onMessage('Hi', { content: '{}' });
    const schema = { type: 'object', required: ['a'] };
    await stream(
      connection(base),
      request('Hi', {
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: 'Hi' },
        ],
        temperature: 0.5,
        maxOutputTokens: 99,
        schema,
      }),
    );
    expect(mock.getLastRequest()?.path).toBe('/v1/chat/completions');
    expect(mock.getLastRequest()?.body).toMatchObject({
      model: 'vendor/small',
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Hi' },
      ],
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.5,
      max_tokens: 99,
      response_format: { type: 'json_schema', json_schema: { name: 'output', schema, strict: false } },
    });
  });

  describe('tools', () => {
    const tools = [{ name: 'search', description: 'Finds files.', parameters: { type: 'object', properties: { q: { type: 'string' } } } }];
    const call = (id: string, args: string) => ({ id, name: 'search', arguments: args });

    it('are offered, and what the model calls comes in pieces and whole', async () => {
      mock.onMessage('Hi', { content: 'Looking.', toolCalls: [call('c1', '{"q":"a"}'), call('c2', '{"q":"b"}')] }, { chunkSize: 3 });
      const { events } = await stream(connection(base), request('Hi', { tools, toolChoice: { tool: 'search' }, parallelTools: true }));
      expect(mock.getLastRequest()?.body).toMatchObject({
        tools: [{ type: 'function', function: tools[0] }],
        tool_choice: { type: 'function', function: { name: 'search' } },
        parallel_tool_calls: true,
      });
      const parts = [call('c1', '{"q":"a"}'), call('c2', '{"q":"b"}')].map((it) => ({ type: 'toolCall', ...it }));
      const pieces = (index: number) =>
        events.flatMap((event) => (event.type === 'toolCallDelta' && event.index === index ? [event.arguments] : [])).join('');
      expect([pieces(0), pieces(1)]).toEqual(['{"q":"a"}', '{"q":"b"}']);
      expect(events.flatMap((event) => (event.type === 'part' ? [event.part] : []))).toEqual(parts);
      expect(events.at(-1)).toMatchObject({
        type: 'finish',
        reason: 'toolCalls',
        message: { role: 'assistant', content: [{ type: 'text', text: 'Looking.' }, ...parts] },
      });
    });

    it('answer, and the conversation goes on with what they said', async () => {
      mock.onToolResult('c1', { content: 'Found it.' });
      const image = { type: 'image', mediaType: 'image/png', data: 'iVBORw0KGgo=' } as const;
      const { text } = await stream(
        connection(base),
        request('Hi', {
          tools,
          messages: [
            { role: 'user', content: [{ type: 'text', text: 'What is this?' }, image] },
            {
              role: 'assistant',
              content: [
                { type: 'reasoning', text: 'hm' },
                { type: 'toolCall', ...call('c0', '{"q":') },
              ],
            },
            { role: 'tool', callId: 'c0', name: 'search', content: 'not JSON', failed: true },
            {
              role: 'assistant',
              content: [
                { type: 'text', text: 'Again.' },
                { type: 'toolCall', ...call('c1', '{"q":"a"}') },
              ],
            },
            { role: 'tool', callId: 'c1', name: 'search', content: [{ type: 'text', text: 'a.png' }, image] },
          ],
        }),
      );
      const url = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };
      expect(mock.getLastRequest()?.body?.messages).toEqual([
        { role: 'user', content: [{ type: 'text', text: 'What is this?' }, url] },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c0', type: 'function', function: { name: 'search', arguments: '{"malformed":"{\\"q\\":"}' } }],
        },
        { role: 'tool', tool_call_id: 'c0', content: 'Error: not JSON' },
        {
          role: 'assistant',
          content: 'Again.',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'search', arguments: '{"q":"a"}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'a.png' },
        { role: 'user', content: [url] },
      ]);
      expect(text === '' || text === 'Found it.').toBe(true);
    });
  });

  it('gives the object of a reply that was asked for by a schema, unchecked', async () => {
    mock.onMessage('Hi', { content: '{"a":1}' });
    expect((await stream(connection(base), request('Hi', { schema: { type: 'string' } }))).events.at(-1)).toMatchObject({
      object: { a: 1 },
    });
    expect((await stream(connection(base), request('Hi'))).events.at(-1)).not.toHaveProperty('object');
  });

  it('shows reasoning apart from the text', async () => {
    mock.onMessage('Hi', { content: 'Yes.', reasoning: 'Let me think' });
    const { events, text } = await stream(connection(base), request('Hi'));
    expect(events.flatMap((event) => (event.type === 'reasoningDelta' ? [event.text] : [])).join('')).toBe('Let me think');
    expect(text).toBe('Yes.');
  });

  it.each<[finish: string, reason: string]>([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content_filter', 'contentFilter'],
    ['something_new', 'other'],
  ])('finish_reason %s is %s', async (finishReason, reason) => {
    mock.onMessage('Hi', { content: 'x', finishReason });
    expect((await stream(connection(base), request('Hi'))).events.at(-1)).toMatchObject({ type: 'finish', reason });
  });

  type Row = [kind: string, code: string, status: number, error: { message: string; type?: string; code?: string }];
  it.each<Row>([
    ['auth', 'MODEL_AUTH', 401, { message: 'Incorrect API key', code: 'invalid_api_key' }],
    ['permission', 'MODEL_PERMISSION', 403, { message: 'Not for you' }],
    ['quota', 'MODEL_QUOTA', 429, { message: 'You exceeded your quota', type: 'insufficient_quota', code: 'insufficient_quota' }],
    ['quota', 'MODEL_QUOTA', 402, { message: 'Pay first' }],
    ['rateLimit', 'MODEL_RATE_LIMIT', 429, { message: 'Slow down', type: 'rate_limit_error' }],
    ['overloaded', 'MODEL_OVERLOADED', 529, { message: 'Overloaded', type: 'overloaded_error' }],
    ['overloaded', 'MODEL_OVERLOADED', 503, { message: 'Loading model', type: 'unavailable_error' }],
    ['contextLength', 'MODEL_CONTEXT_LENGTH', 400, { message: 'Too long', code: 'context_length_exceeded' }],
    ['contextLength', 'MODEL_CONTEXT_LENGTH', 400, { message: 'request exceeds', type: 'exceed_context_size_error' }],
    ['contextLength', 'MODEL_CONTEXT_LENGTH', 400, { message: "This model's maximum context length is 8192 tokens" }],
    ['contentFilter', 'MODEL_CONTENT_FILTER', 400, { message: 'Filtered', code: 'content_filter' }],
    ['modelNotFound', 'MODEL_NOT_FOUND', 404, { message: 'No such model', code: 'model_not_found' }],
    ['badRequest', 'MODEL_BAD_REQUEST', 400, { message: "Unsupported value: 'temperature'", type: 'invalid_request_error' }],
    ['timeout', 'MODEL_TIMEOUT', 504, { message: 'Gateway timeout' }],
  ])('%s (%s) for %i %j', async (kind, code, status, body) => {
    mock.onMessage('Hi', { error: body, status });
    const { error, events } = await stream(connection(base), request('Hi'));
    expect(error).toMatchObject({ kind, code, message: expect.stringContaining(body.message), details: { status } });
    expect(events).toEqual([]);
    // The SDK's own retries are off: one call, one request.
    expect(mock.getRequests()).toHaveLength(1);
  });

  it('passes Retry-After on, in ms', async () => {
    mock.onMessage('Hi', { error: { message: 'Slow down' }, status: 429, retryAfter: 7 });
    expect((await stream(connection(base), request('Hi'))).error?.details).toMatchObject({ retryAfterMs: 7000 });
  });

  it('a connection that is cut is a failure of the network, with what had come', async () => {
    mock.onMessage('Hi', { content: 'one two three four five six' }, { chunkSize: 4, truncateAfterChunks: 3, latency: 5 });
    const { error, text } = await stream(connection(base), request('Hi'));
    expect(error).toMatchObject({ code: 'MODEL_NETWORK', kind: 'network' });
    expect(text).not.toBe('');
    expect(error?.details).toMatchObject({ partial: text });
    expect(error).toMatchObject({ partial: { role: 'assistant', content: text } });
  });

  it('stops when it is told to, and does not call that a success', async () => {
    mock.onMessage('Hi', { content: 'x'.repeat(400) }, { chunkSize: 4, latency: 10 });
    const abort = new AbortController();
    const { error, events } = await stream(connection(base), request('Hi'), abort, ({ type }) => {
      if (type === 'textDelta') abort.abort(new Error('enough'));
    });
    expect(error).toMatchObject({ code: 'MODEL_CANCELLED', kind: 'cancelled', cause: expect.objectContaining({ message: 'enough' }) });
    expect(events.filter(({ type }) => type === 'textDelta').length).toBeLessThan(5);
  });

  it('lists models, or those that were named', async () => {
    const listed = await createChatCompletions(connection(base)).listModels();
    expect(listed.length).toBeGreaterThan(0);
    for (const { id, name } of listed) expect(id).toBe(`test/${name}`);
    expect((await createChatCompletions(connection(base, { models: ['a', 'b/c'] })).listModels()).map(({ id }) => id)).toEqual([
      'test/a',
      'test/b/c',
    ]);
    expect(await createChatCompletions(connection(base)).check()).toEqual({ ok: true });
  });
});

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
