import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from './json.ts';
import { asks, behind, each, lint, loop, template, transform } from './testing/linted.ts';

describe('schemas', () => {
  test.each<[string, { nodes: JsonObject; inputs?: JsonObject; outputs?: JsonObject }, string[]]>([
    ['of an input', { nodes: {}, inputs: { a: { type: 'strng' } } }, ['SCHEMA_INVALID <"strng">']],
    ['of an output', { nodes: {}, outputs: { a: { value: 1, schema: { minimum: '1' } } } }, ['SCHEMA_INVALID <"1">']],
    ['of a node', { nodes: { it: { ...transform(1), output: { pattern: '(' } } } }, ['SCHEMA_INVALID <"(">']],
    ['of a check', { nodes: { it: { type: 'validate', with: { value: 1, schema: { type: 'x' } } } } }, ['SCHEMA_INVALID <"x">']],
    ['of a signal', { nodes: { it: { type: 'wait', with: { signal: 's', schema: { required: 1 } } } } }, ['SCHEMA_INVALID <1>']],
    ['in a body', { nodes: { it: each([], { a: { ...transform(1), output: { type: 'x' } } }) } }, ['SCHEMA_INVALID <"x">']],
    ['a default that does not fit', { nodes: {}, inputs: { a: { type: 'integer', default: 'x' } } }, ['TYPE_MISMATCH <"x">']],
    ['a default within a list', { nodes: {}, inputs: { a: { enum: ['a', 'b'], default: 'c' } } }, ['TYPE_MISMATCH <"c">']],
    ['a default that is null', { nodes: {}, inputs: { a: { type: ['string', 'null'], default: null } } }, []],
  ])('%s', (_, flow, expected) => expect(lint(flow)).toEqual(expected));
});

describe('types', () => {
  const inputs: JsonObject = {
    topic: { type: 'string' },
    count: { type: 'integer' },
    tags: {
      type: 'array',
      items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'], additionalProperties: false },
    },
    level: { enum: ['low', 'high'] },
    maybe: { type: ['string', 'null'] },
    any: {},
  };
  test.each<[Json, string[]]>([
    [{ $expr: 'inputs.topic + 1' }, ['TYPE_MISMATCH <inputs.topic + 1>']],
    [{ $expr: 'inputs.count + 1' }, []],
    [{ $expr: 'inputs.any + 1' }, []],
    [{ $expr: 'inputs.maybe + "x"' }, []],
    [{ $expr: 'inputs.tags.map(t, t.nmae)' }, ['FIELD_UNKNOWN <t.nmae>']],
    [{ $expr: 'inputs.tags[0].name.size() > 1' }, []],
    [{ $expr: 'inputs.topic.name' }, ['FIELD_UNKNOWN <inputs.topic.name>']],
    [{ $expr: 'inputs.level == "hihg"' }, ['COMPARISON_CONSTANT <inputs.level == "hihg">']],
    [{ $expr: 'inputs.level in ["low"]' }, []],
    [{ $expr: 'inputs.count == "1"' }, ['COMPARISON_CONSTANT <inputs.count == "1">']],
    [{ $expr: 'inputs.topic.substring(inputs.count)' }, ['TYPE_MISMATCH <inputs.topic.substring(inputs.count)>']],
    [{ $expr: 'inputs.topic.substring(int(inputs.count))' }, []],
  ])('%j', (value, expected) => expect(lint({ nodes: { it: transform(value) }, inputs })).toEqual(expected));

  test.each<[string, JsonObject, string[]]>([
    [
      'a condition',
      { it: { type: 'branch', with: { cases: [{ name: 'x', when: 'inputs.topic' }] } } },
      ['CONDITION_NOT_BOOLEAN <inputs.topic>'],
    ],
    ['items', { it: each({ $expr: 'inputs.topic' }, {}) }, ['TYPE_MISMATCH <"items">']],
    ['an item', { it: each({ $expr: 'inputs.tags' }, { a: template('{{ item.name }} {{ item.nmae }}') }) }, ['FIELD_UNKNOWN <item.nmae>']],
    [
      'a field of a text in a template',
      { it: template('{{ inputs.topic.size }} {{ inputs.topic.name }}') },
      ['FIELD_UNKNOWN <inputs.topic.name>'],
    ],
    [
      'what a transform makes',
      {
        a: transform({ n: { $expr: 'size(inputs.topic)' }, fixed: 'x' }),
        b: transform({ $expr: 'steps.a.output.n + steps.a.output.fixed' }, behind('a')),
        c: template('{{ steps.a.output.m }}', behind('a')),
      },
      ['TYPE_MISMATCH <steps.a.output.n + steps.a.output.fixed>', 'STEP_FIELD_UNKNOWN <steps.a.output.m>'],
    ],
    [
      'what an each makes',
      { a: each([1], {}, { result: { $expr: 'index' } }), b: transform({ $expr: 'steps.a.output.map(x, x + "a")' }, behind('a')) },
      ['TYPE_MISMATCH <x + "a">'],
    ],
    [
      'what an each collects',
      { a: each([1], {}, { result: 'r', onItemFailure: 'collect' }), b: transform({ $expr: 'steps.a.output[0].outputs' }, behind('a')) },
      ['STEP_FIELD_UNKNOWN <steps.a.output[0].outputs>'],
    ],
    [
      'previous',
      { it: loop('index > 1', { a: transform({ $expr: 'previous + "x"' }) }, { result: 1 }) },
      ['TYPE_MISMATCH <previous + "x">'],
    ],
    ['a result that depends on itself', { it: loop('index > 1', {}, { result: { $expr: 'first(previous, 0) + 1' } }) }, []],
    [
      'a field of a result that depends on itself, by a step',
      {
        it: loop(
          'steps.a.output.n > 3',
          { a: transform({ n: { $expr: 'first(previous.n, 0) + 1' }, fixed: 'x' }) },
          { result: { n: { $expr: 'steps.a.output.n' }, before: { $expr: 'previous' } } },
        ),
        b: transform({ $expr: 'steps.it.output.before.before.n + 1' }, behind('it')),
        c: template('{{ steps.it.output.m }}', behind('it')),
      },
      ['STEP_FIELD_UNKNOWN <steps.it.output.m>'],
    ],
    [
      'a schema that never matches',
      { it: transform({ a: 1 }, { output: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] } }) },
      ['TYPE_MISMATCH <"output">'],
    ],
    ['an unknown error is no problem', { it: asks, b: template('{{ steps.it.error.details.status }}', behind('it', 'failure')) }, []],
  ])('%s', (_name, nodes, expected) => expect(lint({ nodes, inputs })).toEqual(expected));

  test('the schema of an output', () => {
    const outputs = { x: { value: { $expr: 'inputs.count' }, schema: { type: 'string' } } };
    expect(lint({ nodes: {}, inputs, outputs })).toEqual(['TYPE_MISMATCH <"value">']);
  });
});
