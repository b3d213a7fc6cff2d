/** The flows of each folder as an MCP server that VS Code knows: `belay mcp`, run by the runtime of VS Code itself. */
import * as vscode from 'vscode';

/** As package.json contributes it. */
const ID = 'belay.flows';

export function registerFlowServers(cli: string, version: string): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const disposables: vscode.Disposable[] = [
    changed,
    vscode.workspace.onDidChangeWorkspaceFolders(() => changed.fire()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
  ];
  // Flows are watched for from the first time somebody asks, and not at activation.
  let watcher: vscode.FileSystemWatcher | undefined;
  const watch = (): void => {
    if (watcher) return;
    watcher = vscode.workspace.createFileSystemWatcher('**/*.flow.json', false, true, false);
    disposables.push(
      watcher,
      watcher.onDidCreate(() => changed.fire()),
      watcher.onDidDelete(() => changed.fire()),
    );
  };
  const provider: vscode.McpServerDefinitionProvider<vscode.McpStdioServerDefinition> = {
    onDidChangeMcpServerDefinitions: changed.event,
    provideMcpServerDefinitions() {
      watch();
      return flowServers(cli, version);
    },
  };
  disposables.push(vscode.lm.registerMcpServerDefinitionProvider(ID, provider));
  return new vscode.Disposable(() => {
    for (const disposable of disposables) disposable.dispose();
  });
}

/** One for each folder with flows; none where the workspace is not trusted. */
export async function flowServers(cli: string, version: string): Promise<vscode.McpStdioServerDefinition[]> {
  if (!vscode.workspace.isTrusted) return [];
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  const withFlows = await Promise.all(
    folders.map(async (folder) => {
      const [flow] = await vscode.workspace.findFiles(new vscode.RelativePattern(folder, '**/*.flow.json'), '**/node_modules/**', 1);
      return flow ? [folder] : [];
    }),
  );
  return withFlows.flat().map(({ name, uri }) => {
    const label = folders.length === 1 ? 'Belay flows' : `Belay flows of ${name}`;
    // The runtime that runs this extension: Electron, told to be Node, or Node itself.
    const env = { ELECTRON_RUN_AS_NODE: '1' };
    return new vscode.McpStdioServerDefinition(label, process.execPath, [cli, 'mcp', '--root', uri.fsPath], env, version);
  });
}
