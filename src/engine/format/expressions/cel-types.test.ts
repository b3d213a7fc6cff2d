import { describe, expect, test } from 'vitest';
import { fc } from '../../testing/fast-check.ts';
import type { Json, JsonObject, JsonSchema } from '../json.ts';
import type { TypeProblem } from './cel-types.ts';
import { compileCondition, ExpressionFault } from './index.ts';
import { ANY_JSON, asJson, describeType, fieldOf, misfitOf, objectOf, type Type, typeOfJson, typeOfSchema } from './types.ts';

/** The type of an expression over `inputs`, and what is told of it. */
function infer(text: string, inputs: Type): { type: Type; problems: TypeProblem[] } {
  const compiled = compileCondition(text);
  if (!compiled.ok) throw new Error(`${text}: ${compiled.error.message}`);
  const problems: TypeProblem[] = [];
  const type = compiled.condition.type(
    (name) => (name === 'inputs' ? inputs : undefined),
    (problem) => problems.push(problem),
  );
  return { type, problems };
}

const schema: JsonSchema = {
  type: 'object',
  properties: {
    text: { type: 'string' },
    number: { type: 'number' },
    flag: { type: 'boolean' },
    list: { type: 'array', items: { $ref: '#/$defs/item' } },
    maybe: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    kind: { enum: ['a', 'b'] },
    any: {},
    open: { type: 'object', properties: { x: { type: 'string' } } },
    tree: { $ref: '#/$defs/tree' },
  },
  additionalProperties: false,
  $defs: {
    item: { type: 'object', properties: { name: { type: 'string' } }, additionalProperties: false },
    tree: { type: 'object', properties: { left: { $ref: '#/$defs/tree' }, value: { type: 'number' } }, additionalProperties: false },
  },
};
const inputs = typeOfSchema(schema);

describe('the type of an expression', () => {
  test.each<[string, string]>([
    ['inputs.text', 'a text'],
    ['inputs.maybe', 'a text or null'],
    ['inputs.number + 1', 'a number'],
    ['size(inputs.list)', 'a number'],
    ['inputs.list[0].name', 'a text'],
    ['inputs.list.map(x, x.name)[0]', 'a text'],
    ['inputs.list.filter(x, x.name != "")[0].name', 'a text'],
    ['inputs.list.exists(x, x.name == "")', 'true or false'],
    ['cel.bind(x, inputs.list, x[0].name + "!")', 'a text'],
    ['first(inputs.maybe, inputs.list[0].name)', 'a text or null'],
    ['first(inputs.maybe, inputs.number)', 'a text or a number'],
    ['first(inputs.maybe, null)', 'a text or null'],
    ['inputs.tree.left.left.left.value', 'a number'],
    ['inputs.open.x', 'a text'],
    ['inputs.open.whatever', 'anything'],
    ['inputs.any.x.y', 'anything'],
    ['{"a": inputs.text}.a', 'a text'],
    ['inputs.flag ? inputs.text : inputs.maybe', 'a text or null'],
    ['inputs.text.split(",")[0]', 'a text'],
    ['min([1, 2])', 'anything'],
    ['timestamp(inputs.text) + duration("1h")', 'a point in time'],
    ['inputs[inputs.text]', 'anything'],
    ['[inputs.text] + [inputs.number]', 'a list'],
  ])('%s is %s', (text, expected) => {
    const { type, problems } = infer(text, inputs);
    expect([describeType(type), problems]).toEqual([expected, []]);
  });

  test.each<[string, TypeProblem['kind'], RegExp]>([
    ['inputs.text - 1', 'mismatch', /"-" is not possible with a text and a number/],
    ['"n: " + inputs.number', 'mismatch', /string\(…\)/],
    ['!inputs.text', 'mismatch', /true or false, not a text/],
    ['inputs.number ? 1 : 2', 'mismatch', /true or false, not a number/],
    ['inputs.flag && inputs.text', 'mismatch', /"&&"/],
    ['size(inputs.number)', 'mismatch', /no size\(a number\)/],
    ['inputs.number.startsWith("a")', 'mismatch', /a number \. startsWith/],
    ['inputs.text.matches(inputs.number)', 'mismatch', /matches\(a number\)/],
    ['inputs.text.substring(inputs.number)', 'mismatch', /int\(…\)/],
    ['inputs.text.map(x, x)', 'mismatch', /goes through a list/],
    ['inputs.text in inputs.text', 'mismatch', /looks into a list/],
    ['-inputs.text', 'mismatch', /takes a number/],
    ['inputs.list["a"]', 'field', /no "a" in a list/],
    ['inputs.list[inputs.text]', 'mismatch', /counted/],
    ['inputs.nmber', 'field', /"inputs" has no "nmber"/],
    ['inputs.text.x', 'field', /no "x" in a text/],
    ['inputs.tree.left.rigth', 'field', /"inputs.tree.left" has no "rigth"/],
    ['inputs.kind == "c"', 'comparison', /never true: "a" or "b" and "c"/],
    ['inputs.kind != "c"', 'comparison', /always true/],
    ['inputs.flag == 1', 'comparison', /never equal/],
    ['inputs.number in ["1"]', 'comparison', /not among/],
  ])('%s: %s', (text, kind, message) => {
    const { problems } = infer(text, inputs);
    expect(problems.map((it) => it.kind)).toEqual([kind]);
    expect(problems[0]?.message).toMatch(message);
  });
});

/** What is told always comes true, and the type holds whatever comes out. */
describe('never a false alarm', () => {
  const leaf: fc.Arbitrary<Json> = fc.oneof(
    fc.constantFrom('', 'a', 'b', '1', 'true', '1h'),
    fc.constantFrom(0, 1, 2.5),
    fc.boolean(),
    fc.constant(null),
  );
  const value: fc.Arbitrary<Json> = fc.oneof(
    leaf,
    fc.array(leaf, { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('x', 'y'), leaf, { maxKeys: 2 }),
    fc.array(fc.dictionary(fc.constantFrom('x', 'y'), leaf, { maxKeys: 2 }), { maxLength: 2 }),
  );
  const atom = fc.constantFrom(
    'inputs.p',
    'inputs.q',
    '1',
    '"a"',
    'true',
    'null',
    '[1]',
    'inputs.p.x',
    'inputs.q[0]',
    '[inputs.p]',
    '{"x": inputs.q}',
  );
  const expression = fc.letrec<{ e: string }>((tie) => ({
    e: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      atom,
      fc
        .tuple(tie('e'), fc.constantFrom('+', '-', '*', '/', '%', '<', '>=', '==', '!=', 'in'), tie('e'))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc.tuple(fc.constantFrom('!', '-'), tie('e')).map(([op, a]) => `${op}(${a})`),
      fc.tuple(tie('e'), tie('e'), tie('e')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc
        .tuple(fc.constantFrom('size', 'string', 'int', 'double', 'bool', 'json', 'sum', 'min', 'timestamp', 'duration'), tie('e'))
        .map(([f, a]) => `${f}(${a})`),
      fc
        .tuple(tie('e'), fc.constantFrom('contains', 'startsWith', 'split', 'indexOf', 'substring', 'join', 'matches'), tie('e'))
        .map(([a, f, b]) => `(${a}).${f}(${b})`),
      fc
        .tuple(tie('e'), fc.constantFrom('map', 'filter', 'all', 'exists'), fc.constantFrom('v', 'v + 1', 'v == "a"', 'v.x'))
        .map(([a, f, b]) => `(${a}).${f}(v, ${b})`),
      fc.tuple(tie('e'), tie('e')).map(([a, b]) => `first(${a}, ${b})`),
      fc.tuple(tie('e'), tie('e')).map(([a, b]) => `cel.bind(w, ${a}, [w, ${b}])`),
      fc.tuple(tie('e'), fc.constantFrom('.x', '.y', '[0]', '["x"]')).map(([a, part]) => `(${a})${part}`),
    ),
  })).e;

  test('what is impossible fails, what comes out is of the type', () => {
    let told = 0;
    let came = 0;
    fc.assert(
      fc.property(value, value, expression, (p, q, text) => {
        const compiled = compileCondition(text);
        if (!compiled.ok) return;
        const { type, problems } = infer(text, objectOf({ p: () => typeOfJson(p), q: () => typeOfJson(q) }));
        let result: Json;
        try {
          result = compiled.condition.evaluate({ inputs: { p, q } });
        } catch (error) {
          if (!(error instanceof ExpressionFault)) throw error;
          return;
        }
        came += 1;
        const isSkipped = /first|\?|all|exists|map|filter/.test(text);
        // What is impossible and was not come to is no false alarm.
        if (!isSkipped) {
          expect({ text, p, q, told: problems.filter(({ kind }) => kind !== 'comparison') }).toEqual({ text, p, q, told: [] });
        }
        if (problems.length > 0) told += 1;
        if (problems.every(({ kind }) => kind === 'comparison')) {
          expect({ text, p, q, result, misfit: misfitOf(typeOfJson(result), asJson(type)) }).toEqual({
            text,
            p,
            q,
            result,
            misfit: undefined,
          });
        }
        if (problems.length === 1 && problems[0]?.kind === 'comparison' && problems[0].length === text.length - 2) {
          expect([text, result]).toEqual([text, text.includes('!=')]);
        }
      }),
      { numRuns: 4000 },
    );
    expect([told > 0, came > 200]).toEqual([true, true]);
  });
});

describe('types of schemas', () => {
  test.each<[JsonSchema, string]>([
    [true, 'anything'],
    [{}, 'anything'],
    [{ type: 'integer' }, 'a number'],
    [{ type: ['string', 'null'] }, 'a text or null'],
    [{ const: 'x' }, 'a text'],
    [{ enum: ['x', null] }, 'a text or null'],
    [{ oneOf: [{ type: 'string' }, { type: 'object' }] }, 'a text or an object'],
    [{ allOf: [{ type: ['string', 'number'] }, { type: ['string', 'null'] }] }, 'a text'],
    [{ type: 'nope' }, 'anything'],
    [{ $ref: '#' }, 'anything'],
    [{ $ref: 'https://example.org/schema' }, 'anything'],
    [{ $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' }, 'anything'],
    [{ properties: { x: {} } }, 'anything'],
  ])('%j is %s', (it, expected) => expect(describeType(typeOfSchema(it))).toBe(expected));

  test('fields', () => {
    const type = typeOfSchema({
      anyOf: [
        { properties: { a: { type: 'string' } }, additionalProperties: false, type: 'object' },
        { type: 'object', properties: { b: {} }, additionalProperties: { type: 'number' } },
      ],
    });
    const fields = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, describeType(fieldOf(type, name) ?? ANY_JSON)]));
    expect(fields).toEqual({ a: 'a text or a number', b: 'anything', c: 'a number' });
  });

  test.each<[JsonObject | Json, JsonSchema, string | undefined]>([
    ['x', { type: 'string' }, undefined],
    ['x', { type: 'number' }, 'a number is wanted here, not a text'],
    [{ a: 1 }, { type: 'object', required: ['b'] }, undefined],
    [{ a: 1 }, { type: 'object', properties: { a: {} }, required: ['b'] }, '"b" is missing'],
    [{ a: 1 }, { type: 'object', properties: {}, additionalProperties: false }, '"a" has no place here'],
    [
      { a: { b: 'x' } },
      { type: 'object', properties: { a: { type: 'object', properties: { b: { type: 'number' } } } } },
      'a number is wanted here, not a text',
    ],
    ['x', { enum: ['a', 'b'] }, '"a", "b" is wanted here'],
  ])('%j for %j: %s', (it, wanted, expected) => expect(misfitOf(typeOfJson(it), typeOfSchema(wanted))?.message).toBe(expected));
});
