import * as vscode from 'vscode';
import { GRAPH_ACTIONS } from '../webview/protocol/actions.ts';
import { type FlowDocuments, isFlow } from './documents.ts';
import { type FlowEditors, reopenWith, VIEW_TYPE } from './editor/provider.ts';
import { faultText, withoutLinks } from './faults.ts';
import { removeApiKey, setSecret } from './models/commands.ts';
import type { ModelCommands } from './models/model-commands.ts';
import type { RunModes } from './models/modes.ts';
import type { ModelSettings } from './models/settings.ts';
import { newAgent } from './new-agent.ts';
import { type Decisions, decider } from './runs/decisions.ts';
import type { RunHub } from './runs/hub.ts';
import type { NodeMenu } from './runs/parts.ts';
import type { Question, RunItem, SubFlowItem } from './runs/questions.ts';
import type { SessionRequests } from './runs/requests.ts';
import { retentionLimits } from './runs/retention.ts';
import { rootOf } from './runs/roots.ts';
import type { ModelItem } from './views/models-view.ts';

interface Parts {
  editors: FlowEditors;
  runs: RunHub;
  modes: RunModes;
  settings: ModelSettings;
  documents: FlowDocuments;
  decisions: Decisions;
  requests: SessionRequests;
  models: ModelCommands;
  log: vscode.LogOutputChannel;
}

const NEW_FLOW = `{
  "version": 1,
  "title": "New flow",
  "nodes": {}
}
`;

/** Every command of package.json. A fault in one is shown and logged, and breaks nothing else. */
export function registerCommands(parts: Parts): vscode.Disposable[] {
  const { editors, runs, modes, settings, decisions, requests, models, log } = parts;
  const refOf = ({ root, run }: RunItem) => ({ root, id: run.id });

  const rerun = async (item: RunItem, edit: boolean) => {
    const uri = runs.flowUri(refOf(item));
    return uri && requests.parts.rerun(uri, refOf(item), edit);
  };

  const commands: Record<string, (...args: never[]) => Promise<unknown> | unknown> = {
    runFlow: async (target?: vscode.Uri) => {
      const uri = target instanceof vscode.Uri ? target : await currentFlow(editors);
      return uri && requests.start(uri);
    },
    runMore: () => {
      const session = editors.active();
      return session && requests.parts.menu(session, undefined);
    },
    dryRun: () => {
      const session = editors.active();
      return session && requests.parts.dryRun(session);
    },
    runFromNode: (menu?: NodeMenu) => requests.parts.node('from', undefined, menu),
    runToNode: (menu?: NodeMenu) => requests.parts.node('to', undefined, menu),
    runOnlyNode: (menu?: NodeMenu) => requests.parts.node('only', undefined, menu),
    dryRunNode: (menu?: NodeMenu) => requests.parts.node('dryOnly', undefined, menu),
    pinOutput: (menu?: NodeMenu) => requests.parts.node('pin', undefined, menu),
    unpinOutput: (menu?: NodeMenu) => requests.parts.node('unpin', undefined, menu),
    rerunRun: (item: RunItem) => rerun(item, false),
    rerunRunEdited: (item: RunItem) => rerun(item, true),
    cancelRun: (item: RunItem) => runs.cancel(refOf(item), decider()),
    resumeRun: (item: RunItem) => requests.resume(refOf(item)),
    openSubFlowRun: ({ item, line }: SubFlowItem) => requests.showSubFlow(refOf(item), line.pass),
    openRun: (item: RunItem) => requests.show(refOf(item)).then(() => undefined),
    deleteRun: async (item: RunItem) => {
      const yes = 'Delete';
      const picked = await vscode.window.showWarningMessage(
        `Delete the run "${item.run.title}" of ${new Date(item.run.createdAt).toLocaleString()}?`,
        { modal: true, detail: 'Its journal is removed from the disk. This cannot be undone.' },
        yes,
      );
      if (picked === yes) await runs.remove(refOf(item));
    },
    keepRun: (item: RunItem) => runs.keep(refOf(item), true),
    unkeepRun: (item: RunItem) => runs.keep(refOf(item), false),
    showOlderRuns: () => runs.showOlder(),
    pruneRuns: async () => {
      const removed = await runs.tidy(retentionLimits(), true);
      const text = removed === 1 ? '1 old run deleted.' : `${removed} old runs deleted.`;
      const settings = 'Open Settings';
      const picked = await vscode.window.showInformationMessage(removed === 0 ? 'No run is old enough to be deleted.' : text, settings);
      if (picked === settings) await vscode.commands.executeCommand('workbench.action.openSettings', 'belay.runs.retention');
    },
    refreshRuns: () => runs.refresh(),
    approve: (question: Question) => decisions.approve(question),
    reject: (question: Question) => decisions.reject(question),
    sendSignal: (question: Question) => decisions.sendSignal(question),
    showApproval: (question: Question) => requests.showQuestion(question),
    openAsText: () => {
      const session = editors.active();
      return session && requests.openAsText(session);
    },
    openAsGraph: async (target?: vscode.Uri) => {
      const uri = target ?? vscode.window.activeTextEditor?.document.uri;
      if (!uri) return;
      const active = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      const isInFront = active instanceof vscode.TabInputText && active.uri.toString() === uri.toString();
      await (isInFront ? reopenWith(VIEW_TYPE) : vscode.commands.executeCommand('vscode.openWith', uri, VIEW_TYPE));
    },
    openTextToSide: async () => {
      const session = editors.active();
      if (session) await vscode.commands.executeCommand('vscode.openWith', session.document.uri, 'default', vscode.ViewColumn.Beside);
    },
    newFlow,
    newAgent: () => newAgent(agentRoot(editors)),
    addModelConnection: () => models.add(),
    findLocalServers: () => models.findLocal(),
    checkModels: () => models.checkAll(),
    checkConnection: (item: ModelItem) => models.check(item),
    removeConnection: (item: ModelItem) => models.remove(item),
    setConnectionKey: (item: ModelItem) => models.setKey(item),
    setDefaultModel: (item?: ModelItem) => models.setDefault(item),
    setModelAlias: (item?: ModelItem) => models.setAlias(item),
    setApiKey: () => requests.configureModel(),
    removeApiKey: () => removeApiKey(settings),
    setSecret: () => setSecret(settings),
    chooseMode: async () => {
      const uri = await currentFlow(editors);
      if (uri) await modes.pick(uri, () => requests.configureModel());
    },
    fitGraph: () => editors.active()?.command('fit'),
    arrange: () => editors.active()?.command('arrange'),
    arrangeRight: () => editors.active()?.command('arrangeRight'),
    arrangeDown: () => editors.active()?.command('arrangeDown'),
    addNode: () => editors.active()?.command('addNode'),
    toggleInspector: () => editors.active()?.command('toggleInspector'),
    showLog: () => log.show(),
    ...Object.fromEntries(GRAPH_ACTIONS.map((action) => [`graph.${action}`, () => editors.active()?.action(action)])),
  };

  return Object.entries(commands).map(([name, run]) =>
    vscode.commands.registerCommand(`belay.${name}`, async (...args: never[]) => {
      try {
        return await run(...args);
      } catch (error) {
        log.error(`belay.${name}`, error);
        void vscode.window.showErrorMessage(faultText(error));
        return undefined;
      }
    }),
  );
}

/** The flow in front of the user: the active graph, the active text, else one picked from the workspace. */
async function currentFlow(editors: FlowEditors): Promise<vscode.Uri | undefined> {
  const active = editors.active()?.document.uri ?? vscode.window.activeTextEditor?.document.uri;
  if (active && isFlow({ uri: active })) return active;
  const found = await vscode.workspace.findFiles('**/*.flow.json', '**/node_modules/**', 500);
  if (found.length === 0) {
    void vscode.window.showInformationMessage('There is no flow in this workspace yet. "Belay: New Flow" makes one.');
    return undefined;
  }
  if (found.length === 1) return found[0];
  const picked = await vscode.window.showQuickPick(
    found.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri })).sort((a, b) => a.label.localeCompare(b.label)),
    { title: 'Which flow?' },
  );
  return picked?.uri;
}

/** Where the flow in front of the user finds its agents. */
function agentRoot(editors: FlowEditors): vscode.Uri | undefined {
  const active = editors.active()?.document.uri ?? vscode.window.activeTextEditor?.document.uri;
  const root = active?.scheme === 'file' ? rootOf(active) : undefined;
  return root === undefined ? vscode.workspace.workspaceFolders?.[0]?.uri : vscode.Uri.file(root);
}

async function newFlow(): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = await vscode.window.showInputBox({
    title: 'New flow',
    prompt: 'Name of the file',
    value: 'my-flow',
    validateInput: (text) => (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text) ? undefined : 'Letters, digits, dots, dashes and underscores'),
  });
  if (!name) return;
  if (!folder) {
    void vscode.window.showErrorMessage('Open a folder first: a flow lives in a file.');
    return;
  }
  const uri = vscode.Uri.joinPath(folder, `${name.replace(/\.flow(\.json)?$/, '')}.flow.json`);
  const edit = new vscode.WorkspaceEdit();
  edit.createFile(uri, { ignoreIfExists: false, overwrite: false, contents: new TextEncoder().encode(NEW_FLOW) });
  if (!(await vscode.workspace.applyEdit(edit))) {
    void vscode.window.showErrorMessage(withoutLinks(`${vscode.workspace.asRelativePath(uri)} is there already.`));
    return;
  }
  await vscode.commands.executeCommand('vscode.openWith', uri, VIEW_TYPE);
}
