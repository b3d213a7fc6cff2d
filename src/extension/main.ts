/**
 * The composition root of the extension. Activation only registers; what is heavy is loaded when it is first needed (`lazy.ts`).
 */
import * as vscode from 'vscode';
import { openChat, registerChat } from './chat/index.ts';
import { registerCommands } from './commands.ts';
import { FlowDocuments, isFlow } from './documents.ts';
import { FormAnswers } from './editor/answers.ts';
import { registerPromptCompletion } from './editor/prompt-completion.ts';
import { PromptDocuments } from './editor/prompts.ts';
import { FlowEditors } from './editor/provider.ts';
import { FlowStarts } from './editor/starts.ts';
import { ValueDocuments } from './editor/values.ts';
import { runOfVirtualFlow, VirtualFlows } from './editor/virtual-flows.ts';
import { faultText } from './faults.ts';
import { BelayChatProvider } from './models/chat-provider.ts';
import { ModelCommands } from './models/model-commands.ts';
import { RunModes } from './models/modes.ts';
import { ModelSettings } from './models/settings.ts';
import { OWN_VENDOR, VSCODE, VsCodeModels } from './models/vscode-models.ts';
import { Decisions } from './runs/decisions.ts';
import { RunHub } from './runs/hub.ts';
import { SessionRequests } from './runs/requests.ts';
import { tidyWhenIdle } from './runs/retention.ts';
import { planGesture } from './text/gestures.ts';
import { registerLanguage } from './text/index.ts';
import { LanguageClient } from './text/language-client.ts';
import { recordingOf } from './text/moved-files.ts';
import { registerFlowServers } from './tools/flow-servers.ts';
import { ServerPrompts } from './tools/server-prompts.ts';
import { ApprovalsView } from './views/approvals-view.ts';
import { ModelsView } from './views/models-view.ts';
import { RunsView } from './views/runs-view.ts';

/** Of so many flows it is looked where their runs are. */
const MOST_FLOWS = 500;

let hub: RunHub | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Belay', { log: true });
  const version: string = (context.extension.packageJSON as { version: string }).version;
  const vscodeModels = new VsCodeModels(context.languageModelAccessInformation);
  const settings = new ModelSettings(context.secrets, new Map([[VSCODE, vscodeModels]]));
  const servers = new ServerPrompts(context, settings, log);
  const runs = new RunHub(settings, log, version, undefined, servers);
  hub = runs;
  const client = new LanguageClient(context.asAbsolutePath('dist/extension/text/language-worker.lazy.mjs'), log, isFlow);
  const documents = new FlowDocuments(client);
  const modes = new RunModes(context.workspaceState, settings, hasRecording);
  const values = new ValueDocuments();
  const prompts = new PromptDocuments(client);
  const virtual = new VirtualFlows(context.workspaceState, (ref) => runs.flowText(ref));
  const starts = new FlowStarts(context.extensionUri, client, () => openChat('@belay /new '));
  const answers = new FormAnswers({ hub: runs, modes, settings, starts, client });
  const requests = new SessionRequests({ hub: runs, modes, documents, settings, values, answers, prompts, starts, client, log });
  const editors = new FlowEditors(context.extensionUri, {
    log,
    problems: (document) => documents.analyse(document),
    modeChoice: (document) => modes.choice(document.uri),
    request: (session, message) => requests.handle(session, message),
    plan: (document, edits) => planGesture(client, document, edits),
    currentRun: async (document) => {
      const current = runOfVirtualFlow(document.uri) ?? (await runs.current(document.uri));
      return current && runs.source(current);
    },
  });
  requests.editors = editors;
  const decisions = new Decisions(runs, (question) => requests.showQuestion(question));
  requests.decisions = decisions;

  const models = new ModelsView(settings);
  const modelCommands = new ModelCommands(settings, models);

  context.subscriptions.push(
    log,
    settings,
    modes,
    documents,
    editors,
    values,
    prompts,
    virtual,
    registerPromptCompletion(client),
    decisions,
    runs,
    runs.watch(),
    tidyWhenIdle(runs, log),
    new ApprovalsView(runs),
    new RunsView(runs),
    models,
    vscode.lm.registerLanguageModelChatProvider(OWN_VENDOR, new BelayChatProvider(settings)),
    registerFlowServers(context.asAbsolutePath('dist/cli.cjs'), version),
    client,
    ...registerLanguage({ client, documents, editors, hub: runs, settings, log }),
    documents.onDidAnalyse(({ document, analysis }) => {
      for (const session of editors.of(document.uri)) session.sendProblems(analysis);
    }),
    modes.onDidChange(() => {
      for (const session of editors.all()) void modes.choice(session.document.uri).then((choice) => session.sendMode(choice));
    }),
    runs.onDidStop(({ error }) => {
      log.error('A run of this window cannot go on', error);
      void vscode.window.showErrorMessage(`A run cannot go on: ${faultText(error)}`);
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void lookAtRuns(runs, log)),
    ...registerChat({ hub: runs, modes, settings, documents, editors, virtual, log, extensionUri: context.extensionUri, decisions }),
    ...registerCommands({ editors, runs, modes, settings, documents, decisions, requests, models: modelCommands, log }),
  );
  void lookAtRuns(runs, log);
}

/** Awaited by VS Code for a moment when the window closes. */
export async function deactivate(): Promise<void> {
  await hub?.park();
}

/** After activation: what waits for a person is shown, what was under way when the window died goes on. */
async function lookAtRuns(runs: RunHub, log: vscode.LogOutputChannel): Promise<void> {
  try {
    runs.noticeFlows(await vscode.workspace.findFiles('**/*.flow.json', '**/node_modules/**', MOST_FLOWS));
    await runs.look();
    if (!vscode.workspace.isTrusted) return;
    const resumed = await runs.resumeInterrupted();
    if (resumed.length > 0) {
      const text =
        resumed.length === 1
          ? 'Belay goes on with a run that was interrupted.'
          : `Belay goes on with ${resumed.length} runs that were interrupted.`;
      vscode.window.setStatusBarMessage(`$(debug-continue) ${text}`, 8000);
    }
  } catch (error) {
    log.error('The runs of this workspace could not be read', error);
  }
}

async function hasRecording(flow: vscode.Uri): Promise<boolean> {
  if (!isFlow({ uri: flow }) || flow.scheme !== 'file') return false;
  return vscode.workspace.fs.stat(recordingOf(flow)).then(
    ({ size }) => size > 0,
    () => false,
  );
}
