import { readFileSync } from 'node:fs';
import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { fc } from '../../testing/fast-check.ts';
import type { Json } from '../json.ts';
import { compileCondition, compileTemplate, ExpressionFault, type Scope } from './index.ts';

/** `text`, then `repeat` so many `times`, then `tail` so many times. */
interface Attack {
  name: string;
  text?: string;
  repeat?: string;
  times?: number;
  tail?: string;
  tails?: number;
}

const corpus = new URL('../../../../test/fixtures/hostile/', import.meta.url);
const read = (file: string) => JSON.parse(readFileSync(new URL(file, corpus), 'utf8')) as Attack[];
const textOf = ({ text = '', repeat = '', times = 0, tail = '', tails = 0 }: Attack) => text + repeat.repeat(times) + tail.repeat(tails);

/** In ms of processor time. An expression takes less than a second; what this holds is that none takes for ever, on a machine ten times as slow. */
const PROMISE = 10_000;

const scope: Scope = {
  inputs: {
    long: 'a'.repeat(100_000),
    nearly: `${'a'.repeat(100_000)}c`,
    digits: '1'.repeat(100_000),
    pattern: '(((a{1,20}){1,20}){1,20})*$',
    list: Array.from({ length: 20_000 }, (_, index) => index),
    huge: 9007199254740992,
    huger: 9007199254740994,
    length: 1e9,
  },
  steps: {},
};

function outcome(perform: () => Json): Json {
  try {
    return perform();
  } catch (thrown) {
    if (thrown instanceof ExpressionFault) return thrown.message;
    throw thrown;
  }
}

function check(
  attack: Attack,
  perform: (text: string) => { error: { message: string; offset: number; length: number } } | { value: Json },
) {
  const text = textOf(attack);
  const before = process.cpuUsage();
  const result = perform(text);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(PROMISE);
  if ('error' in result) {
    const { message, offset, length } = result.error;
    expect(message).toMatch(/\S/);
    expect(message.length).toBeLessThan(500);
    expect(offset).toBeGreaterThanOrEqual(0);
    expect(offset + length).toBeLessThanOrEqual(text.length + 1);
  } else {
    expect(JSON.stringify(result.value).length).toBeLessThan(25_000_000);
    // Nothing of the language that runs all this is ever seen.
    expect(JSON.stringify(result.value).slice(0, 10_000)).not.toMatch(/function |native code|\[object /);
  }
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
}

describe('hostile templates', () => {
  test.each(read('templates.json'))('$name', (attack) => {
    check(attack, (text) => {
      const compiled = compileTemplate(text);
      return compiled.ok ? { value: outcome(() => compiled.template.render(scope)) } : { error: compiled.error };
    });
  });
});

describe('hostile conditions', () => {
  test.each(read('conditions.json'))('$name', (attack) => {
    check(attack, (text) => {
      const compiled = compileCondition(text);
      return compiled.ok ? { value: outcome(() => compiled.condition.evaluate(scope)) } : { error: compiled.error };
    });
  });
});

describe('whatever somebody types', () => {
  const words = fc.constantFrom(
    ...[
      '{{',
      '}}',
      '{%',
      '%}',
      '{%-',
      '-%}',
      'if',
      'endif',
      'for',
      'endfor',
      'in',
      'case',
      'when',
      'assign',
      'x',
      '=',
      '==',
      '|',
      ':',
      ',',
    ],
    ...[
      'default',
      'map',
      'join',
      'first',
      'has',
      'matches',
      'steps.a.output',
      'inputs.list',
      'inputs["long"]',
      '(1..3)',
      '(',
      ')',
      '[',
      ']',
    ],
    ...[
      '{',
      '}',
      '.',
      '"',
      "'",
      '\\',
      '\n',
      '+',
      '-',
      '!',
      '?',
      '&&',
      '||',
      '0',
      '1.5',
      'null',
      'true',
      'raw',
      'endraw',
      'liquid',
      'é',
      '\ud800',
    ],
  );
  const text = fc.oneof(
    fc.array(words, { maxLength: 40 }).map((parts) => parts.join(' ')),
    fc.array(words, { maxLength: 40 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  const small: Scope = { inputs: { list: [1, { a: null }], long: 'abc' }, steps: { a: { output: null, error: null, state: 'skipped' } } };

  test('is compiled or refused with a place in it, and rendered or refused', () => {
    fc.assert(
      fc.property(text, (typed) => {
        for (const compiled of [compileTemplate(typed), compileCondition(typed)]) {
          if (compiled.ok) outcome(() => ('template' in compiled ? compiled.template.render(small) : compiled.condition.evaluate(small)));
          else {
            const { message, offset, length } = compiled.error;
            expect(message).toMatch(/\S/);
            expect(offset).toBeGreaterThanOrEqual(0);
            expect(offset + length).toBeLessThanOrEqual(typed.length + 1);
          }
        }
      }),
      { numRuns: 3000 },
    );
  });
});
