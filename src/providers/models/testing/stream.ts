/** What the suites of all dialects share: a call from beginning to end, and a server of a few raw lines. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { BelayError } from '../../../engine/errors.ts';
import type { ModelEvent, ModelProvider, ModelRequest } from '../../../engine/ports.ts';
import type { Connection } from '../connection.ts';

export const KEY = 'sk-test-0123456789';

export const connection = (baseUrl: string, more: Partial<Connection> = {}): Connection => ({
  id: 'test',
  baseUrl,
  key: async () => KEY,
  ...more,
});

export const request = (content: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'test/vendor/small',
  messages: [{ role: 'user', content }],
  ...more,
});

export interface Streamed {
  events: ModelEvent[];
  text: string;
  error?: BelayError;
}

/** All that a call gives, and the error it ends with, if it does. `onEvent` may abort. */
export async function stream(
  provider: ModelProvider,
  asked: ModelRequest,
  abort = new AbortController(),
  onEvent: (event: ModelEvent) => void = () => {},
): Promise<Streamed> {
  const events: ModelEvent[] = [];
  const text = () => events.flatMap((event) => (event.type === 'textDelta' ? [event.text] : [])).join('');
  try {
    for await (const event of provider.stream(asked, { signal: abort.signal, idempotencyKey: 'run/step' })) {
      events.push(event);
      onEvent(event);
    }
    return { events, text: text() };
  } catch (error) {
    if (!(error instanceof BelayError)) throw error;
    return { events, text: text(), error };
  }
}

/** The SDKs are loaded at the first call, which takes a while on a busy machine. */
export function loadSdks(): void {
  beforeAll(() => Promise.all([import('openai'), import('@anthropic-ai/sdk')]).then(() => undefined), 120_000);
}

type Answer = (incoming: IncomingMessage, response: ServerResponse, body: string) => void;

/** A server that answers as the test says. To be made in a `describe`. */
export function rawServer() {
  const raw = {
    base: '',
    answer: ((_incoming, response) => void response.end()) as Answer,
    seen: [] as { headers: IncomingMessage['headers']; body: string; url: string }[],
  };
  const server = createServer((incoming, response) => {
    let body = '';
    incoming.on('data', (chunk) => {
      body += chunk;
    });
    incoming.on('end', () => {
      raw.seen.push({ headers: incoming.headers, body, url: incoming.url ?? '' });
      raw.answer(incoming, response, body);
    });
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    raw.base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  });
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((resolve) => void server.close(resolve));
  });
  afterEach(() => void raw.seen.splice(0));
  return raw;
}

/** Frames of an event stream; `tear`: the socket breaks after them. */
export const sse =
  (frames: readonly string[], { tear = false } = {}): Answer =>
  (_incoming, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (tear) return void response.write(frames.join(''), () => setImmediate(() => response.destroy()));
    for (const frame of frames) response.write(frame);
    response.end();
  };

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_incoming, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
