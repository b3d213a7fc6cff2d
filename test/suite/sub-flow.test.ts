/** What is planned in the language worker and done by VS Code: nodes that become a flow of their own, and a flow that begins from a pattern. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { isFlow } from '../../src/extension/documents.ts';
import { extractNodes } from '../../src/extension/editor/extract.ts';
import { FlowSession, type SessionHost } from '../../src/extension/editor/session.ts';
import { FlowStarts } from '../../src/extension/editor/starts.ts';
import { LanguageClient } from '../../src/extension/text/language-client.ts';

const FLOW = `{
  "version": 1,
  "nodes": {
    "first": { "type": "template", "with": { "template": "a" } },
    "second": { "type": "template", "after": { "first": "success" }, "with": { "template": "{{ steps.first.output.text }}" } }
  }
}
`;
const EMPTY = '{ "version": 1, "nodes": {} }\n';

describe('flows that come from flows', () => {
  let folder: string;
  let extension: string;
  let client: LanguageClient;
  const dialogs = { ...vscode.window };
  const said: string[] = [];
  const at = (name: string) => path.join(folder, name);

  before(() => {
    const workspace = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    extension = vscode.extensions.getExtension('belay.belay')?.extensionPath ?? '';
    assert.ok(workspace && extension);
    folder = path.join(workspace, 'sub-flows');
    mkdirSync(folder, { recursive: true });
    const log = { error: (...words: unknown[]) => assert.fail(words.join(' ')) } as unknown as vscode.LogOutputChannel;
    client = new LanguageClient(path.join(extension, 'dist/extension/text/language-worker.lazy.mjs'), log, isFlow);
    Object.assign(vscode.window, {
      showInputBox: () => Promise.resolve('tail'),
      showInformationMessage: (text: string) => Promise.resolve(void said.push(text)),
      showErrorMessage: (text: string) => Promise.resolve(void said.push(text)),
    });
  });
  beforeEach(() => said.splice(0));
  afterEach(() => vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor'));
  after(() => {
    const { showInputBox, showInformationMessage, showErrorMessage } = dialogs;
    Object.assign(vscode.window, { showInputBox, showInformationMessage, showErrorMessage });
    client.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  async function shown(name: string, text: string): Promise<vscode.TextDocument> {
    writeFileSync(at(name), text);
    const document = await vscode.workspace.openTextDocument(at(name));
    await vscode.window.showTextDocument(document);
    return document;
  }

  async function extracted(document: vscode.TextDocument, nodes: string[]): Promise<void> {
    const panel = { active: true, webview: { onDidReceiveMessage: () => new vscode.Disposable(() => undefined) } };
    const session = new FlowSession(document, panel as unknown as vscode.WebviewPanel, {} as unknown as SessionHost);
    await extractNodes(client, session, nodes);
    session.dispose();
  }

  it('a node gets a file of its own and a node that runs it; undo puts it back and leaves the file', async () => {
    const document = await shown('main.flow.json', FLOW);
    await extracted(document, ['second']);
    assert.match(said.join(), /^Extracted to tail\.flow\.json\./);
    const { nodes } = JSON.parse(document.getText()) as { nodes: Record<string, { type: string; with: { flow?: string } }> };
    assert.deepEqual([Object.keys(nodes), nodes.tail?.type, nodes.tail?.with.flow], [['first', 'tail'], 'flow', 'tail.flow.json']);
    assert.match(readFileSync(at('tail.flow.json'), 'utf8'), /"second"/);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), FLOW);
    assert.ok(existsSync(at('tail.flow.json')));
  });

  it('nothing is done where the file is there already, or the nodes are not', async () => {
    writeFileSync(at('tail.flow.json'), EMPTY);
    const document = await shown('other.flow.json', FLOW);
    await extracted(document, ['second']);
    await extracted(document, ['gone']);
    assert.match(said.join('\n'), /^tail\.flow\.json is there already\.\nThe nodes do not stand in the same body\./);
    assert.deepEqual([document.getText(), readFileSync(at('tail.flow.json'), 'utf8')], [FLOW, EMPTY]);
  });

  it('an empty flow begins from a pattern, one with steps does not', async () => {
    const starts = new FlowStarts(vscode.Uri.file(extension), client, () => Promise.resolve());
    const empty = await shown('empty.flow.json', EMPTY);
    assert.equal(await starts.start(empty, 'pipeline'), true);
    const pattern = readFileSync(path.join(extension, 'templates/pipeline.flow.json'), 'utf8');
    assert.equal(empty.getText(), pattern);
    await assert.rejects(starts.start(empty, 'loop'), { code: 'START_NOT_EMPTY' });
    assert.equal(empty.getText(), pattern);
  });
});
