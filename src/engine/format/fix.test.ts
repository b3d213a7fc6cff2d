import { describe, expect, test } from 'vitest';
import { catalog } from '../nodes/catalog.ts';
import { applyTextEdits } from './edits.ts';
import { differenceOf, fixAll } from './fix.ts';
import type { Json, JsonObject } from './json.ts';
import { lintFlow } from './lint.ts';
import { parseFlow } from './parse.ts';
import type { Problem } from './problem.ts';
import { scanReferences } from './references.ts';

const CHILD = JSON.stringify({ version: 1, inputs: { name: { type: 'string' } }, nodes: {} });

function check(text: string): Problem[] {
  const parsed = parseFlow(text, catalog);
  return [...parsed.problems, ...lintFlow(parsed, catalog, { readPrompt: (path) => (path === 'child.flow.json' ? CHILD : undefined) })];
}

const fix = (text: string) => fixAll(text, check, { catalog, scan: scanReferences });
const t = (template: string, more: JsonObject = {}): JsonObject => ({ type: 'template', with: { template }, ...more });
const x = (value: Json, more: JsonObject = {}): JsonObject => ({ type: 'transform', with: { value }, ...more });
const asks: JsonObject = { type: 'prompt', with: { prompt: 'x' } };
const behind = (source: string, outlet: Json = 'success'): JsonObject => ({ after: { [source]: outlet } });
const may: JsonObject = { s: { type: 'branch', with: { cases: [{ name: 'x', when: 'inputs.n > 1' }] } }, a: t('x', behind('s', 'case:x')) };

/** Code, the lines before and those after: only they differ. */
describe('each fix mends its problem, and touches nothing else', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['FLOW_VERSION_MISSING', { version: null, nodes: {} }, { nodes: {}, version: 1 }],
    ['KEY_UNKNOWN', { titel: 'x', nodes: {} }, { title: 'x', nodes: {} }],
    ['NODE_TYPE_UNKNOWN', { nodes: { a: { ...asks, type: 'promt' } } }, { nodes: { a: asks } }],
    ['EDGE_SOURCE_UNKNOWN', { nodes: { draft: asks, b: t('x', behind('drafd')) } }, { nodes: { draft: asks, b: t('x', behind('draft')) } }],
    ['EDGE_OUTLET_UNKNOWN', { nodes: { a: asks, b: t('x', behind('a', 'sucess')) } }, { nodes: { a: asks, b: t('x', behind('a')) } }],
    ['EDGE_SELF', { nodes: { b: t('x', behind('b')) } }, { nodes: { b: t('x', { after: {} }) } }],
    [
      'EDGE_DUPLICATE',
      { nodes: { a: asks, b: t('x', behind('a', ['success', 'success'])) } },
      { nodes: { a: asks, b: t('x', behind('a', ['success'])) } },
    ],
    [
      'SCHEMA_INVALID',
      { nodes: { a: x(1, { output: { type: ['integr', 'null'] } }) } },
      { nodes: { a: x(1, { output: { type: ['integer', 'null'] } }) } },
    ],
    [
      'JOIN_IMPOSSIBLE',
      { nodes: { a: asks, b: t('x', { join: { atLeast: 2 }, ...behind('a') }) } },
      { nodes: { a: asks, b: t('x', { join: { atLeast: 1 }, ...behind('a') }) } },
    ],
    [
      'JOIN_NEVER',
      { nodes: { a: asks, b: t('x', { join: { atLeast: 2 }, ...behind('a', ['success', 'failure']) }) } },
      { nodes: { a: asks, b: t('x', { join: { atLeast: 1 }, ...behind('a', ['success', 'failure']) }) } },
    ],
    ['LAYOUT_NODE_UNKNOWN', { nodes: { a: asks }, layout: { a: [0, 0], b: [1, 1] } }, { nodes: { a: asks }, layout: { a: [0, 0] } }],
    [
      'LOOP_UNBOUNDED',
      { nodes: { it: { type: 'loop', with: { until: 'index > 1', nodes: {} } } } },
      { nodes: { it: { type: 'loop', with: { until: 'index > 1', nodes: {}, maxIterations: 10 } } } },
    ],
    [
      'INPUT_UNKNOWN',
      { inputs: { topic: {} }, nodes: { a: t('é\n{{ inputs.topik }}') } },
      { inputs: { topic: {} }, nodes: { a: t('é\n{{ inputs.topic }}') } },
    ],
    [
      'STEP_UNKNOWN',
      { nodes: { draft: asks, b: t('{{ steps.drafd.output.text }}', behind('draft')) } },
      { nodes: { draft: asks, b: t('{{ steps.draft.output.text }}', behind('draft')) } },
    ],
    [
      'STEP_PART_UNKNOWN',
      { nodes: { a: asks, b: t('{{ steps.a.text }}', behind('a')) } },
      { nodes: { a: asks, b: t('{{ steps.a.output.text }}', behind('a')) } },
    ],
    [
      'STEP_FIELD_UNKNOWN',
      { nodes: { a: asks, b: t('{{ steps.a.output.txt }}', behind('a')) } },
      { nodes: { a: asks, b: t('{{ steps.a.output.text }}', behind('a')) } },
    ],
    [
      'STEP_FIELD_UNKNOWN',
      { nodes: { a: asks, b: x({ $expr: 'steps["a"].output["txt"]' }, behind('a')) } },
      { nodes: { a: asks, b: x({ $expr: 'steps["a"].output["text"]' }, behind('a')) } },
    ],
    ['FIELD_UNKNOWN', { nodes: { b: t('{{ run.titel }}') } }, { nodes: { b: t('{{ run.title }}') } }],
    [
      'REFERENCE_ROOT_UNKNOWN',
      { inputs: { topic: {} }, nodes: { b: t('{{ input.topic }}') } },
      { inputs: { topic: {} }, nodes: { b: t('{{ inputs.topic }}') } },
    ],
    [
      'REFERENCE_ROOT_UNKNOWN',
      { nodes: { draft: asks, b: t('{{ draft.output.text }}', behind('draft')) } },
      { nodes: { draft: asks, b: t('{{ steps.draft.output.text }}', behind('draft')) } },
    ],
    [
      'REFERENCE_ROOT_UNKNOWN',
      { nodes: { draft: asks, b: t('{{ draft.text }}', behind('draft')) } },
      { nodes: { draft: asks, b: t('{{ steps.draft.output.text }}', behind('draft')) } },
    ],
    [
      'STEP_MAY_BE_SKIPPED',
      { inputs: { n: {} }, nodes: { ...may, b: t('{{ steps.a.output.text | upcase }}', behind('a', ['success', 'failure'])) } },
      {
        inputs: { n: {} },
        nodes: { ...may, b: t('{{ steps.a.output.text | upcase | default: "" }}', behind('a', ['success', 'failure'])) },
      },
    ],
    [
      'STEP_MAY_BE_SKIPPED',
      { inputs: { n: {} }, nodes: { ...may, b: t('{{ steps.a.output.text }}', { after: { a: 'success', s: 'else' } }) } },
      { inputs: { n: {} }, nodes: { ...may, b: t('{{ steps.a.output.text | default: "" }}', { after: { a: 'success', s: 'else' } }) } },
    ],
    [
      'STEP_MAY_BE_SKIPPED',
      { inputs: { n: {} }, nodes: { ...may, b: x({ $expr: 'size(steps.a.output.text)' }, { after: { a: 'success', s: 'else' } }) } },
      {
        inputs: { n: {} },
        nodes: { ...may, b: x({ $expr: 'size(first(steps.a.output.text, ""))' }, { after: { a: 'success', s: 'else' } }) },
      },
    ],
    [
      'STEP_MAY_SUCCEED',
      { nodes: { a: asks, b: t('{{ steps.a.error.code }}', behind('a', ['success', 'failure'])) } },
      { nodes: { a: asks, b: t('{{ steps.a.error.code | default: "" }}', behind('a', ['success', 'failure'])) } },
    ],
    [
      'STEP_MAY_SUCCEED',
      { nodes: { a: asks, b: x({ $expr: 'size(steps.a.error.message)' }, behind('a', ['success', 'failure'])) } },
      { nodes: { a: asks, b: x({ $expr: 'size(first(steps.a.error.message, ""))' }, behind('a', ['success', 'failure'])) } },
    ],
    [
      'CONDITION_SYNTAX',
      { inputs: { n: {} }, nodes: { b: x({ $expr: '{{ inputs.n }}' }) } },
      { inputs: { n: {} }, nodes: { b: x({ $expr: 'inputs.n' }) } },
    ],
    [
      'LITERAL_TEMPLATE',
      { inputs: { n: {} }, nodes: { b: x('{{ inputs.n }}') } },
      { inputs: { n: {} }, nodes: { b: x({ $expr: 'inputs.n' }) } },
    ],
    ['EFFECT_TOO_LOW', { nodes: { a: { ...asks, effect: 'none' } } }, { nodes: { a: asks } }],
    [
      'RETRY_IRREVERSIBLE',
      { nodes: { a: { type: 'command', retry: { attempts: 2 }, with: { run: ['x'] } } } },
      { nodes: { a: { type: 'command', with: { run: ['x'] } } } },
    ],
    [
      'IRREVERSIBLE_UNGATED',
      { nodes: { a: asks, b: { type: 'command', ...behind('a'), with: { run: ['x', '{{ steps.a.output.text }}'] } } } },
      { nodes: { a: asks, b: { type: 'command', ...behind('a'), gate: true, with: { run: ['x', '{{ steps.a.output.text }}'] } } } },
    ],
    [
      'FLOW_INPUT_UNKNOWN',
      { nodes: { a: { type: 'flow', with: { flow: 'child.flow.json', inputs: { nmae: 'x' } } } } },
      { nodes: { a: { type: 'flow', with: { flow: 'child.flow.json', inputs: { name: 'x' } } } } },
    ],
    [
      'FLOW_INPUT_MISSING',
      { inputs: { name: { type: 'string' } }, nodes: { a: { type: 'flow', with: { flow: 'child.flow.json' } } } },
      {
        inputs: { name: { type: 'string' } },
        nodes: { a: { type: 'flow', with: { flow: 'child.flow.json', inputs: { name: { $expr: 'inputs.name' } } } } },
      },
    ],
  ])('%s', (code, before, after) => {
    const { version, ...rest } = before;
    const text = JSON.stringify(version === null ? rest : { version: 1, ...before }, null, 2);
    const problem = check(text).find((it) => it.code === code);
    expect(problem?.fix?.title).toMatch(/^[A-Z]/);
    const fixed = fix(text);
    expect(JSON.parse(fixed.text)).toEqual(version === null ? after : { version: 1, ...after });
    expect(fixed.problems.map((it) => it.code)).not.toContain(code);
    expect(fixed.mended.map((it) => it.code)).toContain(code);
  });
});

test('many at once, and those that come to light by it', () => {
  const text = `{
  "version": 1,
  "titel":   "kept   as it is",
  "nodes": {
    "draft": { "type": "promt", "with": { "prompt": "a" } },
    "b": { "type": "template", "after": { "drafd": "sucess" }, "with": { "template": "\\u00e9 {{ steps.draft.output.txt }} {{ steps.drafd.output.text }}" } }
  },
  "outputs": { "x": { "value": { "$expr": "steps.b.output.txt" } } }
}`;
  const fixed = fix(text);
  expect(fixed.problems).toEqual([]);
  expect(fixed.text).toBe(
    text
      .replace('titel', 'title')
      .replace('promt', 'prompt')
      .replace('"drafd"', '"draft"')
      .replace('sucess', 'success')
      .replace('output.txt }} {{ steps.drafd', 'output.text }} {{ steps.draft')
      .replace('b.output.txt', 'b.output.text'),
  );
});

test('what cannot be mended stays as it is', () => {
  for (const text of ['', '{', '{"version": 1}', '{"version": 1, "nodes": {"a": {"type": "zzz"}}}']) expect(fix(text).text).toBe(text);
});

test.each([
  ['abc', 'abc'],
  ['abc', 'axc'],
  ['aa', 'aaa'],
  ['', 'x'],
  ['aba', ''],
])('the difference of %j and %j', (before, after) => {
  const edits = differenceOf(before, after);
  expect(applyTextEdits(before, edits)).toBe(after);
  expect(edits).toHaveLength(before === after ? 0 : 1);
});

test('what cannot be mended all at once is tried in parts, and not for ever', () => {
  let checks = 0;
  const nodes = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`n${i}`, t('{{ inputs.topik }}')]));
  const text = JSON.stringify({ version: 1, inputs: { topic: {} }, nodes }, null, 2);
  // As if nothing made it better.
  const never = check(text);
  const fixed = fixAll(
    text,
    () => {
      checks += 1;
      return never;
    },
    { catalog, scan: scanReferences },
  );
  expect([fixed.text, fixed.mended]).toEqual([text, []]);
  expect(checks).toBeLessThan(190);
}, 30_000);
