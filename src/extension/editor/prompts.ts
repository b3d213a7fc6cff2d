import * as vscode from 'vscode';
import type { FlowEdit } from '../../engine/format/flow-edit.ts';
import { planGesture } from '../text/gestures.ts';
import { fileOf, type LanguageClient, textEdits } from '../text/language-client.ts';

export const PROMPT_SCHEME = 'belay-prompt';

/** A text in a flow: the string at `path` of the node. */
export interface PromptPlace {
  flow: vscode.Uri;
  node: string;
  path: (string | number)[];
}

interface Known {
  place: PromptPlace;
  /** As it was read or written last. */
  text: string;
  /** Epoch ms; grows with every change, also where two come in the same millisecond. */
  mtime: number;
}

/**
 * Texts of flows in editors of their own, as the files of a virtual file system: saving one is one edit of the flow. A file system and
 * not a content provider, so that VS Code itself keeps unsaved texts, asks before it closes them, and compares where the flow was
 * changed meanwhile.
 */
export class PromptDocuments implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #known = new Map<string, Known>();
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  readonly #disposables: vscode.Disposable[];
  readonly #client: LanguageClient;

  constructor(client: LanguageClient) {
    this.#client = client;
    this.#disposables = [
      this.#changed,
      vscode.workspace.registerFileSystemProvider(PROMPT_SCHEME, this, { isCaseSensitive: true }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => void this.#flowChanged(document)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#known.delete(uri.toString())),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** Opens a text beside the graph. */
  async open(place: PromptPlace): Promise<void> {
    const document = await vscode.workspace.openTextDocument(uriOf(place));
    await vscode.window.showTextDocument(document, { preview: false, viewColumn: vscode.ViewColumn.Beside });
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { text, mtime } = await this.#read(uri);
    return { type: vscode.FileType.File, ctime: 0, mtime, size: Buffer.byteLength(text) };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return new TextEncoder().encode((await this.#read(uri)).text);
  }

  /** One edit of the flow. The flow is saved too where it had no other unsaved change. */
  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    const place = placeOf(uri);
    const before = this.#known.get(uri.toString())?.text;
    const now = await this.#read(uri);
    const written = new TextDecoder().decode(content);
    // VS Code itself compares by length.
    if (before !== undefined && before !== now.text && before.length === now.text.length) {
      throw vscode.FileSystemError.Unavailable(
        `This text was changed in ${vscode.workspace.asRelativePath(place.flow)} meanwhile. Save once more to write yours over it.`,
      );
    }
    const text = now.text.includes('\r\n') ? written : written.replaceAll('\r\n', '\n');
    if (text === now.text) return;
    const document = await vscode.workspace.openTextDocument(place.flow);
    const wasClean = !document.isDirty;
    const edit: FlowEdit = { kind: 'setParam', node: place.node, path: place.path, ...(text === '' ? {} : { value: text }) };
    const plan = await planGesture(this.#client, document, [edit]);
    if (!plan.ok) throw vscode.FileSystemError.Unavailable(plan.message);
    this.#known.set(uri.toString(), { place, text, mtime: later(now.mtime) });
    const change = new vscode.WorkspaceEdit();
    change.set(place.flow, textEdits(plan.edits));
    if (!(await vscode.workspace.applyEdit(change))) {
      this.#known.set(uri.toString(), now);
      throw vscode.FileSystemError.NoPermissions('VS Code refused the edit of the flow. Is the file read-only?');
    }
    if (wasClean) await document.save();
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(): void {
    throw vscode.FileSystemError.NoPermissions('Texts of a flow have no folders.');
  }

  delete(): void {
    throw vscode.FileSystemError.NoPermissions('Remove the text in its flow.');
  }

  rename(): void {
    throw vscode.FileSystemError.NoPermissions('Rename the node in its flow.');
  }

  /** Empty where there is none yet. Undefined: there is no such node, or something else stands there. */
  textIn(document: vscode.TextDocument, node: string, path: (string | number)[]): Promise<string | undefined> {
    return this.#client.ask('textIn', { file: fileOf(document), node, path });
  }

  /** The text as it now stands in the flow. Throws `FileNotFound` where it is not there any more. */
  async #read(uri: vscode.Uri): Promise<Known> {
    const place = placeOf(uri);
    const document = await vscode.workspace.openTextDocument(place.flow);
    const text = await this.textIn(document, place.node, place.path);
    if (text === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    const key = uri.toString();
    const known = this.#known.get(key);
    if (known?.text === text) return known;
    const next = { place, text, mtime: later(known?.mtime ?? 0) };
    this.#known.set(key, next);
    return next;
  }

  async #flowChanged({ uri }: vscode.TextDocument): Promise<void> {
    const flow = uri.toString();
    const concerned = [...this.#known].filter(([, { place }]) => place.flow.toString() === flow);
    for (const [key, before] of concerned) {
      const own = vscode.Uri.parse(key);
      // Whoever could not be asked has not said that it is gone.
      const after = await this.#read(own).catch((error: unknown) => (isGone(error) ? undefined : before));
      if (after === before || this.#known.get(key) === before) continue;
      this.#changed.fire([{ type: after ? vscode.FileChangeType.Changed : vscode.FileChangeType.Deleted, uri: own }]);
    }
  }
}

function isGone(error: unknown): boolean {
  return error instanceof vscode.FileSystemError && error.code === 'FileNotFound';
}

function later(than: number): number {
  return Math.max(Date.now(), than + 1);
}

/** `draft.prompt.md`, `draft.system.prompt.md`: what the tab says, and by what VS Code knows that it is a prompt. */
function uriOf({ flow, node, path }: PromptPlace): vscode.Uri {
  const field = path.slice(1).join('.');
  const name = field === 'prompt' ? `${node}.prompt.md` : `${node}.${field}.prompt.md`;
  return vscode.Uri.from({
    scheme: PROMPT_SCHEME,
    path: `${flow.path}/${name}`,
    query: JSON.stringify({ flow: flow.toString(), node, path }),
  });
}

/** Where the text of a virtual prompt stands. Throws `FileNotFound` for an address that is none. */
export function placeOf(uri: vscode.Uri): PromptPlace {
  try {
    const { flow, node, path } = JSON.parse(uri.query) as { flow: string; node: string; path: (string | number)[] };
    if (typeof node === 'string' && Array.isArray(path) && path.every((part) => typeof part === 'string' || Number.isInteger(part))) {
      return { flow: vscode.Uri.parse(flow, true), node, path };
    }
  } catch {
    // Said below.
  }
  throw vscode.FileSystemError.FileNotFound(uri);
}
