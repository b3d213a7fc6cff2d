import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { catalog } from '../nodes/catalog.ts';
import type { JsonObject } from './json.ts';
import { lintFlow } from './lint.ts';
import { LINT_CODES } from './lint-codes.ts';
import { parseFlow } from './parse.ts';
import { EXPLAINED_PROBLEM_CODES } from './problem-meanings.ts';
import { behind, lint as lintAlone, template, validate } from './testing/linted.ts';

const files = new Map([
  ['good.prompt.md', '---\nmodel: fast\n---\n\nHello {{ inputs.topic }}'],
  ['bad.prompt.md', '---\nmodel: fast\n---\n\nHello\n  {{ inputs.topik }}'],
  ['broken.prompt.md', 'Hello {{ inputs.topic'],
]);

/** With an input and files beside the flow. */
const lint = (flow: JsonObject) => lintAlone({ inputs: { topic: { type: 'string' } }, ...flow }, { files: Object.fromEntries(files) });

describe('expressions', () => {
  test.each<[string, JsonObject, string[]]>([
    ['fine', template('{{ inputs.topic }} {{ run.id }}'), []],
    ['a template', template('a\n"é" {{ inputs.topic'), ['TEMPLATE_SYNTAX <{{ inputs.topic>']],
    ['an unknown filter', template('{{ inputs.topic | uppercase }}'), ['TEMPLATE_SYNTAX <{{ inputs.topic | uppercase }}>']],
    ['a condition', { type: 'branch', with: { cases: [{ name: 'a', when: 'inputs.topic ==' }] } }, ['CONDITION_SYNTAX <">']],
    ['a condition with braces', { type: 'branch', with: { cases: [{ name: 'a', when: '{{ inputs.topic }}' }] } }, ['CONDITION_SYNTAX <}>']],
    ['never boolean', { type: 'branch', with: { cases: [{ name: 'a', when: '1 + 1' }] } }, ['CONDITION_NOT_BOOLEAN <1 + 1>']],
    ['a computed value', validate({ $expr: 'inputs.topic +' }), ['CONDITION_SYNTAX <">']],
    ['a computed value that is not alone', validate({ a: { $expr: 'inputs.topic', b: 1 } }), ['EXPRESSION_SHAPE <"$expr">']],
    ['a computed value that is no text', validate({ $expr: true }), ['EXPRESSION_SHAPE <"$expr">']],
    [
      'braces where nothing is rendered',
      { type: 'command', effect: 'read', with: { shell: 'echo {{ inputs.topic }}' } },
      ['LITERAL_TEMPLATE <{{ inputs.topic }}>'],
    ],
    ['an unknown root', template('{{ input.topic }}'), ['REFERENCE_ROOT_UNKNOWN <input.topic>']],
    ['a step without "steps"', template('{{ it.output }}'), ['REFERENCE_ROOT_UNKNOWN <it.output>']],
    ['an unknown input', template('{{ inputs.topics }}'), ['INPUT_UNKNOWN <topics>']],
    ['all inputs', template('{{ inputs }}'), []],
    [
      'item outside a body',
      template('{{ item }}{{ index }}{{ previous }}'),
      ['item', 'index', 'previous'].map((it) => `REFERENCE_ROOT_UNAVAILABLE <${it}>`),
    ],
    ['trigger without triggers', template('{{ trigger.body }}'), ['REFERENCE_ROOT_UNAVAILABLE <trigger.body>']],
    ['a secret in a template', template('{{ secrets.KEY }}'), ['SECRET_PLACE <secrets.KEY>']],
    ['a secret in a condition', validate({ $expr: 'secrets.KEY' }), ['SECRET_PLACE <secrets.KEY>']],
    ['a secret in env', { type: 'command', effect: 'read', with: { run: ['a'], env: { K: '{{ secrets.KEY }}' } } }, []],
    [
      'a secret with a strange name',
      { type: 'command', effect: 'read', with: { run: ['a'], env: { K: '{{ secrets["a b"] }}' } } },
      ['SECRET_NAME <a b>'],
    ],
    [
      'all secrets',
      { type: 'command', effect: 'read', with: { run: ['a'], env: { K: '{{ secrets }}' } } },
      ['REFERENCE_COMPUTED <secrets>'],
    ],
    ['the message of a gate', template('x', { gate: { message: '{{ inputs.nope }}' } }), ['INPUT_UNKNOWN <nope>']],
    ['a prompt file', { type: 'prompt', with: { file: 'good.prompt.md' } }, []],
    ['a prompt file that is not there', { type: 'prompt', with: { file: 'none.prompt.md' } }, ['PROMPT_FILE_MISSING <"none.prompt.md">']],
    ['a prompt file with a mistake', { type: 'prompt', with: { file: 'bad.prompt.md' } }, ['INPUT_UNKNOWN <"bad.prompt.md">']],
    ['a prompt file that cannot be read', { type: 'prompt', with: { file: 'broken.prompt.md' } }, ['TEMPLATE_SYNTAX <"broken.prompt.md">']],
  ])('%s', (_name, node, expected) => {
    expect(lint({ nodes: { it: node } })).toEqual(expected);
  });

  test('a problem in a file says where in the file', () => {
    const text = JSON.stringify({ version: 1, inputs: { topic: {} }, nodes: { it: { type: 'prompt', with: { file: 'bad.prompt.md' } } } });
    const [problem] = lintFlow(parseFlow(text, catalog), catalog, { readPrompt: (path) => files.get(path) });
    expect(problem).toMatchObject({
      message: 'bad.prompt.md:6:13: The flow has no input "topik".',
      hint: 'Did you mean "topic"?',
      node: 'it',
    });
  });
});

describe('steps that are read', () => {
  const read = (text: string, more: JsonObject = {}) => ({ head: template('a'), second: template(text, { ...behind('head'), ...more }) });
  test.each<[string, JsonObject, string[]]>([
    ['fine', read('{{ steps.head.output.text }} {{ steps.head.state }} {{ steps.head.error }}'), []],
    ['unknown', read('{{ steps.haed.output }}'), ['STEP_UNKNOWN <haed>']],
    ['itself', read('{{ steps.second.output }}'), ['STEP_NOT_BEFORE <second>']],
    ['a part it does not have', read('{{ steps.head.text }}'), ['STEP_PART_UNKNOWN <steps.head.text>']],
    ['a field it does not have', read('{{ steps.head.output.txt }}'), ['STEP_FIELD_UNKNOWN <steps.head.output.txt>']],
    ['the size of a text', read('{{ steps.head.output.text.size }}'), []],
    ['computed', read('{{ steps[inputs.topic].output }}'), ['REFERENCE_COMPUTED <steps[inputs.topic].output>']],
    [
      'one that comes later',
      { head: template('{{ steps.second.output.text }}'), second: template('a', behind('head')) },
      ['STEP_NOT_BEFORE <second>'],
    ],
    ['one beside it', { head: template('a'), second: template('{{ steps.head.output.text }}') }, ['STEP_NOT_BEFORE <head>']],
    [
      'an output schema of its own',
      {
        head: {
          type: 'prompt',
          with: { prompt: 'a' },
          output: {
            type: 'object',
            properties: {
              title: {},
              tags: { type: 'array', items: { type: 'object', properties: { name: {} }, additionalProperties: false } },
            },
            additionalProperties: false,
          },
        },
        second: template(
          '{{ steps.head.output.title }}{{ steps.head.output.tags[0].nam }}{{ steps.head.output.tags.first.name }}{{ steps.head.output.text }}',
          behind('head'),
        ),
      },
      ['STEP_FIELD_UNKNOWN <steps.head.output.tags[0].nam>', 'STEP_FIELD_UNKNOWN <steps.head.output.text>'],
    ],
    [
      'an open output schema',
      {
        head: { type: 'prompt', with: { prompt: 'a' }, output: { type: 'object', properties: { title: {} } } },
        second: template('{{ steps.head.output.text }}', behind('head')),
      },
      [],
    ],
  ])('%s', (_name, nodes, expected) => {
    expect(lint({ nodes })).toEqual(expected);
  });
});

describe('what steps do', () => {
  const command = (more: JsonObject = {}): JsonObject => ({
    type: 'command',
    with: { run: ['send', '{{ steps.web.output.text }}'] },
    ...behind('web'),
    ...more,
  });
  const web: JsonObject = { type: 'prompt', with: { prompt: 'x' } };
  test.each<[string, JsonObject, string[]]>([
    ['untrusted and ungated', { web, send: command() }, ['IRREVERSIBLE_UNGATED <"send">']],
    ['with a gate', { web, send: command({ gate: true }) }, []],
    ['disabled', { web, send: command({ disabled: true }) }, []],
    ['lowered, but untrusted', { web, send: command({ effect: 'read' }) }, ['IRREVERSIBLE_UNGATED <"send">']],
    ['trusted: the engine asks, the linter says nothing', { send: { type: 'command', with: { run: ['send', '{{ inputs.topic }}'] } } }, []],
    ['trusted and lowered', { send: { type: 'command', effect: 'read', with: { run: ['ls', '{{ inputs.topic }}'] } } }, []],
    [
      'untrusted by way of a template',
      {
        web,
        mid: template('{{ steps.web.output.text }}', behind('web')),
        send: { type: 'command', with: { run: ['send', '{{ steps.mid.output.text }}'] }, ...behind('mid') },
      },
      ['IRREVERSIBLE_UNGATED <"send">'],
    ],
    [
      'a person said it',
      {
        ask: { type: 'approval', with: { message: 'ok?' } },
        send: { type: 'command', with: { run: ['send', '{{ steps.ask.output.reason }}'] }, ...behind('ask', 'approved') },
      },
      [],
    ],
    ['lowered too far', { it: { type: 'command', effect: 'none', with: { run: ['a'] } } }, ['EFFECT_TOO_LOW <"none">']],
    ['raised', { it: template('a', { effect: 'irreversible' }) }, []],
    ['tried again', { it: { type: 'command', retry: { attempts: 2 }, with: { run: ['a'] } } }, ['RETRY_IRREVERSIBLE <"retry">']],
    ['tried once', { it: { type: 'command', retry: { attempts: 1 }, with: { run: ['a'] } } }, []],
    ['never started', { a: template('x', { disabled: true }), b: template('y', behind('a', 'failure')) }, ['NODE_UNREACHABLE <"b">']],
  ])('%s', (_name, nodes, expected) => {
    expect(lint({ nodes })).toEqual(expected);
  });

  test('untrusted by a prompt file', () => {
    const nodes = {
      send: { type: 'command', with: { run: ['send', '{{ steps.t.output.text }}'] }, ...behind('t') },
      t: { type: 'template', with: { file: 'from-web.md' }, ...behind('web') },
      web,
    };
    const read = (path: string) => (path === 'from-web.md' ? '{{ steps.web.output.text }}' : undefined);
    const parsed = parseFlow(JSON.stringify({ version: 1, nodes }), catalog);
    expect(lintFlow(parsed, catalog, { readPrompt: read }).map(({ code }) => code)).toEqual(['IRREVERSIBLE_UNGATED']);
  });
});

test('keys that were pasted in are found wherever they stand, and never repeated', () => {
  const key = `sk-proj-${'aB3dE5gH7jK9mN1pQ3sT5vW7yZ0'}`;
  const flow = { title: key, nodes: { it: template(`Use ${key}.`) }, notes: { a: { text: `x\n${key}` } } };
  expect(lint(flow)).toEqual([`SECRET_IN_TEXT <${key}>`, `SECRET_IN_TEXT <${key}>`, `SECRET_IN_TEXT <${key}>`]);
  const parsed = parseFlow(JSON.stringify({ version: 1, ...flow }), catalog);
  expect(JSON.stringify(lintFlow(parsed, catalog))).not.toContain(key);
});

test('what is no flow, or newer, is left alone', () => {
  for (const text of ['', '[]', '{"version": 2, "nodes": {"a": {"type": "template", "with": {"template": "{{"}}}}', '{"version": 1']) {
    expect(lintFlow(parseFlow(text, catalog), catalog)).toEqual([]);
  }
});

test('flows with problems are linted as far as they go, without failing', () => {
  const text = JSON.stringify({
    version: 1,
    nodes: {
      a: { type: 'nope', after: { b: 'success' } },
      b: { type: 'branch', after: { a: 'success' }, with: { cases: 'x' } },
      c: { type: 'template', with: { template: '{{ steps.a.output.x }}' }, after: { b: 'nope' } },
      d: null,
    },
  });
  expect(lintFlow(parseFlow(text, catalog), catalog).map(({ code }) => code)).toEqual([]);
});

test('the tables of codes explain themselves and do not overlap', () => {
  for (const [code, { severity, explanation, fix }] of Object.entries({ ...LINT_CODES, ...EXPLAINED_PROBLEM_CODES })) {
    expect(code).toMatch(/^[A-Z][A-Z_]+$/);
    expect(['error', 'warning', 'info']).toContain(severity);
    expect(explanation).toMatch(/\.$/);
    expect(fix).toMatch(/[.…]$/);
  }
  for (const code of Object.keys(LINT_CODES)) expect(Object.hasOwn(EXPLAINED_PROBLEM_CODES, code)).toBe(false);
});

describe('hostile documents', () => {
  const folder = new URL('../../../test/fixtures/hostile/', import.meta.url);
  const documents = readdirSync(folder).filter((file) => file.endsWith('.flow.json'));
  const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Record<string, string[]>;
  test('each is described', () => {
    expect(Object.keys(expected).toSorted()).toEqual(documents.toSorted());
  });

  test.each(documents)('%s', (file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const before = process.cpuUsage();
    const parsed = parseFlow(text, catalog);
    const problems = [...parsed.problems, ...lintFlow(parsed, catalog)];
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(10_000);
    expect(problems.map(({ code, place }) => `${code} ${place.line}:${place.column}`)).toEqual(expected[file]);
  });
});
