import * as vscode from 'vscode';
import type { CompletionKind } from '../../engine/format/language/completion.ts';
import type { ModelSettings } from '../models/settings.ts';
import { fileOf, type LanguageClient, rangeOfSpan } from './language-client.ts';
import type { Known, PlacedCompletion } from './language-protocol.ts';

const KINDS: { readonly [K in CompletionKind]: vscode.CompletionItemKind } = {
  root: vscode.CompletionItemKind.Module,
  step: vscode.CompletionItemKind.Variable,
  input: vscode.CompletionItemKind.Variable,
  field: vscode.CompletionItemKind.Field,
  local: vscode.CompletionItemKind.Variable,
  filter: vscode.CompletionItemKind.Function,
  function: vscode.CompletionItemKind.Function,
  tag: vscode.CompletionItemKind.Keyword,
  outlet: vscode.CompletionItemKind.EnumMember,
  file: vscode.CompletionItemKind.File,
  flow: vscode.CompletionItemKind.File,
  model: vscode.CompletionItemKind.Constant,
  agent: vscode.CompletionItemKind.Class,
  tool: vscode.CompletionItemKind.Method,
  secret: vscode.CompletionItemKind.Constant,
};

/** In flows what the JSON Schema cannot know, in prompt files what their flows give them. */
export class FlowCompletions implements vscode.CompletionItemProvider {
  /** A blank and a quote too: behind `{{ ` and in `"after": { "` there is something to choose before anything is typed. */
  static readonly triggers = ['.', '{', '|', '"', "'", '[', ' ', '%', ':', '/'];
  readonly #client: LanguageClient;
  readonly #settings: ModelSettings;

  constructor(client: LanguageClient, settings: ModelSettings) {
    this.#client = client;
    this.#settings = settings;
  }

  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.CompletionItem[]> {
    const offset = document.offsetAt(position);
    const found = await this.#client.ask('complete', { file: fileOf(document), offset, known: await this.#known() }, true);
    if (token.isCancellationRequested) return [];
    return found.map((item, index) => toItem(item, index));
  }

  async #known(): Promise<Known> {
    const aliases = Object.entries(this.#settings.aliases).map(([name, detail]) => ({ name, detail }));
    const models = this.#settings
      .connections()
      .flatMap(({ id, models: names = [] }) => names.map((name) => ({ name: `${id}/${name}`, detail: id })));
    return { models: [...aliases, ...models], secrets: await this.#settings.secretNames() };
  }
}

function toItem(
  { label, kind, insert, span, detail, about, filter, caret, continues }: PlacedCompletion,
  index: number,
): vscode.CompletionItem {
  const item = new vscode.CompletionItem(label, KINDS[kind]);
  item.insertText = caret === undefined ? insert : snippet(insert, caret);
  item.range = rangeOfSpan(span);
  item.sortText = String(index).padStart(5, '0');
  if (detail !== undefined) item.detail = detail;
  // As plain text: what stands in a flow may have been written by anybody.
  if (about !== undefined) item.documentation = new vscode.MarkdownString().appendText(about);
  if (filter !== undefined) item.filterText = filter;
  if (continues) item.command = { command: 'editor.action.triggerSuggest', title: 'Suggest' };
  return item;
}

function snippet(text: string, caret: number): vscode.SnippetString {
  return new vscode.SnippetString().appendText(text.slice(0, caret)).appendTabstop(0).appendText(text.slice(caret));
}
