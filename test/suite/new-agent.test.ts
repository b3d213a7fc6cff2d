import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';

const FILE = path.join('.github', 'agents', 'my-agent.agent.md');

describe('Belay: New Agent…', () => {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const file = path.join(folder?.uri.fsPath ?? '', FILE);
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(file, { force: true });
  });

  /** Takes what is offered first, until the agent is open: a blank one, by the name that is proposed. */
  async function made(): Promise<vscode.TextDocument> {
    const done = vscode.commands.executeCommand('belay.newAgent');
    let isOver = false;
    void Promise.resolve(done).finally(() => {
      isOver = true;
    });
    // An acceptance that comes before the question is lost.
    while (!isOver) await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    await done;
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.uri.fsPath, file);
    return document as vscode.TextDocument;
  }

  it('makes a file in the format of VS Code, which begins with what to fill in', async () => {
    const text = (await made()).getText();
    assert.match(text, /^---\nname: my-agent\ndescription: .+\ntools: \[read, search\]\n---\nYou are my-agent\./);
  });

  it('opens an agent that is there as it is', async () => {
    const text = '---\ntools: []\n---\nYou were here before.';
    await vscode.workspace.fs.writeFile(vscode.Uri.file(file), new TextEncoder().encode(text));
    const document = await made();
    // VS Code may still hold the text of the file before, until it hears that there is another.
    while (document.getText() !== text) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(document.getText(), text);
  });
});
