import * as vscode from 'vscode';

/** "Run Flow" and "Show as Graph" above a flow that is open as text. */
export class FlowCodeLenses implements vscode.CodeLensProvider {
  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const top = new vscode.Range(0, 0, 0, 0);
    return [
      new vscode.CodeLens(top, { title: '$(play) Run Flow', command: 'belay.runFlow', arguments: [document.uri] }),
      new vscode.CodeLens(top, { title: '$(type-hierarchy-sub) Show as Graph', command: 'belay.openAsGraph', arguments: [document.uri] }),
    ];
  }
}
