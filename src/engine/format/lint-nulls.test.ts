import { describe, expect, test } from 'vitest';
import type { JsonObject } from './json.ts';
import { behind, lint as lintAlone, template, validate } from './testing/linted.ts';

const lint = (flow: JsonObject) => lintAlone({ inputs: { topic: { type: 'string' } }, ...flow });

describe('outputs of steps that may have been skipped', () => {
  const skipping = (text: string): JsonObject => ({
    choose: { type: 'branch', with: { cases: [{ name: 'a', when: 'true' }] } },
    perhaps: template('x', { after: { choose: 'case:a' } }),
    tail: template(text, { after: { perhaps: 'success', choose: 'else' } }),
  });
  test.each<[string, string[]]>([
    ['{{ steps.perhaps.output.text }}', ['STEP_MAY_BE_SKIPPED <perhaps>']],
    ['{{ steps.perhaps.output.text | default: "none" }}', []],
    ['{% if steps.perhaps.output %}{{ steps.perhaps.output.text }}{% endif %}', []],
    ['{{ steps.perhaps.state }} {{ steps.choose.output.case }}', []],
  ])('that may have been skipped: %s', (text, expected) => {
    expect(lint({ nodes: skipping(text) })).toEqual(expected);
  });

  /** One of `draft` and `redraft` always runs before `tail`; of `left` and `right` too, but for a third case. */
  const chained = (node: JsonObject): JsonObject => ({
    draft: template('x'),
    redraft: template('y', { after: { draft: 'failure' } }),
    sure: template('z', { after: { draft: 'success', redraft: 'success' } }),
    choose: { type: 'branch', after: { sure: 'success' }, with: { cases: ['a', 'b'].map((name) => ({ name, when: 'true' })) } },
    left: template('l', { after: { choose: 'case:a' } }),
    right: template('r', { after: { choose: 'case:b' } }),
    other: template('o', { after: { choose: 'else' } }),
    tail: { after: { left: 'success', right: 'success', other: 'success' }, ...node },
  });
  const skipped = (id: string) => [`STEP_MAY_BE_SKIPPED <${id}>`];
  /** Steps as `$left` for short. Each chain as a template and in CEL. */
  test.each<[string[], string[]]>([
    [['$left'], skipped('left')],
    [['$left', '"none"'], []],
    [['$left', 'inputs.topic'], []],
    [['$left', '$sure'], []],
    [['$sure', '$left'], []],
    [['$left', '$right'], skipped('right')],
    [['$left', '$right', '""'], []],
    [['$left', '"none"', '$right'], []],
    [['$left', '$right', '$other'], []],
    [['$other', '$left', '$right'], []],
    [['$left', '$right', '$left'], skipped('left')],
    [['$left', 'steps.right.state'], []],
  ])('the first of %j', (operands, expected) => {
    const [first = '', ...rest] = operands.map((operand) => operand.replace(/^\$(\w+)$/, 'steps.$1.output.text'));
    const liquid = `{{ ${[first, ...rest.map((operand) => `default: ${operand}`)].join(' | ')} }}`;
    expect([liquid, lint({ nodes: chained(template(liquid)) })]).toEqual([liquid, expected]);
    const cel = `first(${[first, ...rest].join(', ')})`;
    expect([cel, lint({ nodes: chained(validate({ $expr: cel })) })]).toEqual([cel, expected]);
  });

  test.each<[JsonObject, string[]]>([
    [template('{{ steps.left.output.text | upcase | default: steps.right.output.text | downcase | default: "" }}'), []],
    [template('{{ "x" | append: steps.left.output.text | default: "" }}'), skipped('left')],
    [template('{% if steps.left.output %}{{ steps.left.output.text | default: steps.right.output.text }}{% endif %}'), []],
    [template('{% if steps.left.output == nil | default: steps.right.output %}x{% endif %}'), []],
    [template('{% assign x = steps.left.output.text | default: steps.right.output.text %}{{ x }}'), skipped('right')],
    [validate({ $expr: 'first(first(steps.left.output.text, steps.right.output.text), steps.other.output.text)' }), []],
    [validate({ $expr: 'first(steps.left.output.text + steps.sure.output.text, steps.right.output.text, "")' }), []],
    [validate({ $expr: 'first(steps.left.output.text + steps.right.output.text, steps.other.output.text)' }), skipped('other')],
    [validate({ $expr: 'size(first(steps.left.output.text, steps.right.output.text)) > 0' }), skipped('right')],
    [validate({ $expr: 'first(steps.left.output.text, steps.right.output.text) == null' }), []],
    [validate({ $expr: 'first(steps.left.output.text, null)' }), []],
    [validate({ $expr: 'has(steps.left.output.text) && first(steps.left.output.text, steps.right.output.text) == "x"' }), []],
    [template('{{ steps.left.output.text | default: steps.nope.output.text }}'), ['STEP_UNKNOWN <nope>']],
  ])('chains in %j', (node, expected) => {
    expect(lint({ nodes: chained(node) })).toEqual(expected);
  });

  test('of what comes first, one is there', () => {
    const race = (text: string): JsonObject => ({
      a: template('a'),
      b: template('b'),
      tail: template(text, { join: 'any', after: { a: 'success', b: 'success' } }),
    });
    expect(lint({ nodes: race('{{ steps.a.output.text }}') })).toEqual(skipped('a'));
    expect(lint({ nodes: race('{{ steps.a.output.text | default: steps.b.output.text }}') })).toEqual([]);
  });

  test('outputs of the flow', () => {
    const outputs = {
      result: { value: { $expr: 'steps.perhaps.output.text' } },
      sure: { value: { $expr: 'first(steps.perhaps.output.text, steps.tail.output.text)' } },
    };
    expect(lint({ nodes: skipping('x'), outputs })).toEqual(['STEP_MAY_BE_SKIPPED <perhaps>']);
    expect(lint({ nodes: { a: template('x') }, outputs: { r: { value: [{ $expr: 'steps.b.output' }] } } })).toEqual(['STEP_UNKNOWN <b>']);
  });
});

/** A step that may fail, what reads it, and where that hangs. */
describe('errors of steps that may have succeeded', () => {
  const succeeds = ['STEP_MAY_SUCCEED <a>'];
  const failing = (reader: JsonObject, more: JsonObject = {}): JsonObject => ({ a: template('x'), ...more, it: reader });
  const either = { after: { a: ['success', 'failure'] } };
  const error = '{{ steps.a.error.code }}';
  test.each<[string, JsonObject, string[]]>([
    ['behind failure only', failing(template(error, behind('a', 'failure'))), []],
    ['behind success', failing(template(error, behind('a'))), succeeds],
    ['behind both', failing(template(error, either)), succeeds],
    ['the error as a whole is null, as expected', failing(template('{{ steps.a.error }}', either)), []],
    ['behind what mends it', failing(template(error, behind('m')), { m: template('m', behind('a', 'failure')) }), []],
    [
      'behind success or what mends it',
      failing(template(error, { after: { a: 'success', m: 'success' } }), { m: template('m', behind('a', 'failure')) }),
      succeeds,
    ],
    ['the failure of one of two', failing(template(error, { after: { a: 'failure', b: 'failure' } }), { b: template('y') }), succeeds],
    ['one that goes on by success', failing(template(error, behind('a')), { a: template('x', { continueOnFailure: true }) }), succeeds],
    ['disabled, so that it has none', failing(template(error, behind('a')), { a: template('x', { disabled: true }) }), succeeds],
    ['a default', failing(template('{{ steps.a.error.code | default: "none" }}', either)), []],
    ['a test around it', failing(template('{% if steps.a.error %}{{ steps.a.error.code }}{% endif %}', either)), []],
    ['a test of the state', failing(template('{% if steps.a.state == "failed" %}{{ steps.a.error.code }}{% endif %}', either)), []],
    ['a condition about it', failing(template('{% if steps.a.error.code == "X" %}x{% endif %}', either)), []],
    [
      'one error or the other',
      failing(template('{{ steps.a.error.code | default: steps.b.error.code }}', { after: { a: 'failure', b: 'failure' } }), {
        b: template('y'),
      }),
      [],
    ],
    [
      'one error or the other, or neither',
      failing(template('{{ steps.a.error.code | default: steps.b.error.code }}', { after: { a: 'failure', b: 'failure', c: 'failure' } }), {
        b: template('y'),
        c: template('z'),
      }),
      ['STEP_MAY_SUCCEED <b>'],
    ],
    ['the output or else the error', failing(template('{{ steps.a.output.text | default: steps.a.error.message }}', either)), []],
    ['the error or else the output', failing(validate({ $expr: 'first(steps.a.error.message, steps.a.output.text)' }, either)), []],
    ['in CEL', failing(validate({ $expr: 'steps.a.error.code == "X"' }, either)), succeeds],
    ['in CEL, asked for', failing(validate({ $expr: 'has(steps.a.error.code) && steps.a.error.code == "X"' }, either)), []],
    ['in CEL, asked for as a whole', failing(validate({ $expr: 'steps.a.error != null && steps.a.error.code == "X"' }, either)), []],
    ['in CEL, a field compared with null fails', failing(validate({ $expr: 'steps.a.error.code == null' }, either)), succeeds],
    ['in CEL, behind the state', failing(validate({ $expr: 'steps.a.state == "failed" ? steps.a.error.code : ""' }, either)), []],
    ['in CEL, with a default', failing(validate({ $expr: 'first(steps.a.error.code, "")' }, either)), []],
    [
      'behind a branch that asks',
      failing(template(error, behind('s', 'case:failed')), {
        s: { type: 'branch', ...either, with: { cases: [{ name: 'failed', when: 'steps.a.state == "failed"' }] } },
      }),
      [],
    ],
    [
      'behind a branch that asks something else',
      failing(template(error, behind('s', 'case:failed')), {
        s: { type: 'branch', ...either, with: { cases: [{ name: 'failed', when: 'inputs.topic == "x"' }] } },
      }),
      succeeds,
    ],
    [
      'in a body behind the failure',
      failing({ type: 'each', with: { items: [1], nodes: { b: template(error) } }, ...behind('a', 'failure') }),
      [],
    ],
    ['in a body behind either', failing({ type: 'each', with: { items: [1], nodes: { b: template(error) } }, ...either }), succeeds],
  ])('%s', (_name, nodes, expected) => expect(lint({ nodes })).toEqual(expected));

  test('an output of the flow', () => {
    const outputs = { why: { value: { $expr: 'steps.a.error.message' } } };
    const nodes = { a: template('x'), sorry: template('y', behind('a', 'failure')) };
    expect(lint({ nodes, outputs })).toEqual(succeeds);
    expect(lint({ nodes, outputs: { why: { value: { $expr: 'steps.a.error' } } } })).toEqual([]);
  });
});
