import { describe, expect, test } from 'vitest';
import { planEdits } from '../../engine/format/edits.ts';
import type { FlowEdit } from '../../engine/format/flow-edit.ts';
import type { Json, JsonObject } from '../../engine/format/json.ts';
import { parseFlow } from '../../engine/format/parse.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import {
  addRow,
  nameProblem,
  type RowType,
  readChoices,
  removeRow,
  renameRow,
  requireRow,
  retype,
  retypeItems,
  rowsOf,
  type SchemaChange,
  type SchemaRow,
  writeChoices,
} from './schema-model.ts';

const object = (properties: JsonObject, ...required: string[]): JsonObject => ({
  type: 'object',
  properties,
  ...(required.length > 0 ? { required } : {}),
});
const text: Json = { type: 'string', description: 'A name', pattern: '^a', 'x-mine': 1 };

/** The schema after the changes, as the document has it: through the same edits that the form sends. */
function changed(schema: Json | undefined, changes: SchemaChange[]): Json | undefined {
  const before = JSON.stringify(
    { version: 1, nodes: { a: { type: 'prompt', ...(schema === undefined ? {} : { output: schema }), with: { prompt: 'x' } } } },
    null,
    2,
  );
  const edits = changes.map(
    (change): FlowEdit =>
      'rename' in change
        ? { kind: 'renameKey', path: ['nodes', 'a', 'output', ...change.path], to: change.rename }
        : { kind: 'setParam', node: 'a', path: ['output', ...change.path], ...(change.value === undefined ? {} : { value: change.value }) },
  );
  const plan = planEdits(before, edits, { catalog });
  if (!plan.ok) throw new Error(plan.problem.message);
  return parseFlow(plan.text, catalog).flow?.nodes.a?.output as Json | undefined;
}
const rowAt = (schema: Json, ...names: string[]): SchemaRow => {
  let rows = rowsOf(schema) ?? [];
  let found: SchemaRow | undefined;
  for (const name of names) {
    found = rows.find((row) => row.name === name);
    rows = found?.rows ?? [];
  }
  if (!found) throw new Error(`no row ${names.join('.')}`);
  return found;
};

describe('what rows show', () => {
  test.each<[string, Json, RowType]>([
    ['a text', text, 'string'],
    ['anything', {}, 'any'],
    ['true', true, 'any'],
    ['a list', { type: 'array', items: text }, 'array'],
    ['several types', { type: ['string', 'null'] }, 'other'],
    ['a reference', { $ref: '#/$defs/x' }, 'other'],
    ['alternatives', { anyOf: [text, { type: 'null' }] }, 'other'],
    ['never', false, 'other'],
  ])('%s', (_what, schema, type) => expect(rowsOf(object({ a: schema }))?.[0]?.type).toBe(type));

  test('nested properties, of objects and of lists of objects', () => {
    const schema = object({ one: object({ deep: text }, 'deep'), many: { type: 'array', items: object({ each: text }) } }, 'one');
    expect(rowAt(schema, 'one', 'deep')).toMatchObject({
      path: ['properties', 'one', 'properties', 'deep'],
      required: true,
      description: 'A name',
    });
    expect(rowAt(schema, 'many', 'each')).toMatchObject({ path: ['properties', 'many', 'items', 'properties', 'each'], required: false });
  });

  test.each<[string, Json | undefined, number | undefined]>([
    ['no schema', undefined, 0],
    ['an empty one', {}, 0],
    ['properties without a type', { properties: { a: text } }, 1],
    ['a text', text, undefined],
    ['anything', true, undefined],
    ['alternatives', { type: 'object', anyOf: [object({})] }, undefined],
  ])('of %s', (_what, schema, rows) => expect(rowsOf(schema)?.length).toBe(rows));
});

describe('what rows change', () => {
  const whole = object({ a: text, b: object({ c: text }, 'c') }, 'a');
  test.each<[string, Json | undefined, (schema: Json) => SchemaChange[], Json | undefined]>([
    [
      'the first field makes the schema',
      undefined,
      () => addRow(undefined, [], 'title'),
      { type: 'object', properties: { title: { type: 'string' } }, required: ['title'], additionalProperties: false },
    ],
    [
      'another field is required',
      whole,
      () => addRow(whole, [], 'n'),
      { ...object({ a: text, b: object({ c: text }, 'c'), n: { type: 'string' } }, 'a', 'n') },
    ],
    [
      'a field of a field',
      whole,
      () => addRow(whole, ['properties', 'b'], 'd'),
      object({ a: text, b: object({ c: text, d: { type: 'string' } }, 'c', 'd') }, 'a'),
    ],
    [
      'removed, and no longer required',
      whole,
      () => removeRow(whole, rowAt(whole, 'a')),
      { type: 'object', properties: { b: object({ c: text }, 'c') } },
    ],
    [
      'renamed where it stands, and still required',
      whole,
      () => renameRow(whole, rowAt(whole, 'a'), 'z'),
      object({ z: text, b: object({ c: text }, 'c') }, 'z'),
    ],
    [
      'renamed, not required',
      object({ a: text }),
      () => renameRow(object({ a: text }), rowAt(object({ a: text }), 'a'), 'z'),
      object({ z: text }),
    ],
    ['may be left out', whole, () => requireRow(whole, rowAt(whole, 'b', 'c'), false), object({ a: text, b: object({ c: text }) }, 'a')],
    [
      'another type keeps what else is said',
      whole,
      () => retype(rowAt(whole, 'a'), 'integer'),
      object({ a: { ...(text as JsonObject), type: 'integer' }, b: object({ c: text }, 'c') }, 'a'),
    ],
    [
      'a list is one of texts',
      object({ a: {} }),
      () => retype(rowAt(object({ a: {} }), 'a'), 'array'),
      object({ a: { type: 'array', items: { type: 'string' } } }),
    ],
    [
      'choices that do not fit go with the type',
      object({ a: { type: 'string', enum: ['x'] } }),
      () => retype(rowAt(object({ a: { type: 'string', enum: ['x'] } }), 'a'), 'number'),
      object({ a: { type: 'number' } }),
    ],
    [
      'a list of objects',
      object({ a: { type: 'array', items: text } }),
      () => retypeItems(rowAt(object({ a: { type: 'array', items: text } }), 'a'), 'object'),
      object({ a: { type: 'array', items: { type: 'object', properties: {} } } }),
    ],
  ])('%s', (_what, schema, change, after) => expect(changed(schema, change(schema as Json))).toEqual(after));

  test('names', () => {
    expect(nameProblem(whole, [], 'a')).toContain('there already');
    expect(nameProblem(whole, ['properties', 'b'], 'a')).toBe('');
    expect(nameProblem(undefined, [], '2x')).toContain('letters');
  });
});

describe('choices', () => {
  test.each<[Json[] | undefined, string]>([
    [undefined, ''],
    [['a', 'b c'], 'a, b c'],
    [['a,b'], '["a,b"]'],
    [[1, 2], '[1,2]'],
    [['1'], '["1"]'],
    [[null, 'a'], '[null,"a"]'],
  ])('%j is written %s', (choices, written) => {
    expect(writeChoices(choices)).toBe(written);
    expect(readChoices(written, 'string')).toEqual({ ok: true, choices });
  });

  test.each<[string, RowType, unknown]>([
    ['1, 2', 'integer', { ok: true, choices: [1, 2] }],
    ['1, x', 'integer', { ok: false, problem: 'Expected numbers.' }],
    ['a, a, ', 'string', { ok: true, choices: ['a'] }],
    ['[', 'string', { ok: false, problem: 'This is no JSON list yet.' }],
  ])('%s of %s', (typed, type, read) => expect(readChoices(typed, type)).toEqual(read));
});
