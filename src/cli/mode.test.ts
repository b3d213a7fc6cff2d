import { describe, expect, test } from 'vitest';
import type { Flow } from '../engine/format/model.ts';
import type { ModelNeeds, ModeSources, Replies } from './mode.ts';
import { chooseReplies, describeReplies, modelNeeds } from './mode.ts';

const sources = (some: Partial<ModeSources>): ModeSources => ({
  needs: 'chosen',
  wanted: { mode: undefined, model: undefined },
  configured: false,
  resolveModel: async () => undefined,
  listModels: async () => [],
  recorded: async () => false,
  ...some,
});
const resolves = async (name: string | undefined): Promise<string | undefined> =>
  name === 'no' ? undefined : `openai/${name ?? 'default'}`;
const configured = { configured: true, resolveModel: resolves };
const yes = async (): Promise<boolean> => true;

describe('where replies come from', () => {
  test.each<[string, Partial<ModeSources>, Replies | string]>([
    ['live where a model is configured, even with recordings', { ...configured, recorded: yes }, { mode: 'live', model: 'openai/default' }],
    ['recorded where there is no model', { recorded: yes }, { mode: 'recorded' }],
    ['nothing to choose from', {}, 'MODE_NONE'],
    ['a flow that asks no model', { needs: 'none' }, { mode: 'live' }],
    [
      'recorded by choice, though a model is configured',
      { ...configured, wanted: { mode: 'recorded', model: undefined } },
      { mode: 'recorded' },
    ],
    ['by hand', { wanted: { mode: 'byHand', model: undefined } }, { mode: 'byHand' }],
    ['live by choice without a model', { recorded: yes, wanted: { mode: 'live', model: undefined } }, 'MODEL_NONE'],
    ['record without a model', { wanted: { mode: 'record', model: undefined } }, 'MODEL_NONE'],
    ['record', { ...configured, wanted: { mode: 'record', model: undefined } }, { mode: 'record', model: 'openai/default' }],
    ['a model by name is live', { ...configured, wanted: { mode: undefined, model: 'big' } }, { mode: 'live', model: 'openai/big' }],
    ['a model that is not configured', { ...configured, wanted: { mode: undefined, model: 'no' } }, 'MODEL_NONE'],
    [
      'a service without a default: its only model',
      { configured: true, listModels: async () => ['openai/one'] },
      { mode: 'live', model: 'openai/one' },
    ],
    [
      'a service without a default: which of several?',
      { configured: true, recorded: yes, listModels: async () => ['a/b', 'a/c'] },
      'MODEL_NONE',
    ],
    ['a service without a default, and prompts that name theirs', { configured: true, needs: 'named' }, { mode: 'live' }],
  ])('%s', async (_name, some, expected) => {
    const chosen = chooseReplies(sources(some));
    if (typeof expected === 'string') await expect(chosen).rejects.toMatchObject({ code: expected });
    else expect(await chosen).toEqual(expected);
  });

  const prompt = (model?: string): Flow['nodes'][string] => ({ type: 'prompt', with: { prompt: 'Hi', ...(model ? { model } : {}) } });
  test.each<[ModelNeeds, Partial<Flow>]>([
    ['none', { nodes: { a: { type: 'template', with: { template: '' } } } }],
    ['chosen', { nodes: { a: prompt(), b: prompt('x') } }],
    ['named', { nodes: { a: prompt('x') } }],
    ['named', { model: 'fast', nodes: { a: prompt() } }],
  ])('a flow needs %s', (needs, flow) => {
    expect(modelNeeds({ version: 1, nodes: {}, ...flow })).toBe(needs);
  });

  test('is said in a line', () => {
    expect(describeReplies({ mode: 'live', model: 'openai/x' }, 'chosen')).toContain('openai/x');
    expect(describeReplies({ mode: 'recorded' }, 'chosen')).toContain('not by a model');
  });
});
