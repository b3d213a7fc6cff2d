import * as vscode from 'vscode';
import type { Problem } from '../engine/format/problem.ts';
import { fileOf, type LanguageClient } from './text/language-client.ts';

export interface Analysis {
  version: number;
  problems: Problem[];
  /** Steps whose results are not to be trusted. */
  untrusted: string[];
}

const SEVERITY: { readonly [K in Problem['severity']]: vscode.DiagnosticSeverity } = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
};

/** Pause in typing after which a flow is checked again (ms). */
const DEBOUNCE = 120;

export function isFlow(document: { uri: vscode.Uri }): boolean {
  return document.uri.path.endsWith('.flow.json') && document.uri.scheme !== 'git';
}

export function rangeOf({ line, column, endLine, endColumn }: Problem['place']): vscode.Range {
  return new vscode.Range(line - 1, column - 1, endLine - 1, endColumn - 1);
}

/** Checks every open flow and keeps the Problems panel and the editors told. One analysis per version, whoever asks. */
export class FlowDocuments implements vscode.Disposable {
  readonly #diagnostics = vscode.languages.createDiagnosticCollection('belay');
  readonly #analysed = new vscode.EventEmitter<{ document: vscode.TextDocument; analysis: Analysis }>();
  readonly onDidAnalyse = this.#analysed.event;
  readonly #cache = new WeakMap<vscode.TextDocument, Promise<Analysis>>();
  readonly #versions = new WeakMap<vscode.TextDocument, number>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #disposables: vscode.Disposable[];
  readonly #client: LanguageClient;

  constructor(client: LanguageClient) {
    this.#client = client;
    this.#disposables = [
      this.#diagnostics,
      this.#analysed,
      vscode.workspace.onDidOpenTextDocument((document) => this.#schedule(document, 0)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#schedule(document, DEBOUNCE)),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (isFlow(document)) this.#diagnostics.delete(document.uri);
      }),
    ];
    for (const document of vscode.workspace.textDocuments) this.#schedule(document, 0);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** The problems of the document as it now stands. */
  analyse(document: vscode.TextDocument): Promise<Analysis> {
    const cached = this.#cache.get(document);
    if (cached !== undefined && this.#versions.get(document) === document.version) return cached;
    const { version } = document;
    const analysis = this.#check(document, version);
    this.#cache.set(document, analysis);
    this.#versions.set(document, version);
    return analysis;
  }

  async #check(document: vscode.TextDocument, version: number): Promise<Analysis> {
    try {
      return { version, ...(await this.#client.ask('check', { file: fileOf(document) })) };
    } catch (error) {
      // Asked again, it may go better.
      this.#cache.delete(document);
      throw error;
    }
  }

  #schedule(document: vscode.TextDocument, delay: number): void {
    if (!isFlow(document)) return;
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => {
        this.#timers.delete(key);
        void this.#publish(document);
      }, delay),
    );
  }

  async #publish(document: vscode.TextDocument): Promise<void> {
    const analysis = await this.analyse(document).catch(() => undefined);
    if (!analysis || document.isClosed || document.version !== analysis.version) return;
    this.#diagnostics.set(
      document.uri,
      analysis.problems.map((problem) => toDiagnostic(problem, document.uri)),
    );
    this.#analysed.fire({ document, analysis });
  }
}

function toDiagnostic(problem: Problem, uri: vscode.Uri): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(rangeOf(problem.place), `${problem.message} ${problem.hint}`.trim(), SEVERITY[problem.severity]);
  diagnostic.source = 'belay';
  diagnostic.code = problem.node === undefined ? problem.code : { value: problem.code, target: nodeLink(uri, problem.node) };
  return diagnostic;
}

/** Behind a problem's code: shows the node, as a click on the problem itself opens the graph and VS Code gives that no selection. */
function nodeLink(uri: vscode.Uri, node: string): vscode.Uri {
  return vscode.Uri.parse(`command:belay.revealInGraph?${encodeURIComponent(JSON.stringify([uri.toString(), node]))}`);
}
