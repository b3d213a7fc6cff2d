/** Every way in which a call of a model can fail, provoked from a real server, and what people read then: the error of the run. */
import { describe, expect, it } from 'vitest';
import type { ErrorKind } from '../../engine/format/model.ts';
import { testWorld } from '../../engine/testing/harness.ts';
import { systemClock } from '../clock/system-clock.ts';
import { ConnectionGates } from './connection-gate.ts';
import { createProvider } from './provider.ts';
import { createModels } from './registry.ts';
import { connection, json, loadSdks, rawServer, request, sse, stream } from './testing/stream.ts';

const frame = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
const delta = (content: string) => frame({ choices: [{ delta: { content } }] });
const reply = (content: string) => sse([delta(content), frame({ choices: [{ delta: {}, finish_reason: 'stop' }] }), 'data: [DONE]\n\n']);
const refusal = (status: number, error: object) => json(status, { error });

/** Kinds that come from programs, files and Belay itself; `cancelled` is no answer of a server, and has a test of its own. */
type ModelErrorKind = Exclude<ErrorKind, 'exit' | 'notFound' | 'internal' | 'cancelled'>;

/** What the server answers, and what the words say that is to be done. A kind that is missing here does not compile. */
const ROWS: { readonly [K in ModelErrorKind]: [answer: ReturnType<typeof json>, todo: RegExp] } = {
  auth: [refusal(401, { message: 'Incorrect API key provided.' }), /Set another API key/],
  permission: [refusal(403, { message: 'Not for you.' }), /Use a key that may use this model, or another model/],
  quota: [refusal(429, { message: 'You exceeded your quota.', code: 'insufficient_quota' }), /Look at the billing/],
  rateLimit: [refusal(429, { message: 'Slow down.' }), /Wait a little; a retry on the node/],
  overloaded: [refusal(503, { message: 'Busy.' }), /Wait a little; a retry on the node/],
  contextLength: [refusal(400, { message: 'Too long.', code: 'context_length_exceeded' }), /Hand over less text/],
  contentFilter: [refusal(400, { message: 'No.', code: 'content_filter' }), /Reword the prompt/],
  badRequest: [refusal(422, { message: 'Unknown field.' }), /Correct the parameters of the node/],
  modelNotFound: [refusal(404, { message: 'No such model.', code: 'model_not_found' }), /Correct the name of the model/],
  network: [sse([delta('Half a')], { tear: true }), /Check that the service runs/],
  timeout: [refusal(504, { message: 'Too slow.' }), /Try again/],
  invalidOutput: [reply('{"amount": "much"}'), /Make the prompt say what is wanted, or loosen the output schema/],
  unknown: [sse([frame({ error: { message: 'Something odd.' } })]), /Read the message/],
};

loadSdks();
describe('what people read of a failed call', () => {
  const raw = rawServer();

  it.each(Object.entries(ROWS))('%s', async (kind, [answer, todo]) => {
    raw.answer = answer;
    const models = createModels(
      { connections: async () => [connection(raw.base, { dialect: 'chat' })], aliases: () => ({}), defaultModel: () => 'test/small' },
      new ConnectionGates(systemClock),
    );
    const output = { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] };
    const handle = await testWorld({ models, nodes: { ask: { type: 'prompt', with: { prompt: 'How much?' }, output } } }).start();
    expect(await handle.done).toBe('failed');
    const { error } = handle.view();
    expect(error).toMatchObject({ node: 'ask', kind, message: expect.stringMatching(/\w/), hint: expect.stringMatching(todo) });
  });

  it('cancelled', async () => {
    raw.answer = sse([delta('Half a')]);
    const abort = new AbortController();
    abort.abort(new Error('enough'));
    const { error } = await stream(createProvider(connection(raw.base, { dialect: 'chat' })), request('Hi'), abort);
    expect(error).toMatchObject({ kind: 'cancelled', hint: expect.stringMatching(/Run it again/) });
  });
});
