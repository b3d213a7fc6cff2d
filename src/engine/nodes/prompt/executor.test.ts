import { describe, expect, it } from 'vitest';
import type { FakeWorld } from '../fake-context.ts';
import { reply } from '../fake-context.ts';
import { runNode } from '../testing/run-node.ts';

describe('prompt', () => {
  it('streams what comes, and says which model and what it used', async () => {
    const { seen } = await runNode('prompt', { prompt: 'Hi' }, { replies: ['one two'] });
    expect(seen.live).toEqual([{ type: 'live.reset' }, { type: 'live.text', text: 'one ' }, { type: 'live.text', text: 'two' }]);
    expect(seen.steps[0]?.notes).toEqual({ model: 'test/default', usage: { inputTokens: 1, outputTokens: 2, source: 'reported' } });
  });

  it('says of a recorded reply that it is one, and counts no usage', async () => {
    const { seen } = await runNode('prompt', { prompt: 'Hi' }, { mode: 'recorded', recorded: { Hi: 'Hello' } });
    expect(seen.steps[0]?.notes).toEqual({ model: 'recorded/model', recorded: true });
    expect(seen.requests).toEqual([]);
  });

  it('hands over everything that was set, and records it in record mode with its template', async () => {
    const { seen } = await runNode(
      'prompt',
      { prompt: 'Hi', system: 'Be kind.', temperature: 0.2, effort: 'low', maxOutputTokens: 50, model: 'fast' },
      { mode: 'record', models: { fast: 'openai/small' }, replies: ['{"a":1}'], outputSchema: { type: 'object' } },
    );
    const request = {
      model: 'openai/small',
      messages: [
        { role: 'system', content: expect.stringMatching(/^Be kind\.\n\nReply with JSON only.*\n\{"type":"object"\}$/s) },
        { role: 'user', content: 'Hi' },
      ],
      temperature: 0.2,
      effort: 'low',
      maxOutputTokens: 50,
      schema: { type: 'object' },
    };
    expect(seen.requests).toEqual([request]);
    expect(seen.recordings).toMatchObject([{ node: 'node', template: 'Hi', request: { model: 'openai/small' } }]);
  });

  it('feeds back what was wrong', async () => {
    const { seen } = await runNode(
      'prompt',
      { prompt: 'Hi' },
      { replies: ['{"n":"x"}', '{"n":1}'], outputSchema: { properties: { n: { type: 'number' } } } },
    );
    expect(seen.steps.map(({ name }) => name)).toEqual(['reply', 'repair1']);
    expect(seen.requests[1]?.messages.slice(-2)).toEqual([
      { role: 'assistant', content: '{"n":"x"}' },
      { role: 'user', content: expect.stringContaining('- /n must be number') },
    ]);
  });

  describe('without a recording', () => {
    const world: FakeWorld = { mode: 'recorded', recorded: {}, recordedTemplate: 'Old {{ who }}' };

    it('asks, showing the prompt, and offers the recorded template back', async () => {
      const { seen } = await runNode(
        'prompt',
        { prompt: 'New', system: 'S' },
        { ...world, answers: { 'reply.missing': reply('byHand', { value: 'x' }) } },
      );
      expect(seen.asked[0]?.request).toEqual({
        kind: 'recordingMissing',
        title: 'The node',
        message: 'This prompt was edited, so the recording has no reply to it.',
        prompt: 'New',
        system: 'S',
        recordedTemplate: 'Old {{ who }}',
      });
    });

    it('offers no restoring where only the inputs differ', async () => {
      const answers = { 'reply.missing': reply('byHand', { value: 'x' }) };
      const { seen } = await runNode('prompt', { prompt: 'Old Ada' }, { ...world, source: { prompt: 'Old {{ who }}' }, answers });
      expect(seen.asked[0]?.request).not.toHaveProperty('recordedTemplate');
    });

    it('goes live with the chosen model, for later prompts too', async () => {
      const answers = { 'reply.missing': reply('live', { value: 'openai/big' }) };
      const { result, seen } = await runNode('prompt', { prompt: 'New', model: 'smart' }, { ...world, answers, replies: ['Hello'] });
      expect(result?.output).toEqual({ text: 'Hello', model: 'openai/big' });
      expect(seen.modes).toEqual([{ mode: 'live', model: 'openai/big' }]);
      expect(seen.steps.map(({ name }) => name)).toEqual(['reply', 'reply.live']);
    });

    it('lets a person answer', async () => {
      const answers = { 'reply.missing': reply('byHand'), 'reply.byHand': reply('replied', { value: 'By me' }) };
      const { result, seen } = await runNode('prompt', { prompt: 'New' }, { ...world, answers });
      expect(result?.output).toEqual({ text: 'By me', model: 'by hand' });
      expect(seen.modes).toEqual([]);
    });
  });
});
