import * as vscode from 'vscode';
import type { Problem } from '../../engine/format/problem.ts';
import { type FlowDocuments, rangeOf } from '../documents.ts';
import { fileOf, type LanguageClient, textEdits } from './language-client.ts';
import type { SpanEdit } from './language-protocol.ts';

const FIX_ALL = vscode.CodeActionKind.SourceFixAll.append('belay');
const FORMAT = vscode.CodeActionKind.Source.append('format').append('belay');

/** Quick fixes in the text of a flow, one for each problem that can be mended without thinking; all of them at once; the canonical form. */
export class FlowCodeActions implements vscode.CodeActionProvider {
  static readonly kinds = [vscode.CodeActionKind.QuickFix, FIX_ALL, FORMAT];
  readonly #documents: FlowDocuments;
  readonly #client: LanguageClient;

  constructor(documents: FlowDocuments, client: LanguageClient) {
    this.#documents = documents;
    this.#client = client;
  }

  async provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    context: vscode.CodeActionContext,
  ): Promise<vscode.CodeAction[]> {
    const { version, problems } = await this.#documents.analyse(document);
    if (document.version !== version) return [];
    const file = fileOf(document);
    const wants = (kind: vscode.CodeActionKind) => context.only === undefined || context.only.contains(kind);
    const actions: vscode.CodeAction[] = [];
    if (wants(vscode.CodeActionKind.QuickFix)) {
      for (const problem of problems) {
        if (rangeOf(problem.place).intersection(range) === undefined) continue;
        const plan = problem.fix && (await this.#client.ask('plan', { file, edits: [...problem.fix.edits] }));
        if (problem.fix && plan?.ok && plan.edits.length > 0)
          actions.push(quickFix(problem.fix.title, problem, document, plan.edits, context.diagnostics));
        if (problem.node !== undefined) actions.push(reveal(problem, problem.node, document, context.diagnostics));
      }
    }
    // Going through all of them takes a while, too long for every move of the cursor: only where that is asked for.
    if (context.only?.contains(FIX_ALL) && problems.some(({ fix }) => fix)) {
      const action = whole(
        'Fix all problems of the flow that Belay can mend',
        FIX_ALL,
        document,
        await this.#client.ask('fixAll', { file }),
      );
      if (action) actions.push(action);
    }
    if (context.only?.contains(FORMAT)) {
      const action = whole('Format the flow', FORMAT, document, await this.#client.ask('format', { file, unit: '  ' }));
      if (action) actions.push(action);
    }
    return document.version === version ? actions : [];
  }
}

function quickFix(
  title: string,
  problem: Problem,
  document: vscode.TextDocument,
  edits: readonly SpanEdit[],
  diagnostics: readonly vscode.Diagnostic[],
): vscode.CodeAction {
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.edit = editOf(document, edits);
  action.isPreferred = true;
  action.diagnostics = toldOf(problem, diagnostics);
  return action;
}

/** A click on a problem opens the graph, which VS Code gives no selection: this shows the node. */
function reveal(
  problem: Problem,
  node: string,
  document: vscode.TextDocument,
  diagnostics: readonly vscode.Diagnostic[],
): vscode.CodeAction {
  const action = new vscode.CodeAction(`Reveal "${node}" in Graph`, vscode.CodeActionKind.QuickFix);
  action.command = { command: 'belay.revealInGraph', title: 'Reveal in Graph', arguments: [document.uri, node] };
  action.diagnostics = toldOf(problem, diagnostics);
  return action;
}

function toldOf(problem: Problem, diagnostics: readonly vscode.Diagnostic[]): vscode.Diagnostic[] {
  return diagnostics.filter(({ code, range }) => codeOf(code) === problem.code && range.isEqual(rangeOf(problem.place)));
}

function codeOf(code: vscode.Diagnostic['code']): string | number | undefined {
  return typeof code === 'object' ? code.value : code;
}

function whole(
  title: string,
  kind: vscode.CodeActionKind,
  document: vscode.TextDocument,
  edits: readonly SpanEdit[],
): vscode.CodeAction | undefined {
  if (edits.length === 0) return undefined;
  const action = new vscode.CodeAction(title, kind);
  action.edit = editOf(document, edits);
  return action;
}

function editOf(document: vscode.TextDocument, edits: readonly SpanEdit[]): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  edit.set(document.uri, textEdits(edits));
  return edit;
}
