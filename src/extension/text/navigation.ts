import * as vscode from 'vscode';
import { fileOf, type LanguageClient, rangeOfSpan, textEdits, uriOf } from './language-client.ts';
import type { FileEdits, FileSpan } from './language-protocol.ts';

/** Jumps, references and renaming in flows and prompt files. */
export class FlowNavigation implements vscode.DefinitionProvider, vscode.ReferenceProvider, vscode.RenameProvider {
  readonly #client: LanguageClient;

  constructor(client: LanguageClient) {
    this.#client = client;
  }

  async provideDefinition(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Location[]> {
    const found = await this.#client.ask('definition', at(document, position), true);
    return found.map((span) => location(span, document));
  }

  async provideReferences(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.ReferenceContext,
  ): Promise<vscode.Location[]> {
    const asked = { ...at(document, position), declaration: context.includeDeclaration };
    return (await this.#client.ask('references', asked, true)).map((span) => location(span, document));
  }

  async prepareRename(document: vscode.TextDocument, position: vscode.Position): Promise<{ range: vscode.Range; placeholder: string }> {
    const found = await this.#client.ask('renamed', at(document, position), true);
    if (!found.ok) throw new Error(found.message);
    return { range: rangeOfSpan(found.span), placeholder: found.name };
  }

  async provideRenameEdits(document: vscode.TextDocument, position: vscode.Position, newName: string): Promise<vscode.WorkspaceEdit> {
    const renamed = await this.#client.ask('rename', { ...at(document, position), to: newName }, true);
    // VS Code shows what is thrown beside the name.
    if (!renamed.ok) throw new Error(renamed.message);
    return workspaceEdit(renamed.edits, document);
  }
}

function at(document: vscode.TextDocument, position: vscode.Position): { file: string; offset: number } {
  return { file: fileOf(document), offset: document.offsetAt(position) };
}

/** What has no file of its own is in the document that was asked about. */
function location({ file, span }: FileSpan, document: vscode.TextDocument): vscode.Location {
  return new vscode.Location(uriOf(file) ?? document.uri, rangeOfSpan(span));
}

export function workspaceEdit(files: readonly FileEdits[], document?: vscode.TextDocument): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  for (const { file, edits } of files) {
    const uri = uriOf(file) ?? document?.uri;
    if (uri) edit.set(uri, textEdits(edits));
  }
  return edit;
}
