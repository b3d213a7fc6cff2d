import { describe, expect, it } from 'vitest';
import { applyTextEdits } from '../edits.ts';
import type { TextEdit } from '../flow-edit.ts';
import { hoverOf } from './hover.ts';
import { mendNames, relativePath } from './moves.ts';
import { declarationOf, occurrencesOfInput, occurrencesOfNode } from './occurrences.ts';
import { rename } from './rename.ts';
import { symbolsOf } from './symbols.ts';
import { marked, readFlowText } from './testing.ts';
import { thingAt, thingInPrompt } from './things.ts';

const FLOW = `{
  "version": 1,
  "inputs": { "topic": { "type": "string", "description": "What it is about.", "default": "x" } },
  "nodes": {
    "draft": { "type": "prompt", "title": "Draft it", "with": { "prompt": "On {{ inputs.topic }}" },
      "output": { "type": "object", "properties": { "title": { "type": "string", "description": "Of the draft." } }, "additionalProperties": false } },
    "sort": { "type": "branch", "after": { "draft": "success" }, "with": { "cases": [{ "name": "bug", "when": "size(steps.draft.output.title) > 1" }] } },
    "ask": { "type": "prompt", "after": { "sort": "case:bug" }, "with": { "file": "p/ask.prompt.md", "model": "fast" } },
    "sub": { "type": "flow", "after": { "ask": "success" }, "with": { "flow": "other.flow.json" } },
    "who": { "type": "agent", "after": { "sub": "success" }, "with": { "agent": "researcher", "task": "{{ steps.draft.output.title | upcase }}" } },
    "every": { "type": "each", "after": { "ask": "success" }, "with": { "items": [], "nodes": { "inner": { "type": "wait", "with": {} } } } }
  },
  "outputs": { "text": { "value": { "$expr": "steps.ask.output.text" } } },
  "layout": { "draft": [0, 0] }
}`;
const FILES = {
  'p/ask.prompt.md': '---\ndescription: x\n---\nGo: {{ steps.draft.output.title }}',
  'other.flow.json': '{ "version": 1, "title": "Other", "inputs": { "a": {} }, "nodes": {} }',
};

/** The flow with the cursor where it stands in `part`, a part of the text with a `¦` in it. */
function at(part: string) {
  const { text, offset } = marked(part);
  const start = FLOW.indexOf(text);
  if (start < 0) throw new Error(`${text} is not in the flow`);
  const flow = readFlowText(FLOW, FILES);
  return { flow, thing: thingAt(flow, start + offset) };
}

const written = (text: string, { offset, length }: { offset: number; length: number }) => text.slice(offset, offset + length);

describe('what stands at a place', () => {
  it.each<[string, object | undefined, string]>([
    ['"dr¦aft": { "type"', { is: 'node', id: 'draft', as: 'key' }, 'draft'],
    ['"dr¦aft": "success"', { is: 'node', id: 'draft', as: 'source' }, 'draft'],
    ['"dr¦aft": [0, 0]', { is: 'node', id: 'draft', as: 'layout' }, 'draft'],
    ['steps.dr¦aft.output.title)', { is: 'node', id: 'draft', as: 'reference' }, 'draft'],
    ['steps.draft.output.ti¦tle)', { is: 'value', root: 'steps', path: ['draft', 'output', 'title'] }, 'title'],
    ['steps.draft.out¦put.title)', { is: 'value', root: 'steps', path: ['draft', 'output'] }, 'output'],
    ['st¦eps.draft.output.title)', { is: 'value', root: 'steps', path: [] }, 'steps'],
    ['inputs.to¦pic', { is: 'input', name: 'topic', as: 'reference' }, 'topic'],
    ['"to¦pic"', { is: 'input', name: 'topic', as: 'key' }, 'topic'],
    ['"case:b¦ug"', { is: 'outlet', source: 'sort', outlet: 'case:bug' }, 'case:bug'],
    ['p/as¦k.prompt.md', { is: 'prompt', path: 'p/ask.prompt.md' }, 'p/ask.prompt.md'],
    ['oth¦er.flow.json', { is: 'flow', path: 'other.flow.json' }, 'other.flow.json'],
    ['"resear¦cher"', { is: 'agent', name: 'researcher' }, 'researcher'],
    ['"fa¦st"', { is: 'model', name: 'fast' }, 'fast'],
    ['| up¦case', { is: 'filter', name: 'upcase' }, 'upcase'],
    ['"si¦ze(steps', { is: 'function', name: 'size' }, 'size'],
    ['"On¦ {{', undefined, ''],
    ['"ver¦sion"', undefined, ''],
  ])('%s', (part, expected, text) => {
    const { thing } = at(part);
    if (!expected) expect(thing).toBeUndefined();
    else {
      expect(thing).toMatchObject(expected);
      expect(thing && written(FLOW, thing.range)).toBe(text);
    }
  });

  it('is found in a prompt file', () => {
    const text = FILES['p/ask.prompt.md'];
    const thing = thingInPrompt('p/ask.prompt.md', text, text.indexOf('draft') + 1, { node: 'ask' });
    expect(thing).toMatchObject({ is: 'node', id: 'draft' });
    expect(thing && written(text, thing.range)).toBe('draft');
  });

  it('is found in an expression that is not whole', () => {
    const { text, offset } = marked(
      '{ "version": 1, "nodes": { "a": { "type": "template", "with": { "template": "{{ steps.dr¦aft. }}" } } } }',
    );
    expect(thingAt(readFlowText(text), offset)).toMatchObject({ is: 'node', id: 'draft' });
  });
});

describe('a hover tells', () => {
  it.each<[string, string, string]>([
    ['"dr¦aft": { "type"', 'draft: prompt', 'Draft it'],
    ['steps.draft.output.ti¦tle)', 'steps.draft.output.title: a text', 'Of the draft.'],
    ['inputs.to¦pic', 'inputs.topic: a text', 'What it is about.'],
    ['"case:b¦ug"', 'sort → case:bug', 'An outlet of "sort" (branch).'],
    ['oth¦er.flow.json', 'other.flow.json', 'Inputs: a.'],
    ['| up¦case', 'value | upcase', 'In large letters.'],
    ['"si¦ze(steps', 'size(x)', 'Characters of a text, items of a list, entries of a map.'],
    ['st¦eps.draft.output.title)', 'steps', 'The steps that come before, by id.'],
  ])('%s', (part, code, paragraph) => {
    const { flow, thing } = at(part);
    const hover = thing && hoverOf(flow, thing);
    expect(hover?.code).toBe(code);
    expect(hover?.paragraphs).toContain(paragraph);
  });

  it('the beginning of a prompt file, without its front matter', () => {
    const { flow, thing } = at('p/as¦k.prompt.md');
    expect(thing && hoverOf(flow, thing)?.excerpt?.text).toBe('Go: {{ steps.draft.output.title }}');
  });
});

describe('a declaration', () => {
  it.each<[string, string]>([
    ['steps.dr¦aft.output.title)', '"draft": { "type"'],
    ['steps.draft.output.ti¦tle)', '"title": { "type"'],
    ['inputs.to¦pic', '"topic"'],
    ['"case:b¦ug"', '"bug"'],
    ['"dr¦aft": "success"', '"draft": { "type"'],
  ])('of %s', (part, there) => {
    const { flow, thing } = at(part);
    expect(thing && declarationOf(flow, thing)?.offset).toBe(FLOW.indexOf(there) + 1);
  });
});

const renameNode = (id: string, to: string, sharedWith: (file: string) => readonly string[]) =>
  rename(readFlowText(FLOW, FILES), { is: 'node', name: id, range: { offset: 0, length: 0 } }, to, sharedWith);

describe('a node', () => {
  it('is found wherever it is named', () => {
    const { named, declared } = occurrencesOfNode(readFlowText(FLOW, FILES), 'draft');
    expect(declared).toBeDefined();
    expect(named.map(({ file, range }) => written(file === undefined ? FLOW : FILES['p/ask.prompt.md'], range))).toEqual(
      Array(5).fill('draft'),
    );
    expect(named.filter(({ file }) => file !== undefined)).toHaveLength(1);
  });

  it('is renamed in the flow and in its prompt file', () => {
    const renaming = renameNode('draft', 'first_draft', () => []);
    if (!renaming.ok) throw new Error(renaming.message);
    expect(applyTextEdits(FLOW, renaming.edits)).toBe(
      FLOW.replaceAll(/\bdraft\b(?!\.")/g, (word, at) => (FLOW.slice(at - 4, at) === 'the ' ? word : 'first_draft')),
    );
    expect(renaming.files.map(({ file, edits }) => [file, applyTextEdits(FILES['p/ask.prompt.md'], edits)])).toEqual([
      ['p/ask.prompt.md', FILES['p/ask.prompt.md'].replace('draft', 'first_draft')],
    ]);
  });

  it.each<[string, string, string, readonly string[], RegExp]>([
    ['a file that others use', 'draft', 'other', ['b.flow.json'], /p\/ask\.prompt\.md refers to it, and is used by b\.flow\.json too/],
    ['a name that is taken', 'draft', 'ask', [], /There is a node "ask" already/],
    ['a name that is none', 'draft', 'Not so', [], /cannot be an id/],
  ])('is not renamed because of %s', (_, id, to, others, message) => {
    const renaming = renameNode(id, to, () => others);
    expect(renaming.ok ? '' : renaming.message).toMatch(message);
  });
});

it('an input is found wherever it is named', () => {
  expect(occurrencesOfInput(readFlowText(FLOW, FILES), 'topic').map(({ range }) => written(FLOW, range))).toEqual(['topic']);
});

it('the outline has bodies in their owners', () => {
  const names = (symbols: ReturnType<typeof symbolsOf>): string =>
    symbols.map(({ name, children }) => name + (children.length > 0 ? `(${names(children)})` : '')).join(' ');
  const symbols = symbolsOf(readFlowText(FLOW, FILES));
  expect(names(symbols)).toBe('inputs(topic) draft sort ask sub who every(inner) outputs(text)');
  expect(symbols[1]).toMatchObject({ detail: 'prompt · Draft it' });
});

describe('moved files', () => {
  const mend = (moves: Record<string, string>, before = 'flows/a.flow.json', after = before) => {
    const edits: TextEdit[] = mendNames(readFlowText(FLOW, {}), before, after, {
      file: (path) => moves[path],
      agent: (name) => moves[name],
    });
    return edits.map(({ newText }) => JSON.parse(newText) as string);
  };
  it.each<[string, Record<string, string>, string | undefined, string[]]>([
    ['nothing that it names', { 'flows/z.md': 'flows/y.md' }, undefined, []],
    ['a prompt', { 'flows/p/ask.prompt.md': 'prompts/ask.prompt.md' }, undefined, ['../prompts/ask.prompt.md']],
    ['a sub-flow', { 'flows/other.flow.json': 'flows/sub/o.flow.json' }, undefined, ['sub/o.flow.json']],
    ['an agent', { researcher: 'finder' }, undefined, ['finder']],
    ['the flow itself', {}, 'a.flow.json', ['flows/p/ask.prompt.md', 'flows/other.flow.json']],
    ['all together', { 'flows/p/ask.prompt.md': 'p/ask.prompt.md', 'flows/other.flow.json': 'other.flow.json' }, 'a.flow.json', []],
  ])('%s', (_, moves, after, expected) => expect(mend(moves, 'flows/a.flow.json', after)).toEqual(expected));

  it.each([
    ['', 'a/b', 'a/b'],
    ['a', 'a/b', 'b'],
    ['a/c', 'a/b', '../b'],
    ['a', 'b', '../b'],
  ])('from %s to %s', (folder, path, expected) => expect(relativePath(folder, path)).toBe(expected));
});
