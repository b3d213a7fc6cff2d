/** The examples on the page of expressions give what the page says, every function has one, and the limits are those of the code. */
import { describe, expect, it } from 'vitest';
import { CONDITION_EXAMPLES, evaluateExample, renderExample, TEMPLATE_EXAMPLES } from '../../scripts/generate/expression-examples.ts';
import { compileCondition, compileTemplate, FUNCTIONS } from '../../src/engine/format/expressions/index.ts';
import { EXPRESSION_TIME_LIMIT } from '../../src/engine/format/expressions/reference.ts';
import { pageText } from './pages.ts';

const page = pageText('docs/expressions.md');

/** Rows of two cells that are code: an expression and its result. */
const rows = [...page.matchAll(/^\| `(.+?)` \| `(.*)` \|$/gm)].map((row) => ({
  text: (row[1] ?? '').replaceAll('\\|', '|'),
  result: (row[2] ?? '').replaceAll('\\|', '|'),
}));

describe('expressions in the documentation', () => {
  it('are all on the page', () => expect(rows.map(({ text }) => text)).toEqual([...TEMPLATE_EXAMPLES, ...CONDITION_EXAMPLES]));

  it.each(rows)('$text gives $result', ({ text, result }) => {
    if (/^\{[{%]/.test(text)) expect(renderExample(text)).toBe(result);
    else expect(evaluateExample(text)).toEqual(JSON.parse(result));
  });

  const functions = FUNCTIONS.flatMap(({ signature }) => [...signature.matchAll(/(\w+)\(/g)].map((match) => match[1] ?? ''));
  it.each(functions)('the function %s has an example', (name) =>
    expect(CONDITION_EXAMPLES.some((text) => text.includes(`${name}(`))).toBe(true),
  );

  it('are as long, as deep and as slow as the page says', () => {
    const sum = (length: number) => `1${' '.repeat(length - 1)}`;
    const deep = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
    expect(page).toContain('100,000 characters | 10,000 characters, 1,000 syntax nodes, 50 deep');
    expect([compileTemplate('a'.repeat(100_000)).ok, compileTemplate('a'.repeat(100_001)).ok]).toEqual([true, false]);
    expect([compileCondition(sum(10_000)).ok, compileCondition(sum(10_001)).ok]).toEqual([true, false]);
    expect([compileCondition(deep(40)).ok, compileCondition(deep(51)).ok]).toEqual([true, false]);
    expect(page).toContain(`| ${EXPRESSION_TIME_LIMIT} ms | ${EXPRESSION_TIME_LIMIT} ms |`);
  });
});
