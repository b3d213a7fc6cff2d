import * as vscode from 'vscode';
import type { FlowDocuments } from '../documents.ts';
import type { FlowEditors } from '../editor/provider.ts';
import type { ModelSettings } from '../models/settings.ts';
import type { RunHub } from '../runs/hub.ts';
import { FlowCodeActions } from './code-actions.ts';
import { FlowCodeLenses } from './code-lens.ts';
import { FlowCompletions } from './completion.ts';
import { FlowHovers } from './hover.ts';
import { fileOf, type LanguageClient, textEdits } from './language-client.ts';
import { LastRuns } from './last-run.ts';
import { mendWhenMoved } from './moved-files.ts';
import { FlowNavigation } from './navigation.ts';
import { FlowSymbols } from './symbols.ts';

interface Parts {
  client: LanguageClient;
  documents: FlowDocuments;
  editors: FlowEditors;
  hub: RunHub;
  settings: ModelSettings;
  log: vscode.LogOutputChannel;
}

const FLOWS: vscode.DocumentSelector = { pattern: '**/*.flow.json' };
const PROMPTS: vscode.DocumentSelector = { pattern: '**/*.prompt.md', scheme: 'file' };
const BOTH = [FLOWS, PROMPTS] as vscode.DocumentFilter[];

/**
 * Everything that makes the text of flows and prompt files more than JSON and Markdown. Folding is left to VS Code's own JSON, which
 * folds nodes, parameters, bodies and the layout already.
 */
export function registerLanguage({ client, documents, editors, hub, settings, log }: Parts): vscode.Disposable[] {
  const runs = new LastRuns(hub);
  const lenses = new FlowCodeLenses(client, runs);
  const navigation = new FlowNavigation(client);
  const { languages } = vscode;
  return [
    runs,
    lenses,
    languages.registerCompletionItemProvider(BOTH, new FlowCompletions(client, settings), ...FlowCompletions.triggers),
    languages.registerHoverProvider(BOTH, new FlowHovers(client, runs, hub, settings)),
    languages.registerDefinitionProvider(BOTH, navigation),
    languages.registerReferenceProvider(BOTH, navigation),
    languages.registerRenameProvider(BOTH, navigation),
    languages.registerDocumentSymbolProvider(FLOWS, new FlowSymbols(client), { label: 'Belay' }),
    languages.registerCodeLensProvider(FLOWS, lenses),
    languages.registerCodeActionsProvider(FLOWS, new FlowCodeActions(documents, client), {
      providedCodeActionKinds: FlowCodeActions.kinds,
    }),
    mendWhenMoved(client, log),
    vscode.commands.registerCommand('belay.revealInGraph', (uri?: vscode.Uri | string, node?: string) =>
      revealInGraph({ editors, client }, uri, node),
    ),
    vscode.commands.registerTextEditorCommand('belay.formatFlow', (editor) => void formatFlow(client, editor, log)),
  ];
}

/** @param uri as text where it comes from a link. Without arguments: the node in which the cursor stands. */
async function revealInGraph(
  { editors, client }: Pick<Parts, 'editors' | 'client'>,
  uri?: vscode.Uri | string,
  node?: string,
): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const target = typeof uri === 'string' ? vscode.Uri.parse(uri) : (uri ?? editor?.document.uri);
  if (!target?.path.endsWith('.flow.json')) return;
  const id = node ?? (editor?.document.uri.toString() === target.toString() ? await nodeAround(client, editor) : undefined);
  const session = editors.of(target)[0];
  if (session) session.panel.reveal(undefined, false);
  const shown = session ?? (await editors.open(target, editor ? { viewColumn: vscode.ViewColumn.Beside } : {}));
  if (id !== undefined) shown?.reveal(id);
}

async function nodeAround(client: LanguageClient, { document, selection }: vscode.TextEditor): Promise<string | undefined> {
  const { line, character } = selection.active;
  const around = (symbols: Awaited<ReturnType<typeof client.ask<'symbols'>>>): string | undefined => {
    const found = symbols.find(({ span }) =>
      new vscode.Range(span.line, span.column, span.endLine, span.endColumn).contains(new vscode.Position(line, character)),
    );
    if (!found) return undefined;
    return around(found.children) ?? (found.kind === 'node' || found.kind === 'body' ? found.name : undefined);
  };
  return around(await client.ask('symbols', { file: fileOf(document) }));
}

/**
 * A command of our own, not a formatter for JSON: with two formatters for one language VS Code asks which is the default, and the
 * answer holds for every JSON file. What is selected is formatted, else all of it.
 */
async function formatFlow(client: LanguageClient, editor: vscode.TextEditor, log: vscode.LogOutputChannel): Promise<void> {
  const { document, selection, options } = editor;
  if (!document.uri.path.endsWith('.flow.json')) return;
  const unit = options.insertSpaces === false ? '\t' : ' '.repeat(typeof options.tabSize === 'number' ? options.tabSize : 2);
  const lines = selection.isEmpty ? undefined : new vscode.Range(selection.start.line, 0, selection.end.line + 1, 0);
  const part = lines && { from: document.offsetAt(lines.start) - 1, to: document.offsetAt(lines.end) };
  try {
    const { version } = document;
    const edits = await client.ask('format', { file: fileOf(document), unit, ...part });
    if (document.version !== version || edits.length === 0) return;
    const change = new vscode.WorkspaceEdit();
    change.set(document.uri, textEdits(edits));
    await vscode.workspace.applyEdit(change);
    // Behind the end of what was one long line there is nothing to be seen any more.
    const { line } = editor.selection.active;
    editor.revealRange(new vscode.Range(line, 0, line, 0));
  } catch (error) {
    log.error('The flow could not be formatted', error);
  }
}
