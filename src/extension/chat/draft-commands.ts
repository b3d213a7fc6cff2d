/** What the buttons under a draft and under a proposed change do. Until one of them is pressed nothing is written. */
import * as vscode from 'vscode';
import { BelayError } from '../../engine/errors.ts';
import { differenceOf } from '../../engine/format/fix.ts';
import { parseFlow } from '../../engine/format/parse.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import { VIEW_TYPE } from '../editor/provider.ts';
import { withoutLinks } from '../faults.ts';
import { achieved } from '../walkthrough.ts';
import type { ChatHost } from './host.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

export class DraftCommands {
  readonly #virtual: ChatHost['virtual'];

  constructor(virtual: ChatHost['virtual']) {
    this.#virtual = virtual;
  }

  /** Asks for the name of the file and writes it. */
  async create(draft: string): Promise<void> {
    const uri = vscode.Uri.parse(draft, true);
    const text = this.#text(uri);
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    if (!folder) throw new BelayError('FOLDER_MISSING', 'A flow lives in a file.', { hint: 'Open a folder first.', kind: 'badRequest' });
    const name = await vscode.window.showInputBox({
      title: 'Create the flow',
      prompt: 'Name of the file',
      value: nameOf(uri),
      ignoreFocusOut: true,
      validateInput: async (typed) => {
        if (!NAME.test(typed)) return 'Letters, digits, dots, dashes and underscores';
        return (await isThere(fileIn(folder, typed))) ? 'There is a flow of this name already' : undefined;
      },
    });
    if (!name) return;
    const file = fileIn(folder, name);
    const edit = new vscode.WorkspaceEdit();
    edit.createFile(file, { ignoreIfExists: false, overwrite: false, contents: new TextEncoder().encode(text) });
    if (!(await vscode.workspace.applyEdit(edit))) throw refused(file);
    await closeTabs(uri);
    void achieved('built');
    await vscode.commands.executeCommand('vscode.openWith', file, VIEW_TYPE);
  }

  /** Puts the draft into a flow that has no steps: one edit. */
  async fill(draft: string, flow: string): Promise<void> {
    const uri = vscode.Uri.parse(draft, true);
    const text = this.#text(uri);
    const file = vscode.Uri.parse(flow, true);
    const document = await vscode.workspace.openTextDocument(file);
    const { flow: present } = parseFlow(document.getText(), catalog);
    if (!present || Object.keys(present.nodes).length > 0) {
      throw new BelayError('START_NOT_EMPTY', 'This flow has steps by now, which would be lost.', {
        hint: 'Create a file of its own for the draft.',
        kind: 'badRequest',
      });
    }
    await replaceAll(document, text);
    await closeTabs(uri);
    void achieved('built');
    await vscode.commands.executeCommand('vscode.openWith', file, VIEW_TYPE);
  }

  /** Writes a proposed change into the flow, as one edit; not where the flow has become another one meanwhile. */
  async apply(flow: string, before: string, after: string): Promise<void> {
    const [was, now] = [vscode.Uri.parse(before, true), vscode.Uri.parse(after, true)];
    const text = this.#text(now);
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(flow, true));
    if (document.getText() !== this.#text(was)) {
      throw new BelayError('CHANGE_STALE', 'The flow was changed after this was proposed.', {
        hint: 'Ask "@belay /fix" again.',
        kind: 'badRequest',
      });
    }
    await replaceAll(document, text);
    await Promise.all([was, now].map((uri) => this.#forget(uri)));
    void vscode.window.setStatusBarMessage(withoutLinks(`$(check) ${vscode.workspace.asRelativePath(document.uri)} was changed`), 5000);
  }

  async discard(draft: string): Promise<void> {
    await this.#forget(vscode.Uri.parse(draft, true));
  }

  async #forget(uri: vscode.Uri): Promise<void> {
    await closeTabs(uri);
    await this.#virtual.discardDraft(uri);
  }

  #text(uri: vscode.Uri): string {
    const text = this.#virtual.draft(uri);
    if (text !== undefined) return text;
    throw new BelayError('DRAFT_GONE', 'This draft is not kept any more.', { hint: 'Ask for it again.', kind: 'notFound' });
  }
}

/** One edit of the stretch in which the texts differ. The flow is saved too where it had no other unsaved change. */
async function replaceAll(document: vscode.TextDocument, text: string): Promise<void> {
  const wasClean = !document.isDirty;
  const edit = new vscode.WorkspaceEdit();
  const edits = differenceOf(document.getText(), text).map(({ offset, length, newText }) =>
    vscode.TextEdit.replace(new vscode.Range(document.positionAt(offset), document.positionAt(offset + length)), newText),
  );
  edit.set(document.uri, edits);
  if (!(await vscode.workspace.applyEdit(edit))) throw refused(document.uri);
  if (wasClean) await document.save();
}

function refused(uri: vscode.Uri): BelayError {
  return new BelayError('EDIT_REFUSED', `VS Code did not write ${vscode.workspace.asRelativePath(uri)}.`, {
    hint: 'Is the file read-only?',
    kind: 'permission',
  });
}

function nameOf({ path }: vscode.Uri): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/(\.flow)?\.json$/, '');
}

function fileIn(folder: vscode.Uri, name: string): vscode.Uri {
  return vscode.Uri.joinPath(folder, `${name.replace(/\.flow(\.json)?$/, '')}.flow.json`);
}

async function isThere(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

/** The editors that show it, as a graph or in a comparison. */
async function closeTabs(uri: vscode.Uri): Promise<void> {
  const key = uri.toString();
  const shows = ({ input }: vscode.Tab): boolean => {
    if (input instanceof vscode.TabInputTextDiff) return input.modified.toString() === key || input.original.toString() === key;
    return (input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText) && input.uri.toString() === key;
  };
  await vscode.window.tabGroups.close(vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.filter(shows)));
}
