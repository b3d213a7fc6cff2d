import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelEvent } from '../../engine/ports.ts';
import type { Connection } from './connection.ts';
import { modelsFromEnvironment } from './environment.ts';
import { createModels } from './registry.ts';

const mock = new LLMock({ port: 0 });
let base: string;
beforeAll(async () => {
  base = `${await mock.start()}/v1`;
  mock.onMessage('Hi', { content: 'Hello' });
});
afterAll(() => mock.stop());

const connection = (id: string, more: Partial<Connection> = {}): Connection => ({ id, baseUrl: base, key: async () => undefined, ...more });
const models = (connections: Connection[], aliases: Record<string, string> = {}, defaultModel?: string) =>
  createModels({ connections: async () => connections, aliases: () => aliases, defaultModel: () => defaultModel });

describe('what a name stands for', () => {
  const aliases = { smart: 'a/big', quick: 'fast', circle: 'circle', gone: 'c/x', mine: 'toString' };
  it.each<[name: string | undefined, defaultModel: string | undefined, model: string | undefined]>([
    ['a/big', undefined, 'a/big'],
    ['a/vendor/big', undefined, 'a/vendor/big'],
    ['c/big', 'a/small', undefined],
    [undefined, 'a/small', 'a/small'],
    [undefined, 'smart', 'a/big'],
    [undefined, undefined, undefined],
    ['smart', 'a/small', 'a/big'],
    ['fast', 'a/small', 'a/small'],
    ['quick', 'a/small', 'a/small'],
    // Whoever asks for a local model does not want the text to leave the machine.
    ['local', 'a/small', undefined],
    ['unheard-of', 'a/small', undefined],
    ['circle', 'a/small', undefined],
    ['gone', 'a/small', undefined],
    ['mine', 'a/small', undefined],
    [undefined, 'fast', undefined],
  ])('%s, with %s by default: %s', async (name, defaultModel, model) => {
    expect(await models([connection('a'), connection('b')], aliases, defaultModel).resolve(name)).toBe(model);
  });
});

it('asks the connection that the model names', async () => {
  const events: ModelEvent[] = [];
  const request = { model: 'b/vendor/x', messages: [{ role: 'user' as const, content: 'Hi' }] };
  const registry = models([connection('a', { baseUrl: 'http://127.0.0.1:9/v1' }), connection('b')]);
  for await (const event of registry.stream(request, { signal: new AbortController().signal, idempotencyKey: 'k' })) events.push(event);
  expect(events.at(-1)).toMatchObject({ type: 'finish', message: { content: 'Hello' } });
  expect(mock.getLastRequest()?.body).toMatchObject({ model: 'vendor/x' });
});

it('uses a key that changed at the next call, though the connection is the same', async () => {
  let key = 'first-key';
  const asked: string[] = [];
  const registry = createModels({
    connections: async () => {
      const now = key;
      return [
        connection('a', {
          async key() {
            asked.push(now);
            return now;
          },
        }),
      ];
    },
    aliases: () => ({}),
    defaultModel: () => undefined,
  });
  const call = async () => {
    const request = { model: 'a/x', messages: [{ role: 'user' as const, content: 'Hi' }] };
    for await (const event of registry.stream(request, { signal: new AbortController().signal, idempotencyKey: 'k' }))
      expect(event).toBeDefined();
  };
  await call();
  key = 'second-key';
  await call();
  expect(asked).toEqual(['first-key', 'second-key']);
});

it('says so where a connection is not there', async () => {
  const iterator = models([])
    .stream({ model: 'x/y', messages: [] }, { signal: new AbortController().signal, idempotencyKey: 'k' })
    [Symbol.asyncIterator]();
  await expect(iterator.next()).rejects.toMatchObject({ code: 'CONNECTION_UNKNOWN', kind: 'modelNotFound' });
});

it('lists the models of all that answer', async () => {
  const registry = models([connection('down', { baseUrl: 'http://127.0.0.1:9/v1' }), connection('named', { models: ['m'] })]);
  expect((await registry.listModels()).map(({ id }) => id)).toEqual(['named/m']);
  expect(await registry.check('named')).toEqual({ ok: true });
  expect(await registry.check('down')).toMatchObject({ ok: false, error: { kind: 'network' } });
});

describe('from the environment', () => {
  it.each<[environment: Record<string, string>, address: string | undefined, model: string | undefined]>([
    [{}, undefined, undefined],
    [{ BELAY_MODEL: 'gpt-x' }, undefined, undefined],
    [{ OPENAI_API_KEY: ' ' }, undefined, undefined],
    [{ OPENAI_API_KEY: 'k' }, 'https://api.openai.com/v1', undefined],
    [{ OPENAI_API_KEY: 'k', BELAY_MODEL: 'gpt-x' }, 'https://api.openai.com/v1', 'openai/gpt-x'],
    [{ OPENAI_API_KEY: 'k', BELAY_MODEL: 'openai/gpt-x' }, 'https://api.openai.com/v1', 'openai/gpt-x'],
    [{ OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1', BELAY_MODEL: 'vendor/small' }, 'http://127.0.0.1:11434/v1', 'openai/vendor/small'],
  ])('%j', async (environment, address, model) => {
    const { settings, configured, keys } = modelsFromEnvironment(environment);
    expect((await settings.connections()).map(({ baseUrl }) => baseUrl)).toEqual(address === undefined ? [] : [address]);
    expect(configured).toBe(address !== undefined);
    expect(await createModels(settings).resolve(undefined)).toBe(model);
    expect(keys).toEqual(environment.OPENAI_API_KEY?.trim() ? ['k'] : []);
  });
});

it.each<[environment: Record<string, string>, model: string | undefined]>([
  [{ ANTHROPIC_API_KEY: 'k', BELAY_MODEL: 'claude-x' }, 'anthropic/claude-x'],
  [{ ANTHROPIC_API_KEY: 'k', OPENAI_API_KEY: 'k', BELAY_MODEL: 'anthropic/claude-x' }, 'anthropic/claude-x'],
  [{ ANTHROPIC_API_KEY: 'k', OPENAI_API_KEY: 'k', BELAY_MODEL: 'gpt-x' }, 'openai/gpt-x'],
  // A gateway's own name for a model of Anthropic.
  [{ OPENAI_BASE_URL: 'https://openrouter.ai/api/v1', BELAY_MODEL: 'anthropic/claude-x' }, 'openai/anthropic/claude-x'],
])('from the environment %j: %s', async (environment, model) => {
  expect(await createModels(modelsFromEnvironment(environment).settings).resolve(undefined)).toBe(model);
});
