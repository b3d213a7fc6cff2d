import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FileEdits, FileSpan } from './language-protocol.ts';
import { LanguageServer } from './language-server.ts';

const A = `{
  "version": 1,
  "nodes": {
    "draft": { "type": "prompt", "with": { "prompt": "x" } },
    "ask": { "type": "prompt", "after": { "draft": "success" }, "with": { "file": "../prompts/ask.prompt.md" } },
    "who": { "type": "agent", "after": { "ask": "success" }, "with": { "agent": "researcher", "task": "x" } },
    "sub": { "type": "flow", "after": { "who": "success" }, "with": { "flow": "b.flow.json" } }
  }
}
`;
const B = '{ "version": 1, "nodes": { "only": { "type": "wait", "with": { "for": "1s" } } } }\n';
const FILES: Readonly<Record<string, string>> = {
  'flows/a.flow.json': A,
  'flows/b.flow.json': B,
  'prompts/ask.prompt.md': 'Go: {{ steps.draft.output.text }}',
  '.github/agents/researcher.agent.md': 'x',
};

function workspace(files: Readonly<Record<string, string>> = FILES) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'belay-language-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const named = (end: string) =>
    Object.keys(files)
      .filter((name) => name.endsWith(end))
      .map((name) => join(root, name))
      .toSorted();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  const server = new LanguageServer();
  server.files.setFolders([root]);
  server.files.setKnown({ flows: named('.flow.json'), prompts: named('.prompt.md'), agents: named('.agent.md') });
  const at = (name: string, part: string) => {
    const [head = '', tail = ''] = part.split('¦');
    const text = files[name] ?? '';
    expect(text).toContain(head + tail);
    return { file: join(root, name), offset: text.indexOf(head + tail) + head.length };
  };
  const short = (file: string) => file.slice(root.length + 1);
  const spans = (found: readonly FileSpan[]) => found.map(({ file, span }) => `${short(file)}:${span.line + 1}:${span.column + 1}`);
  const edited = (found: readonly FileEdits[]) => found.map(({ file, edits }) => [short(file), ...edits.map(({ newText }) => newText)]);
  return { root, server, at, spans, edited };
}

const known = { models: [], secrets: [] };

describe('the language service', () => {
  it('jumps into other files', () => {
    const { server, at, spans } = workspace();
    expect(spans(server.definition(at('flows/a.flow.json', 'prompts/as¦k')))).toEqual(['prompts/ask.prompt.md:1:1']);
    expect(spans(server.definition(at('flows/a.flow.json', '"b.fl¦ow')))).toEqual(['flows/b.flow.json:1:1']);
    expect(spans(server.definition(at('flows/a.flow.json', '"resear¦cher')))).toEqual(['.github/agents/researcher.agent.md:1:1']);
    expect(spans(server.definition(at('prompts/ask.prompt.md', 'steps.dr¦aft')))).toEqual(['flows/a.flow.json:4:6']);
  });

  it('finds what names a file, a node and an agent', () => {
    const { server, at, spans } = workspace();
    const all = (name: string, part: string) => spans(server.references({ ...at(name, part), declaration: true }));
    expect(all('flows/a.flow.json', 'prompts/as¦k')).toEqual(['flows/a.flow.json:5:84']);
    expect(all('prompts/ask.prompt.md', 'G¦o')).toEqual(['flows/a.flow.json:5:84']);
    expect(all('flows/a.flow.json', '"dr¦aft": {')).toEqual([
      'flows/a.flow.json:4:6',
      'flows/a.flow.json:5:44',
      'prompts/ask.prompt.md:1:14',
    ]);
    expect(all('flows/a.flow.json', '"resear¦cher')).toHaveLength(1);
  });

  it('completes a prompt file by its flow, and paths from where the flow is', () => {
    const { server, at } = workspace();
    const labels = (name: string, part: string) => server.complete({ ...at(name, part), known }).map(({ label }) => label);
    expect(labels('prompts/ask.prompt.md', 'steps.¦draft')).toEqual(['draft']);
    expect(labels('flows/a.flow.json', '"../prompts/¦ask')).toEqual(['../prompts/ask.prompt.md']);
    expect(labels('flows/a.flow.json', '"flow": "b.¦flow')).toEqual(['b.flow.json']);
    expect(labels('flows/a.flow.json', '"resear¦cher')).toEqual(['researcher', 'assistant', 'commander', 'filesurfer', 'websurfer']);
  });

  it('renames a node from its prompt file, and not where the file is shared', () => {
    const { server, at, edited } = workspace();
    const renamed = server.rename({ ...at('prompts/ask.prompt.md', 'steps.dr¦aft'), to: 'outline' });
    expect(renamed.ok && edited(renamed.edits)).toEqual([
      ['flows/a.flow.json', '"outline"', '"outline"'],
      ['prompts/ask.prompt.md', 'outline'],
    ]);
    const file = at('flows/a.flow.json', '').file;
    const elsewhere = server.renameElsewhere({ file, is: 'node', name: 'draft', to: 'outline' });
    expect(elsewhere.ok && edited(elsewhere.edits)).toEqual([['prompts/ask.prompt.md', 'outline']]);
    const shared = workspace({ ...FILES, 'c.flow.json': A.replace('../prompts', 'prompts') });
    const sharedFile = shared.at('flows/a.flow.json', '').file;
    expect(shared.server.renameElsewhere({ file: sharedFile, is: 'node', name: 'draft', to: 'outline' })).toMatchObject({ ok: false });
    expect(shared.server.rename({ ...shared.at('flows/a.flow.json', '"dr¦aft": {'), to: 'outline' })).toMatchObject({
      ok: false,
      message: expect.stringContaining('used by c.flow.json too'),
    });
    expect(server.renamed(at('flows/a.flow.json', '"ver¦sion'))).toMatchObject({ ok: false });
  });

  it('renames an input with everything that reads or gives it, also in prompt files and in the flows that call this one', () => {
    const flow = (nodes: object, more = {}) => `${JSON.stringify({ version: 1, ...more, nodes }, null, 2)}\n`;
    const { server, at, edited } = workspace({
      'called.flow.json': flow(
        {
          ask: { type: 'prompt', with: { file: 'ask.prompt.md' } },
          say: { type: 'template', with: { template: '{{ inputs.topic }} {{ inputs["topic"] }}' } },
        },
        { inputs: { topic: { type: 'string' }, other: { type: 'string' } }, outputs: { it: { value: { $expr: 'inputs.topic' } } } },
      ),
      'ask.prompt.md': 'About {{ inputs.topic }}',
      'caller.flow.json': flow({
        one: { type: 'flow', with: { flow: 'called.flow.json', inputs: { topic: 'x', other: 'y' } } },
        two: { type: 'flow', with: { flow: 'elsewhere.flow.json', inputs: { topic: 'x' } } },
      }),
    });
    for (const place of [
      at('called.flow.json', '"to¦pic"'),
      at('called.flow.json', 'inputs.to¦pic'),
      at('ask.prompt.md', 'inputs.to¦pic'),
    ]) {
      const renamed = server.rename({ ...place, to: 'subject' });
      expect(renamed.ok && edited(renamed.edits)).toEqual([
        ['called.flow.json', 'subject', 'subject', 'subject', 'subject'],
        ['ask.prompt.md', 'subject'],
        ['caller.flow.json', 'subject'],
      ]);
    }
    // In the graph, the flow itself is changed by the gesture.
    const elsewhere = server.renameElsewhere({ file: at('called.flow.json', '').file, is: 'input', name: 'topic', to: 'subject' });
    expect(elsewhere.ok && edited(elsewhere.edits)).toEqual([
      ['ask.prompt.md', 'subject'],
      ['caller.flow.json', 'subject'],
    ]);
    expect(server.rename({ ...at('called.flow.json', '"to¦pic"'), to: 'other' })).toMatchObject({ ok: false });
    expect(server.rename({ ...at('called.flow.json', '"to¦pic"'), to: 'Not a name' })).toMatchObject({ ok: false });
  });

  it('renames a case with every edge that leaves by it', () => {
    const text = `{ "version": 1, "nodes": {
  "which": { "type": "branch", "with": { "cases": [{ "name": "bug", "when": "true" }, { "name": "idea", "when": "false" }] } },
  "mend": { "type": "template", "after": { "which": "case:bug" }, "with": { "template": "x" } },
  "both": { "type": "template", "after": { "which": ["case:idea", "case:bug"] }, "with": { "template": "x" } } } }`;
    const { server, at, edited } = workspace({ 'a.flow.json': text });
    for (const part of ['"name": "b¦ug"', '"which": "case:b¦ug"']) {
      const place = at('a.flow.json', part);
      expect(server.renamed(place)).toMatchObject({ ok: true, name: 'bug' });
      const renamed = server.rename({ ...place, to: 'a defect' });
      expect(renamed.ok && edited(renamed.edits)).toEqual([['a.flow.json', 'a defect', 'a defect', 'a defect']]);
    }
    expect(server.rename({ ...at('a.flow.json', '"name": "b¦ug"'), to: 'idea' })).toMatchObject({ ok: false });
    expect(server.rename({ ...at('a.flow.json', '"name": "b¦ug"'), to: 'a:b' })).toMatchObject({ ok: false });
  });

  it('mends names when files and folders are moved', () => {
    const { root, server, edited } = workspace();
    const move = (...moves: [string, string][]) =>
      edited(server.move({ moves: moves.map(([from, to]) => ({ from: join(root, from), to: join(root, to) })) }));
    expect(move(['prompts', 'texts'])).toEqual([['flows/a.flow.json', '"../texts/ask.prompt.md"']]);
    expect(move(['flows/a.flow.json', 'a.flow.json'])).toEqual([['flows/a.flow.json', '"prompts/ask.prompt.md"', '"flows/b.flow.json"']]);
    expect(move(['flows', 'deep/flows'])).toEqual([['flows/a.flow.json', '"../../prompts/ask.prompt.md"']]);
    expect(move(['.github/agents/researcher.agent.md', '.github/agents/finder.agent.md'])).toEqual([['flows/a.flow.json', '"finder"']]);
    expect(move(['flows/b.flow.json', 'flows/c.flow.json'])).toEqual([['flows/a.flow.json', '"c.flow.json"']]);
  });

  it('takes open documents as they stand, and others from the disk again when they have changed', () => {
    const { root, server, at } = workspace();
    const file = join(root, 'flows/a.flow.json');
    expect(server.check({ file }).problems.map(({ code }) => code)).not.toContain('STEP_UNKNOWN');
    server.files.setText(join(root, 'prompts/ask.prompt.md'), '{{ steps.nobody.output }}');
    expect(server.check({ file }).problems.map(({ code }) => code)).toContain('STEP_UNKNOWN');
    server.files.setText(join(root, 'prompts/ask.prompt.md'), undefined);
    expect(server.check({ file }).problems.map(({ code }) => code)).not.toContain('STEP_UNKNOWN');
    expect(server.hover(at('flows/a.flow.json', 'prompts/as¦k'))).toMatchObject({ excerpt: { text: FILES['prompts/ask.prompt.md'] } });
    writeFileSync(join(root, 'prompts/ask.prompt.md'), 'Other');
    server.files.stale();
    expect(server.hover(at('flows/a.flow.json', 'prompts/as¦k'))).toMatchObject({ excerpt: { text: 'Other' } });
  });

  it('tells of which flow a step in a prompt file is', () => {
    const { root, server, at } = workspace();
    expect(server.hover(at('prompts/ask.prompt.md', 'steps.dr¦aft'))).toMatchObject({
      node: 'draft',
      flow: join(root, 'flows/a.flow.json'),
    });
  });

  it('reads nothing outside of the workspace, open or not', () => {
    const { root, server } = workspace();
    const outside = join(root, '..', 'elsewhere.prompt.md');
    server.files.setText(outside, 'secret');
    expect(server.files.beside(join(root, 'flows/a.flow.json')).readPrompt('../../elsewhere.prompt.md')).toBeUndefined();
    expect(server.files.beside(join(root, 'flows/a.flow.json')).readPrompt('/etc/hostname')).toBeUndefined();
  });

  it('says where a node stands and whether there is any', () => {
    const { root, server } = workspace({
      'a.flow.json': A,
      'none.flow.json': '{ "version": 1, "nodes": {} }',
      'torn.flow.json': '{',
      'blank.flow.json': ' \n',
    });
    const file = join(root, 'a.flow.json');
    expect(server.placeOf({ file, node: 'ask' })).toEqual({ line: 4, column: 4, endLine: 4, endColumn: 9 });
    expect(server.placeOf({ file, node: 'gone' })).toBeUndefined();
    const empty = ['a.flow.json', 'none.flow.json', 'torn.flow.json', 'blank.flow.json', 'gone.flow.json'].map((it) =>
      server.isEmpty({ file: join(root, it) }),
    );
    expect(empty).toEqual([false, true, false, true, false]);
  });

  it('plans how nodes become a flow of their own, with what stands in open prompt files', () => {
    const { root, server } = workspace();
    const file = join(root, 'flows/a.flow.json');
    const request = { file, nodes: ['ask'], as: 'asks.flow.json', title: 'Asks' };
    const refusals = [server.extract(request), server.extract({ ...request, nodes: ['draft', 'gone'] })];
    expect(refusals.map((it) => (it.ok ? '' : it.message))).toEqual([
      expect.stringContaining('ask.prompt.md'),
      expect.stringMatching(/^The nodes do not stand in the same body\. Select/),
    ]);
    // Not saved yet: the prompt no longer reads the step before.
    server.files.setText(join(root, 'prompts/ask.prompt.md'), 'Go.');
    const planned = server.extract(request);
    expect(planned).toMatchObject({ ok: true, id: 'asks' });
    expect(planned.ok && planned.edits.map(({ newText }) => newText).join()).toContain('"flow": "asks.flow.json"');
    expect(planned.ok && planned.content).toContain('ask.prompt.md');
  });

  it('plans fixes and the canonical form as edits with places', () => {
    const { root, server } = workspace({ 'a.flow.json': '{"version":1,"titel":"x","nodes":{}}' });
    const file = join(root, 'a.flow.json');
    const [problem] = server.check({ file }).problems;
    const edits = [{ span: { line: 0, column: 13, endLine: 0, endColumn: 20 }, newText: '"title"' }];
    expect(problem?.fix && server.plan({ file, edits: [...problem.fix.edits] })).toEqual({ ok: true, edits, said: [] });
    const refused = server.plan({ file, edits: [{ kind: 'removeNode', id: 'gone' }] });
    expect(refused.ok ? '' : refused.message).toContain('gone');
    const unread = server.plan({ file: join(root, 'none.flow.json'), edits: [] });
    expect(unread.ok ? '' : unread.message).toContain('cannot be read');
    expect(server.fixAll({ file }).length).toBeGreaterThan(0);
    expect(server.format({ file, unit: '  ' })[0]).toEqual({ span: { line: 0, column: 1, endLine: 0, endColumn: 1 }, newText: '\n  ' });
  });
});
