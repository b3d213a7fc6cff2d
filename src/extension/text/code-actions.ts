import * as vscode from 'vscode';
import type { TextEdit } from '../../engine/format/flow-edit.ts';
import type { Problem } from '../../engine/format/problem.ts';
import { type FlowDocuments, rangeOf, rootOfDocument } from '../documents.ts';
import { loadLanguage } from '../lazy.ts';

const FIX_ALL = vscode.CodeActionKind.SourceFixAll.append('belay');

/** Quick fixes in the text of a flow, one for each problem that can be mended without thinking, and all of them at once. */
export class FlowCodeActions implements vscode.CodeActionProvider {
  static readonly kinds = [vscode.CodeActionKind.QuickFix, FIX_ALL];
  readonly #documents: FlowDocuments;

  constructor(documents: FlowDocuments) {
    this.#documents = documents;
  }

  async provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    context: vscode.CodeActionContext,
  ): Promise<vscode.CodeAction[]> {
    const { version, problems } = await this.#documents.analyse(document);
    if (document.version !== version) return [];
    const language = await loadLanguage();
    const text = document.getText();
    const wants = (kind: vscode.CodeActionKind) => context.only === undefined || context.only.contains(kind);
    const actions: vscode.CodeAction[] = [];
    if (wants(vscode.CodeActionKind.QuickFix)) {
      for (const problem of problems) {
        if (!problem.fix || rangeOf(problem.place).intersection(range) === undefined) continue;
        const plan = language.planFlowEdits(text, [...problem.fix.edits]);
        if (plan.ok && plan.edits.length > 0) actions.push(quickFix(problem.fix.title, problem, document, plan.edits, context.diagnostics));
      }
    }
    // Going through all of them takes a while, too long for every move of the cursor: only where that is asked for.
    if (context.only?.contains(FIX_ALL) && problems.some(({ fix }) => fix)) {
      const all = language.fixFlow(text, document.uri.fsPath, rootOfDocument(document));
      if (all.length > 0) {
        const action = new vscode.CodeAction('Fix all problems of the flow that Belay can mend', FIX_ALL);
        action.edit = editOf(document, all);
        actions.push(action);
      }
    }
    return actions;
  }
}

function quickFix(
  title: string,
  problem: Problem,
  document: vscode.TextDocument,
  edits: readonly TextEdit[],
  diagnostics: readonly vscode.Diagnostic[],
): vscode.CodeAction {
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.edit = editOf(document, edits);
  action.isPreferred = true;
  action.diagnostics = diagnostics.filter(({ code, range }) => code === problem.code && range.isEqual(rangeOf(problem.place)));
  return action;
}

function editOf(document: vscode.TextDocument, edits: readonly TextEdit[]): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  for (const { offset, length, newText } of edits) {
    edit.replace(document.uri, new vscode.Range(document.positionAt(offset), document.positionAt(offset + length)), newText);
  }
  return edit;
}
