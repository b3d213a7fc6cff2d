import * as vscode from 'vscode';
import { FlowCompletions } from '../text/completion.ts';
import { fileOf, type LanguageClient } from '../text/language-client.ts';
import { PROMPT_SCHEME, placeOf } from './prompts.ts';

/** What may be written in a text of a flow that stands in an editor of its own: what would be offered in its field. */
class PromptCompletions implements vscode.CompletionItemProvider {
  readonly #client: LanguageClient;

  constructor(client: LanguageClient) {
    this.#client = client;
  }

  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.CompletionItem[]> {
    const { flow, node, path } = placeOf(document.uri);
    const owner = await vscode.workspace.openTextDocument(flow);
    const text = document.getText();
    const draft = { node, path, value: text, expression: { kind: 'template' as const, text } };
    const offered = await this.#client.ask('completeDraft', { file: fileOf(owner), draft, offset: document.offsetAt(position) });
    if (token.isCancellationRequested) return [];
    return offered.map((found, index) => {
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

export function registerPromptCompletion(client: LanguageClient): vscode.Disposable {
  const provider = new PromptCompletions(client);
  return vscode.languages.registerCompletionItemProvider({ scheme: PROMPT_SCHEME }, provider, ...FlowCompletions.triggers);
}
