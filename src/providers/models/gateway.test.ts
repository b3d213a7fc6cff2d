/** A real gateway that nobody here wrote (Portkey's) between the providers and aimock: what comes through it means the same. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dialect } from './connection.ts';
import { createProvider } from './provider.ts';
import { connection, loadSdks, request, stream } from './testing/stream.ts';

const PORTKEY = dirname(createRequire(import.meta.url).resolve('@portkey-ai/gateway/package.json'));
const mock = new LLMock({ port: 0 });
let gateway: ChildProcess;
let address: string;
let behind: string;

loadSdks();
beforeAll(async () => {
  behind = `${await mock.start()}/v1`;
  const counts = { prompt_tokens: 7, completion_tokens: 6, input_tokens: 7, output_tokens: 6 };
  mock.onMessage('Hi', { content: 'Hello there, how are you?', usage: counts }, { chunkSize: 5 });
  mock.onMessage('Call', { toolCalls: [{ id: 'c1', name: 'search', arguments: '{"q":1}' }] });
  mock.onMessage('Cut', { content: 'one two three four five six seven' }, { chunkSize: 4, truncateAfterChunks: 4, latency: 5 });
  mock.onMessage('Slow', { error: { message: 'Slow down', type: 'rate_limit_error' }, status: 429, retryAfter: 7 });
  mock.onMessage('Key', { error: { message: 'Bad key', type: 'authentication_error' }, status: 401 });
  const port = await freePort();
  address = `http://127.0.0.1:${port}/v1`;
  gateway = spawn(process.execPath, [join(PORTKEY, 'build', 'start-server.js'), `--port=${port}`, '--headless'], { stdio: 'ignore' });
  while (
    !(await fetch(address).then(
      () => true,
      () => false,
    ))
  )
    if (gateway.exitCode !== null) throw new Error('the gateway ended');
}, 120_000);
afterAll(async () => {
  gateway?.kill();
  await mock.stop();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}

describe.each<[dialect: Dialect, service: string]>([
  ['chat', 'openai'],
  ['responses', 'openai'],
  ['anthropic', 'anthropic'],
])('%s', (dialect, service) => {
  const ask = (content: string, more = {}) =>
    stream(
      createProvider(connection(address, { dialect, headers: { 'x-portkey-provider': service, 'x-portkey-custom-host': behind } })),
      request(content, more),
    );

  it('streams, counted', async () => {
    const { events, text, error } = await ask('Hi');
    expect([error, text]).toEqual([undefined, 'Hello there, how are you?']);
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'stop', usage: { inputTokens: 7, outputTokens: 6, source: 'reported' } });
  });

  it('calls tools', async () => {
    const tools = [{ name: 'search', description: 'Finds files.', parameters: { type: 'object' } }];
    const { events } = await ask('Call', { tools });
    expect(events.at(-1)).toMatchObject({
      reason: 'toolCalls',
      message: { content: [{ type: 'toolCall', name: 'search', arguments: '{"q":1}' }] },
    });
  });

  it('a service that is cut behind the gateway is a failure of the network, though the gateway ends its stream well', async () => {
    const { error, events } = await ask('Cut');
    expect(error).toMatchObject({ kind: 'network' });
    expect(events.some(({ type }) => type === 'finish')).toBe(false);
  });

  it.each([
    ['Slow', { kind: 'rateLimit', status: 429, retryAfterMs: 7000 }],
    ['Key', { kind: 'auth', status: 401 }],
  ])('%s keeps its meaning, and the name of the service is no secret', async (content, expected) => {
    const { error } = await ask(content);
    expect(error).toMatchObject(expected);
    expect(error?.message).not.toContain('•••');
  });
});
