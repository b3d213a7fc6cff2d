import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../connection.ts';
import { connection, loadSdks, request, stream as streamOf } from '../testing/stream.ts';
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
