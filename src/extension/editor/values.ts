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

  /** Text opens as Markdown, anything else as JSON. */
  async open(title: string, value: Json): Promise<void> {
    const isText = typeof value === 'string';
    this.#opened += 1;
    const name = title.replace(/[^\p{L}\p{N} _.-]+/gu, ' ').trim() || 'value';
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}.${isText ? 'md' : 'json'}`, query: String(this.#opened) });
    this.#texts.set(uri.toString(), isText ? value : JSON.stringify(value, null, 2));
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Beside });
  }
}
