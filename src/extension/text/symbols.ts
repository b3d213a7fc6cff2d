import * as vscode from 'vscode';
import type { FlowSymbol } from '../../engine/format/language/symbols.ts';
import { fileOf, type LanguageClient, rangeOfSpan } from './language-client.ts';
import type { PlacedSymbol } from './language-protocol.ts';

const KINDS: { readonly [K in FlowSymbol['kind']]: vscode.SymbolKind } = {
  group: vscode.SymbolKind.Namespace,
  input: vscode.SymbolKind.Variable,
  output: vscode.SymbolKind.Property,
  node: vscode.SymbolKind.Function,
  body: vscode.SymbolKind.Class,
};

/** The outline of a flow: inputs, nodes with their bodies, outputs. */
export class FlowSymbols implements vscode.DocumentSymbolProvider {
  readonly #client: LanguageClient;

  constructor(client: LanguageClient) {
    this.#client = client;
  }

  async provideDocumentSymbols(document: vscode.TextDocument): Promise<vscode.DocumentSymbol[]> {
    return (await this.#client.ask('symbols', { file: fileOf(document) })).map(toSymbol);
  }
}

function toSymbol({ kind, name, detail, span, nameSpan, children }: PlacedSymbol): vscode.DocumentSymbol {
  const symbol = new vscode.DocumentSymbol(name || '""', detail, KINDS[kind], rangeOfSpan(span), rangeOfSpan(nameSpan));
  symbol.children = children.map(toSymbol);
  return symbol;
}
