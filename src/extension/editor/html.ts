import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/**
 * The page of the graph editor. Scripts run only by nonce (modules hand it on to what they
 * import), the layout's worker is made from a text that came the same way, styles and fonts come from the extension alone, nothing else loads. React
 * Flow and the form elements style through the CSSOM, which needs no `unsafe-inline`.
 */
export function editorHtml(webview: vscode.Webview, extensionUri: vscode.Uri): string {
  const nonce = randomBytes(18).toString('base64url');
  const asset = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview', name)).toString();
  const csp = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    'worker-src blob:',
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="UTF-8">
  <meta http-equiv="Content-Security-Policy" content="${csp}">
  <meta name="viewport" content="width=device-width, initial-scale=1.0">
  <link id="vscode-codicon-stylesheet" rel="stylesheet" href="${asset('editor.css')}">
  <title>Belay flow</title>
</head>
<body>
  <div id="root"></div>
  <script type="module" nonce="${nonce}" src="${asset('editor.js')}"></script>
</body>
</html>`;
}
