import * as path from 'node:path';
import * as vscode from 'vscode';
import { rootOf } from '../runs/roots.ts';
import type { LanguageClient } from './language-client.ts';
import { workspaceEdit } from './navigation.ts';

/** Files of these kinds, and folders, which may hold some. */
const NAMED = /(\.flow\.json|\.prompt\.md|\.agent\.md|\.md|\/[^./]+)$/;

/** When a prompt, an agent, a flow or a folder is moved, the flows that name it are mended with it; recordings go with their flow. */
export function mendWhenMoved(client: LanguageClient, log: vscode.LogOutputChannel): vscode.Disposable {
  return vscode.workspace.onWillRenameFiles((event) => {
    const moves = event.files.filter(
      ({ oldUri, newUri }) => oldUri.scheme === 'file' && newUri.scheme === 'file' && NAMED.test(oldUri.path),
    );
    if (moves.length === 0) return;
    event.waitUntil(
      mend(client, moves).catch((error: unknown) => {
        log.error('What refers to the moved files could not be mended', error);
        return new vscode.WorkspaceEdit();
      }),
    );
  });
}

async function mend(client: LanguageClient, moves: readonly { oldUri: vscode.Uri; newUri: vscode.Uri }[]): Promise<vscode.WorkspaceEdit> {
  const edits = await client.ask('move', { moves: moves.map(({ oldUri, newUri }) => ({ from: oldUri.fsPath, to: newUri.fsPath })) }, true);
  const edit = workspaceEdit(edits);
  for (const { oldUri, newUri } of moves) {
    if (!oldUri.path.endsWith('.flow.json') || !newUri.path.endsWith('.flow.json')) continue;
    const [from, to] = [recordingOf(oldUri), recordingOf(newUri)];
    const isThere = await vscode.workspace.fs.stat(from).then(
      () => true,
      () => false,
    );
    if (isThere) edit.renameFile(from, to, { ignoreIfExists: true });
  }
  return edit;
}

/** Where `providers/cassettes` keeps the recordings of a flow. */
export function recordingOf(flow: vscode.Uri): vscode.Uri {
  const root = rootOf(flow);
  const name = path.relative(root, flow.fsPath).replace(/\.flow\.json$/, '');
  return vscode.Uri.file(path.join(root, '.belay', 'cassettes', `${name}.jsonl`));
}
