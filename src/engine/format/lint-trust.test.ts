import { describe, expect, test } from 'vitest';
import type { JsonObject } from './json.ts';
import { asks, behind, each, lint, loop, SUB_FLOWS } from './testing/linted.ts';

describe('whose data irreversible steps use', () => {
  const send = (text: string, after: string): JsonObject => ({ type: 'command', with: { run: ['send', text] }, ...behind(after) });
  test.each<[string, JsonObject, boolean]>([
    ['items a person typed', { it: each({ $expr: 'inputs.list' }, { s: { type: 'command', with: { run: ['x', '{{ item }}'] } } }) }, false],
    [
      'items a model made',
      {
        a: asks,
        it: { ...each({ $expr: '[steps.a.output.text]' }, { s: { type: 'command', with: { run: ['x', '{{ item }}'] } } }), ...behind('a') },
      },
      true,
    ],
    [
      'the result of a loop',
      { it: loop('index > 1', { a: asks }, { result: { $expr: 'steps.a.output.text' } }), s: send('{{ steps.it.output }}', 'it') },
      true,
    ],
    [
      'the trusted result of a loop',
      { it: loop('index > 1', { a: asks }, { result: { $expr: 'index' } }), s: send('{{ steps.it.output }}', 'it') },
      false,
    ],
    [
      'what the pass before made',
      {
        it: loop(
          'index > 1',
          { a: asks, s: { type: 'command', with: { run: ['x', '{{ previous }}'] } } },
          { result: { $expr: 'steps.a.output.text' } },
        ),
      },
      true,
    ],
    [
      'a sub-flow of templates',
      { it: { type: 'flow', with: { flow: 'child.flow.json', inputs: { name: 'x' } } }, s: send('{{ steps.it.output.text }}', 'it') },
      false,
    ],
    [
      'a sub-flow given untrusted inputs',
      {
        a: asks,
        it: { type: 'flow', with: { flow: 'child.flow.json', inputs: { name: { $expr: 'steps.a.output.text' } } }, ...behind('a') },
        s: send('{{ steps.it.output.text }}', 'it'),
      },
      true,
    ],
    [
      'a sub-flow that asks a model',
      { it: { type: 'flow', with: { flow: 'asks.flow.json' } }, s: send('{{ steps.it.output.text }}', 'it') },
      true,
    ],
  ])('%s: %s', (_name, nodes, expected) => {
    const found = lint({ nodes, inputs: { list: { type: 'array' } } }, { files: SUB_FLOWS });
    expect(found).toEqual(expected ? ['IRREVERSIBLE_UNGATED <"s">'] : []);
  });
});
