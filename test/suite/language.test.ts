import assert from 'node:assert/strict';
import { before, beforeEach, describe, it } from 'mocha';
import * as vscode from 'vscode';

const FLOW = `{
  "version": 1,
  "inputs": { "topic": { "type": "string" } },
  "nodes": {
    "draft": {
      "type": "prompt",
      "title": "Draft it",
      "output": { "type": "object", "properties": { "title": { "type": "string", "description": "Of the draft." } } },
      "with": { "prompt": "On {{ inputs.topic }}" }
    },
    "sort": {
      "type": "branch",
      "after": { "draft": "success" },
      "with": { "cases": [{ "name": "long", "when": "size(steps.draft.output.title) > 9" }] }
    },
    "ask": {
      "type": "prompt",
      "after": { "sort": "case:long" },
      "with": { "file": "prompts/ask.prompt.md" }
    },
    "every": {
      "type": "each",
      "after": { "ask": "success" },
      "with": { "items": [1], "nodes": {
        "inner": { "type": "template", "with": { "template": "{{ item }}" } }
      } }
    }
  },
  "layout": {
    "draft": [0, 0],
    "sort": [200, 0]
  }
}
`;
const PROMPT = '---\ndescription: x\n---\nGo: {{ steps.draft.output.title }}\n';

let folder: vscode.Uri;
let count = 0;
let document: vscode.TextDocument;

function file(name: string): vscode.Uri {
  return vscode.Uri.joinPath(folder, name);
}

async function write(name: string, text: string): Promise<vscode.Uri> {
  await vscode.workspace.fs.writeFile(file(name), new TextEncoder().encode(text));
  return file(name);
}

/** Right behind `part` (of which `¦` is the place, if it has one). */
function position(part: string, of = document): vscode.Position {
  const [head = '', tail = ''] = part.split('¦');
  const start = of.getText().indexOf(head + tail);
  assert.ok(start >= 0, `${part} is not in the text`);
  return of.positionAt(start + head.length);
}

const execute = <T>(command: string, ...args: unknown[]) => vscode.commands.executeCommand<T>(`vscode.${command}`, ...args);

/** Asks until it is so, for as long as a test may take: VS Code's own JSON and what it knows of files come a moment later. */
async function eventually<T>(ask: () => Thenable<T>, isIt: (found: T) => boolean): Promise<T> {
  const until = Date.now() + 18_000;
  for (;;) {
    const found = await ask();
    if (isIt(found) || Date.now() > until) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function labels(at: vscode.Position, of = document): Promise<string[]> {
  const list = await execute<vscode.CompletionList>('executeCompletionItemProvider', of.uri, at);
  return list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
}

before(async () => {
  await vscode.extensions.getExtension('belay.belay')?.activate();
});

beforeEach(async () => {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri;
  assert.ok(root);
  count += 1;
  folder = vscode.Uri.joinPath(root, `language-${count}`);
  await write('prompts/ask.prompt.md', PROMPT);
  document = await vscode.workspace.openTextDocument(await write('a.flow.json', FLOW));
});

describe('language: the text of a flow', () => {
  it('completes what a schema cannot know, each once', async () => {
    await vscode.window.showTextDocument(document);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(
      document.uri,
      new vscode.Range(position('"template": "¦{{ item }}'), position('"template": "{{ item }}¦"')),
      '{{ steps.draft.output. }}',
    );
    edit.replace(document.uri, new vscode.Range(position('"sort": "¦case:long'), position('"sort": "case:long¦')), '');
    assert.ok(await vscode.workspace.applyEdit(edit));
    assert.ok((await labels(position('steps.draft.output.¦ }}'))).includes('title'));
    const outlets = await labels(position('"sort": "¦"'));
    for (const outlet of ['case:long', 'else', 'failure'])
      assert.equal(outlets.filter((label) => label.includes(outlet)).length, 1, outlets.join());
    assert.ok(!outlets.some((label) => label.includes('approved')), outlets.join());
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('completes a prompt file by the flow that names it', async () => {
    const prompt = await vscode.workspace.openTextDocument(file('prompts/ask.prompt.md'));
    const found = await eventually(
      () => labels(position('steps.¦draft', prompt), prompt),
      (all) => all.includes('draft'),
    );
    assert.ok(found.includes('sort'));
  });

  it('tells in a hover what stands there', async () => {
    const hovers = await execute<vscode.Hover[]>('executeHoverProvider', document.uri, position('steps.draft.output.ti¦tle'));
    const text = hovers
      .flatMap(({ contents }) => contents.map((it) => (typeof it === 'string' ? it : it.value)))
      .join('\n')
      .replaceAll('&nbsp;', ' ');
    assert.match(text, /steps\.draft\.output\.title: a text/);
    assert.match(text, /Of the draft\./);
  });

  it("offers types that can run and no others, and the schema adds nothing to Belay's own words on a node", async () => {
    const types = await eventually(
      () => labels(position('"type": "¦branch"')),
      (all) => all.some((label) => label.includes('agent')),
    );
    assert.ok(types.some((label) => label.includes('agent')) && !types.some((label) => label.includes('notify')), types.join());
    const hovers = await execute<vscode.Hover[]>('executeHoverProvider', document.uri, position('"dr¦aft": {'));
    const texts = hovers.flatMap(({ contents }) => contents.map((it) => (typeof it === 'string' ? it : it.value).trim()));
    assert.ok(texts.length > 0 && !texts.includes('Node'), texts.join('\n---\n'));
  });

  it('shows the text of a prompt file in a hover as it stands', async () => {
    const hovers = await execute<vscode.Hover[]>('executeHoverProvider', document.uri, position('prompts/as¦k'));
    const texts = hovers.flatMap(({ contents }) => contents.map((it) => (typeof it === 'string' ? it : it.value)));
    // In VS Code a block of Markdown in a hover is set as running text.
    assert.ok(
      texts.some((text) => text.includes('```plaintext\nGo: ')),
      texts.join('\n'),
    );
  });

  it('goes to nodes and prompt files, and finds all that names them', async () => {
    const [node] = await execute<vscode.Location[]>('executeDefinitionProvider', document.uri, position('size(steps.dr¦aft'));
    assert.deepEqual(node?.range.start, position('"¦draft": {'));
    const [prompt] = await execute<vscode.Location[]>('executeDefinitionProvider', document.uri, position('prompts/as¦k'));
    assert.equal(prompt?.uri.path, file('prompts/ask.prompt.md').path);
    const named = await execute<vscode.Location[]>('executeReferenceProvider', document.uri, position('"dr¦aft": {'));
    assert.deepEqual(named.map(({ uri }) => uri.path.split('/').at(-1)).sort(), [
      'a.flow.json',
      'a.flow.json',
      'a.flow.json',
      'a.flow.json',
      'ask.prompt.md',
    ]);
  });

  it('renames a node, also in the prompt file', async () => {
    const prompt = await vscode.workspace.openTextDocument(file('prompts/ask.prompt.md'));
    const edit = await execute<vscode.WorkspaceEdit>(
      'executeDocumentRenameProvider',
      document.uri,
      position('size(steps.dr¦aft'),
      'outline',
    );
    assert.ok(await vscode.workspace.applyEdit(edit));
    assert.equal(prompt.getText(), PROMPT.replace('steps.draft', 'steps.outline'));
    assert.equal(document.getText(), FLOW.replaceAll('"draft"', '"outline"').replaceAll('steps.draft', 'steps.outline'));
  });

  it('refuses to rename a node in a prompt file that another flow uses', async () => {
    await vscode.workspace.openTextDocument(await write('b.flow.json', FLOW));
    const rename = () =>
      execute<vscode.WorkspaceEdit>('executeDocumentRenameProvider', document.uri, position('"dr¦aft": {'), 'outline').then(
        () => undefined,
        String,
      );
    const refused = await eventually(rename, (found) => found !== undefined);
    assert.match(refused ?? '', /used by .*b\.flow\.json too/);
  });

  it('has an outline with bodies in their owners; VS Code itself folds nodes, bodies and the layout', async () => {
    const symbols = await execute<vscode.DocumentSymbol[]>('executeDocumentSymbolProvider', document.uri);
    const own = symbols.filter(({ name }) => ['draft', 'every'].includes(name));
    assert.deepEqual(
      own.map(({ name, detail, children }) => [name, detail, ...children.map((child) => child.name)]),
      [
        ['draft', 'prompt · Draft it'],
        ['every', 'each', 'inner'],
      ],
    );
    const lines = ['"draft": {', '"nodes": {\n        "inner"', '"layout": {'].map(
      (part) => position(part).line - (part.includes('\n') ? 1 : 0),
    );
    const folds = await eventually(
      () => execute<vscode.FoldingRange[]>('executeFoldingRangeProvider', document.uri),
      (found) => found.length > 0,
    );
    for (const line of lines)
      assert.ok(
        folds.some(({ start }) => start === line),
        `line ${line} does not fold`,
      );
  });

  it('is put into its canonical form by a command', async () => {
    const editor = await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('belay.formatFlow');
    await eventually(
      async () => document.getText(),
      (text) => text !== FLOW,
    );
    assert.equal(document.lineAt(position('"nodes": {\n          "inner"').line - 1).text, '        "nodes": {');
    assert.deepEqual(JSON.parse(document.getText()), JSON.parse(FLOW));
    assert.equal(editor.document, document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('is shown in the graph, node by node', async () => {
    const lenses = await execute<vscode.CodeLens[]>('executeCodeLensProvider', document.uri);
    const reveal = lenses.filter(({ command }) => command?.command === 'belay.revealInGraph');
    assert.deepEqual(
      reveal.map(({ command }) => command?.arguments?.[1]),
      ['draft', 'sort', 'ask', 'every', 'inner'],
    );
    await vscode.commands.executeCommand('belay.revealInGraph', document.uri, 'inner');
    const tabs = () =>
      vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter(({ input }) => input instanceof vscode.TabInputCustom);
    assert.ok(tabs().some(({ input }) => (input as vscode.TabInputCustom).uri.path === document.uri.path));
  });
});

describe('language: a file that is moved', () => {
  it('keeps its names in flows', async () => {
    await eventually(
      () => execute<vscode.Location[]>('executeReferenceProvider', document.uri, position('prompts/as¦k')),
      (found) => found.length === 1,
    );
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(file('prompts/ask.prompt.md'), file('moved/question.prompt.md'));
    assert.ok(await vscode.workspace.applyEdit(edit));
    assert.match(document.getText(), /"file": "moved\/question\.prompt\.md"/);
  });

  it('names what it names from where it is now', async () => {
    await eventually(
      () => execute<vscode.Location[]>('executeReferenceProvider', document.uri, position('prompts/as¦k')),
      (found) => found.length === 1,
    );
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(document.uri, file('deep/er/a.flow.json'));
    assert.ok(await vscode.workspace.applyEdit(edit));
    const moved = await vscode.workspace.openTextDocument(file('deep/er/a.flow.json'));
    assert.match(moved.getText(), /"file": "\.\.\/\.\.\/prompts\/ask\.prompt\.md"/);
  });
});
