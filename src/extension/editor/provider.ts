import * as vscode from 'vscode';
import { editorHtml } from './html.ts';
import { FlowSession, type SessionHost } from './session.ts';

export const VIEW_TYPE = 'belay.flow';

/** Replaces the editor in front by another one on the same file, in the same tab: VS Code's own "Reopen Editor With". */
export async function reopenWith(viewType: typeof VIEW_TYPE | 'default'): Promise<void> {
  await vscode.commands.executeCommand('reopenActiveEditorWith', viewType);
}

const CONFLICT = /^(<{7}|={7}|>{7})( |$)/m;

/** The graph editors of this window. A document may be open in several; each is a session of its own. */
export class FlowEditors implements vscode.CustomTextEditorProvider, vscode.Disposable {
  readonly #extensionUri: vscode.Uri;
  readonly #host: SessionHost;
  readonly #sessions = new Set<FlowSession>();
  readonly #registration: vscode.Disposable;
  readonly #opened = new vscode.EventEmitter<FlowSession>();
  readonly onDidOpen = this.#opened.event;

  constructor(extensionUri: vscode.Uri, host: SessionHost) {
    this.#extensionUri = extensionUri;
    this.#host = host;
    this.#registration = vscode.window.registerCustomEditorProvider(VIEW_TYPE, this, { supportsMultipleEditorsPerDocument: true });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#opened.dispose();
    for (const session of this.#sessions) session.dispose();
  }

  resolveCustomTextEditor(document: vscode.TextDocument, panel: vscode.WebviewPanel): void {
    if (CONFLICT.test(document.getText())) {
      // A file in the middle of a merge is text until the conflict is resolved.
      const { viewColumn } = panel;
      panel.dispose();
      void vscode.commands.executeCommand('vscode.openWith', document.uri, 'default', viewColumn);
      return;
    }
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(this.#extensionUri, 'dist', 'webview')] };
    const session = new FlowSession(document, panel, this.#host);
    this.#sessions.add(session);
    panel.onDidDispose(() => {
      this.#sessions.delete(session);
      session.dispose();
    });
    webview.html = editorHtml(webview, this.#extensionUri);
    this.#opened.fire(session);
  }

  /** The editors of a document, the active one first. */
  of(uri: vscode.Uri): FlowSession[] {
    const key = uri.toString();
    return [...this.#sessions]
      .filter((session) => session.document.uri.toString() === key)
      .sort((a, b) => Number(b.panel.active) - Number(a.panel.active));
  }

  all(): FlowSession[] {
    return [...this.#sessions];
  }

  active(): FlowSession | undefined {
    return [...this.#sessions].find((session) => session.panel.active);
  }

  /** Opens (or reveals) the flow as a graph and gives its session. */
  async open(uri: vscode.Uri, options: vscode.TextDocumentShowOptions = {}): Promise<FlowSession | undefined> {
    await vscode.commands.executeCommand('vscode.openWith', uri, VIEW_TYPE, options);
    return this.of(uri)[0];
  }
}
