import * as vscode from 'vscode';
import type { FlowEdit } from '../../engine/format/flow-edit.ts';
import type { Problem } from '../../engine/format/problem.ts';
import type { GraphAction } from '../../webview/protocol/actions.ts';
import type { HostMessage, ModeChoice, SentMessage, WebviewMessage } from '../../webview/protocol/messages.ts';
import { faultText, withoutLinks } from '../faults.ts';
import { loadLanguage } from '../lazy.ts';
import type { RunSource } from '../runs/source.ts';
import type { PlannedGesture } from '../text/gestures.ts';
import { textEdits } from '../text/language-client.ts';
import type { FileEdits } from '../text/language-protocol.ts';
import { workspaceEdit } from '../text/navigation.ts';
import { achieved } from '../walkthrough.ts';
import { runOfVirtualFlow, VIRTUAL_FLOW } from './virtual-flows.ts';

/** What the linter says of a version of a document. */
interface Judged {
  version: number;
  problems: Problem[];
  untrusted: string[];
}

/** What a session asks of the rest of the extension. */
export interface SessionHost {
  log: vscode.LogOutputChannel;
  /** Problems of the document as it stands, from the same analysis that feeds the Problems panel. */
  problems(document: vscode.TextDocument): Promise<Judged>;
  modeChoice(document: vscode.TextDocument): Promise<ModeChoice>;
  /** Everything a gesture may ask for that is not an edit. */
  request(session: FlowSession, message: Exclude<WebviewMessage, { type: 'ready' | 'edit' | 'flushed' | 'copy' | 'fault' }>): Promise<void>;
  /** What a gesture comes down to in the text as it stands when this resolves, and in other files. */
  plan(document: vscode.TextDocument, edits: FlowEdit[]): Promise<PlannedGesture>;
  /** The run to show when the editor opens: one of this flow that is under way. */
  currentRun(document: vscode.TextDocument): Promise<RunSource | undefined>;
}

/** How long saving waits for the text in the editor's form fields (ms). VS Code itself gives up after 1.5 s. */
const FLUSH_TIMEOUT = 800;

/**
 * One graph editor on one document: carries messages between the web view and the document. The document's text is the only
 * truth; every change of it, whoever made it, goes to the web view.
 */
export class FlowSession implements vscode.Disposable {
  readonly document: vscode.TextDocument;
  readonly panel: vscode.WebviewPanel;
  readonly #host: SessionHost;
  readonly #disposables: vscode.Disposable[] = [];
  #ready: Promise<void>;
  #setReady: () => void = () => undefined;
  #queue: Promise<void> = Promise.resolve();
  #flush: { edits: FlowEdit[]; done: () => void } | undefined;
  #run: RunSource | undefined;
  #runListener: vscode.Disposable | undefined;
  /** The version that the web view has, or is about to have. */
  #sent: number | undefined;
  #disposed = false;

  constructor(document: vscode.TextDocument, panel: vscode.WebviewPanel, host: SessionHost) {
    this.document = document;
    this.panel = panel;
    this.#host = host;
    this.#ready = new Promise((resolve) => {
      this.#setReady = resolve;
    });
    this.#disposables.push(
      panel.webview.onDidReceiveMessage((raw: unknown) => this.#receive(raw)),
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document === document && event.contentChanges.length > 0) this.#sendChanges(event.contentChanges);
      }),
      vscode.workspace.onWillSaveTextDocument((event) => {
        // An auto save comes in the middle of a word; what is being typed is not a gesture yet.
        const asked = event.reason !== vscode.TextDocumentSaveReason.AfterDelay;
        if (event.document === document && panel.active && asked) event.waitUntil(this.#flushForm());
      }),
    );
  }

  /** The run that is shown; with `pass`, the part of it that happened in this sub-flow. */
  get run(): { root: string; id: string; pass?: string } | undefined {
    if (!this.#run) return undefined;
    const { root, id, pass } = this.#run;
    return { root, id, ...(pass === undefined ? {} : { pass }) };
  }

  dispose(): void {
    this.#disposed = true;
    this.#flush?.done();
    this.#runListener?.dispose();
    this.#run?.dispose();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** Shows a run on the graph, from its first event on, and follows it; null shows none. */
  showRun(source: RunSource | null): void {
    if (this.#disposed) {
      // Asked for when the editor was open, and come when it was closed.
      source?.dispose();
      return;
    }
    this.#runListener?.dispose();
    this.#runListener = undefined;
    if (this.#run !== source) this.#run?.dispose();
    this.#run = source ?? undefined;
    this.#post(source ? this.#runMessage(source) : { type: 'run', run: null });
    if (!source) return;
    this.#runListener = vscode.Disposable.from(
      source.onDidAppend(({ events, live }) => this.#post({ type: 'runEvents', runId: source.id, events: [...events], live: [...live] })),
      source.onDidReset(() => this.#post(this.#runMessage(source))),
    );
  }

  reveal(node: string, focus: 'canvas' | 'inspector' = 'canvas'): void {
    this.#post({ type: 'reveal', node, focus });
  }

  command(command: Extract<HostMessage, { type: 'command' }>['command']): void {
    this.#post({ type: 'command', command });
  }

  /** A gesture that was chosen in a menu or in the command palette. */
  async action(action: GraphAction): Promise<void> {
    const text = action === 'paste' ? await vscode.env.clipboard.readText() : undefined;
    this.#post({ type: 'action', action, ...(text === undefined ? {} : { text }) });
  }

  sendMode(choice: ModeChoice): void {
    this.#post({ type: 'mode', choice });
  }

  sendAnswer(id: number, answer: Extract<HostMessage, { type: 'answer' }>['answer']): void {
    this.#post({ type: 'answer', id, answer });
  }

  sendProblems({ version, problems, untrusted }: Judged): void {
    this.#post({ type: 'problems', version, problems, untrusted });
  }

  #runMessage(source: RunSource): HostMessage {
    return {
      type: 'run',
      run: {
        id: source.id,
        events: [...source.events],
        interrupted: source.interrupted,
        flowText: source.flowText ?? '',
        sameFlow: source.flowText === undefined || source.flowText === this.document.getText(),
      },
    };
  }

  #post(message: SentMessage): void {
    void this.#ready.then(() => {
      // A panel that is gone throws.
      if (!this.#disposed) void this.panel.webview.postMessage(message);
    });
  }

  #sendDocument(): void {
    this.#sent = this.document.version;
    const readonly = vscode.workspace.fs.isWritableFileSystem(this.document.uri.scheme) === false;
    this.#post({
      type: 'document',
      text: this.document.getText(),
      version: this.document.version,
      fileName: vscode.workspace.asRelativePath(this.document.uri, false),
      readonly,
      ...(readonly ? { readonlyReason: whyReadonly(this.document.uri) } : {}),
    });
  }

  /** A letter of a large flow, and not the flow: VS Code takes 10 ms of the host to carry 300 KB over. */
  #sendChanges(changes: readonly vscode.TextDocumentContentChangeEvent[]): void {
    const { version } = this.document;
    const { length } = this.document.getText();
    // A version between the two is one that no change told of: other ends of lines.
    if (this.#sent !== version - 1 || changes.reduce((sum, { text }) => sum + text.length, 0) > length / 2) {
      this.#sendDocument();
      return;
    }
    const base = this.#sent;
    this.#sent = version;
    this.#post({
      type: 'changes',
      base,
      version,
      length,
      changes: changes.map(({ rangeOffset, rangeLength, text }) => ({ offset: rangeOffset, length: rangeLength, newText: text })),
    });
  }

  async #receive(raw: unknown): Promise<void> {
    const parsed = (await loadLanguage()).readMessage(raw);
    if (!parsed.success) {
      this.#host.log.error('The graph editor sent a message that is not in the protocol.', parsed.error.message);
      return;
    }
    const message = parsed.data;
    try {
      switch (message.type) {
        case 'ready':
          await this.#start();
          return;
        case 'edit':
          await this.#edit(message.id, message.edits);
          return;
        case 'flushed':
          this.#flush?.done();
          return;
        case 'copy':
          await vscode.env.clipboard.writeText(message.text);
          return;
        case 'fault':
          this.#host.log.error('Fault in the graph editor', message.message);
          return;
        default:
          // A gesture made before the request (text still in a form when Run was pressed) is part of what the request means.
          await this.#queue;
          await this.#host.request(this, message);
      }
    } catch (error) {
      this.#host.log.error(`While answering "${message.type}"`, error);
      void vscode.window.showErrorMessage(faultText(error));
    }
  }

  /** The web view is there (again: it is made anew whenever it was hidden). */
  async #start(): Promise<void> {
    this.#setReady();
    this.#ready = Promise.resolve();
    this.#sendDocument();
    const current = this.#run ? undefined : await this.#host.currentRun(this.document);
    // Meanwhile one may have been started here.
    if (this.#run !== undefined) current?.dispose();
    this.showRun(this.#run ?? current ?? null);
    this.sendMode(await this.#host.modeChoice(this.document));
    this.sendProblems(await this.#host.problems(this.document));
  }

  /** One gesture: planned on the text as it stands when its turn comes, applied as one undo step. */
  #edit(id: number, edits: FlowEdit[]): Promise<void> {
    if (edits.some(({ kind }) => kind === 'addNode')) void achieved('built');
    if (this.#flush) {
      this.#flush.edits.push(...edits);
      this.#post({ type: 'editResult', id, ok: true });
      return Promise.resolve();
    }
    return this.#apply(edits)
      .catch((error: unknown) => {
        this.#host.log.error('An edit could not be applied', error);
        return { ok: false, message: faultText(error) };
      })
      .then(({ ok, message }) => this.#post({ type: 'editResult', id, ok, ...(message === '' ? {} : { message }) }));
  }

  /** Applies edits as one undo step. False: refused, and said so. */
  async apply(edits: FlowEdit[]): Promise<boolean> {
    const { ok, message } = await this.#apply(edits);
    if (!ok) void vscode.window.showErrorMessage(withoutLinks(message));
    return ok;
  }

  /** Replaces parts of the text as it stands, as one undo step. False: VS Code refused it. */
  async replace(edits: vscode.TextEdit[], elsewhere: readonly FileEdits[] = []): Promise<boolean> {
    const change = workspaceEdit(elsewhere);
    change.set(this.document.uri, edits);
    // With other files it is a refactoring, which VS Code saves where people did not say otherwise.
    return vscode.workspace.applyEdit(change, { isRefactoring: elsewhere.length > 0 });
  }

  /** `message`: why the edits were refused, or what they did besides what was asked for; empty: nothing. */
  #apply(edits: FlowEdit[]): Promise<{ ok: boolean; message: string }> {
    const turn = this.#queue.then(async () => {
      const planned = await this.#host.plan(this.document, edits);
      if (!planned.ok) return planned;
      const done = { ok: true, message: planned.said.join(' ') };
      if (planned.edits.length === 0 || (await this.replace(textEdits(planned.edits), planned.elsewhere))) return done;
      return { ok: false, message: 'VS Code refused the edit. Is the file read-only?' };
    });
    this.#queue = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  /** Asks the form for text that is not committed yet and gives it to the save that is under way. */
  async #flushForm(): Promise<vscode.TextEdit[]> {
    const edits: FlowEdit[] = [];
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#flush = { edits, done: resolve };
      timer = setTimeout(resolve, FLUSH_TIMEOUT);
      this.command('flush');
    });
    clearTimeout(timer);
    this.#flush = undefined;
    if (edits.length === 0) return [];
    const planned = await this.#host.plan(this.document, edits);
    if (!planned.ok) return [];
    // Another document: the one that is being saved is changed by what is given back.
    if (planned.elsewhere.length > 0) await vscode.workspace.applyEdit(workspaceEdit(planned.elsewhere), { isRefactoring: true });
    return textEdits(planned.edits);
  }
}

function whyReadonly(uri: vscode.Uri): string {
  if (uri.scheme !== VIRTUAL_FLOW) return 'This file cannot be written.';
  return runOfVirtualFlow(uri) ? 'The flow as it was when the run began.' : 'A draft: nothing of it is written yet.';
}
