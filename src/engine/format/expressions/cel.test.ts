import { describe, expect, test } from 'vitest';
import type { Json } from '../json.ts';
import { compileCondition, ExpressionFault, FUNCTIONS, type Scope } from './index.ts';

const scope: Scope = {
  inputs: { n: 3, half: 0.5, name: 'Ada', list: [1, 2, 3], texts: ['b', 'a'], map: { a: 1, 'x-y': 2 }, nothing: null },
  steps: {
    draft: { output: { text: 'Hello', score: 0.8 }, error: null, state: 'succeeded' },
    skipped: { output: null, error: null, state: 'skipped' },
  },
  run: { startedAt: '2026-01-01T00:00:00Z' },
};

function evaluate(text: string): Json {
  const compiled = compileCondition(text);
  if (!compiled.ok) throw new Error(compiled.error.message);
  return compiled.condition.evaluate(scope);
}

describe('keys that mean something to JavaScript are keys', () => {
  const car = JSON.parse('{"a": 1, "constructor": {"name": "Lotus", "constructor": null}, "prototype": 3, "__proto__": {"x": 4}}');
  const read = (text: string): Json => {
    const compiled = compileCondition(text);
    if (!compiled.ok) throw new Error(compiled.error.message);
    return compiled.condition.evaluate({ inputs: { car, cars: [car, { a: 2 }], odd: JSON.parse('{"constructor": null}') } });
  };
  test.each<[string, Json]>([
    ['size(inputs.car)', 4],
    ['json([inputs.car.constructor])', '[{"name":"Lotus","constructor":null}]'],
    ['has(inputs.car.constructor) && has(inputs.car.constructor.name)', true],
    ['"constructor" in inputs.car && !("other" in inputs.car)', true],
    ['inputs.car.constructor.name + "!"', 'Lotus!'],
    ['inputs.car["__proto__"].x + inputs.car.prototype', 7],
    ['inputs.car == inputs.cars[0] && inputs.car != inputs.cars[1]', true],
    ['inputs.cars.filter(it, has(it.constructor)).map(it, it.constructor.name)', ['Lotus']],
    ['inputs.cars.map(it, first(it.constructor.name, "none"))', ['Lotus', 'none']],
    ['inputs.car.map(key, key)', ['a', 'constructor', 'prototype', '__proto__']],
    ['[inputs.odd]', [{ constructor: null }]],
    ['first(inputs.odd.constructor, 1)', 1],
    ['{"constructor": 1, "prototype": inputs.cars[1].a}.constructor + 1', 2],
  ])('%s', (text, value) => {
    expect(read(text)).toEqual(value);
  });
  test('none is left out of a result', () => {
    expect(JSON.stringify(read('{"constructor": 1, "prototype": 2, "__proto__": [3]}'))).toBe(
      '{"constructor":1,"prototype":2,"__proto__":[3]}',
    );
    expect(JSON.stringify(read('[inputs.car]'))).toBe(JSON.stringify([car]));
  });
});

describe('evaluation', () => {
  test.each<[string, Json]>([
    // Numbers of JSON are doubles, literals are integers: they mix.
    ['inputs.n + 1', 4],
    ['1 - inputs.half', 0.5],
    ['2 * inputs.n', 6],
    ['inputs.n / 2', 1.5],
    ['7 / 2', 3],
    ['inputs.n % 2 == 1', true],
    ['inputs.n == 3', true],
    ['inputs.n in [1, 2, 3]', true],
    ['inputs.list[inputs.n - 1]', 3],
    ['size(inputs.list) == inputs.n', true],
    ['inputs.half < 1', true],
    // Integers come out as numbers.
    ['9007199254740991', 9007199254740991],
    ['[1, {"a": 2}]', [1, { a: 2 }]],
    ['uint(7)', 7],
    // Null and what is missing.
    ['steps.skipped.output == null', true],
    ['steps.skipped.output != null && steps.skipped.output.text == "x"', false],
    ['first(steps.skipped.output.text, "none")', 'none'],
    ['first(steps.nowhere.output.text, inputs.nothing, inputs.list[9], "none")', 'none'],
    ['first(inputs.nothing)', null],
    ['has(steps.draft.output.text) && !has(steps.skipped.output.text)', true],
    // Texts.
    ['steps.draft.output.text.matches("^H.l+o$")', true],
    ['steps.draft.output.text.replace("l", "$&")', 'He$&$&o'],
    ['"a,b".split(",")', ['a', 'b']],
    ['inputs.texts.join("-")', 'b-a'],
    ['inputs.name.lowerAscii() + "!"', 'ada!'],
    ['json(inputs.map)', '{"a":1,"x-y":2}'],
    ['json({"n": 1})', '{"n":1}'],
    ['inputs.map["x-y"]', 2],
    // Lists.
    ['inputs.list.filter(x, x > 1).map(x, x * 2)', [4, 6]],
    ['inputs.list.exists(x, x == 2) && inputs.list.all(x, x < 4) && inputs.list.exists_one(x, x == 1)', true],
    ['[sum(inputs.list), min(inputs.list), max([1, 2.5])]', [6, 1, 2.5]],
    ['[sum([]), max([])]', [0, null]],
    ['cel.bind(x, inputs.n, x + x)', 6],
    // Times.
    ['timestamp(run.startedAt) + duration("36h")', '2026-01-02T12:00:00.000Z'],
    ['duration("90s")', '90s'],
    ['timestamp("2026-01-02T00:00:00Z") - timestamp(run.startedAt) > duration("23h")', true],
  ])('%s', (text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });

  test.each([
    ['inputs.nam', '"inputs" is null or has no "nam".', 'nam'],
    ['steps.skipped.output.text == null', '"steps.skipped.output" is null or has no "text".', 'text'],
    ['steps.skipped.output.text', '"steps.skipped.output" is null or has no "text".', 'text'],
    ['{"a": 1}["b"]', 'There is no "b" here.', '{"a": 1}["b"]'],
    ['foo.bar', 'There is no "foo".', 'foo'],
    ['secrets.KEY', 'There is no "secrets".', 'secrets'],
    [
      'inputs.name > inputs.n',
      'string > double is not possible; convert with string(…), int(…) or double(…), or compare with null first.',
      'inputs.name > inputs.n',
    ],
    ['inputs.n && true', "Logical operator requires bool operands, got 'double'.", 'n && true'],
    ['9007199254740992', 'The result is 9007199254740992, an integer too large for JSON.', '9007199254740992'],
    ['1.0 / 0.0', 'The result is Infinity, which JSON cannot hold.', '1.0 / 0.0'],
    ['b"x"', 'The result is not a JSON value.', 'b"x"'],
    ['[1][3]', 'No such key: index out of bounds, index 3 >= size 1.', '[1][3]'],
    ['sum(["a"])', 'sum takes a list of numbers.', 'sum(["a"])'],
  ])('%s fails with its place', (text, message, part) => {
    try {
      evaluate(text);
      expect.unreachable();
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(ExpressionFault);
      const fault = thrown as ExpressionFault;
      expect(fault.message).toBe(message);
      expect(text.slice(fault.offset)).toContain(part);
    }
  });
});

describe('what cannot be read is told with its place', () => {
  test.each([
    ['1 +', 'The expression ends too early.', 3],
    ['{{ inputs.a }}', 'Expected COLON, got RBRACE.', 12],
    ['nope(1)', 'There is no function nope(int).', 0],
    ['size(1)', 'There is no function size(int).', 0],
    ['"a" + 1', 'string + int is not possible; convert with string(…), int(…) or double(…), or compare with null first.', 0],
    ['true && "a".matches("(a")', 'The pattern is not understood: error parsing regexp: missing closing ): `(a`.', 20],
    ['"a".matches("(?=b)")', 'The pattern is not understood: error parsing regexp: invalid or unsupported Perl syntax: `(?=`.', 12],
    ['"a".belay_matches("a")', 'There is no function "belay_matches".', 0],
    ['__proto__', 'Reserved identifier: __proto__.', 0],
  ])('%s', (text, message, offset) => {
    const compiled = compileCondition(text);
    if (compiled.ok) throw new Error('compiled');
    expect(compiled.error).toMatchObject({ message, offset });
    expect(compiled.error.length).toBeGreaterThan(0);
  });
});

test.each([
  ['inputs.a', true],
  ['inputs.a > 1', true],
  ['first(inputs.a, 1)', true],
  ['1 + 1', false],
  ['"true"', false],
  ['[true]', false],
])('%s may be true or false: %s', (text, expected) => {
  const compiled = compileCondition(text);
  expect(compiled.ok && compiled.condition.mayBeBoolean).toBe(expected);
});

function summary(text: string): string[] {
  const compiled = compileCondition(text);
  if (!compiled.ok) throw new Error(compiled.error.message);
  const { references, unknown } = compiled.condition;
  return [
    ...references.map((it) => {
      const id = text.slice(it.idOffset, it.idOffset + it.idLength);
      return `${[it.root, ...it.path].join('.')}${it.guarded ? '?' : ''} ${id} <${text.slice(it.offset, it.offset + it.length)}>`;
    }),
    ...unknown.map((it) => `unknown ${it.name}`),
  ];
}

describe('references', () => {
  test.each<[string, string[]]>([
    ['steps.draft.output.text == "x"', ['steps.draft.output.text draft <steps.draft.output.text>']],
    ["steps['draft'].output", ["steps.draft.output draft <steps['draft'].output>"]],
    ['steps . draft . output', ['steps.draft.output draft <steps . draft . output>']],
    ['steps.a.output[0].x', ['steps.a.output.0.x a <steps.a.output[0].x>']],
    ['steps[inputs.which].output', ['steps  <steps[inputs.which].output>', 'inputs.which which <inputs.which>']],
    ['first(steps.a.output.x, steps.b.output)', ['steps.a.output.x? a <steps.a.output.x>', 'steps.b.output? b <steps.b.output>']],
    ['has(steps.a.output.x) && steps.a.output.x > 1', ['steps.a.output.x? a <steps.a.output.x>', 'steps.a.output.x? a <steps.a.output.x>']],
    ['steps.a.output != null && steps.a.output.x', ['steps.a.output? a <steps.a.output>', 'steps.a.output.x? a <steps.a.output.x>']],
    ['steps.a.output.x == null', ['steps.a.output.x a <steps.a.output.x>']],
    [
      'steps.a.output != null && steps.a.output.x == null',
      ['steps.a.output? a <steps.a.output>', 'steps.a.output.x? a <steps.a.output.x>'],
    ],
    ['steps.a.state == null', ['steps.a.state? a <steps.a.state>']],
    ['steps.a.output.list.map(x, x.y + inputs.z)', ['steps.a.output.list a <steps.a.output.list>', 'inputs.z z <inputs.z>']],
    ['[{"x": 1}].map(inputs, inputs.x)', []],
    ['cel.bind(y, inputs.x, y + inputs.z)', ['inputs.x x <inputs.x>', 'inputs.z z <inputs.z>']],
    ['{"a": inputs.b, inputs.c: 1}', ['inputs.b b <inputs.b>', 'inputs.c c <inputs.c>']],
    ['!inputs.a ? -inputs.b : [inputs.c]', ['inputs.a a <inputs.a>', 'inputs.b b <inputs.b>', 'inputs.c c <inputs.c>']],
    ['draft.output', ['unknown draft']],
  ])('%s', (text, expected) => {
    expect(summary(text)).toEqual(expected);
  });
});

test('every documented function exists', () => {
  const names = FUNCTIONS.flatMap(({ signature }) => [...signature.matchAll(/(?:(\w+)\.)?(\w+)\(/g)]).map(([, receiver, name]) => ({
    receiver,
    name,
  }));
  expect(names.length).toBeGreaterThan(25);
  for (const { receiver, name } of names) {
    const call = receiver === undefined ? name : `${receiver === 'list' ? 'inputs.list' : receiver === 'cel' ? 'cel' : '"a"'}.${name}`;
    const known = ['', '1', '"a"', '"a", "b"', '1, 2', 'x, true', 'x, 1, 1', 'inputs.a', '[1]'].some(
      (args) => compileCondition(`${call}(${args})`).ok,
    );
    expect([name, known]).toEqual([name, true]);
  }
});
