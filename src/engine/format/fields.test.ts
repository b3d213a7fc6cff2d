import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { catalog } from '../nodes/catalog.ts';
import { expressionFields, expressionIn, nodeFields, outputFields, templateFiles } from './fields.ts';
import type { Json, JsonObject } from './json.ts';
import { defineManifest, field, type NodeManifest, SUCCESS } from './manifest.ts';

/** `path kind: text` of each field. */
function summary(manifest: NodeManifest, params: JsonObject): string[] {
  return expressionFields(manifest, params).map(({ path, kind, text, boolean, secrets }) => {
    return `${path.join('.')} ${kind}${boolean ? '?' : ''}${secrets ? '!' : ''}: ${text}`;
  });
}

function of(type: string): NodeManifest {
  const manifest = catalog.get(type);
  if (!manifest) throw new Error(type);
  return manifest;
}

describe('fields of the node types', () => {
  test.each<[string, JsonObject, string[]]>([
    ['prompt', { prompt: 'p', system: 's', model: 'm', temperature: 1 }, ['prompt template: p', 'system template: s']],
    ['prompt', { file: 'a.prompt.md' }, []],
    [
      'command',
      { run: ['a', 'b'], env: { K: 'v' }, stdin: 'i', cwd: 'c', allowedExitCodes: [1] },
      ['run.0 template: a', 'run.1 template: b', 'env.K template!: v', 'stdin template: i'],
    ],
    ['command', { shell: '{{ x }}' }, []],
    [
      'branch',
      {
        cases: [
          { name: 'a', when: 'x' },
          { name: 'b', when: 'y' },
        ],
      },
      ['cases.0.when condition?: x', 'cases.1.when condition?: y'],
    ],
    [
      'validate',
      {
        value: { a: [{ $expr: 'x' }], $b: { $expr: 'y' } },
        contains: ['c'],
        rules: [{ assert: 'z', message: 'm' }],
        schema: { $expr: 's' },
      },
      ['value.a.0.$expr condition: x', 'value.$b.$expr condition: y', 'contains.0 template: c', 'rules.0.assert condition?: z'],
    ],
    ['validate', { value: { $expr: 'x' } }, ['value.$expr condition: x']],
    ['approval', { message: 'm', show: { $expr: 'x' } }, ['message template: m', 'show.$expr condition: x']],
    ['file', { action: 'write', path: 'p', content: 'c' }, ['path template: p', 'content template: c']],
    // Half-written parameters are no reason to fail.
    ['command', { run: 'a', env: ['b'], unknown: '{{ c }}' }, ['run template: a']],
    ['branch', { cases: [null, 1, { when: 2 }] }, []],
    ['validate', { value: [[[{ $expr: 1 }]]] }, []],
  ])('%s %j', (type, params, expected) => {
    expect(summary(of(type), params)).toEqual(expected);
  });

  test('alternatives, tuples and references that lead in circles', () => {
    const text = field(z.string(), { title: 't', description: 'd' }, { kind: 'template' });
    interface Tree {
      label: string;
      children?: Tree[] | undefined;
    }
    const tree: z.ZodType<Tree> = z.lazy(() => z.strictObject({ label: text, children: z.array(tree).optional() }));
    const params = z.strictObject({ either: z.union([z.number(), text]), pair: z.tuple([z.string(), text]), tree });
    const manifest = defineManifest({
      type: 'x',
      title: 'x',
      description: 'x',
      icon: 'x',
      category: 'Data',
      params: () => params,
      built: true,
      outlets: () => [SUCCESS],
      effect: () => 'none',
      lowestEffect: () => 'none',
      resultTrust: 'derived',
      summary: () => '',
      output: () => true,
      initial: {},
      example: { title: 'x', with: {} },
    });
    const found = summary(manifest, { either: 'a', pair: ['no', 'b'], tree: { label: 'c', children: [{ label: 'd' }] } });
    expect(found).toEqual(['either template: a', 'pair.1 template: b', 'tree.label template: c', 'tree.children.0.label template: d']);
  });
});

test('the engine has fields of its own', () => {
  const node = { type: 'template', gate: { message: 'g' }, with: { template: 't' } };
  expect(nodeFields(of('template'), node).map(({ path, text }) => [path.join('.'), text])).toEqual([
    ['with.template', 't'],
    ['gate.message', 'g'],
  ]);
  expect(nodeFields(undefined, { ...node, gate: true })).toEqual([]);
  expect(outputFields({ outputs: { a: { value: { b: { $expr: 'x' } } } } })).toMatchObject([
    { path: ['outputs', 'a', 'value', 'b', '$expr'], text: 'x' },
  ]);
});

test.each<[Json, string | undefined]>([
  [{ $expr: 'a' }, 'a'],
  [{ $expr: 'a', b: 1 }, undefined],
  [{ $expr: 1 }, undefined],
  ['$expr', undefined],
  [[{ $expr: 'a' }], undefined],
])('%j computes %j', (value, expected) => {
  expect(expressionIn(value)).toBe(expected);
});

test('template files are literal fields with a file', () => {
  expect(templateFiles(of('prompt'), { file: 'a.prompt.md', prompt: 'x' })).toEqual([{ path: ['file'], file: 'a.prompt.md' }]);
  expect(templateFiles(of('file'), { action: 'read', path: 'a' })).toEqual([]);
});
