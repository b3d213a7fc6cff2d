import { Worker } from 'node:worker_threads';
import * as vscode from 'vscode';
import type { FromWorker, KnownFiles, LanguageMethods, Method, Span, SpanEdit, ToWorker } from './language-protocol.ts';

/** No question about a text takes longer, whatever the text (ms): a worker that does is replaced. */
const PATIENCE = 30_000;
/** Files of each kind that are known by name. */
const MOST_FILES = 2000;

type Named = { uri: vscode.Uri };

/** How the language service names a document: its path, or of one that is on no disk a path that no disk has. */
export function fileOf({ uri }: Named): string {
  return uri.scheme === 'file' ? uri.fsPath : `/${uri.scheme}:${uri.authority}${uri.path}`;
}

/** Undefined: the file of a document that is on no disk. */
export function uriOf(file: string): vscode.Uri | undefined {
  return /^\/[a-z][\w+.-]*:/i.test(file) ? undefined : vscode.Uri.file(file);
}

function isPrompt({ uri }: Named): boolean {
  return uri.path.endsWith('.prompt.md') && uri.scheme === 'file';
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/**
 * The extension's end of the language worker. Reading a large flow takes tens of milliseconds; here, between two keystrokes, there is
 * no time for that. Texts are sent when they have changed and something is asked.
 */
export class LanguageClient implements vscode.Disposable {
  readonly #workerFile: string;
  readonly #log: vscode.LogOutputChannel;
  readonly #disposables: vscode.Disposable[];
  readonly #pending = new Map<number, Pending>();
  /** Documents whose text the worker has, by file, and in which version. */
  readonly #sent = new Map<string, number>();
  #worker: Worker | undefined;
  #lastId = 0;
  /** Undefined: has to be looked up again before the worker is asked. */
  #files: Promise<void> | undefined;
  #isDisposed = false;

  /** @param isFlow the documents that are flows. */
  constructor(workerFile: string, log: vscode.LogOutputChannel, isFlow: (document: Named) => boolean) {
    this.#workerFile = workerFile;
    this.#log = log;
    const isOurs = (document: Named) => isFlow(document) || isPrompt(document);
    const watcher = vscode.workspace.createFileSystemWatcher('**/*.{flow.json,prompt.md,agent.md}');
    this.#disposables = [
      watcher,
      watcher.onDidChange(() => this.#tell({ kind: 'stale' })),
      watcher.onDidCreate(() => this.#forgetFiles()),
      watcher.onDidDelete(() => this.#forgetFiles()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#end()),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (this.#sent.delete(fileOf(document))) this.#tell({ kind: 'text', file: fileOf(document), text: undefined });
      }),
    ];
    this.#open = () => vscode.workspace.textDocuments.filter((document) => !document.isClosed && isOurs(document));
  }

  readonly #open: () => vscode.TextDocument[];

  dispose(): void {
    this.#isDisposed = true;
    for (const disposable of this.#disposables) disposable.dispose();
    this.#end();
  }

  /**
   * Asks the worker. Rejects where the worker fell over the text, or takes too long.
   *
   * @param withFiles the answer depends on which files there are.
   */
  async ask<M extends Method>(
    method: M,
    params: Parameters<LanguageMethods[M]>[0],
    withFiles = false,
  ): Promise<ReturnType<LanguageMethods[M]>> {
    if (withFiles) await this.#sendFiles();
    if (this.#isDisposed) throw new Error('The language service has ended.');
    const worker = this.#start();
    this.#sendTexts();
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#log.error(`"${method}" took longer than ${PATIENCE / 1000} s`);
        this.#end();
      }, PATIENCE);
      this.#pending.set(id, { resolve: (result) => resolve(result as ReturnType<LanguageMethods[M]>), reject, timer });
      worker.postMessage({ kind: 'ask', id, method, params });
    });
  }

  #start(): Worker {
    if (this.#worker) return this.#worker;
    // The stack of a main thread: in a deeper one, text that is nested without end is read for as long as nobody waits.
    const resourceLimits = { maxOldGenerationSizeMb: 1024, stackSizeMb: 1 };
    const worker = new Worker(this.#workerFile, { name: 'belay language', resourceLimits });
    this.#worker = worker;
    worker.on('message', (message: FromWorker) => this.#answered(message));
    worker.on('error', (error) => this.#log.error('The language worker failed', error));
    worker.on('exit', () => {
      if (this.#worker === worker) this.#end();
    });
    worker.unref();
    this.#tell({ kind: 'folders', folders: (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath) });
    return worker;
  }

  /** The next question starts a new one. */
  #end(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#sent.clear();
    this.#files = undefined;
    void worker?.terminate();
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(new Error('The language service was started anew.'));
    }
    this.#pending.clear();
  }

  #answered(message: FromWorker): void {
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    this.#pending.delete(message.id);
    clearTimeout(pending.timer);
    if (message.ok) pending.resolve(message.result);
    else {
      this.#log.error('In the language worker', message.message);
      pending.reject(new Error(message.message));
    }
  }

  #tell(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #sendTexts(): void {
    for (const document of this.#open()) {
      const file = fileOf(document);
      if (this.#sent.get(file) === document.version) continue;
      this.#sent.set(file, document.version);
      this.#tell({ kind: 'text', file, text: document.getText() });
    }
  }

  #forgetFiles(): void {
    this.#files = undefined;
    this.#tell({ kind: 'stale' });
  }

  #sendFiles(): Promise<unknown> {
    this.#files ??= lookForFiles().then((files) => {
      this.#start();
      this.#tell({ kind: 'files', files });
    });
    return this.#files;
  }
}

async function lookForFiles(): Promise<KnownFiles> {
  const find = async (glob: string) =>
    (await vscode.workspace.findFiles(glob, '**/{node_modules,.git}/**', MOST_FILES)).map(({ fsPath }) => fsPath).sort();
  const [flows, prompts, agents] = await Promise.all([
    find('**/*.flow.json'),
    find('**/*.prompt.md'),
    find('**/.github/agents/*.agent.md'),
  ]);
  return { flows, prompts, agents };
}

export function rangeOfSpan({ line, column, endLine, endColumn }: Span): vscode.Range {
  return new vscode.Range(line, column, endLine, endColumn);
}

export function textEdits(edits: readonly SpanEdit[]): vscode.TextEdit[] {
  return edits.map(({ span, newText }) => vscode.TextEdit.replace(rangeOfSpan(span), newText));
}
