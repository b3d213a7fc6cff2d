import { describe, expect, test } from 'vitest';
import type { Json } from '../../engine/format/json.ts';
import { checkDraft, completeDraft } from './drafts.ts';

const flow = {
  version: 1,
  inputs: { topic: { type: 'string' } },
  nodes: {
    ask: { type: 'prompt', with: { prompt: 'About {{ inputs.topic }}' } },
    say: { type: 'template', after: { ask: 'success' }, with: { template: 'x' } },
  },
};
const source = { text: JSON.stringify(flow, null, 2), files: { self: 'a.flow.json', readPrompt: () => undefined, agent: () => [] } };

describe('a draft', () => {
  test.each<[string, string, string | undefined]>([
    ['that is right', '{{ steps.ask.output.text }}', undefined],
    ['that does not parse', '{{ steps.ask.', 'error'],
    ['of an unknown step', '{{ steps.aks.output }}', 'error'],
    ['of an unknown field', '{{ steps.ask.output.txt }}', 'warning'],
  ])('%s', (_what, text, severity) => {
    const draft = { node: 'say', path: ['with', 'template'], value: text, expression: { kind: 'template', text } } as const;
    expect(checkDraft({ ...draft, path: [...draft.path] }, source).problems[0]?.severity).toBe(severity);
  });
});

describe('completion of a draft', () => {
  const offered = (text: string, path: (string | number)[], value: Json, kind: 'template' | 'condition') =>
    completeDraft({ node: 'say', path, value, expression: { kind, text } }, text.length, source).map(({ label }) => label);
  test.each<[string, string[]]>([
    ['{{ inputs.', ['topic']],
    ['{{ inputs.to', ['topic']],
    ['{{ steps.ask.output.', ['text', 'model']],
    ['{{ steps.ask.output.od', ['model']],
    ['prose', []],
  ])('of the template “%s”', (text, labels) => expect(offered(text, ['with', 'template'], text, 'template')).toEqual(labels));
  test('of a message of a gate', () => {
    const text = 'Write {{ inputs.';
    expect(offered(text, ['gate'], { message: text }, 'template')).toEqual(['topic']);
  });
});
