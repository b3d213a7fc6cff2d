import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTree } from './json-tree.ts';
import { checkTree, readJson } from './parse-json.ts';
import { plainJson } from './plain-json.ts';

/** What the syntax tree says. */
function byTree(text: string) {
  const read = readTree(text);
  if (!read.ok) return undefined;
  const { value, problems } = checkTree(read.tree);
  return problems.all().length === 0 ? JSON.stringify(value) : undefined;
}

const key = fc.constantFrom('a', 'b', '7', '__proto__', 'constructor', '', 'a":', '\\', 'ü', '😀');
const scalar = fc.constantFrom(
  '1',
  '-0',
  '1e5',
  '1e999',
  'null',
  'true',
  '"x"',
  '"\\""',
  '"\\\\"',
  '"{\\"a\\":1}"',
  '"\\ud83d\\ude00"',
  '"\\ud800"',
);
const space = fc.constantFrom('', ' ', '\n', '\t\r\n');
const written: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(' ,')}]`),
    fc
      .array(fc.tuple(key, space, tie('value'), space), { maxLength: 4 })
      .map(
        (entries) =>
          `{${entries.map(([name, before, value, after]) => `${before}${JSON.stringify(name)}${after}:${before}${value}${after}`).join(',')}}`,
      ),
  ),
})).value;

describe('JSON that hides nothing', () => {
  it('is read as the syntax tree is, and given up wherever that one has something to tell', () => {
    let plain = 0;
    fc.assert(
      fc.property(written, fc.constantFrom('', ',', '\uFEFF', '}'), (text, more) => {
        for (const one of [text, text + more, more + text]) {
          const value = plainJson(one);
          if (value === undefined) continue;
          plain += 1;
          expect(JSON.stringify(value)).toBe(byTree(one));
        }
      }),
      { numRuns: 2000 },
    );
    expect(plain).toBeGreaterThan(1000);
  });

  it.each(['{"a":1,"a":2}', '{"__proto__":1}', '[1e999]', '"\\ud800"', '\uFEFF{}', '{"a":1,}', '// x\n{}', '', '{'])(
    'is not %j',
    (text) => {
      expect(plainJson(text)).toBeUndefined();
    },
  );

  it('has its tree once somebody asks for it', () => {
    const text = '{"a": [1, {"b": "x"}]}';
    const [quick, slow] = [readJson(text), readTree(text)];
    if (!quick.ok || !slow.ok) throw new Error('Not read.');
    expect(quick.tree.root).toEqual(slow.tree.root);
    expect(quick.tree.root).toBe(quick.tree.root);
  });
});
