import { describe, expect, it } from 'vitest';
import { catalog } from '../nodes/catalog.ts';
import { applyTextEdits } from './edits.ts';
import { planExtract } from './extract.ts';
import { lintFlow } from './lint.ts';
import { parseFlow } from './parse.ts';

const FLOW = {
  version: 1,
  title: 'Brief',
  inputs: { topic: { type: 'string', default: 'rope' } },
  outputs: { text: { value: { $expr: 'first(steps.polish.output.text, steps.draft.output.text)' } } },
  nodes: {
    read: { type: 'file', with: { action: 'read', path: 'notes.md' } },
    draft: {
      type: 'prompt',
      after: { read: 'success' },
      retry: { attempts: 2 },
      with: { prompt: 'About {{ inputs.topic }}:\n"{{ steps.read.output.text }}" ({{ steps["read"].output.path }})' },
    },
    polish: { type: 'prompt', after: { draft: 'success' }, with: { prompt: 'Polish: {{ steps.draft.output.text }}' } },
    save: {
      type: 'file',
      after: { polish: 'success' },
      with: { action: 'write', path: 'out.md', content: '{{ steps.polish.output.text | default: "none" }}' },
    },
    sorry: { type: 'template', after: { draft: 'failure', polish: 'failure' }, join: 'any', with: { template: 'Sorry' } },
  },
  layout: { read: [0, 0], draft: [300, 40], polish: [600, 40], save: [900, 0] },
};
const textOf = (flow: object) => `${JSON.stringify(flow, null, 2)}\n`;
const extract = (flow: object, nodes: string[], files: Record<string, string> = {}) =>
  planExtract(textOf(flow), { nodes, file: 'write.flow.json', title: 'Write it' }, { catalog, readPrompt: (path) => files[path] });
const problemsOf = (text: string, files: Record<string, string> = {}) => {
  const parsed = parseFlow(text, catalog);
  return [...parsed.problems, ...lintFlow(parsed, catalog, { readPrompt: (path) => files[path] })]
    .filter(({ severity }) => severity === 'error')
    .map(({ code, message }) => `${code} ${message}`);
};

describe('extracting nodes to a flow of their own', () => {
  it('hands in what they read and out what is read of them, typed; edges lead to the node that stands for them', () => {
    const plan = extract(FLOW, ['draft', 'polish']);
    if (!plan.ok) throw new Error(plan.problem.message);
    expect(applyTextEdits(textOf(FLOW), plan.edits)).toBe(plan.text);
    const main = JSON.parse(plan.text);
    expect(Object.keys(main.nodes)).toEqual(['read', 'writeIt', 'save', 'sorry']);
    expect(main.nodes.writeIt).toEqual({
      type: 'flow',
      title: 'Write it',
      after: { read: 'success' },
      with: { flow: 'write.flow.json', inputs: { topic: { $expr: 'inputs.topic' }, read: { $expr: 'steps.read.output' } } },
    });
    expect(main.nodes.save).toMatchObject({
      after: { writeIt: 'success' },
      with: { content: '{{ steps.writeIt.output.polish.text | default: "none" }}' },
    });
    expect(main.nodes.sorry).toEqual({ type: 'template', after: { writeIt: 'failure' }, with: { template: 'Sorry' } });
    expect(main.outputs.text.value.$expr).toBe('first(steps.writeIt.output.polish.text, steps.writeIt.output.draft.text)');
    expect(main.layout).toEqual({ read: [0, 0], writeIt: [300, 40], save: [900, 0] });

    const sub = JSON.parse(plan.content);
    expect(sub.inputs.topic).toEqual({ type: 'string', default: 'rope' });
    expect(sub.inputs.read).toMatchObject({ type: ['null', 'object'], properties: { text: { type: 'string' } } });
    expect(sub.outputs.polish).toMatchObject({ value: { $expr: 'steps.polish.output' } });
    expect(sub.nodes.draft).toEqual({
      type: 'prompt',
      retry: { attempts: 2 },
      with: { prompt: 'About {{ inputs.topic }}:\n"{{ inputs.read.text }}" ({{ inputs.read.path }})' },
    });
    expect(sub.nodes.polish).toMatchObject({ after: { draft: 'success' } });
    expect(sub.layout).toEqual({ draft: [0, 0], polish: [300, 0] });
    expect(problemsOf(plan.content)).toEqual([]);
    expect(problemsOf(plan.text, { 'write.flow.json': plan.content })).toEqual([]);
  });

  it('works in a body, where the item is handed in', () => {
    const inner = {
      fetch: { type: 'command', effect: 'read', with: { run: ['curl', '{{ item }}'] } },
      sum: { type: 'prompt', after: { fetch: 'success' }, with: { prompt: '{{ item }} {{ index }}: {{ steps.fetch.output.stdout }}' } },
    };
    const flow = {
      version: 1,
      nodes: { every: { type: 'each', with: { items: { $expr: '["a"]' }, result: { $expr: 'steps.sum.output.text' }, nodes: inner } } },
    };
    const plan = extract(flow, ['fetch', 'sum']);
    if (!plan.ok) throw new Error(plan.problem.message);
    const { every } = JSON.parse(plan.text).nodes;
    expect(every.with.nodes.writeIt.with.inputs).toEqual({ item: { $expr: 'item' }, index: { $expr: 'index' } });
    expect(every.with.result.$expr).toBe('steps.writeIt.output.sum.text');
    expect(JSON.parse(plan.content).nodes.sum.with.prompt).toBe('{{ inputs.item }} {{ inputs.index }}: {{ steps.fetch.output.stdout }}');
    expect(problemsOf(plan.content)).toEqual([]);
    expect(problemsOf(plan.text, { 'write.flow.json': plan.content })).toEqual([]);
  });

  it('takes bodies along, with what they read by themselves', () => {
    const flow = {
      version: 1,
      nodes: {
        list: { type: 'template', with: { template: 'x' } },
        every: {
          type: 'each',
          after: { list: 'success' },
          with: {
            items: { $expr: '[steps.list.output.text]' },
            nodes: { one: { type: 'template', with: { template: '{{ item }} {{ steps.list.output.text }}' } } },
          },
        },
      },
    };
    const plan = extract(flow, ['every']);
    if (!plan.ok) throw new Error(plan.problem.message);
    const { every } = JSON.parse(plan.content).nodes;
    expect(every.with.items.$expr).toBe('[inputs.list.text]');
    expect(every.with.nodes.one.with.template).toBe('{{ item }} {{ inputs.list.text }}');
    expect(problemsOf(plan.content)).toEqual([]);
  });

  it.each<[string, object, string[], string, string]>([
    [
      'nodes of two bodies',
      { version: 1, nodes: { a: { type: 'wait' }, l: { type: 'loop', with: { nodes: { b: { type: 'wait' } } } } } },
      ['a', 'b'],
      'EDIT_BORDER',
      'same body',
    ],
    ['a way out and in again', FLOW, ['read', 'polish'], 'EDIT_CYCLE', '"draft"'],
    [
      'a decision about what is outside',
      {
        version: 1,
        nodes: { d: { type: 'branch', with: { cases: [{ name: 'x', when: 'true' }] } }, e: { type: 'wait', after: { d: 'case:x' } } },
      },
      ['d'],
      'EDIT_BORDER',
      'decides',
    ],
    [
      'a prompt file that reads over the border',
      {
        version: 1,
        nodes: {
          r: { type: 'template', with: { template: 'x' } },
          p: { type: 'prompt', after: { r: 'success' }, with: { file: 'p.prompt.md' } },
        },
      },
      ['p'],
      'EDIT_BORDER',
      'p.prompt.md',
    ],
  ])('refuses %s', (_what, flow, nodes, code, words) => {
    const plan = extract(flow, nodes, { 'p.prompt.md': '{{ steps.r.output.text }}' });
    expect(plan).toMatchObject({ ok: false, problem: { code } });
    expect(!plan.ok && plan.problem.message).toContain(words);
  });
});
