import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { hasErrors, parseFlow } from '../../src/engine/format/parse.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';
import { fc } from '../../src/engine/testing/fast-check.ts';
import { flow as randomFlow } from './random-flow.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const schema = read('schemas/flow.schema.json');
/** VS Code's own keywords mean nothing to ajv. */
const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);

const flowOf = (nodes: object, more: object = {}) => ({ version: 1, ...more, nodes });

describe('the JSON Schema of flows', () => {
  it.each(['release-notes', 'hello'])('accepts the example %s', (name) => {
    validate(read(`examples/${name}.flow.json`));
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each([...catalog.values()])('accepts the example of $type', ({ type, example }) => {
    validate(flowOf({ node: { type, ...example } }));
    expect(validate.errors ?? []).toEqual([]);
  });

  it('accepts whatever the parser accepts', async () => {
    await fc.assert(
      fc.property(randomFlow, (data) => {
        expect(hasErrors(parseFlow(JSON.stringify(data), catalog).problems)).toBe(false);
        validate(data);
        expect(validate.errors ?? []).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, object]>([
    ['no version', { nodes: {} }],
    ['an unknown type', flowOf({ a: { type: 'promt' } })],
    ['an id that is no id', flowOf({ 'a b': { type: 'template', with: { template: '' } } })],
    ['a reserved id', flowOf({ size: { type: 'template', with: { template: '' } } })],
    ['a missing parameter', flowOf({ a: { type: 'approval', with: {} } })],
    ['no parameters where some are needed', flowOf({ a: { type: 'approval' } })],
    ['an unknown parameter', flowOf({ a: { type: 'prompt', with: { prompt: 'x', promt: 'y' } } })],
    ['an outlet that is none', flowOf({ a: { type: 'template', after: { b: 'Success!' }, with: { template: '' } } })],
    ['a time-out that is none', flowOf({ a: { type: 'template', timeout: 'soon', with: { template: '' } } })],
    ['a problem in a body', flowOf({ a: { type: 'each', with: { items: [], nodes: { b: { type: 'promt' } } } } })],
    ['a place that is none', flowOf({}, { layout: { a: [1] } })],
    ['an input that is no schema', flowOf({}, { inputs: { a: { type: 'strin' } } })],
  ])('refuses %s', (_name, data) => expect(validate(data)).toBe(false));

  it('offers only types that can be run', () => {
    const words = new Set<string>();
    JSON.stringify(schema, (key, value) => {
      if (key === 'enum' && Array.isArray(value)) for (const word of value) words.add(word);
      if (key === 'const') words.add(value);
      return value;
    });
    for (const { type, built } of catalog.values()) expect(words.has(type), type).toBe(built !== false);
  });

  it('says nothing of a node by itself: that would stand below what Belay tells of it', () => {
    expect(schema.definitions.node).not.toHaveProperty('title');
    expect(schema.definitions.node).not.toHaveProperty('description');
  });

  it('describes every key of a node for hovers', () => {
    const properties: Record<string, { description?: string; markdownDescription?: string }> = schema.definitions.node.properties;
    for (const [key, property] of Object.entries(properties))
      expect(property.markdownDescription ?? property.description, key).toBeTruthy();
  });
});

describe('snippets', () => {
  const snippets: Record<string, { prefix: string; include: string[]; body: string[] }> = read('snippets/belay.code-snippets');
  /** What the editor inserts when every tab stop is left as it is. */
  const inserted = (body: readonly string[]) =>
    body
      .join('\n')
      .replace(/\$\{\d+:((?:\\.|[^}\\])*)\}/g, '$1')
      .replace(/\\([\\$}])/g, '$1');

  it.each(Object.entries(snippets))('%s inserts a sound flow or node', (name, { body }) => {
    const text = inserted(body);
    const document = name === 'Belay: flow' ? text : `{ "version": 1, "nodes": { ${text} } }`;
    expect(parseFlow(document, catalog).problems).toEqual([]);
    expect(text).not.toMatch(/\$\{/);
  });

  it('are offered in flows, and in no other JSON file', () => {
    for (const { include } of Object.values(snippets)) expect(include).toEqual(['*.flow.json']);
  });

  it('there is one for each type that can be run', () => {
    const built = [...catalog.values()].filter((manifest) => manifest.built).map(({ type }) => `belay ${type}`);
    expect(Object.values(snippets).map(({ prefix }) => prefix)).toEqual(['belay flow', ...built]);
  });
});
