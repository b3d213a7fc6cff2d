import * as vscode from 'vscode';
import type { Json } from '../../engine/format/json.ts';

const SCHEME = 'belay-value';

/** Values of a run, opened beside the graph to be read, searched and compared: read-only, and gone when they are closed. */
export class ValueDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #disposables: vscode.Disposable[];
  #opened = 0;

  constructor() {
    this.#disposables = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#texts.delete(uri.toString())),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  provideTextDocumentContent(uri: vscode.Uri): string | undefined {
    return this.#texts.get(uri.toString());
  }

  /** Opens beside the graph. */
  async open(title: string, value: Json): Promise<void> {
    const document = await vscode.workspace.openTextDocument(this.#add(title, value));
    await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Beside });
  }

  /** Two values side by side, in VS Code's comparison. */
  async compare(title: string, earlier: Json, later: Json): Promise<void> {
    await vscode.commands.executeCommand('vscode.diff', this.#add(`${title} before`, earlier), this.#add(title, later), title, {
      viewColumn: vscode.ViewColumn.Beside,
    });
  }

  /** Text is Markdown, anything else JSON. */
  #add(title: string, value: Json): vscode.Uri {
    const isText = typeof value === 'string';
    this.#opened += 1;
    const name = title.replace(/[^\p{L}\p{N} _.-]+/gu, ' ').trim() || 'value';
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}.${isText ? 'md' : 'json'}`, query: String(this.#opened) });
    this.#texts.set(uri.toString(), isText ? value : JSON.stringify(value, null, 2));
    return uri;
  }
}
