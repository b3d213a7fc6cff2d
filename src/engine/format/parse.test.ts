import { cpuUsage } from 'node:process';
import { describe, expect, it } from 'vitest';
import { catalog } from '../nodes/catalog.ts';
import { fc } from '../testing/fast-check.ts';
import { deeperThan, lineIndex } from './json-tree.ts';
import { hasErrors, parseFlow } from './parse.ts';
import { RESERVED_IDS } from './reserved.ts';
import { suggest } from './suggest.ts';

const flowOf = (nodes: object, more: object = {}) => JSON.stringify({ version: 1, ...more, nodes });
const parse = (text: string) => parseFlow(text, catalog);
const template = { type: 'template', with: { template: 'hi' } };

/** Every engine key, once, as the format has it. */
const EVERYTHING = flowOf(
  {
    a: { ...template, title: 'A', effect: 'none', disabled: false, continueOnFailure: true, output: { type: 'object' } },
    b: {
      ...template,
      gate: true,
      retry: { attempts: 3, backoff: 'constant', delay: '1s', maxDelay: '1m', jitter: false, on: ['timeout'] },
      timeout: '5m',
    },
    c: {
      ...template,
      after: { a: ['success', 'failure'], b: 'success' },
      join: { atLeast: 2 },
      gate: { message: 'Really?' },
      timeout: { attempt: '10s', total: '1m' },
    },
  },
  {
    $schema: 'x',
    title: 'T',
    description: 'D',
    model: 'fast',
    inputs: { topic: { type: 'string' }, any: true },
    outputs: { text: { value: { $expr: 'steps.a.output.text' }, schema: { type: 'string' } } },
    layout: { a: [0, -5] },
  },
);

/** A busy machine of two cores takes its time. */
const PATIENCE = { timeout: 60_000 };

describe('parseFlow', PATIENCE, () => {
  it('finds nothing wrong with the whole grammar, and gives it back', () => {
    const { flow, problems } = parse(EVERYTHING);
    expect(problems).toEqual([]);
    expect(flow).toEqual(JSON.parse(EVERYTHING));
  });

  it('keeps the order of the nodes', () => {
    expect(Object.keys(parse(flowOf({ z: template, a: template, m: template })).flow?.nodes ?? {})).toEqual(['z', 'a', 'm']);
  });

  it.each<[string, object, string[]]>([
    ['one bad key does not take the others along', { a: { ...template, title: 5, retry: { attempts: 2 } } }, ['VALUE_INVALID']],
    [
      'an unknown key in an engine object is a warning, and is not handed on',
      { a: { ...template, retry: { attempts: 2, attempt: 3 } } },
      ['KEY_UNKNOWN'],
    ],
  ])('%s', (_name, nodes, codes) => {
    const { flow, problems } = parse(flowOf(nodes));
    expect(problems.map(({ code }) => code)).toEqual(codes);
    expect(flow?.nodes.a).toEqual({ ...template, retry: { attempts: 2 } });
  });

  it('leaves parameters as they were written, right or wrong', () => {
    const { flow, problems } = parse(flowOf({ a: { type: 'prompt', with: { promt: 'x', temperature: 'hot' } } }));
    expect(flow?.nodes.a?.with).toEqual({ promt: 'x', temperature: 'hot' });
    expect(problems.map(({ code, hint }) => [code, hint.includes('Did you mean "prompt"?')])).toEqual(
      expect.arrayContaining([
        ['KEY_UNKNOWN', true],
        ['VALUE_INVALID', false],
      ]),
    );
  });

  it.each<[string, object, object, string, string, string | undefined]>([
    ['triggers', { a: template }, { triggers: { daily: { type: 'schedule' } } }, 'KEY_NOT_BUILT', 'warning', undefined],
    ['a budget of cost alone', { a: template }, { limits: { budget: { cost: 5 } } }, 'BUDGET_COST_ALONE', 'warning', undefined],
    ['unknown key of a node', { a: { ...template, titel: 'x' } }, {}, 'KEY_UNKNOWN', 'warning', 'a'],
    [
      'a node in a body',
      { a: { type: 'each', with: { items: [], nodes: { b: { type: 'promt' } } } } },
      {},
      'NODE_TYPE_UNKNOWN',
      'error',
      'b',
    ],
    ['an edge twice', { a: template, b: { ...template, after: { a: ['success', 'success'] } } }, {}, 'EDGE_DUPLICATE', 'warning', 'b'],
    ['an output that is no value', { a: template }, { outputs: { x: 5 } }, 'VALUE_INVALID', 'error', undefined],
    ['an input with a bad name', { a: template }, { inputs: { 'my topic': {} } }, 'KEY_INVALID', 'error', undefined],
  ])('%s', (_name, nodes, more, code, severity, node) => {
    const found = parse(flowOf(nodes, more)).problems.find((problem) => problem.code === code);
    expect(found).toMatchObject({ code, severity });
    expect(found?.node).toBe(node);
  });

  /** Parameters, and what the problem says to do: with several fields that exclude each other, what each of them is. */
  it.each<[string, object, RegExp]>([
    ['wait', { for: '1m', signal: 'x' }, /^"for": How long\. "until": A moment .* "signal": The name of a signal /],
    ['wait', {}, /^"for": How long\. "until": /],
    ['wait', { for: '1m', timeout: '1d' }, /^"schema": A JSON Schema .* "timeout": How long a signal .* "signal": The name /],
    ['command', { run: ['a'], shell: 'a' }, /^"run": .* "shell": /],
    ['http', { url: 'https://example.org', body: 'x' }, /^Write it as the message says\.$/],
    ['file', { action: 'write', path: 'a' }, /^The text to write/],
    ['file', { action: 'read', path: 'a', content: 'x' }, /^Write it as the message says\.$/],
    ['wait', { for: '-1s' }, /^"for": How long\.$/],
    ['loop', { until: 'true', maxIterations: 0, nodes: {} }, /^"maxIterations": After so many passes it goes on by "exhausted"\.$/],
  ])('says how fields go together: %s %j', (type, params, hint) => {
    expect(parse(flowOf({ it: { type, with: params } })).problems.map((problem) => problem.hint)).toEqual([expect.stringMatching(hint)]);
  });

  it('a flow with warnings only may run', () => {
    expect(hasErrors(parse(flowOf({ a: template }, { triggers: { daily: { type: 'schedule' } }, 'x-mine': 1 })).problems)).toBe(false);
  });

  it.each(RESERVED_IDS)('reserves %s', (id) => {
    expect(parse(flowOf({ [id]: template })).problems.map(({ code }) => code)).toEqual(['NODE_ID_RESERVED']);
  });

  const many = <T>(count: number, make: (index: number) => [string, T]) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => make(index)));
  const cases = Array.from({ length: 20_000 }, (_, index) => ({ name: `c${index}`, when: 'true' }));
  it.each<[string, object]>([
    ['unknown types and sources', many(20_000, (index) => [`n${index}`, { type: 'promt', after: { [`m${index}`]: 'success' } }])],
    [
      'unknown outlets',
      { b: { type: 'branch', with: { cases } }, t: { ...template, after: { b: cases.map(({ name }) => `case:x${name}`) } } },
    ],
    [
      'tangled cycles',
      many(1000, (index) => [`n${index}`, { ...template, after: many(100, (step) => [`n${(index + step * 7 + 1) % 1000}`, 'success']) }]),
    ],
    ['duplicate edges', many(500, (index) => [`n${index}`, { ...template, after: { n0: Array.from({ length: 50 }, () => 'success') } }])],
  ])('lists so many problems as a person can look through, quickly: %s', (_name, nodes) => {
    const text = flowOf(nodes);
    const started = cpuUsage();
    const { problems } = parse(text);
    expect(cpuUsage(started).user / 1000).toBeLessThan(20_000);
    expect(problems.length).toBeLessThanOrEqual(201);
    expect(problems.filter(({ code }) => code === 'PROBLEMS_MANY')).toHaveLength(problems.length > 200 ? 1 : 0);
  });

  it('accepts exactly the JSON that JSON.parse accepts, and never throws', async () => {
    const seeds = [EVERYTHING, '{"version":1,"nodes":{"a":{"type":"prompt"}}}', '[1, "\\u00e4\\n", -0.5e3, null, true]'];
    const token = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '\\u',
      '0',
      '-',
      '.',
      'e',
      'null',
      'tru',
      ' ',
      '\n',
      '\t',
      '\u0000',
      '\u00a0',
      '\uFEFF',
      '/*',
      '//',
      '__proto__',
      'constructor',
      '<<<<<<< HEAD\n',
      '\ud800',
      '😀',
      '1e999',
    );
    const mutation = fc.record({ at: fc.nat(), cut: fc.nat({ max: 5 }), put: token });
    await fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(mutation, { maxLength: 4 }), (seed, mutations) => {
        const text = mutations.reduce(
          (it, { at, cut, put }) => it.slice(0, at % (it.length + 1)) + put + it.slice((at % (it.length + 1)) + cut),
          seed,
        );
        const { tree, problems } = parse(text);
        for (const { place, message, hint } of problems) {
          expect(place.offset + place.length).toBeLessThanOrEqual(text.length);
          expect(place.line).toBeGreaterThan(0);
          expect(message && hint).toBeTruthy();
        }
        if (!text.includes('\uFEFF')) expect(tree !== undefined, text).toBe(isJson(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('takes any JSON value anywhere', async () => {
    const paths = ['nodes', 'layout', 'inputs', 'outputs', 'triggers', 'limits', 'notes', 'title', 'version', '$schema'];
    await fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...paths), fc.jsonValue()), fc.jsonValue(), fc.jsonValue(), (top, node, params) => {
        parse(JSON.stringify({ version: 1, ...top }));
        parse(
          JSON.stringify({
            version: 1,
            nodes: {
              a: node,
              b: { type: 'branch', after: node, join: params, with: params },
              c: { type: 'loop', with: { nodes: params } },
            },
          }),
        );
      }),
      { numRuns: 300 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('places', () => {
  it.each([
    ['a\nb', 2, '2:1'],
    ['a\r\nb', 3, '2:1'],
    ['a\rb', 2, '2:1'],
    ['äö😀x', 4, '1:5'],
    ['abc', 99, '1:4'],
    ['', 0, '1:1'],
  ])('%j at %i is %s', (text, offset, expected) => {
    const { line, column } = lineIndex(text).place(offset, 0);
    expect(`${line}:${column}`).toBe(expected);
  });

  it.each([
    ['[[[]]]', 3, -1],
    ['[[[]]]', 2, 2],
    ['["[[[["]', 1, -1],
    ['["\\"[[["]', 1, -1],
    ['{"a":[]}[', 2, -1],
  ])('%s is deeper than %i at %i', (text, limit, expected) => expect(deeperThan(text, limit)).toBe(expected));
});

describe('suggestions', () => {
  it.each([
    ['promt', 'prompt'],
    ['Prompt', 'prompt'],
    ['teh', 'the'],
    ['comand', 'command'],
    ['x', undefined],
    ['banana', undefined],
    ['', undefined],
  ])('%s → %s', (word, expected) => expect(suggest(word, ['prompt', 'the', 'command', 'a'])).toBe(expected));
});

it('says which key is missing, for forms', () => {
  const { problems } = parseFlow('{ "version": 1, "nodes": { "a": { "type": "http", "with": {} } } }', catalog);
  expect(problems).toMatchObject([{ code: 'KEY_MISSING', path: ['nodes', 'a', 'with'], missing: 'url' }]);
});
