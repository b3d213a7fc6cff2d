import * as vscode from 'vscode';
import type { RunRef } from '../runs/run-ref.ts';

/** Flows that are in no file: drafts that nobody has agreed to yet, and the flows of runs whose file is gone or never was. Read-only. */
export const VIRTUAL_FLOW = 'belay-flow';

/** So many drafts are kept over a restart of the window. */
const MOST_DRAFTS = 20;
const DRAFTS = 'chat.drafts';

interface Draft {
  id: string;
  text: string;
}

/** A file system, and not a content provider, so that VS Code knows that nothing here can be written. */
export class VirtualFlows implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #memory: vscode.Memento;
  readonly #frozen: (ref: RunRef) => Promise<string>;
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  readonly #registration: vscode.Disposable;

  /** @param frozen the text of a run's flow, as the run goes by it. */
  constructor(memory: vscode.Memento, frozen: (ref: RunRef) => Promise<string>) {
    this.#memory = memory;
    this.#frozen = frozen;
    this.#registration = vscode.workspace.registerFileSystemProvider(VIRTUAL_FLOW, this, { isCaseSensitive: true, isReadonly: true });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }

  /** @param name of a file, without `.flow.json`; `kind`: what it is to be opened as. */
  async addDraft(name: string, text: string, kind: 'graph' | 'text' = 'graph'): Promise<vscode.Uri> {
    const drafts = this.#drafts();
    const last = Number(drafts.at(-1)?.id ?? 0);
    const id = String(Math.max(last + 1, Date.now()));
    await this.#memory.update(DRAFTS, [...drafts, { id, text }].slice(-MOST_DRAFTS));
    return vscode.Uri.from({
      scheme: VIRTUAL_FLOW,
      authority: 'draft',
      path: `/${name}${kind === 'graph' ? '.flow.json' : '.json'}`,
      query: id,
    });
  }

  /** Undefined: it was discarded, or many were made since. */
  draft(uri: vscode.Uri): string | undefined {
    return this.#drafts().find(({ id }) => id === uri.query)?.text;
  }

  async discardDraft(uri: vscode.Uri): Promise<void> {
    await this.#memory.update(
      DRAFTS,
      this.#drafts().filter(({ id }) => id !== uri.query),
    );
  }

  /** What has a name here never changes. */
  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: (await this.readFile(uri)).byteLength };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const ref = runOfVirtualFlow(uri);
    const text = ref ? await this.#frozen(ref).catch(() => undefined) : this.draft(uri);
    if (text === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    return new TextEncoder().encode(text);
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  #drafts(): Draft[] {
    return this.#memory.get<Draft[]>(DRAFTS, []);
  }
}

/** @param flow its file, relative to the journal root. */
export function flowOfRun(ref: RunRef, flow: string): vscode.Uri {
  const name = flow.slice(flow.lastIndexOf('/') + 1);
  return vscode.Uri.from({ scheme: VIRTUAL_FLOW, authority: 'run', path: `/${name}`, query: JSON.stringify([ref.root, ref.id]) });
}

/** The run whose flow this is; undefined: it is a draft, or a file. */
export function runOfVirtualFlow(uri: vscode.Uri): RunRef | undefined {
  if (uri.scheme !== VIRTUAL_FLOW || uri.authority !== 'run') return undefined;
  try {
    const [root, id] = JSON.parse(uri.query) as unknown[];
    return typeof root === 'string' && typeof id === 'string' ? { root, id } : undefined;
  } catch {
    return undefined;
  }
}
