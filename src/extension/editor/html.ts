import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/**
 * The page of the graph editor. Scripts run only by nonce; styles and fonts come from the extension alone. `unsafe-inline` is for
 * style *attributes*: React Flow places nodes by them, and a nonce cannot cover attributes (CSP 3, style-src-attr).
 */
export function editorHtml(webview: vscode.Webview, extensionUri: vscode.Uri): string {
  const nonce = randomBytes(18).toString('base64url');
  const asset = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview', name)).toString();
  const csp = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
    'worker-src blob:',
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="UTF-8">
  <meta http-equiv="Content-Security-Policy" content="${csp}">
  <meta name="viewport" content="width=device-width, initial-scale=1.0">
  <meta property="csp-nonce" nonce="${nonce}">
  <link id="vscode-codicon-stylesheet" rel="stylesheet" href="${asset('editor.css')}" nonce="${nonce}">
  <title>Belay flow</title>
</head>
<body>
  <div id="root"></div>
  <script type="module" nonce="${nonce}" src="${asset('editor.js')}"></script>
</body>
</html>`;
}
