import { describe, expect, it } from 'vitest';
import { FILTERS, TAGS, templateWords } from '../expressions/index.ts';
import { completionsAt, completionsInPrompt, type Surroundings } from './complete.ts';
import type { Completion } from './completion.ts';
import { marked, readFlowText } from './testing.ts';

const around: Surroundings = {
  prompts: ['prompts/a.prompt.md'],
  flows: ['other.flow.json'],
  agents: ['researcher'],
  models: [{ name: 'fast', detail: 'openai/mini' }],
  secrets: ['TOKEN'],
};

const OTHER = '{ "version": 1, "inputs": { "text": { "type": "string" }, "count": { "type": "number" } }, "nodes": {} }';

/** A flow in which `hole` stands for a node that comes behind the others. */
function flowWith(hole: string): string {
  return `{
  "version": 1,
  "inputs": { "topic": { "type": "string", "description": "What it is about." } },
  "nodes": {
    "read": { "type": "prompt", "with": { "prompt": "x" },
      "output": { "type": "object", "properties": { "title": { "type": "string", "description": "Of the page." }, "two words": {}, "tags": { "type": "array", "items": { "type": "object", "properties": { "name": { "type": "string" } }, "additionalProperties": false } } }, "additionalProperties": false } },
    "sort": { "type": "branch", "after": { "read": "success" }, "with": { "cases": [{ "name": "bug", "when": "true" }] } },
    "every": { "type": "each", "after": { "sort": "else" }, "with": { "items": { "$expr": "steps.read.output.tags" }, "nodes": {
      "inner": { "type": "template", "with": { "template": "{{ item.name }}" } },
      "behind": { "type": "template", "after": { "inner": "success" }, "with": { "template": "x" } }
    } } },
    ${hole}
  },
  "layout": {}
}`;
}

function completions(document: string): { items: Completion[]; text: string } {
  const { text, offset } = marked(document);
  return { items: completionsAt(readFlowText(text, { 'other.flow.json': OTHER }), offset, around), text };
}

/** What is offered, without functions, roots and what else is the same everywhere. */
function labels(items: readonly Completion[]): string {
  return items
    .filter(({ kind }) => !['function', 'root', 'filter', 'tag'].includes(kind))
    .map(({ label }) => label)
    .join(' ');
}

const template = (text: string) => `"here": { "type": "template", "after": { "every": "success" }, "with": { "template": "${text}" } }`;
const condition = (text: string) =>
  `"here": { "type": "transform", "after": { "every": "success" }, "with": { "value": { "$expr": "${text}" } } }`;

describe('completion offers', () => {
  const rows: readonly [name: string, node: string, labels: string][] = [
    [
      'values in a tag, the nearest steps first',
      template('Hi {{ ¦ }}'),
      'inputs.topic steps.every.output steps.sort.output steps.read.output',
    ],
    ['nothing in prose', template('Hi st¦ {{ inputs.topic }}'), ''],
    ['nothing behind a tag', template('{{ inputs.topic }} in¦'), ''],
    ['steps before the node', template('{{ steps.¦ }}'), 'every sort read'],
    ['steps in a tag that is not closed', template('{{ steps.re¦'), 'every sort read'],
    ['parts of a step', template('{{ steps.read.¦'), 'output error state'],
    ['fields of its schema', template('{{ steps.read.output.¦ }}'), 'title two words tags'],
    ['fields written in brackets', template("{{ steps['read']['output'].ti¦ }}"), 'title two words tags'],
    ['names in brackets', template("{{ steps['¦'] }}"), 'every sort read'],
    ['what lists have in templates', template('{{ steps.read.output.tags.¦ }}'), 'first last size'],
    ['fields of an item', template('{{ steps.read.output.tags[0].¦ }}'), 'name'],
    ['fields of the item of a loop', template('{% for tag in steps.read.output.tags %}{{ tag.¦ }}{% endfor %}'), 'name'],
    [
      'names that the template made',
      template('{% assign short = inputs.topic %}{{ sho¦ }}'),
      'short inputs.topic steps.every.output steps.sort.output steps.read.output',
    ],
    ['inputs', template('{{ inputs.¦'), 'topic'],
    ['nothing inside a text', template("{{ inputs.topic | default: 'x st¦' }}"), ''],
    ['nothing for numbers', template('{{ 12¦ }}'), ''],
    ['no secrets where none may stand', template('{{ secrets.¦ }}'), ''],
    ['what a condition can read', condition('¦'), 'inputs.topic steps.every.output steps.sort.output steps.read.output'],
    ['fields in a condition', condition('size(steps.read.output.¦'), 'title two words tags'],
    ['fields of the item of a quantifier', condition('steps.read.output.tags.exists(t, t.¦'), 'name'],
    ['sources of edges in the same scope', '"here": { "type": "wait", "after": { "¦" } }', 'read sort every'],
    [
      'no source that is there, and none behind',
      '"here": { "type": "wait", "after": { "read": "success", "¦": "success" } }, "last": { "type": "wait", "after": { "here": "success" } }',
      'sort every',
    ],
    ['sources while nothing is typed', '"here": { "type": "wait", "after": { ¦ } }', 'read sort every'],
    ['the outlets of the source', '"here": { "type": "wait", "after": { "sort": "¦" } }', 'case:bug else failure'],
    ['outlets without quotes', '"here": { "type": "wait", "after": { "read": ¦ } }', 'success failure'],
    ['outlets that are not taken', '"here": { "type": "wait", "after": { "sort": ["else", "¦"] } }', 'case:bug failure'],
    ['prompt files', '"here": { "type": "prompt", "with": { "file": "¦" } }', 'prompts/a.prompt.md'],
    ['models', '"here": { "type": "prompt", "with": { "prompt": "x", "model": "¦" } }', 'fast'],
    ['models in a list', '"here": { "type": "prompt", "with": { "prompt": "x", "fallback": ["¦"] } }', 'fast'],
    ['agents', '"here": { "type": "agent", "with": { "agent": "¦" } }', 'researcher'],
    [
      'tools that are built in, and the servers of the flow',
      '"here": { "type": "tool", "with": { "tool": "¦" } } }, "mcpServers": { "github": { "url": "https://example.com/mcp" }',
      'files/read files/list files/search files/edit files/write command/run http/get http/request github/',
    ],
    [
      'tools and groups for an agent',
      '"here": { "type": "agent", "with": { "agent": "a", "task": "x", "tools": ["¦"] } }',
      'files/read files/list files/search files/edit files/write command/run http/get http/request read search edit execute web agent',
    ],
    ['flows', '"here": { "type": "flow", "with": { "flow": "¦" } }', 'other.flow.json'],
    ['inputs of a sub-flow', '"here": { "type": "flow", "with": { "flow": "other.flow.json", "inputs": { "count": 1, "¦" } } }', 'text'],
    ['nothing where the schema knows', '"here": { "type": "¦" }', ''],
    [
      'the outputs of the flow see every step',
      '"here": { "type": "wait" } }, "outputs": { "x": { "value": { "$expr": "steps.¦" } }',
      'here every sort read',
    ],
  ];
  it.each(rows)('%s', (_, node, expected) => expect(labels(completions(flowWith(node)).items)).toBe(expected));

  it.each<[string, string, string]>([
    [
      'in a body: the item, steps of the body and those around it',
      '"template": "{{ item.name }}"',
      'item index inputs.topic steps.sort.output steps.read.output',
    ],
    [
      'in a body, behind another step of it',
      '"template": "x"',
      'item index inputs.topic steps.inner.output steps.sort.output steps.read.output',
    ],
  ])('%s', (_, where, expected) => {
    const text = flowWith('"z": { "type": "wait" }').replace(where, '"template": "{{ ¦ }}"');
    expect(labels(completions(text).items)).toBe(expected);
  });
});

describe('a completion', () => {
  const applied = (document: string, label: string) => {
    const { items, text } = completions(flowWith(document));
    const item = items.find((it) => it.label === label);
    if (!item) throw new Error(`${label} is not offered`);
    const { offset, length } = item.replace;
    const after = text.slice(0, offset) + item.insert + text.slice(offset + length);
    return after
      .split('\n')
      .find((line) => line.includes('"here"'))
      ?.trim();
  };
  it.each<[string, string, string, string]>([
    ['takes the place of the word', template('{{ steps.re¦ed }}'), 'read', template('{{ steps.read }}')],
    ['is escaped for JSON', template('\\"\\u00e9{{ steps.re¦'), 'read', template('\\"\\u00e9{{ steps.read')],
    [
      'goes into brackets where it is no name',
      template('{{ steps.read.output.two¦ }}'),
      'two words',
      template("{{ steps.read.output['two words'] }}"),
    ],
    [
      'brings a value for a new key',
      '"here": { "type": "wait", "after": { "so¦" } }',
      'sort',
      '"here": { "type": "wait", "after": { "sort": "case:bug" } }',
    ],
    [
      'leaves a value that is there',
      '"here": { "type": "wait", "after": { "so¦": "else" } }',
      'sort',
      '"here": { "type": "wait", "after": { "sort": "else" } }',
    ],
    [
      'brings its own quotes',
      '"here": { "type": "wait", "after": { "read": ¦ } }',
      'failure',
      '"here": { "type": "wait", "after": { "read": "failure" } }',
    ],
  ])('%s', (_, before, label, after) => expect(applied(before, label)).toBe(`${after}`));

  it('tells what it is', () => {
    const { items } = completions(flowWith(template('{{ steps.read.output.¦ }}')));
    expect(items[0]).toMatchObject({ label: 'title', detail: 'a text', about: 'Of the page.' });
    const inputs = completions(flowWith(template('{{ inputs.¦ }}'))).items;
    expect(inputs[0]).toMatchObject({ detail: 'a text', about: 'What it is about.' });
  });
});

describe('words of the languages', () => {
  it.each<[string, string, string, string]>([
    ['filters behind a bar', template('{{ inputs.topic | de¦ }}'), 'default', 'default: '],
    ['tags', template('{% f¦ %}'), 'for', 'for'],
    ['functions in a condition', condition('si¦'), 'size', 'size('],
    ['functions of a text', condition('inputs.topic.st¦'), 'startsWith', 'startsWith('],
    ['functions of a list', condition('steps.read.output.tags.¦'), 'map', 'map('],
  ])('%s', (_, node, label, insert) => {
    const found = completions(flowWith(node)).items.find((item) => item.label === label);
    expect(found).toMatchObject({ insert });
    expect(found?.about).not.toBe('');
  });

  it.each<[string, string, string]>([
    ['functions of lists are none of texts', condition('inputs.topic.¦'), 'map'],
    ['functions are none of templates', template('{{ ¦ }}'), 'size'],
  ])('%s', (_, node, label) => expect(completions(flowWith(node)).items.map((item) => item.label)).not.toContain(label));

  it('every filter and tag is described, and no other', () => {
    expect(Object.keys(FILTERS).toSorted()).toEqual(templateWords().filters.toSorted());
    expect(Object.keys(TAGS).toSorted()).toEqual(templateWords().tags.toSorted());
  });
});

describe('a prompt file', () => {
  const uses = () => {
    const flow = readFlowText(flowWith('"here": { "type": "prompt", "after": { "every": "success" }, "with": { "file": "p.prompt.md" } }'));
    return [{ flow, expression: { node: 'here' } }];
  };
  it.each<[string, string, string]>([
    ['completes its body', '---\nmodel: x\n---\nHello {{ steps.¦', 'every sort read'],
    ['leaves its front matter alone', '---\nmodel: {{ steps.¦ }}\n---\n', ''],
  ])('%s', (_, document, expected) => {
    const { text, offset } = marked(document);
    const items = completionsInPrompt('p.prompt.md', text, offset, uses());
    expect(labels(items)).toBe(expected);
    for (const { replace } of items) expect(replace.offset).toBe(offset);
  });
});
