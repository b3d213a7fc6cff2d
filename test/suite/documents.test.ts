import assert from 'node:assert/strict';
import * as path from 'node:path';
import { before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { brokenDocuments } from '../format/broken-documents.ts';

function workspaceFile(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  assert.ok(folder, 'the suite needs a workspace folder');
  return vscode.Uri.joinPath(folder, name);
}

async function write(name: string, text: string): Promise<vscode.Uri> {
  const uri = workspaceFile(name);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return uri;
}

/** Waits for an event-driven condition; the suite's own time-out is the limit. */
async function until<T>(event: vscode.Event<unknown>, check: () => T | undefined | false): Promise<T> {
  const now = check();
  if (now) return now;
  return new Promise((resolve) => {
    const listener = event(() => {
      const found = check();
      if (!found) return;
      listener.dispose();
      resolve(found);
    });
  });
}

function problemsOf(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'belay');
}

function activeTab(): vscode.Tab | undefined {
  return vscode.window.tabGroups.activeTabGroup.activeTab;
}

before(async () => {
  await vscode.extensions.getExtension('belay.belay')?.activate();
});

describe('a flow in VS Code', () => {
  it('opens as a graph by default, as text when asked, and as a graph again', async () => {
    const uri = workspaceFile('release-notes.flow.json');
    await vscode.commands.executeCommand('vscode.open', uri);
    await until(vscode.window.tabGroups.onDidChangeTabs, () => activeTab()?.input instanceof vscode.TabInputCustom);
    const graph = activeTab()?.input as vscode.TabInputCustom;
    assert.equal(graph.viewType, 'belay.flow');
    await vscode.commands.executeCommand('vscode.openWith', uri, 'default');
    await until(vscode.window.tabGroups.onDidChangeTabs, () => activeTab()?.input instanceof vscode.TabInputText);
    await vscode.commands.executeCommand('belay.openAsGraph', uri);
    await until(vscode.window.tabGroups.onDidChangeTabs, () => activeTab()?.input instanceof vscode.TabInputCustom);
  });

  it('opens as text while it has conflict markers', async () => {
    const uri = await write('conflict.flow.json', '{\n<<<<<<< ours\n"version": 1\n=======\n"version": 1,\n>>>>>>> theirs\n}\n');
    await vscode.commands.executeCommand('vscode.open', uri);
    const input = await until(vscode.window.tabGroups.onDidChangeTabs, () => {
      const tab = activeTab()?.input;
      return tab instanceof vscode.TabInputText && tab.uri.path === uri.path ? tab : undefined;
    });
    assert.equal(path.posix.basename(input.uri.path), 'conflict.flow.json');
  });

  it('leaves git, review and merge views to the text editor', () => {
    const associations = vscode.workspace.getConfiguration('workbench').get<Record<string, string>>('editorAssociations');
    assert.ok(
      Object.entries(associations ?? {}).some(
        ([glob, editor]) => glob.includes('git') && glob.endsWith('*.flow.json') && editor === 'default',
      ),
    );
  });

  it('offers "Run Flow" and the graph above its text', async () => {
    const uri = workspaceFile('release-notes.flow.json');
    await vscode.workspace.openTextDocument(uri);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);
    assert.deepEqual(
      lenses.slice(0, 2).map(({ command }) => command?.command),
      ['belay.runFlow', 'belay.openAsGraph'],
    );
  });

  it('completes node types from the generated schema', async () => {
    const uri = await write('completion.flow.json', '{\n  "version": 1,\n  "nodes": {\n    "a": { "type": "" }\n  }\n}\n');
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    const inQuotes = document.positionAt(document.getText().indexOf('"type": "') + '"type": "'.length);
    const list = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', uri, inQuotes);
    const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    for (const type of ['prompt', 'command', 'branch', 'approval'])
      assert.ok(
        labels.some((label) => label.includes(type)),
        `${type} is not offered: ${labels.join()}`,
      );
  });
});

describe('problems that need no thinking', () => {
  it('are mended by a quick fix, and all at once', async () => {
    const text = '{\n  "version": 1,\n  "titel": "x",\n  "nodes": {\n    "a": { "type": "promt", "with": { "prompt": "x" } }\n  }\n}\n';
    const uri = await write('mend.flow.json', text);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    const place = document.positionAt(text.indexOf('promt'));
    const actions = (kind?: vscode.CodeActionKind) =>
      vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        uri,
        new vscode.Range(place, place),
        kind?.value,
      );

    const quick = (await actions(vscode.CodeActionKind.QuickFix)).filter(({ title }) => title === 'Change to "prompt"');
    assert.equal(quick.length, 1);
    assert.ok(quick[0]?.edit && (await vscode.workspace.applyEdit(quick[0].edit)));
    assert.equal(document.getText(), text.replace('promt', 'prompt'));

    const [all] = await actions(vscode.CodeActionKind.SourceFixAll.append('belay'));
    assert.ok(all?.edit && (await vscode.workspace.applyEdit(all.edit)));
    assert.equal(document.getText(), text.replace('promt', 'prompt').replace('titel', 'title'));
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await vscode.workspace.fs.delete(uri);
  });
});

/** VS Code itself takes a byte order mark for what it is: an encoding, not text. */
const documents = brokenDocuments.filter(({ name }) => name !== 'byte-order-mark');

describe('a broken document', () => {
  for (const { name, text, problems } of documents) {
    it(`${name}: is told in place, and stays as it is`, async () => {
      const uri = await write(`broken-${name}.flow.json`, text);
      const document = await vscode.workspace.openTextDocument(uri);
      const found = await until(vscode.languages.onDidChangeDiagnostics, () => {
        const told = problemsOf(uri);
        return told.length >= problems.length && told;
      });
      const told = found.map(
        ({ range, code }) => `${range.start.line + 1}:${range.start.character + 1} ${typeof code === 'object' ? code.value : code}`,
      );
      assert.deepEqual(
        problems.filter((problem) => !told.includes(problem)),
        [],
        `told: ${told.join(', ')}`,
      );
      assert.equal(document.isDirty, false);
      assert.equal(new TextDecoder('utf-8', { ignoreBOM: true }).decode(await vscode.workspace.fs.readFile(uri)), text);
      await vscode.workspace.fs.delete(uri);
    });
  }
});
