import * as vscode from 'vscode';
import { rootOfDocument } from '../documents.ts';
import { FlowCompletions } from '../text/completion.ts';
import { PROMPT_SCHEME, placeOf } from './prompts.ts';

/** What may be written in a text of a flow that stands in an editor of its own: what would be offered in its field. */
class PromptCompletions implements vscode.CompletionItemProvider {
  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.CompletionItem[]> {
    const { flow, node, path } = placeOf(document.uri);
    const owner = await vscode.workspace.openTextDocument(flow);
    const text = document.getText();
    const { completeDraft } = await import('./forms.lazy.ts');
    if (token.isCancellationRequested) return [];
    const draft = { node, path, value: text, expression: { kind: 'template' as const, text }, offset: document.offsetAt(position) };
    return completeDraft(draft, { text: owner.getText(), file: owner.uri.fsPath, root: rootOfDocument(owner) }).map((found, index) => {
      const item = new vscode.CompletionItem({ label: found.label, description: found.about }, vscode.CompletionItemKind.Variable);
      item.insertText = new vscode.SnippetString()
        .appendText(found.text.slice(0, found.caret))
        .appendTabstop(0)
        .appendText(found.text.slice(found.caret));
      item.range = new vscode.Range(document.positionAt(found.from), document.positionAt(found.to));
      item.sortText = String(index).padStart(5, '0');
      if (found.goesOn) item.command = { command: 'editor.action.triggerSuggest', title: 'Suggest' };
      return item;
    });
  }
}

export function registerPromptCompletion(): vscode.Disposable {
  return vscode.languages.registerCompletionItemProvider({ scheme: PROMPT_SCHEME }, new PromptCompletions(), ...FlowCompletions.triggers);
}
