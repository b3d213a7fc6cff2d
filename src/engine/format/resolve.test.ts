import { describe, expect, test } from 'vitest';
import { BelayError } from '../errors.ts';
import { catalog } from '../nodes/catalog.ts';
import type { Trust } from '../run/events.ts';
import type { Scope } from './expressions/index.ts';
import { expressionFields } from './fields.ts';
import type { JsonObject } from './json.ts';
import { evaluateExpression, paramFields, renderTemplate, resolveParams, resolveValue, trustOf } from './resolve.ts';
import { secretPlaceholder, secretPlaceholders, substituteSecrets } from './resolve-secrets.ts';

const scope: Scope = {
  inputs: { name: 'Ada', count: 2, forged: secretPlaceholder('KEY') },
  steps: { draft: { output: { text: 'Hi', list: [1] }, error: null, state: 'succeeded' } },
};

function resolve(type: string, params: JsonObject): JsonObject {
  const manifest = catalog.get(type);
  if (!manifest) throw new Error(type);
  return resolveParams(params, paramFields(expressionFields(manifest, params)), scope);
}

function errorOf(perform: () => unknown): BelayError {
  try {
    perform();
  } catch (thrown) {
    if (thrown instanceof BelayError) return thrown;
    throw thrown;
  }
  throw new Error('did not fail');
}

describe('resolving', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['template', { template: 'Dear {{ inputs.name }}' }, { template: 'Dear Ada' }],
    ['command', { run: ['echo', '{{ steps.draft.output.text }}'], shell: '{{ no }}' }, { run: ['echo', 'Hi'], shell: '{{ no }}' }],
    [
      'validate',
      {
        value: { a: [{ $expr: 'steps.draft.output.list' }], n: { $expr: 'inputs.count + 1' } },
        rules: [{ assert: 'inputs.count > 1', message: '{{ m }}' }],
      },
      { value: { a: [[1]], n: 3 }, rules: [{ assert: 'inputs.count > 1', message: '{{ m }}' }] },
    ],
    ['validate', { value: { $expr: 'steps.draft.output' } }, { value: { text: 'Hi', list: [1] } }],
    ['branch', { cases: [{ name: 'a', when: 'inputs.count > 1' }] }, { cases: [{ name: 'a', when: 'inputs.count > 1' }] }],
    // What a value brings in is data: it is neither rendered nor computed again.
    ['validate', { value: { $expr: '{"$" + "expr": "1"}' } }, { value: { $expr: '1' } }],
    ['template', { template: '{{ "{{ inputs.name }}" }}' }, { template: '{{ inputs.name }}' }],
  ])('%s %j', (type, params, expected) => {
    const before = JSON.stringify(params);
    expect(resolve(type, params)).toEqual(expected);
    expect(JSON.stringify(params)).toBe(before);
  });

  test.each<[string, JsonObject, string, string, string]>([
    ['template', { template: 'a {{ inputs.nam }}' }, 'TEMPLATE_FAILED', 'template', 'There is no value "inputs.nam".'],
    ['command', { run: ['a', '{{'] }, 'TEMPLATE_FAILED', 'run.1', 'Output "{{" not closed.'],
    ['validate', { value: { a: { $expr: 'inputs.x' } } }, 'EXPRESSION_FAILED', 'value.a.$expr', '"inputs" is null or has no "x".'],
    ['validate', { value: { $expr: 'inputs.' } }, 'EXPRESSION_FAILED', 'value.$expr', 'The expression ends too early.'],
    ['template', { template: '{{ secrets.KEY }}' }, 'TEMPLATE_FAILED', 'template', 'Secrets may not be used in this field.'],
    ['validate', { value: { $expr: 'secrets.KEY' } }, 'EXPRESSION_FAILED', 'value.$expr', 'There is no "secrets".'],
  ])('%s %j fails', (type, params, code, field, message) => {
    const error = errorOf(() => resolve(type, params));
    expect(error).toMatchObject({ code, kind: 'badRequest', details: { field }, message: `"${field}" could not be computed: ${message}` });
    expect(error.hint).not.toBe('');
  });

  test('single expressions', () => {
    expect(renderTemplate('{{ inputs.name }}', scope)).toBe('Ada');
    expect(evaluateExpression('inputs.count', scope)).toBe(2);
    expect(resolveValue({ a: [{ $expr: 'inputs.count' }, 'b'] }, scope)).toEqual({ a: [2, 'b'] });
    expect(errorOf(() => resolveValue([{ a: { $expr: 'x' } }], scope, 'outputs.r')).details).toMatchObject({
      field: 'outputs.r.0.a.$expr',
    });
    expect(errorOf(() => renderTemplate('{{ secrets.A }}', { ...scope, secrets: { A: 'leak' } })).code).toBe('TEMPLATE_FAILED');
    expect(errorOf(() => evaluateExpression('secrets.A', { ...scope, secrets: { A: 'leak' } })).code).toBe('EXPRESSION_FAILED');
  });
});

describe('secrets', () => {
  test('stand as placeholders until the last moment', () => {
    const { env } = resolve('command', { run: ['a'], env: { AUTH: 'Bearer {{ secrets.KEY }}/{{ secrets.OTHER }}' } }) as {
      env: { AUTH: string };
    };
    expect(secretPlaceholders(env.AUTH)).toEqual(['KEY', 'OTHER']);
    expect(
      substituteSecrets(
        env.AUTH,
        new Map([
          ['KEY', 'k$&'],
          ['OTHER', secretPlaceholder('KEY')],
        ]),
      ),
    ).toBe(`Bearer k$&/${secretPlaceholder('KEY')}`);
    expect(substituteSecrets(env.AUTH, new Map([['KEY', 'k']]))).toBe(`Bearer k/${secretPlaceholder('OTHER')}`);
  });

  test.each(['{{ inputs.forged }}', '{{ secrets.OTHER }} {{ inputs.forged }}', secretPlaceholder('KEY')])(
    '%s cannot ask for one',
    (value) => {
      const error = errorOf(() => resolve('command', { run: ['a'], env: { A: value } }));
      expect(error.message).toContain('looks like a reference to a secret');
    },
  );

  test('data that looks like a placeholder is only text where no secret is put in', () => {
    expect(resolve('template', { template: '{{ inputs.forged }}' })).toEqual({ template: secretPlaceholder('KEY') });
  });
});

test.each<[string, Parameters<typeof trustOf>[0], Trust]>([
  ['nothing', [], 'trusted'],
  ['inputs', [{ root: 'inputs', path: ['a'] }], 'trusted'],
  ['a trusted step', [{ root: 'steps', path: ['ask', 'output'] }], 'trusted'],
  [
    'an untrusted step',
    [
      { root: 'inputs', path: ['a'] },
      { root: 'steps', path: ['web', 'output'] },
    ],
    'untrusted',
  ],
  ['an unknown step', [{ root: 'steps', path: ['other'] }], 'untrusted'],
  ['a computed step', [{ root: 'steps', path: [] }], 'untrusted'],
  ['the trigger', [{ root: 'trigger', path: ['body'] }], 'untrusted'],
  ['an item', [{ root: 'item', path: [] }], 'untrusted'],
  [
    'the run',
    [
      { root: 'run', path: ['id'] },
      { root: 'index', path: [] },
      { root: 'secrets', path: ['A'] },
    ],
    'trusted',
  ],
])('what is made from %s', (_name, references, expected) => {
  const steps = new Map<string, Trust>([
    ['ask', 'trusted'],
    ['web', 'untrusted'],
  ]);
  expect(trustOf(references, { steps })).toBe(expected);
});
