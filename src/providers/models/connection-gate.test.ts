import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { textOf } from '../../engine/messages.ts';
import { FakeClock, quiet } from '../../engine/testing/fake-clock.ts';
import type { Turn } from './connection-gate.ts';
import { ConnectionGate, ConnectionGates } from './connection-gate.ts';
import { modelError } from './model-errors.ts';
import { createModels } from './registry.ts';

const refusal = (retryAfterMs?: number) =>
  modelError('rateLimit', { message: 'Slow down.', cause: undefined, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

/** A gate, and calls that note when they had their turn (s since the beginning). */
function world(limits = {}) {
  const clock = new FakeClock();
  const began = clock.now();
  const gate = new ConnectionGate('test', clock);
  gate.limit(limits);
  const turns: string[] = [];
  const enter = (name: string, { tokens = 1, signal = new AbortController().signal } = {}): Promise<Turn> =>
    gate.enter(tokens, signal).then((turn) => {
      turns.push(`${name}@${(clock.now() - began) / 1000}`);
      return turn;
    });
  return { clock, gate, turns, enter };
}

describe('limits', () => {
  test('none: everybody goes at once', async () => {
    const { turns, enter } = world();
    await Promise.all(['a', 'b', 'c'].map((name) => enter(name)));
    expect(turns).toEqual(['a@0', 'b@0', 'c@0']);
  });

  test('requests: never more in any minute, in their order', async () => {
    const { clock, turns, enter } = world({ requestsPerMinute: 2 });
    const all = [enter('a')];
    await clock.advance(30_000);
    all.push(...['b', 'c', 'd', 'e'].map((name) => enter(name)));
    await clock.advance(200_000);
    await Promise.all(all);
    expect(turns).toEqual(['a@0', 'b@30', 'c@60', 'd@90', 'e@120']);
  });

  test('tokens: estimated, then as counted; what is more than a minute allows goes alone', async () => {
    const { clock, turns, enter } = world({ tokensPerMinute: 100 });
    const first = await enter('a', { tokens: 60 });
    void enter('b', { tokens: 60 });
    void enter('c', { tokens: 500 });
    await quiet();
    expect(turns).toEqual(['a@0']);
    first.used(40);
    await clock.advance(120_000);
    expect(turns).toEqual(['a@0', 'b@0', 'c@60']);
  });

  test('concurrency: the next goes when one is over, whatever became of it', async () => {
    const { turns, enter } = world({ concurrency: 2 });
    const first = await enter('a');
    await enter('b');
    const third = enter('c');
    await quiet();
    expect(turns).toEqual(['a@0', 'b@0']);
    first.failed(new Error('x'));
    first.leave();
    await third;
    expect(turns).toEqual(['a@0', 'b@0', 'c@0']);
  });

  test('who is cancelled leaves the line, and those behind move up', async () => {
    const { turns, enter } = world({ concurrency: 1 });
    const first = await enter('a');
    const abort = new AbortController();
    const second = enter('b', { signal: abort.signal });
    const third = enter('c');
    abort.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    first.leave();
    await third;
    expect(turns).toEqual(['a@0', 'c@0']);
    await expect(enter('d', { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  });
});

describe('a service that wants to be left alone', () => {
  /** Two calls under way, one is refused for 10 s; then three more come. */
  async function refused(ms: number | undefined) {
    const it = world();
    const [first, second] = [await it.enter('a'), await it.enter('b')];
    first.failed(refusal(ms));
    first.leave();
    const waiting = ['c', 'd', 'e'].map((name) => it.enter(name));
    for (const turn of waiting) turn.catch(() => undefined);
    await quiet();
    return { ...it, second, waiting };
  }

  test('gets it; then one goes ahead, and the others follow when it is answered', async () => {
    const { clock, turns, waiting } = await refused(10_000);
    expect(turns).toEqual(['a@0', 'b@0']);
    await clock.advance(11_000);
    expect(turns).toEqual(['a@0', 'b@0', 'c@10']);
    (await waiting[0]!).answered();
    await quiet();
    expect(turns.slice(2)).toEqual(['c@10', 'd@11', 'e@11']);
  });

  test('and refuses once more: only the one that went ahead is refused', async () => {
    const { clock, turns, waiting } = await refused(10_000);
    await clock.advance(10_000);
    const scout = await waiting[0]!;
    scout.failed(refusal(20_000));
    scout.leave();
    await clock.advance(19_000);
    expect(turns.slice(2)).toEqual(['c@10']);
    await clock.advance(3_000);
    expect(turns.slice(2)).toEqual(['c@10', 'd@30', 'e@32']);
  });

  test('the one that went ahead was cancelled: the next one goes ahead', async () => {
    const { clock, turns, waiting } = await refused(1000);
    await clock.advance(1000);
    (await waiting[0]!).leave();
    await quiet();
    expect(turns.slice(2)).toEqual(['c@1', 'd@1']);
  });

  test('a slow answer holds nobody up: a refusal would have come by then', async () => {
    const { clock, turns } = await refused(1000);
    await clock.advance(3000);
    expect(turns.slice(2)).toEqual(['c@1', 'd@3', 'e@3']);
  });

  test('for long is not waited for: whoever comes is told at once, as the service would tell them', async () => {
    const { waiting } = await refused(600_000);
    await expect(waiting[0]).rejects.toMatchObject({ code: 'MODEL_RATE_LIMIT', kind: 'rateLimit', details: { retryAfterMs: 600_000 } });
  });

  test('without a time holds nobody up', async () => {
    const { turns } = await refused(undefined);
    expect(turns).toHaveLength(5);
  });
});

test('calls of all registries of a process wait for one refusal, at a real server', async () => {
  const clock = new FakeClock();
  let ready = false;
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    if (!ready)
      return void response
        .writeHead(429, { 'retry-after': '5', 'content-type': 'application/json' })
        .end('{"error":{"message":"Slow down"}}');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end('data: {"choices":[{"delta":{"content":"Hello"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const gates = new ConnectionGates(clock);
  const connection = { id: 'x', baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, key: async () => undefined };
  const call = async (): Promise<string> => {
    const models = createModels({ connections: async () => [connection], aliases: () => ({}), defaultModel: () => undefined }, gates);
    const request = { model: 'x/m', messages: [{ role: 'user' as const, content: 'Hi' }] };
    let text = '';
    for await (const event of models.stream(request, { signal: new AbortController().signal, idempotencyKey: 'k' }))
      if (event.type === 'finish') text = textOf(event.message);
    return text;
  };
  await expect(call()).rejects.toMatchObject({ kind: 'rateLimit', details: { retryAfterMs: 5000 } });
  ready = true;
  const others = [call(), call(), call()];
  await clock.advance(4999);
  expect(requests).toBe(1);
  await clock.advance(1);
  expect(await Promise.all(others)).toEqual(['Hello', 'Hello', 'Hello']);
  expect(requests).toBe(4);
});
