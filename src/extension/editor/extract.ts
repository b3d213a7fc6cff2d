/** Nodes of a graph become a flow of their own, in a file beside it. */
import * as vscode from 'vscode';
import { withoutLinks } from '../faults.ts';
import { planExtraction } from '../text/gestures.ts';
import { type LanguageClient, textEdits } from '../text/language-client.ts';
import { VIEW_TYPE } from './provider.ts';
import type { FlowSession } from './session.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Asks for a name, writes the new file, and puts a node in the place of the nodes. Nothing is done if a name is taken or the border cannot be crossed. */
export async function extractNodes(client: LanguageClient, session: FlowSession, nodes: readonly string[]): Promise<void> {
  const { document } = session;
  const folder = vscode.Uri.joinPath(document.uri, '..');
  const typed = await vscode.window.showInputBox({
    title: 'Extract to a sub-flow',
    prompt: 'Name of the new flow file, beside this one',
    value: `${nodes[0] ?? 'sub'}-flow`,
    validateInput: (text) => (NAME.test(text) ? undefined : 'Letters, digits, dots, dashes and underscores'),
  });
  if (!typed) return;
  const name = typed.replace(/\.flow(\.json)?$/, '');
  const uri = vscode.Uri.joinPath(folder, `${name}.flow.json`);
  const plan = await planExtraction(client, document, { nodes, as: `${name}.flow.json`, title: titleOf(name) });
  if (!plan.ok) {
    void vscode.window.showErrorMessage(withoutLinks(plan.message));
    return;
  }
  const { version } = document;
  const creation = new vscode.WorkspaceEdit();
  creation.createFile(uri, { overwrite: false, ignoreIfExists: false, contents: new TextEncoder().encode(`${plan.content}\n`) });
  if (!(await vscode.workspace.applyEdit(creation))) {
    void vscode.window.showErrorMessage(withoutLinks(`${name}.flow.json is there already.`));
    return;
  }
  // The file first, so that the node never names one that is not there; two changes, so that undo here never asks about both.
  if (document.version !== version || !(await session.replace(textEdits(plan.edits)))) {
    void vscode.window.showErrorMessage('The flow was changed in the meantime. Try again.');
    return;
  }
  session.reveal(plan.id);
  const open = 'Open';
  const said = plan.said.length > 0 ? ` ${plan.said.join(' ')}` : '';
  const picked = await vscode.window.showInformationMessage(
    withoutLinks(`Extracted to ${name}.flow.json.${said} Undo puts the nodes back here; the new file stays until you delete it.`),
    open,
  );
  if (picked === open) await vscode.commands.executeCommand('vscode.openWith', uri, VIEW_TYPE);
}

/** `write-it` → `Write it`. */
function titleOf(name: string): string {
  const words = name.replace(/[-_.]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
