import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import type { Json, JsonSchema } from '../format/json.ts';
import { schemaFaults } from '../format/schema-faults.ts';
import { checkSchema } from './json-schema.ts';

it.each<[schema: JsonSchema, value: Json, problems: object[]]>([
  [true, null, []],
  [false, 1, [{ message: 'the value boolean schema is false' }]],
  [{ type: 'string', format: 'email' }, 'ada@example.org', []],
  [{ type: 'string', format: 'email' }, 'ada', [{ message: 'the value must match format "email"' }]],
  [{ required: ['a'] }, {}, [{ message: "the value must have required property 'a'" }]],
  [{ properties: { a: { enum: [1, 'x'] } } }, { a: 2 }, [{ message: '/a must be one of [1,"x"]', path: '/a' }]],
  [{ properties: { a: { const: 1 } } }, { a: 2 }, [{ message: '/a must be 1', path: '/a' }]],
  [{ additionalProperties: false }, { 'a/b': 1 }, [{ message: 'the value has the unknown property "a/b"' }]],
  [{ items: { type: 'number' } }, [1, 'x'], [{ message: '/1 must be number', path: '/1' }]],
  [{ if: false, else: { minLength: 2 } }, 'x', [{ message: 'the value must NOT have fewer than 2 characters' }]],
  [{ prefixItems: [{ type: 'string' }], items: false }, ['a'], []],
])('%j for %j: %j', async (schema, value, problems) => {
  expect(await checkSchema(schema, value, 'The schema')).toEqual(problems);
});

it('tells at most twenty problems', async () => {
  expect(
    await checkSchema(
      { items: { type: 'number' } },
      Array.from({ length: 100 }, () => 'x'),
      'The schema',
    ),
  ).toHaveLength(20);
});

it('works in a bundle too, where packages load in another way', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'belay-bundle-'));
  try {
    const entryPoints = [join(import.meta.dirname, 'json-schema.ts')];
    await build({
      entryPoints,
      bundle: true,
      platform: 'node',
      format: 'esm',
      splitting: true,
      outdir: folder,
      outExtension: { '.js': '.mjs' },
    });
    const bundled = (await import(/* @vite-ignore */ pathToFileURL(join(folder, 'json-schema.mjs')).href)) as {
      checkSchema: typeof checkSchema;
    };
    expect(await bundled.checkSchema({ type: 'string', format: 'email' }, 'ada', 'The schema')).toHaveLength(1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

describe('what is said of a schema before a run is true', () => {
  it.each<[schema: JsonSchema, faults: string[]]>([
    [{ type: 'strng' }, ['type']],
    [{ type: ['string', 'nul'] }, ['type.1']],
    [{ type: [] }, ['type']],
    [{ type: ['string', 'string'] }, ['type']],
    [{ properties: { a: { minimum: '3' }, b: 5 } as never }, ['properties.a.minimum', 'properties.b']],
    [{ multipleOf: 0 }, ['multipleOf']],
    [{ items: { minLength: -1 } }, ['items.minLength']],
    [{ required: 'a' }, ['required']],
    [{ required: ['a', 'a'] }, ['required']],
    [{ allOf: [] }, ['allOf']],
    [{ anyOf: [{ type: 'text' }] }, ['anyOf.0.type']],
    [{ enum: 'a' }, ['enum']],
    [{ pattern: '(' }, ['pattern']],
    [{ patternProperties: { '[': {} } }, ['patternProperties']],
    [{ $ref: '#/$defs/item' }, ['$ref']],
    [{ uniqueItems: 'yes' }, ['uniqueItems']],
    [{ properties: [] }, ['properties']],
  ])('%j cannot be used', async (schema, faults) => {
    expect(schemaFaults(schema).map(({ path }) => path.join('.'))).toEqual(faults);
    await expect(checkSchema(schema, 1, 'The schema')).rejects.toMatchObject({ code: 'SCHEMA_INVALID' });
  });

  it.each<[schema: JsonSchema]>([
    [true],
    [{}],
    [{ $defs: { 'a/b': { type: 'integer' } }, items: { $ref: '#/$defs/a~1b' }, properties: { self: { $ref: '#' } } }],
    [{ type: ['string', 'null'], enum: ['a', null], default: { type: 'strng' }, examples: [{ minimum: 'x' }], 'x-own': { type: 5 } }],
    [{ properties: { type: { type: 'string' }, required: { const: { type: 'x' } }, pattern: {} }, required: [] }],
    [{ if: { minimum: 1 }, else: { not: {} }, dependentRequired: { a: ['b'] }, propertyNames: { pattern: '^[a-z\\p{L}]+$' } }],
    [{ $id: 'https://example.org/a', $defs: { b: { $id: 'b', type: 'string' } }, $ref: 'b' }],
    [{ prefixItems: [{ type: 'string' }], items: false, maxItems: 1, contains: true, minContains: 0, format: 'email' }],
  ])('%j can be', async (schema) => {
    expect(schemaFaults(schema)).toEqual([]);
    expect(await checkSchema(schema, ['a'], 'The schema')).toBeInstanceOf(Array);
  });
});
