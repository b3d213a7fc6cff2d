import { describe, expect, test } from 'vitest';
import type { Json, JsonSchema } from '../engine/format/json.ts';
import { missingInputs, parseInputs } from './inputs.ts';

const files: Record<string, string> = { 'notes.txt': 'two\nlines', 'list.json': '["a"]' };
const read = (path: string): string => files[path] ?? '';

describe('--input', () => {
  test.each<[string, JsonSchema, Json]>([
    ['x=plain text', { type: 'string' }, 'plain text'],
    ['x=12', { type: 'string' }, '12'],
    ['x=', { type: 'string' }, ''],
    ['x=a=b', { type: 'string' }, 'a=b'],
    ['x=12', { type: 'integer' }, 12],
    ['x=true', { type: 'boolean' }, true],
    ['x=["a"]', { type: 'array' }, ['a']],
    ['x={"a":1}', { type: 'object' }, { a: 1 }],
    ['x=null', { type: ['string', 'null'] }, null],
    ['x=word', { type: ['string', 'null'] }, 'word'],
    ['x="word"', { type: ['string', 'null'] }, '"word"'],
    ['x=fast', { enum: ['fast', 'slow'] }, 'fast'],
    ['x=2', { enum: [1, 2] }, 2],
    ['x=anything', true, 'anything'],
    ['x=["a"]', {}, ['a']],
    ['x={"a":1}', { properties: { a: { type: 'integer' } } }, { a: 1 }],
    ['x=null', { title: 'Whatever' }, null],
    ['x=[oh no', {}, '[oh no'],
    ['x="word"', {}, '"word"'],
    ['x=@notes.txt', { type: 'string' }, 'two\nlines'],
    ['x=@list.json', { type: 'array' }, ['a']],
    ['x=@@home', { type: 'string' }, '@home'],
  ])('%s for %j is %j', (option, schema, expected) => {
    expect(parseInputs([option], { x: schema }, read)).toEqual({ x: expected });
  });

  test.each<[string, string]>([
    ['x', 'INPUT_SYNTAX'],
    ['=x', 'INPUT_SYNTAX'],
    ['y=1', 'INPUT_UNKNOWN'],
    ['__proto__=1', 'INPUT_UNKNOWN'],
    ['constructor=1', 'INPUT_UNKNOWN'],
    ['x=many', 'INPUT_INVALID'],
  ])('%s is refused', (option, code) => {
    expect(() => parseInputs([option], { x: { type: 'integer' } }, read)).toThrow(expect.objectContaining({ code }));
  });

  test('what has a default is not missing', () => {
    const inputs = { a: { type: 'string' }, b: { type: 'string', default: '' }, c: { default: null }, d: true };
    expect(missingInputs(inputs, { a: 'x' }).map(([name]) => name)).toEqual(['d']);
  });
});
