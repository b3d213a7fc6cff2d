import { describe, expect, it } from 'vitest';
import { catalog } from '../../engine/nodes/catalog.ts';
import { type Control, expressionOf, formOf, newRow, readJson, readNumber, readText } from './form-model.ts';

function form(type: string) {
  const manifest = catalog.get(type);
  if (!manifest) throw new Error(`no type ${type}`);
  return formOf(manifest);
}
const field = (type: string, key: string) => form(type).find((it) => it.key === key);

describe('formOf', () => {
  it.each<[string, string, Control]>([
    ['prompt', 'prompt', 'multiline'],
    ['prompt', 'file', 'file'],
    ['prompt', 'model', 'model'],
    ['prompt', 'temperature', 'number'],
    ['branch', 'cases', 'rows'],
    ['validate', 'value', 'json'],
    ['validate', 'contains', 'list'],
    ['validate', 'rules', 'rows'],
    ['validate', 'schema', 'schema'],
    ['command', 'run', 'list'],
    ['command', 'shell', 'code'],
    ['command', 'env', 'keyValue'],
    ['command', 'cwd', 'text'],
    ['command', 'allowedExitCodes', 'list'],
    ['file', 'action', 'enum'],
    ['loop', 'nodes', 'body'],
  ])('draws %s.%s as %s', (type, key, control) => expect(field(type, key)?.control).toBe(control));

  it('knows the details', () => {
    expect(field('file', 'action')).toMatchObject({ required: true, choices: ['read', 'write', 'append'] });
    expect(field('command', 'allowedExitCodes')).toMatchObject({ numeric: 'integer', advanced: true });
    expect(field('branch', 'cases')).toMatchObject({ outlets: true });
    expect(field('branch', 'cases')?.columns.map(({ key, kind }) => [key, kind])).toEqual([
      ['name', 'literal'],
      ['when', 'condition'],
    ]);
  });

  it('draws every field of every type', () => {
    for (const manifest of catalog.values()) {
      for (const it of formOf(manifest)) expect([it.title, it.control], `${manifest.type}.${it.key}`).not.toContain('');
    }
  });

  it('is made once', () => expect(form('prompt')).toBe(form('prompt')));
});

describe('what is typed', () => {
  it.each([
    ['', false, { ok: true, value: undefined }],
    ['', true, { ok: true, value: '' }],
    ['x', false, { ok: true, value: 'x' }],
  ])('text %o', (typed, required, written) => expect(readText(typed, required)).toEqual(written));

  it.each([
    ['1.5', 'number', { ok: true, value: 1.5 }],
    [' 2 ', 'integer', { ok: true, value: 2 }],
    ['', 'integer', { ok: true, value: undefined }],
    ['1.5', 'integer', { ok: false, problem: 'Expected a whole number.' }],
    ['1e999', 'number', { ok: false, problem: '“1e999” is not a number.' }],
    ['two', 'number', { ok: false, problem: '“two” is not a number.' }],
  ] as const)('number %o as %s', (typed, numeric, written) => expect(readNumber(typed, numeric)).toEqual(written));

  it.each([
    ['{"a":1}', { ok: true, value: { a: 1 } }],
    ['  ', { ok: true, value: undefined }],
    ['{', { ok: false }],
  ])('JSON %o', (typed, written) => expect(readJson(typed)).toMatchObject(written));

  it.each([
    [{ $expr: 'a' }, 'a'],
    [{ $expr: 'a', b: 1 }, undefined],
    [{ $expr: 1 }, undefined],
    ['a', undefined],
    [undefined, undefined],
  ])('expression of %o', (value, expression) => expect(expressionOf(value)).toBe(expression));
});

it('adds rows that are valid at once', () => {
  const columns = field('branch', 'cases')?.columns ?? [];
  expect(newRow(columns, [{ name: 'name2', when: 'true' }])).toEqual({ name: 'name3', when: 'true' });
});
