import * as vscode from 'vscode';
import { BelayError } from '../../engine/errors.ts';
import { payloadOf } from '../../engine/format/json.ts';
import { nodePath } from '../../engine/run/paths.ts';
import type { WebviewMessage } from '../../webview/protocol/messages.ts';
import type { FlowDocuments } from '../documents.ts';
import type { FormAnswers } from '../editor/answers.ts';
import { extractNodes } from '../editor/extract.ts';
import type { PromptDocuments } from '../editor/prompts.ts';
import { type FlowEditors, reopenWith } from '../editor/provider.ts';
import type { FlowSession } from '../editor/session.ts';
import type { FlowStarts } from '../editor/starts.ts';
import type { ValueDocuments } from '../editor/values.ts';
import { flowOfRun } from '../editor/virtual-flows.ts';
import { withoutLinks } from '../faults.ts';
import { loadRuntime } from '../lazy.ts';
import { setApiKey } from '../models/commands.ts';
import type { RunModes } from '../models/modes.ts';
import type { ModelSettings } from '../models/settings.ts';
import { fileOf, type LanguageClient, rangeOfSpan } from '../text/language-client.ts';
import { achieved } from '../walkthrough.ts';
import { compareOutput } from './compare.ts';
import type { Decisions } from './decisions.ts';
import { decider } from './decisions.ts';
import type { RunHub } from './hub.ts';
import { type RunPart, RunParts } from './parts.ts';
import type { Question } from './questions.ts';
import type { RunRef } from './run-ref.ts';
import { saveAll, startRun } from './start.ts';
import { subFlowSource, subFlowStart } from './sub-flow-source.ts';

interface Parts {
  hub: RunHub;
  modes: RunModes;
  documents: FlowDocuments;
  settings: ModelSettings;
  values: ValueDocuments;
  answers: FormAnswers;
  prompts: PromptDocuments;
  starts: FlowStarts;
  client: LanguageClient;
  log: vscode.LogOutputChannel;
}

type Request = Exclude<WebviewMessage, { type: 'ready' | 'edit' | 'flushed' | 'copy' | 'fault' }>;
type Decision = Extract<WebviewMessage, { type: 'run.decide' }>;

/** What a graph editor, a command or a view asks of runs, carried out in one place. */
export class SessionRequests {
  readonly #parts: Parts;
  /** Set once by the composition root: editors ask requests, and requests show runs in editors. */
  editors!: FlowEditors;
  decisions!: Decisions;
  readonly parts: RunParts;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.parts = new RunParts({ hub: parts.hub, active: () => this.editors.active(), start: (uri, part) => this.start(uri, part) });
  }

  async handle(session: FlowSession, message: Request): Promise<void> {
    const { hub, modes } = this.#parts;
    const { uri } = session.document;
    switch (message.type) {
      case 'ask':
        await this.#answer(session, message);
        return;
      case 'openText':
        await this.#openText(session, message);
        return;
      case 'startFrom':
        if (await this.#parts.starts.start(session.document, message.id)) void achieved('built');
        return;
      case 'run.start':
        await this.start(uri);
        return;
      case 'run.more':
        await this.parts.menu(session, message.node);
        return;
      case 'run.cancel':
        await hub.cancel(shownRun(session, message.runId), decider());
        return;
      case 'run.resume':
        await this.resume(shownRun(session, message.runId));
        return;
      case 'run.move':
        await this.#move(session, shownRun(session, message.runId));
        return;
      case 'run.close':
        session.showRun(null);
        return;
      case 'run.decide':
        await this.#decide(session, message);
        return;
      case 'extract':
        await extractNodes(this.#parts.client, session, message.nodes);
        return;
      case 'mode.pick':
        await modes.pick(uri, () => this.configureModel());
        return;
      case 'openAsText':
        await this.openAsText(session, message.node);
        return;
      case 'openValue':
        await this.#parts.values.open(
          message.title,
          message.runId === undefined ? message.value : await hub.whole(shownRun(session, message.runId), message.value),
        );
        return;
      case 'compareOutput':
        await compareOutput(this.#parts, session.document.uri, shownRun(session, message.runId), message.node);
        return;
      case 'openSubFlow':
        await this.#openSubFlow(session, message);
        return;
      case 'openProblems':
        await vscode.commands.executeCommand('workbench.actions.view.problems');
        return;
      default: {
        const never: never = message;
        throw new Error(`Unknown request ${JSON.stringify(never)}`);
      }
    }
  }

  /** A question without an answer is no fault of who asked. */
  async #answer(session: FlowSession, { id, question }: Extract<Request, { type: 'ask' }>): Promise<void> {
    try {
      session.sendAnswer(id, await this.#parts.answers.answer(session.document, session.run?.id, question));
    } catch (error) {
      this.#parts.log.warn(`No answer about ${question.about}`, error);
      session.sendAnswer(id, null);
    }
  }

  async #openText({ document }: FlowSession, { node, path, isFile }: Extract<Request, { type: 'openText' }>): Promise<void> {
    const { prompts } = this.#parts;
    if (!isFile) return prompts.open({ flow: document.uri, node, path });
    const name = await prompts.textIn(document, node, path);
    if (name) await openFileBeside(document.uri, name);
  }

  /** Runs a flow and shows the run on its graph. */
  async start(uri: vscode.Uri, part: RunPart = {}): Promise<RunRef | undefined> {
    const { hub, modes, documents } = this.#parts;
    const ref = await startRun({ hub, modes, documents, configureModel: () => this.configureModel() }, uri, part);
    if (ref) {
      void achieved('run');
      await this.show(ref, uri);
    }
    return ref;
  }

  async resume(ref: RunRef): Promise<void> {
    await this.#parts.hub.resume(ref);
  }

  /** Goes on with the flow as the user sees it: what is unsaved is saved first, as when a run is started. */
  async #move({ document }: FlowSession, ref: RunRef): Promise<void> {
    await saveAll();
    await this.#parts.hub.move(ref, document.uri, document.getText(), decider());
  }

  /** Opens a run on its graph: the flow's file, or where there is none the flow as it was frozen for the run. */
  async show(ref: RunRef, file = this.#parts.hub.flowUri(ref)): Promise<FlowSession | undefined> {
    if (!file) return undefined;
    const uri = (await isThere(file)) ? file : flowOfRun(ref, file.path);
    const session = this.editors.of(uri)[0];
    if (session) session.panel.reveal(undefined, false);
    const shown = session ?? (await this.#open(uri));
    // Every graph of the flow shows the run, also in a split editor: one that did not would offer to start another.
    for (const graph of this.editors.of(uri)) {
      if (graph.run?.id !== ref.id) graph.showRun(await this.#parts.hub.source(ref));
    }
    return shown;
  }

  async showQuestion(question: Question): Promise<void> {
    const session = await this.show({ root: question.root, id: question.runId });
    session?.reveal(question.node, 'inspector');
  }

  /** Asks for a service and its key; says from now on how runs get their replies. */
  async configureModel(): Promise<string | undefined> {
    const { settings } = this.#parts;
    const runtime = await loadRuntime();
    const model = await setApiKey(settings, (connection) => runtime.listModels(settings.withKey(connection)));
    if (model)
      void vscode.window.showInformationMessage(
        withoutLinks(`Prompts that name no model now use ${model}. Each flow shows beside its Run button where its replies come from.`),
      );
    return model;
  }

  async openAsText(session: FlowSession, node?: string): Promise<void> {
    const { document, panel } = session;
    panel.reveal();
    await reopenWith('default');
    if (!node) return;
    const place = await this.#parts.client.ask('placeOf', { file: fileOf(document), node });
    const editor = vscode.window.visibleTextEditors.find((candidate) => candidate.document === document);
    if (!place || !editor) return;
    const { start } = rangeOfSpan(place);
    editor.selection = new vscode.Selection(start, start);
    editor.revealRange(new vscode.Range(start, start), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  /** Opens the file of a sub-flow; with its part of the run that is shown, where it has one. */
  async #openSubFlow(session: FlowSession, { flow, pass }: Extract<Request, { type: 'openSubFlow' }>): Promise<void> {
    const { run } = session;
    const began = run && pass !== undefined && (await this.showSubFlow(run, nodePath(run.pass ?? '', pass)));
    if (!began) await this.#open(flowOfWorkspace(vscode.Uri.joinPath(session.document.uri, '..', flow)));
  }

  /** Opens the file of a sub-flow with what of a run happened in it. False: no sub-flow began there. */
  async showSubFlow(ref: RunRef, pass: string): Promise<boolean> {
    const source = await this.#parts.hub.source(ref);
    const start = subFlowStart(source.events, pass);
    let opened: FlowSession | undefined;
    try {
      opened = start && (await this.#open(flowOfWorkspace(vscode.Uri.joinPath(vscode.Uri.file(source.root), start.flow))));
    } finally {
      if (opened) opened.showRun(subFlowSource(source, pass));
      else source.dispose();
    }
    return start !== undefined;
  }

  async #open(uri: vscode.Uri): Promise<FlowSession | undefined> {
    if (!(await isThere(uri))) {
      void vscode.window.showWarningMessage(withoutLinks(`${vscode.workspace.asRelativePath(uri)} is no longer there.`));
      return undefined;
    }
    return this.editors.open(uri);
  }

  async #decide(session: FlowSession, message: Decision): Promise<void> {
    const { hub, modes } = this.#parts;
    const { uri } = session.document;
    const { root } = shownRun(session, message.runId);
    const question = { root, runId: message.runId, key: message.key, title: message.key };
    let { value } = message;
    if (message.decision === 'live' && typeof value !== 'string') {
      const choice = await modes.choice(uri);
      const model = choice.model ?? (await this.configureModel());
      if (!model) return;
      value = model;
    }
    // The graph hands over what was typed; `payloadOf` is the one place that says what is JSON.
    if (message.decision === 'received' && typeof value === 'string') value = payloadOf(value);
    const listed = hub.questions().find((it) => it.root === root && it.runId === message.runId && it.key === message.key);
    const accepted = await this.decisions.decide(listed ?? question, message.decision, {
      ...(message.reason ? { reason: message.reason } : {}),
      ...(value === undefined ? {} : { value }),
    });
    if (accepted) void achieved('decided');
    if (accepted && message.decision === 'restore') await this.#restorePrompt(session, message);
  }

  /** Puts the recorded prompt back into the flow: one edit, one undo step; the next run finds its recording again. */
  async #restorePrompt(session: FlowSession, message: Decision): Promise<void> {
    const source = await this.#parts.hub.source(shownRun(session, message.runId));
    try {
      const asked = source.events.find((event) => event.type === 'signal.requested' && event.key === message.key);
      if (asked?.type !== 'signal.requested' || asked.request.kind !== 'recordingMissing' || asked.request.recordedTemplate === undefined)
        return;
      const edited = await session.apply([
        { kind: 'setParam', node: asked.node, path: ['with', 'prompt'], value: asked.request.recordedTemplate },
      ]);
      const again = 'Run Again';
      if (
        edited &&
        (await vscode.window.showInformationMessage(withoutLinks(`The recorded prompt of "${asked.node}" is back in the flow.`), again)) ===
          again
      ) {
        await this.start(session.document.uri);
      }
    } finally {
      source.dispose();
    }
  }
}

/** A graph speaks for the run that it shows and for no other, whatever its message names. */
function shownRun({ run }: Pick<FlowSession, 'run'>, runId: string): RunRef {
  if (run?.id === runId) return run;
  throw new BelayError('RUN_NOT_SHOWN', 'This graph does not show that run any more.', {
    hint: 'Open the run from the Runs view.',
    kind: 'badRequest',
  });
}

/** Names come from flows and journals: nothing else is opened for them than flows of the folders that are open. */
function flowOfWorkspace(uri: vscode.Uri): vscode.Uri {
  if (uri.path.endsWith('.flow.json') && vscode.workspace.getWorkspaceFolder(uri)) return uri;
  throw new BelayError('FILE_OUTSIDE', `"${uri.path}" is not a flow of this workspace.`, {
    hint: 'Name a *.flow.json file inside the folder that is open.',
    kind: 'badRequest',
  });
}

/** Opens a file that a flow names; offers to make one that is not there. */
async function openFileBeside(flow: vscode.Uri, name: string): Promise<void> {
  const uri = vscode.Uri.joinPath(flow, '..', name);
  if (!vscode.workspace.getWorkspaceFolder(uri)) {
    throw new BelayError('FILE_OUTSIDE', `"${name}" is not inside this workspace.`, {
      hint: 'Name a file inside the folder that is open.',
      kind: 'badRequest',
    });
  }
  if (!(await isThere(uri))) {
    const create = 'Create It';
    if ((await vscode.window.showInformationMessage(withoutLinks(`${name} is not there yet.`), create)) !== create) return;
    const made = new vscode.WorkspaceEdit();
    made.createFile(uri, { ignoreIfExists: true });
    await vscode.workspace.applyEdit(made);
  }
  await vscode.commands.executeCommand('vscode.open', uri, { viewColumn: vscode.ViewColumn.Beside, preview: false });
}

async function isThere(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
