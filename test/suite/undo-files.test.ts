/** What reaches several files is one step of undo: VS Code asks whether it is to be taken back in all of them. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { after, before, beforeEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { FlowEdit } from '../../src/engine/format/flow-edit.ts';
import { isFlow } from '../../src/extension/documents.ts';
import { FlowSession, type SessionHost } from '../../src/extension/editor/session.ts';
import { planGesture } from '../../src/extension/text/gestures.ts';
import { LanguageClient } from '../../src/extension/text/language-client.ts';

const FLOW = `{
  "version": 1,
  "inputs": { "topic": { "type": "string" } },
  "nodes": {
    "first": { "type": "template", "with": { "template": "{{ inputs.topic }}" } },
    "ask": { "type": "prompt", "after": { "first": "success" }, "with": { "file": "ask.prompt.md" } }
  }
}
`;
const PROMPT = 'About {{ inputs.topic }}: {{ steps.first.output.text }}\n';
const CALLER = `{
  "version": 1,
  "nodes": {
    "call": { "type": "flow", "with": { "flow": "called.flow.json", "inputs": { "topic": "snow" } } }
  }
}
`;
const FILES = { 'called.flow.json': FLOW, 'ask.prompt.md': PROMPT, 'caller.flow.json': CALLER };

async function settled(what: string, check: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; !check(); await new Promise((resolve) => setTimeout(resolve, 20)))
    assert.ok(Date.now() < end, `not settled: ${what}`);
}

describe('a renaming that reaches other files', () => {
  let folder: string;
  let client: LanguageClient;
  let document: vscode.TextDocument;
  const at = (name: string) => path.join(folder, name);
  /** As it stands: in an open document, else on the disk. */
  const now = (name: string) =>
    vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === at(name))?.getText() ?? readFileSync(at(name), 'utf8');
  const all = () => Object.fromEntries(Object.keys(FILES).map((name) => [name, now(name)]));

  before(() => {
    const workspace = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    const extension = vscode.extensions.getExtension('belay.belay')?.extensionPath;
    assert.ok(workspace && extension);
    folder = path.join(workspace, 'undo-files');
    mkdirSync(folder, { recursive: true });
    const log = { error: (...words: unknown[]) => assert.fail(words.join(' ')) } as unknown as vscode.LogOutputChannel;
    client = new LanguageClient(path.join(extension, 'dist/extension/text/language-worker.lazy.mjs'), log, isFlow);
  });
  beforeEach(async () => {
    for (const [name, text] of Object.entries(FILES)) writeFileSync(at(name), text);
    document = await vscode.workspace.openTextDocument(at('called.flow.json'));
    await vscode.window.showTextDocument(document);
    await settled('the files as they are', () => Object.entries(FILES).every(([name, text]) => now(name) === text));
  });
  after(async () => {
    client.dispose();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(folder, { recursive: true, force: true });
  });

  /** As the graph does it. */
  async function renamed(edit: FlowEdit): Promise<void> {
    const panel = { active: true, webview: { onDidReceiveMessage: () => new vscode.Disposable(() => undefined) } };
    const host = { plan: (flow: vscode.TextDocument, edits: FlowEdit[]) => planGesture(client, flow, edits) };
    const session = new FlowSession(document, panel as unknown as vscode.WebviewPanel, host as unknown as SessionHost);
    assert.ok(await session.apply([edit]));
    session.dispose();
  }

  it('of an input in the graph is undone in the prompt file and in the flow that gives it, too, and done again', async () => {
    await renamed({ kind: 'renameInput', name: 'topic', to: 'subject' });
    const after = all();
    assert.match(after['called.flow.json'] ?? '', /"subject": \{[\s\S]*\{\{ inputs\.subject \}\}/);
    assert.match(after['ask.prompt.md'] ?? '', /inputs\.subject/);
    assert.match(after['caller.flow.json'] ?? '', /"subject": "snow"/);
    await vscode.commands.executeCommand('undo');
    await settled('undo in three files', () => Object.entries(FILES).every(([name, text]) => now(name) === text));
    await vscode.commands.executeCommand('redo');
    await settled('redo in three files', () => Object.entries(after).every(([name, text]) => now(name) === text));
    await vscode.commands.executeCommand('undo');
    await settled('undo once more', () => Object.entries(FILES).every(([name, text]) => now(name) === text));
  });

  it('of a node by F2 in the text is undone in the prompt file, too', async () => {
    const place = document.positionAt(FLOW.indexOf('"first"') + 2);
    const edit = await vscode.commands.executeCommand<vscode.WorkspaceEdit>(
      'vscode.executeDocumentRenameProvider',
      document.uri,
      place,
      'start',
    );
    assert.ok(await vscode.workspace.applyEdit(edit));
    assert.match(now('called.flow.json'), /"start"/);
    assert.match(now('ask.prompt.md'), /steps\.start\./);
    await vscode.commands.executeCommand('undo');
    await settled('undo in both files', () => Object.entries(FILES).every(([name, text]) => now(name) === text));
  });

  it('of a prompt file itself is undone with its name in the flow', async () => {
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(vscode.Uri.file(at('ask.prompt.md')), vscode.Uri.file(at('question.prompt.md')));
    assert.ok(await vscode.workspace.applyEdit(edit));
    await settled('the name in the flow', () => now('called.flow.json').includes('"question.prompt.md"'));
    assert.ok(existsSync(at('question.prompt.md')));
    await vscode.commands.executeCommand('undo');
    await settled('the name in the flow as it was', () => now('called.flow.json') === FLOW);
    await settled('the file where it was', () => existsSync(at('ask.prompt.md')));
    rmSync(at('question.prompt.md'), { force: true });
  });

  it('of an agent is undone with its name in the flow', async () => {
    const agents = path.join(path.dirname(folder), '.github', 'agents');
    const [from, to] = ['undone', 'redone'].map((name) => path.join(agents, `${name}.agent.md`)) as [string, string];
    mkdirSync(agents, { recursive: true });
    writeFileSync(from, '---\ndescription: Helps\n---\nHelp.\n');
    const text = `{\n  "version": 1,\n  "nodes": { "help": { "type": "agent", "with": { "agent": "undone", "task": "Help" } } }\n}\n`;
    writeFileSync(at('agent.flow.json'), text);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(at('agent.flow.json')));
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(vscode.Uri.file(from), vscode.Uri.file(to));
    assert.ok(await vscode.workspace.applyEdit(edit));
    await settled('the name in the flow', () => now('agent.flow.json').includes('"redone"'));
    assert.ok(existsSync(to) && !existsSync(from));
    await vscode.commands.executeCommand('undo');
    await settled('the name in the flow as it was', () => now('agent.flow.json') === text);
    await settled('the file where it was', () => existsSync(from) && !existsSync(to));
    rmSync(from);
  });

  it('of a sub-flow is undone with its name in the flow that calls it, and done again', async () => {
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(vscode.Uri.file(at('called.flow.json')), vscode.Uri.file(at('renamed.flow.json')));
    assert.ok(await vscode.workspace.applyEdit(edit));
    await settled('the name in the caller', () => now('caller.flow.json').includes('"renamed.flow.json"'));
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(at('caller.flow.json')));
    await vscode.commands.executeCommand('undo');
    await settled('the name in the caller as it was', () => now('caller.flow.json') === CALLER);
    await settled('the file where it was', () => existsSync(at('called.flow.json')) && !existsSync(at('renamed.flow.json')));
    await vscode.commands.executeCommand('redo');
    await settled('done again', () => now('caller.flow.json').includes('"renamed.flow.json"') && existsSync(at('renamed.flow.json')));
    await vscode.commands.executeCommand('undo');
    await settled('undone again', () => now('caller.flow.json') === CALLER && existsSync(at('called.flow.json')));
  });
});
