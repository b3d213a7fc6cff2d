import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { JsonObject } from '../format/json.ts';
import { outletsOf } from '../format/manifest.ts';
import { OUTLET } from '../format/model.ts';
import { catalog } from './catalog.ts';

const EFFECTS = ['none', 'read', 'write', 'irreversible'];

describe.each([...catalog.values()])('manifest of $type', (manifest) => {
  it.each([
    ['initial', manifest.initial],
    ['example', manifest.example.with],
  ])('%s is valid against its own params', (_name, params) => {
    expect(manifest.params.safeParse(params)).toMatchObject({ success: true });
  });

  it.each<[string, JsonObject]>([
    ['nothing', {}],
    ['wrong kinds everywhere', { cases: [null, 1, { name: 7 }], run: 'x', prompt: [], value: null, outputs: [], tools: 3, action: {} }],
    ['initial', manifest.initial],
  ])('answers while the author is typing: %s', (_name, params) => {
    expect(typeof manifest.summary(params)).toBe('string');
    expect(manifest.summary(params)).not.toContain('\n');
    const names = outletsOf(manifest, params).map((outlet) => outlet.name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(OUTLET);
    expect(names.at(-1)).toBe('failure');
    expect(EFFECTS.indexOf(manifest.lowestEffect(params))).toBeLessThanOrEqual(EFFECTS.indexOf(manifest.effect(params)));
    expect(manifest.output(params)).toBeTypeOf('object');
  });

  it('describes each of its fields for forms and docs', () => {
    const schema = z.toJSONSchema(manifest.params, { io: 'input' }) as { properties: Record<string, JsonObject> };
    for (const [name, property] of Object.entries(schema.properties)) {
      expect(property, name).toMatchObject({
        title: expect.any(String),
        description: expect.any(String),
        'x-belay': { kind: expect.any(String) },
      });
    }
  });
});

describe('params', () => {
  it.each<[string, JsonObject, boolean]>([
    ['prompt', { prompt: 'a', file: 'b.prompt.md' }, false],
    ['prompt', {}, false],
    ['prompt', { file: 'b.prompt.md', temperature: 0.5 }, true],
    ['template', {}, false],
    ['command', { run: ['a'], shell: 'a' }, false],
    ['command', { shell: 'a\nb' }, false],
    ['command', { run: [] }, false],
    ['command', { run: ['a'], env: { 'A-B': '1' } }, false],
    ['command', { shell: 'ls | wc', allowedExitCodes: [0, 3] }, true],
    ['branch', { cases: [] }, false],
    [
      'branch',
      {
        cases: [
          { name: 'a', when: 'true' },
          { name: 'a', when: 'false' },
        ],
      },
      false,
    ],
    ['branch', { cases: [{ name: 'a:b', when: 'true' }] }, false],
    ['validate', { value: 1 }, false],
    ['validate', { value: null, schema: true }, true],
    ['approval', {}, false],
    ['file', { action: 'write', path: 'a' }, false],
    ['file', { action: 'read', path: 'a', content: 'b' }, false],
    ['file', { action: 'append', path: 'a', content: '' }, true],
  ])('%s %j: %s', (type, params, valid) => {
    expect(catalog.get(type)?.params.safeParse(params).success).toBe(valid);
  });

  it('names a branch outlet for each case, in order', () => {
    const cases = [
      { name: 'bug', when: 'true' },
      { name: 'to do', when: 'true' },
    ];
    expect(
      catalog
        .get('branch')
        ?.outlets({ cases })
        .map((outlet) => outlet.name),
    ).toEqual(['case:bug', 'case:to do', 'else']);
  });
});
