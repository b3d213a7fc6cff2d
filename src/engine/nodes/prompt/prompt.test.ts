import { describe, expect, it } from 'vitest';
import { toErrorData } from '../../errors.ts';
import type { JsonObject } from '../../format/json.ts';
import type { FakeWorld } from '../fake-context.ts';
import { fakeContext, reply } from '../fake-context.ts';
import { promptExecutor } from './executor.ts';

async function ask(params: JsonObject, world: FakeWorld) {
  const { context, seen } = fakeContext({ source: { prompt: 'Hi' }, ...world });
  try {
    const { output } = await promptExecutor.run({ prompt: 'Hi', ...params }, context);
    return { output, seen };
  } catch (error) {
    return { error: toErrorData(error), seen };
  }
}

describe('images', () => {
  const files = {
    '/project/flows/a.png': '\x89PNG\r\n\x1a\nrest',
    '/project/flows/b.jpg': '\xff\xd8\xff\xe0rest',
    '/project/flows/c.webp': 'RIFF\0\0\0\0WEBPrest',
    '/project/flows/d.png': 'no image',
  };

  it('go with the prompt, typed by what is in them; arguments hold their hash', async () => {
    const { output, seen } = await ask({ images: ['a.png', 'b.jpg', 'c.webp'] }, { files, replies: ['A cat.'] });
    expect(output).toMatchObject({ text: 'A cat.' });
    const [message] = seen.requests[0]?.messages ?? [];
    const parts = Array.isArray(message?.content) ? message.content : [];
    expect(parts.map((part) => (part.type === 'image' ? part.mediaType : part))).toEqual([
      { type: 'text', text: 'Hi' },
      'image/png',
      'image/jpeg',
      'image/webp',
    ]);
    expect(seen.steps.map(({ name }) => name)).toEqual(['images', 'reply']);
    const args = JSON.stringify(seen.steps[1]?.options.args);
    expect(args).toContain('"sha256"');
    expect(args).not.toContain('"data"');
  });

  it('of another kind are refused', async () => {
    expect((await ask({ images: ['d.png'] }, { files })).error).toMatchObject({
      code: 'IMAGE_UNKNOWN',
      message: expect.stringContaining('d.png'),
    });
  });

  it('are refused for a model that cannot see, before it is asked; another one may', async () => {
    const blind = { files, capabilities: { vision: false }, replies: ['x'] };
    const { error, seen } = await ask({ images: ['a.png'], fallback: ['test/other'] }, blind);
    expect(error).toMatchObject({ code: 'MODEL_CANNOT', hint: expect.stringContaining('fallback') });
    expect(seen.requests).toEqual([]);
    expect(seen.steps.map(({ name }) => name)).toEqual(['images', 'reply', 'fallback1.reply']);
    expect((await ask({}, blind)).error).toBeUndefined();
  });
});

describe('record missing only', () => {
  it('replays what is there, without asking', async () => {
    const { output, seen } = await ask({}, { mode: 'recordMissing', recorded: { Hi: 'Hello' } });
    expect([output, seen.requests, seen.recordings]).toEqual([{ text: 'Hello', model: 'recorded/model' }, [], []]);
    expect(seen.steps[0]?.notes).toMatchObject({ recorded: true });
  });

  it('asks for the rest, and records it', async () => {
    const { output, seen } = await ask({}, { mode: 'recordMissing', recorded: { Other: 'x' }, replies: ['Hello'] });
    expect(output).toMatchObject({ text: 'Hello', model: 'test/default' });
    expect(seen.recordings).toHaveLength(1);
    expect(seen.steps[0]?.notes).not.toHaveProperty('recorded');
  });
});

describe('a model that wants consent', () => {
  const world = { capabilities: { interactiveOnly: true }, replies: ['Hello'] };

  it('is asked only after a person said yes', async () => {
    const { output, seen } = await ask({}, { ...world, answers: { 'reply.consent': reply('approved') } });
    expect(output).toMatchObject({ text: 'Hello' });
    expect(seen.asked).toMatchObject([{ name: 'reply.consent', request: { kind: 'consent', model: 'test/default' } }]);
    expect(seen.steps.map(({ name }) => name)).toEqual(['reply', 'reply.allowed']);
  });

  it('is not asked after a no', async () => {
    const { error, seen } = await ask({}, { ...world, answers: { 'reply.consent': reply('rejected') } });
    expect(error).toMatchObject({ code: 'MODEL_PERMISSION', kind: 'permission' });
    expect(seen.requests).toEqual([]);
  });
});
