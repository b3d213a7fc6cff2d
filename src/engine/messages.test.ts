import { describe, expect, it } from 'vitest';
import { assistantMessage, estimatedTokens, textOf, toolArguments } from './messages.ts';
import type { AssistantPart, ModelMessage } from './ports.ts';

const call = (args: string): Extract<AssistantPart, { type: 'toolCall' }> => ({ type: 'toolCall', id: 'c', name: 't', arguments: args });

describe('a message of the model', () => {
  it.each<[parts: AssistantPart[], content: string | AssistantPart[]]>([
    [[], ''],
    [[{ type: 'text', text: 'a' }], 'a'],
    [
      [
        { type: 'text', text: 'a' },
        { type: 'text', text: '' },
        { type: 'text', text: 'b' },
      ],
      'ab',
    ],
    [[{ type: 'text', text: '' }, call('{}')], [call('{}')]],
    [
      [
        { type: 'reasoning', text: 'h' },
        { type: 'text', text: 'a' },
      ],
      [
        { type: 'reasoning', text: 'h' },
        { type: 'text', text: 'a' },
      ],
    ],
  ])('%j is %j', (parts, content) => {
    expect(assistantMessage(parts)).toEqual({ role: 'assistant', content });
  });

  it('its text is without what else is in it', () => {
    expect(textOf(assistantMessage([{ type: 'reasoning', text: 'h' }, { type: 'text', text: 'a' }, call('{}')]))).toBe('a');
  });
});

it.each<[text: string, expected: unknown]>([
  ['{"q":1}', { ok: true, value: { q: 1 } }],
  ['', { ok: true, value: {} }],
  [' \n', { ok: true, value: {} }],
  ['{"q":', { ok: false, problem: 'the arguments are not JSON' }],
  ['[1]', { ok: false, problem: 'the arguments are not an object' }],
  ['null', { ok: false, problem: 'the arguments are not an object' }],
])('arguments %j', (text, expected) => {
  expect(toolArguments(call(text))).toEqual(expected);
});

it('an estimate counts texts, calls, tools and images', () => {
  const messages: ModelMessage[] = [
    { role: 'system', content: 'x'.repeat(400) },
    { role: 'assistant', content: [call('y'.repeat(399))] },
    { role: 'tool', callId: 'c', name: 't', content: [{ type: 'image', mediaType: 'image/png', data: 'AAAA' }] },
  ];
  expect(estimatedTokens({ messages })).toBe(1200);
  expect(estimatedTokens({ messages, tools: [{ name: 'search' }] })).toBe(1205);
});
