import { describe, expect, test } from 'vitest';
import type { Json } from '../../engine/format/json.ts';
import { completeDraft, draftProblems, readCron } from './forms.lazy.ts';

const flow = {
  version: 1,
  inputs: { topic: { type: 'string' } },
  nodes: {
    ask: { type: 'prompt', with: { prompt: 'About {{ inputs.topic }}' } },
    say: { type: 'template', after: { ask: 'success' }, with: { template: 'x' } },
  },
};
const file = { text: JSON.stringify(flow, null, 2), file: '/w/a.flow.json', root: '/w' };

describe('a draft', () => {
  test.each<[string, string, string | undefined]>([
    ['that is right', '{{ steps.ask.output.text }}', undefined],
    ['that does not parse', '{{ steps.ask.', 'error'],
    ['of an unknown step', '{{ steps.aks.output }}', 'error'],
    ['of an unknown field', '{{ steps.ask.output.txt }}', 'warning'],
  ])('%s', (_what, text, severity) => {
    const draft = { about: 'draft', node: 'say', path: ['with', 'template'], value: text, expression: { kind: 'template', text } } as const;
    expect(draftProblems({ ...draft, path: [...draft.path] }, file)[0]?.severity).toBe(severity);
  });
});

describe('completion of a draft', () => {
  const offered = (text: string, path: (string | number)[], value: Json, kind: 'template' | 'condition') =>
    completeDraft({ node: 'say', path, value, expression: { kind, text }, offset: text.length }, file).map(({ label }) => label);
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

describe('a schedule', () => {
  const now = new Date('2026-11-28T12:00:00Z');
  test('reads as words, with its next five times in its zone', () => {
    expect(readCron({ text: '0 7 * * 1-5', timeZone: 'Europe/Berlin' }, now)).toEqual({
      words: 'At 07:00, Monday through Friday',
      next: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'].map((day, i) =>
        expect.stringMatching(new RegExp(`^${day},? ${i === 0 ? 30 : i} \\w+ 2026,? (at )?07:00 (CET|GMT\\+1)$`)),
      ),
    });
  });
  test.each(['', '7', '0 25 * * *', 'every day', '0 7 * *'])('that cannot be: “%s”', (text) =>
    expect(readCron({ text }, now)).toEqual({ problem: expect.stringContaining('five fields') }),
  );
  test('of a zone that is none', () => expect(readCron({ text: '0 7 * * *', timeZone: 'Nowhere/Land' }, now)).toHaveProperty('problem'));
});
