/** What calls use up and cost: told by the service, else from the list of prices, else unknown; and models of the host itself. */
import { describe, expect, it } from 'vitest';
import type { ModelEvent, ModelProvider, ModelRequest } from '../../engine/ports.ts';
import { ABLE } from '../../engine/testing/fake-models.ts';
import { PRESETS, presetAddress } from './gateways/presets.ts';
import { findLocalServers } from './local/discover.ts';
import { costOf, priceOf } from './prices.ts';
import { createModels } from './registry.ts';
import { connection, json, loadSdks, rawServer, sse } from './testing/stream.ts';

loadSdks();
const OPENAI = 'https://api.openai.com/v1';

async function finishOf(models: Pick<ModelProvider, 'stream'>, request: ModelRequest): Promise<Extract<ModelEvent, { type: 'finish' }>> {
  for await (const event of models.stream(request, { signal: new AbortController().signal, idempotencyKey: 'k' }))
    if (event.type === 'finish') return event;
  throw new Error('no finish');
}

describe('prices', () => {
  it('are known of models that are on the list', async () => {
    const price = await priceOf(OPENAI, 'gpt-4o-mini');
    expect(price?.input).toBeGreaterThan(0);
    expect(price?.output).toBeGreaterThan(price?.input ?? 0);
    expect(await priceOf('https://api.anthropic.com/v1', 'claude-sonnet-4-20250514')).toEqual({ input: 3, output: 15 });
  });

  it.each([
    ['of a model nobody knows', OPENAI, 'no-such-model'],
    ['of a known name at an address of one’s own', 'http://127.0.0.1:11434/v1', 'gpt-4o-mini'],
    ['of a known name at a gateway', 'https://ai-gateway.vercel.sh/v1', 'openai/gpt-4o-mini'],
    ['at no address', 'nowhere', 'gpt-4o-mini'],
  ])('%s are unknown, and not nothing', async (_what, baseUrl, model) => {
    expect(await priceOf(baseUrl, model)).toBeUndefined();
    expect(await costOf(baseUrl, model, { inputTokens: 1, outputTokens: 1, source: 'reported' })).toBeUndefined();
  });

  it('of what was read from the cache are lower', async () => {
    const anthropic = 'https://api.anthropic.com/v1';
    const count = { inputTokens: 1000, outputTokens: 10, source: 'reported' } as const;
    const full = await costOf(anthropic, 'claude-sonnet-4-20250514', count);
    const cached = await costOf(anthropic, 'claude-sonnet-4-20250514', { ...count, cacheReadTokens: 900 });
    expect(full).toBeCloseTo(0.00315, 6);
    expect(cached).toBeLessThan(full ?? 0);
    // Counts that cannot be: nothing is made up.
    expect(await costOf(anthropic, 'claude-sonnet-4-20250514', { ...count, cacheReadTokens: 2000 })).toBeUndefined();
  });
});

describe('a call', () => {
  const raw = rawServer();
  const chunk = (more: object = {}) =>
    `data: ${JSON.stringify({ choices: [{ delta: { content: 'x'.repeat(40) }, finish_reason: 'stop' }], ...more })}\n\n`;
  const models = () =>
    createModels({ connections: async () => [connection(raw.base)], aliases: () => ({}), defaultModel: () => undefined });
  const request: ModelRequest = { model: 'test/m', messages: [{ role: 'user', content: 'y'.repeat(80) }] };

  it('that nobody counted is estimated and says so, without a cost', async () => {
    raw.answer = sse([chunk()]);
    expect((await finishOf(models(), request)).usage).toEqual({ inputTokens: 20, outputTokens: 10, source: 'estimated' });
  });

  it('keeps what a gateway says it cost', async () => {
    raw.answer = sse([chunk({ usage: { prompt_tokens: 3, completion_tokens: 4, cost: 0.5 } })]);
    expect((await finishOf(models(), request)).usage).toEqual({
      inputTokens: 3,
      outputTokens: 4,
      cost: 0.5,
      source: 'reported',
      costSource: 'reported',
    });
  });

  it('of another bundle fails as one of ours', async () => {
    const theirs = Object.assign(new Error('Slow down.'), {
      code: 'MODEL_RATE_LIMIT',
      kind: 'rateLimit',
      hint: 'Wait.',
      details: { retryAfterMs: 5 },
      partial: { role: 'assistant', content: 'Hel' },
    });
    const provider: ModelProvider = {
      listModels: async () => [],
      capabilities: () => ABLE,
      // biome-ignore lint/correctness/useYield: it fails at once
      async *stream() {
        throw theirs;
      },
      check: async () => ({ ok: true }),
    };
    const hosted = createModels({
      connections: async () => [],
      aliases: () => ({ fast: 'vscode/copilot/x' }),
      defaultModel: () => undefined,
      hosted: new Map([['vscode', provider]]),
    });
    expect(await hosted.resolve('fast')).toBe('vscode/copilot/x');
    await expect(finishOf(hosted, { ...request, model: 'vscode/copilot/x' })).rejects.toMatchObject({
      name: 'ModelError',
      code: 'MODEL_RATE_LIMIT',
      kind: 'rateLimit',
      hint: 'Wait.',
      details: { retryAfterMs: 5 },
      partial: { content: 'Hel' },
    });
    expect(await hosted.check('vscode')).toEqual({ ok: true });
    expect((await hosted.countTokens({ ...request, model: 'vscode/copilot/x' })).source).toBe('estimated');
  });
});

describe('local servers', () => {
  const raw = rawServer();
  const at = (id: string, port: number) => ({ id, name: id, port });

  it.each<[what: string, answer: typeof raw.answer, models: string[] | undefined]>([
    ['a list of models', json(200, { object: 'list', data: [{ id: 'llama' }, { id: 7 }] }), ['llama']],
    ['an empty list', json(200, { data: [] }), []],
    ['a list of something else', json(200, { items: [] }), undefined],
    ['a web page', (_incoming, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'), undefined],
    ['a refusal', json(401, { data: [] }), undefined],
    ['a redirect', (_incoming, response) => void response.writeHead(302, { location: 'https://example.org' }).end(), undefined],
  ])('%s', async (_what, answer, found) => {
    raw.answer = answer;
    const port = Number(new URL(raw.base).port);
    const servers = await findLocalServers(undefined, [at('there', port), at('nowhere', 9)]);
    expect(servers.map(({ id, baseUrl, models }) => [id, baseUrl, models])).toEqual(
      found === undefined ? [] : [['there', raw.base, found]],
    );
    expect(raw.seen.map(({ url }) => url)).toEqual(['/v1/models']);
  });
});

describe('presets', () => {
  it.each(PRESETS.map((preset) => [preset.id, preset] as const))('%s makes an address', (_id, preset) => {
    const answers = Object.fromEntries((preset.asks ?? []).map(({ name, example }) => [name, example]));
    const address = presetAddress(preset, answers);
    expect(URL.canParse(address)).toBe(true);
    expect(address).not.toMatch(/[{}]|\/$/);
  });

  it('take a name for a name, and nothing that leads elsewhere', () => {
    const azure = PRESETS.find(({ id }) => id === 'azure')!;
    expect(URL.canParse(presetAddress(azure, { resource: 'evil.example/x?' }))).toBe(false);
  });
});
