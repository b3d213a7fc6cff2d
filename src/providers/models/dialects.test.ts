/** Every dialect against a server that nobody here wrote, and against broken streams: the port behaves the same behind all of them. */
import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ModelEvent } from '../../engine/ports.ts';
import type { Connection, Dialect } from './connection.ts';
import { dialectOf, keyHeaders } from './connection.ts';
import { createProvider } from './provider.ts';
import type { Streamed } from './testing/stream.ts';
import { connection, json, KEY, loadSdks, rawServer, request, sse, stream } from './testing/stream.ts';

loadSdks();

const tools = [{ name: 'search', description: 'Finds files.', parameters: { type: 'object', properties: { q: { type: 'string' } } } }];
const image = { type: 'image', mediaType: 'image/png', data: 'iVBORw0KGgo=' } as const;
const partsOf = ({ events }: Streamed) => events.flatMap((event) => (event.type === 'part' ? [event.part] : []));
const typesOf = (events: ModelEvent[]) => events.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1]);

/** One frame of each, as the service writes it. */
const frame = (type: string, more: object = {}): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
const chunk = (delta: object, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`;

interface Spoken {
  path: string;
  key: string;
  text(text: string): string[];
  end: string[];
  error(type: string): string[];
}

const SPOKEN: { readonly [D in Dialect]: Spoken } = {
  chat: {
    path: '/v1/chat/completions',
    key: 'authorization',
    text: (text) => [chunk({ content: text })],
    end: [chunk({}, 'stop'), 'data: [DONE]\n\n'],
    error: (type) => [`data: ${JSON.stringify({ error: { type, message: 'No.' } })}\n\n`],
  },
  responses: {
    path: '/v1/responses',
    key: 'authorization',
    text: (text) => [frame('response.created', { response: { model: 'served' } }), frame('response.output_text.delta', { delta: text })],
    end: [frame('response.completed', { response: { model: 'served', usage: { input_tokens: 1, output_tokens: 2 } } })],
    error: (type) => [frame('response.failed', { response: { error: { code: type, message: 'No.' } } })],
  },
  anthropic: {
    path: '/v1/messages',
    key: 'x-api-key',
    text: (text) => [
      frame('message_start', {
        message: { role: 'assistant', content: [], model: 'served', usage: { input_tokens: 1, output_tokens: 0 } },
      }),
      frame('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      frame('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
    ],
    end: [
      frame('content_block_stop', { index: 0 }),
      frame('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }),
      frame('message_stop'),
    ],
    error: (type) => [frame('error', { error: { type, message: 'No.' } })],
  },
};

describe.each(Object.keys(SPOKEN) as Dialect[])('%s', (dialect) => {
  const spoken = SPOKEN[dialect];
  const at = (baseUrl: string, more: Partial<Connection> = {}) => createProvider(connection(baseUrl, { dialect, ...more }));

  describe('of a server nobody here wrote (aimock)', () => {
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

    it('streams a reply, counted by the service', async () => {
      const counts = { prompt_tokens: 7, completion_tokens: 6, input_tokens: 7, output_tokens: 6 };
      mock.onMessage('Hi', { content: 'Hello there, how are you?', usage: counts }, { chunkSize: 5 });
      const { events, text, error } = await stream(at(base), request('Hi'));
      expect(error).toBeUndefined();
      expect(typesOf(events)).toEqual(['start', 'textDelta', 'finish']);
      expect(text).toBe('Hello there, how are you?');
      expect(events.at(-1)).toMatchObject({
        type: 'finish',
        reason: 'stop',
        message: { role: 'assistant', content: text },
        usage: { inputTokens: 7, outputTokens: 6, source: 'reported' },
      });
      expect(mock.getRequests()[0]?.path).toBe(spoken.path);
    });

    it('calls tools, and reads what they answer', async () => {
      const called = [{ id: 'call_1', name: 'search', arguments: '{"q":"a"}' }];
      mock.onMessage('Hi', { content: 'Looking.', toolCalls: called }, { chunkSize: 3 });
      const first = await stream(at(base), request('Hi', { tools, toolChoice: 'auto' }));
      expect(first.error).toBeUndefined();
      expect(partsOf(first)).toMatchObject([{ type: 'toolCall', name: 'search', arguments: '{"q":"a"}' }]);
      const finish = first.events.at(-1);
      if (finish?.type !== 'finish') throw new Error('no finish');
      expect(finish.reason).toBe('toolCalls');

      mock.clearFixtures();
      mock.onMessage('Hi', { content: 'Found it.' });
      const [call] = partsOf(first);
      const id = call?.type === 'toolCall' ? call.id : '';
      const second = await stream(
        at(base),
        request('Hi', {
          tools,
          messages: [
            { role: 'system', content: 'Be kind.' },
            { role: 'user', content: [{ type: 'text', text: 'Hi' }, image] },
            finish.message,
            { role: 'tool', callId: id, name: 'search', content: [{ type: 'text', text: 'a.png' }, image], failed: true },
          ],
        }),
      );
      expect([second.error, second.text]).toEqual([undefined, 'Found it.']);
      expect(JSON.stringify(mock.getLastRequest()?.body)).toContain('a.png');
    });

    it('hands over a schema natively; the object is read and not believed', async () => {
      mock.onMessage('Hi', { content: '{"a":1}' });
      const { events } = await stream(at(base), request('Hi', { schema: { type: 'object', required: ['b'] } }));
      expect(events.at(-1)).toMatchObject({ type: 'finish', object: { a: 1 } });
    });

    it.each<[kind: string, status: number, type: string]>([
      ['auth', 401, 'authentication_error'],
      ['permission', 403, 'permission_error'],
      ['quota', 402, 'billing_error'],
      ['modelNotFound', 404, 'not_found_error'],
      ['badRequest', 400, 'invalid_request_error'],
      ['rateLimit', 429, 'rate_limit_error'],
      ['overloaded', 529, 'overloaded_error'],
      ['overloaded', 500, 'api_error'],
      ['timeout', 504, 'timeout_error'],
      ['contextLength', 400, 'exceed_context_size_error'],
    ])('%s for %i %s, asked once', async (kind, status, type) => {
      mock.onMessage('Hi', { error: { message: 'No.', type }, status, retryAfter: 7 });
      const { error, events } = await stream(at(base), request('Hi'));
      expect(error).toMatchObject({
        name: 'ModelError',
        kind,
        status,
        hint: expect.stringMatching(/./),
        message: expect.stringContaining('No.'),
      });
      expect(events).toEqual([]);
      expect(mock.getRequests()).toHaveLength(1);
      if (status === 429) expect(error).toMatchObject({ retryAfterMs: 7000 });
    });

    it('a cut stream is a failure of the network, with what had come', async () => {
      mock.onMessage('Hi', { content: 'one two three four five six' }, { chunkSize: 4, truncateAfterChunks: 6, latency: 5 });
      const { error, text } = await stream(at(base), request('Hi'));
      expect(error).toMatchObject({ kind: 'network' });
      expect(text).not.toBe('');
      expect(error).toMatchObject({ partial: { role: 'assistant', content: text } });
      expect(mock.getRequests()).toHaveLength(1);
    });

    it('an aborted stream is cancelled, and no success', async () => {
      mock.onMessage('Hi', { content: 'x'.repeat(400) }, { chunkSize: 4, latency: 10 });
      const abort = new AbortController();
      const { error, events } = await stream(at(base), request('Hi'), abort, ({ type }) => {
        if (type === 'textDelta') abort.abort(new Error('enough'));
      });
      expect(error).toMatchObject({ kind: 'cancelled', cause: expect.objectContaining({ message: 'enough' }) });
      expect(events.some(({ type }) => type === 'finish')).toBe(false);
    });

    it('works, by its list of models', async () => {
      expect(await at(base).check()).toEqual({ ok: true });
      const models = await at(base).listModels();
      expect(models.length).toBeGreaterThan(0);
      for (const { id } of models) expect(id).toMatch(/^test\//);
    });
  });

  describe('of a broken server', () => {
    const raw = rawServer();
    const { text, end } = spoken;

    it('a whole reply, to begin with', async () => {
      raw.answer = sse([...text('Hello'), ...end]);
      const { events, error } = await stream(at(raw.base), request('Hi'));
      expect([error, events.at(-1)]).toMatchObject([undefined, { type: 'finish', message: { content: 'Hello' } }]);
    });

    it.each<[what: string, frames: string[], kind: string, tear?: boolean]>([
      ['a clean early end', text('Hel'), 'network'],
      ['nothing at all', [], 'network'],
      ['a torn socket ("terminated")', text('Hel'), 'network', true],
      ['an error frame: overloaded', [...text('Hel'), ...spoken.error('overloaded_error')], 'overloaded'],
      ['an error frame: rate limit', [...text('Hel'), ...spoken.error('rate_limit_exceeded')], 'rateLimit'],
      ['an error frame: context', [...text('Hel'), ...spoken.error('exceed_context_size_error')], 'contextLength'],
      ['an error frame: server', [...text('Hel'), ...spoken.error('server_error')], 'overloaded'],
      ['garbage', [...text('Hel'), 'data: {"choi\n\n'], 'network'],
    ])('%s is no success, and nobody asks again', async (what, frames, kind, tear = false) => {
      raw.answer = sse(frames, { tear });
      const { events, error } = await stream(at(raw.base), request('Hi'));
      expect(error).toMatchObject({ kind });
      expect(events.some(({ type }) => type === 'finish')).toBe(false);
      if (what !== 'nothing at all') expect(error).toMatchObject({ partial: { content: 'Hel' } });
      expect(raw.seen).toHaveLength(1);
    });

    it('a web page points at the address', async () => {
      raw.answer = (_incoming, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
      expect((await stream(at(raw.base), request('Hi'))).error).toMatchObject({ kind: 'badRequest', hint: expect.stringContaining('/v1') });
    });

    it('a refused schema is left out from then on, and said', async () => {
      raw.answer = (incoming, response, body) =>
        /json_schema/.test(body)
          ? json(400, { error: { message: 'output_config.format / response_format / text.format: json_schema is not supported' } })(
              incoming,
              response,
              body,
            )
          : sse([...text('{"a":1}'), ...end])(incoming, response, body);
      const provider = at(raw.base);
      const asked = request('Hi', { schema: { type: 'object' } });
      expect((await stream(provider, asked)).events.filter(({ type }) => type === 'warning')).toHaveLength(1);
      expect((await stream(provider, asked)).events.filter(({ type }) => type === 'warning')).toHaveLength(0);
      expect(raw.seen).toHaveLength(3);
    });

    it('the key goes into its header, and into nothing that is shown', async () => {
      raw.answer = json(401, { error: { message: `Incorrect API key provided: ${KEY}`, type: 'authentication_error' } });
      const { error } = await stream(at(raw.base), request('Hi'));
      expect(raw.seen[0]?.headers[spoken.key]).toContain(KEY);
      expect(error?.message).toContain('•••');
      expect(JSON.stringify([error, error?.details])).not.toContain(KEY);
      await stream(at(raw.base, { key: async () => undefined }), request('Hi'));
      expect(raw.seen[1]?.headers).not.toHaveProperty('authorization');
      expect(raw.seen[1]?.headers).not.toHaveProperty('x-api-key');
    });

    it('no redirect is followed', async () => {
      raw.answer = (_incoming, response) => void response.writeHead(307, { location: `${raw.base}/elsewhere` }).end();
      expect((await stream(at(raw.base), request('Hi'))).error).toMatchObject({
        kind: 'badRequest',
        message: expect.stringContaining('redirects'),
      });
      expect(raw.seen).toHaveLength(1);
    });
  });
});

describe('reasoning', () => {
  const raw = rawServer();

  it('of Anthropic is shown, signed, and handed back as it was', async () => {
    raw.answer = sse([
      frame('message_start', {
        message: {
          role: 'assistant',
          content: [],
          model: 'm',
          usage: { input_tokens: 2, cache_read_input_tokens: 5, cache_creation_input_tokens: 3 },
        },
      }),
      frame('content_block_start', { index: 0, content_block: { type: 'thinking', thinking: '' } }),
      frame('content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking: 'Let me ' } }),
      frame('content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking: 'think' } }),
      frame('content_block_delta', { index: 0, delta: { type: 'signature_delta', signature: 'signed' } }),
      frame('content_block_stop', { index: 0 }),
      frame('content_block_start', { index: 1, content_block: { type: 'tool_use', id: 'c1', name: 'search', input: {} } }),
      frame('content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json: '{"q":1}' } }),
      frame('content_block_stop', { index: 1 }),
      frame('message_delta', { delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 9 } }),
      frame('message_stop'),
    ]);
    const provider = createProvider(connection(raw.base, { dialect: 'anthropic' }));
    const asked = request('Hi', { tools, temperature: 1 });
    const { events, error } = await stream(provider, asked);
    expect(error).toBeUndefined();
    expect(events.filter(({ type }) => type === 'warning')).toHaveLength(1);
    expect(events.flatMap((event) => (event.type === 'reasoningDelta' ? [event.text] : [])).join('')).toBe('Let me think');
    const finish = events.at(-1);
    if (finish?.type !== 'finish') throw new Error('no finish');
    expect(finish.usage).toEqual({ inputTokens: 10, outputTokens: 9, cacheReadTokens: 5, cacheWriteTokens: 3, source: 'reported' });
    const messages = [...asked.messages, finish.message, { role: 'tool', callId: 'c1', name: 'search', content: 'x' } as const];
    await stream(provider, { ...asked, messages });
    const body = JSON.parse(raw.seen[1]?.body ?? '');
    expect(body.messages[1].content[0]).toEqual({ type: 'thinking', thinking: 'Let me think', signature: 'signed' });
    expect(body.messages[2]).toEqual({
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'x' }] }],
    });
    expect(body.cache_control).toEqual({ type: 'ephemeral' });
  });

  it("of OpenAI is an item, handed back without the service's own number; others get none of it", async () => {
    const item = { type: 'reasoning', summary: [], encrypted_content: 'secret' };
    raw.answer = sse([
      frame('response.created', { response: { model: 'm' } }),
      frame('response.reasoning_summary_text.delta', { delta: 'Hm' }),
      frame('response.output_item.done', { output_index: 0, item: { ...item, id: 'rs_1' } }),
      frame('response.output_text.delta', { delta: 'Yes.' }),
      frame('response.completed', {
        response: { usage: { input_tokens: 4, output_tokens: 9, output_tokens_details: { reasoning_tokens: 8 } } },
      }),
    ]);
    const provider = createProvider(connection(raw.base, { dialect: 'responses' }));
    const asked = request('Hi', { model: 'test/gpt-5' });
    const finish = (await stream(provider, asked)).events.at(-1);
    if (finish?.type !== 'finish') throw new Error('no finish');
    expect(finish.usage).toMatchObject({ reasoningTokens: 8 });
    await stream(provider, { ...asked, messages: [finish.message, { role: 'user', content: 'And?' }] });
    expect(JSON.parse(raw.seen[0]?.body ?? '')).toMatchObject({ store: false, include: ['reasoning.encrypted_content'] });
    expect(JSON.parse(raw.seen[1]?.body ?? '').input).toEqual([
      item,
      { role: 'assistant', content: 'Yes.' },
      { role: 'user', content: 'And?' },
    ]);
    await stream(createProvider(connection(raw.base, { dialect: 'anthropic' })), {
      ...asked,
      messages: [{ role: 'user', content: 'Hi' }, finish.message],
    });
    expect(JSON.parse(raw.seen[2]?.body ?? '').messages[1].content).toEqual([{ type: 'text', text: 'Yes.' }]);
  });
});

describe('effort', () => {
  const raw = rawServer();
  it.each<[dialect: Dialect, model: string, sent: object | undefined]>([
    ['chat', 'openai/gpt-5', { reasoning_effort: 'low' }],
    ['chat', 'llama3', undefined],
    ['responses', 'o4-mini', { reasoning: { effort: 'low' } }],
    ['responses', 'gpt-4o', undefined],
    ['anthropic', 'claude-opus-4-5', { output_config: { effort: 'low' } }],
    ['anthropic', 'claude-3-5-haiku-latest', undefined],
  ])('%s: %s', async (dialect, model, sent) => {
    raw.answer = json(400, { error: { message: 'No.' } });
    await stream(createProvider(connection(raw.base, { dialect })), request('Hi', { model: `test/${model}`, effort: 'low' }));
    const body = JSON.parse(raw.seen[0]?.body ?? '');
    if (sent) expect(body).toMatchObject(sent);
    else expect(JSON.stringify(body)).not.toContain('effort');
    // Refused, it is not asked for for ever.
    expect(raw.seen).toHaveLength(1);
  });
});

it.each<[baseUrl: string, dialect: Dialect, header: string]>([
  ['https://api.openai.com/v1', 'responses', 'Authorization'],
  ['https://mine.openai.azure.com/openai/v1', 'responses', 'api-key'],
  ['https://api.anthropic.com/v1', 'anthropic', 'X-Api-Key'],
  ['https://openrouter.ai/api/v1', 'chat', 'Authorization'],
  ['http://127.0.0.1:11434/v1', 'chat', 'Authorization'],
])('%s speaks %s, with the key in %s', (baseUrl, dialect, header) => {
  expect(dialectOf(connection(baseUrl))).toBe(dialect);
  expect(Object.keys(keyHeaders(connection(baseUrl), KEY))).toEqual([header]);
});
