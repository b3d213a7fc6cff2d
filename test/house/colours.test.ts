/** Every field that holds an expression is coloured as one in the text of a flow. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../scripts/lib/paths.mjs';
import { isJsonObject, type Json } from '../../src/engine/format/json.ts';
import { HINT } from '../../src/engine/format/manifest.ts';
import { paramsSchema } from '../../src/engine/format/parse-words.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';

const grammar = JSON.parse(readFileSync(join(root, 'syntaxes', 'flow.injection.tmLanguage.json'), 'utf8'));
const begin = new RegExp(`^${grammar.repository.computed.begin}`);

/** The keys of a schema whose values are conditions. */
function conditions(schema: Json | undefined, key = ''): string[] {
  if (Array.isArray(schema)) return schema.flatMap((part) => conditions(part, key));
  if (schema === undefined || !isJsonObject(schema)) return [];
  const hint = schema[HINT];
  const own = hint !== undefined && isJsonObject(hint) && hint.kind === 'condition' ? [key] : [];
  const properties = isJsonObject(schema.properties ?? null) ? Object.entries(schema.properties as Record<string, Json>) : [];
  const others = ['items', 'anyOf', 'allOf', 'oneOf'].flatMap((part) => conditions(schema[part], key));
  return [...own, ...others, ...properties.flatMap(([name, part]) => conditions(part, name))];
}

const keys = [...new Set([...catalog.values()].filter(({ built }) => built).flatMap((manifest) => conditions(paramsSchema(manifest))))];

it.each(['$expr', ...keys])('%s', (key) => expect(`"${key}": "steps.a.output > 1"`).toMatch(begin));

it.each(['"until": "2026-01-01T00:00:00Z"', '"until": "{{ inputs.moment }}"', '"title": "when"'])('not %s', (text) =>
  expect(text).not.toMatch(begin),
);
