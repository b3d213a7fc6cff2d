import * as path from 'node:path';
import * as vscode from 'vscode';
import { BelayError } from '../../engine/errors.ts';
import type { Start } from '../../webview/protocol/ask.ts';
import { BLANK_START } from '../../webview/protocol/limits.ts';
import { rootOf } from '../runs/roots.ts';
import { onPresentText } from '../text/gestures.ts';
import { fileOf, type LanguageClient } from '../text/language-client.ts';

interface Source {
  kind: Exclude<Start['kind'], 'chat'>;
  icon: string;
  /** From the extension's folder. */
  file: string;
  /** Recorded replies that come with it, from the extension's folder. */
  recording?: string;
}

/** What an empty flow can begin with, in the order in which it is offered. */
const SOURCES: Readonly<Record<string, Source>> = {
  pipeline: { kind: 'pattern', icon: 'arrow-right', file: 'templates/pipeline.flow.json' },
  'branch-and-merge': { kind: 'pattern', icon: 'git-merge', file: 'templates/branch-and-merge.flow.json' },
  loop: { kind: 'pattern', icon: 'sync', file: 'templates/loop.flow.json' },
  dispatch: { kind: 'pattern', icon: 'git-branch', file: 'templates/dispatch.flow.json' },
  report: { kind: 'pattern', icon: 'list-ordered', file: 'templates/report.flow.json' },
  hello: { kind: 'example', icon: 'smiley', file: 'examples/hello.flow.json' },
  improve: { kind: 'example', icon: 'edit', file: 'examples/improve.flow.json', recording: 'examples/.belay/cassettes/improve.jsonl' },
  vote: { kind: 'example', icon: 'feedback', file: 'examples/vote.flow.json', recording: 'examples/.belay/cassettes/vote.jsonl' },
};

/** What a file without any text begins with. Not offered: the graph asks for it with the first node. */
const BLANK = '{\n  "version": 1,\n  "nodes": {}\n}\n';

/** Not a text that is put in, but a request in the chat. */
const DESCRIBED: Start = {
  id: 'describe',
  kind: 'chat',
  icon: 'comment-discussion',
  title: 'Describe it in the chat',
  about: 'Say what it is to do: a model drafts the flow, and you see it as a graph before anything is written.',
};

/** What an empty flow can begin with: a description in the chat, the five patterns as small flows, and examples that run by themselves. */
export class FlowStarts {
  readonly #extensionUri: vscode.Uri;
  readonly #client: LanguageClient;
  readonly #describe: () => Promise<void>;

  /** @param describe opens the chat where a flow can be asked for. */
  constructor(extensionUri: vscode.Uri, client: LanguageClient, describe: () => Promise<void>) {
    this.#extensionUri = extensionUri;
    this.#client = client;
    this.#describe = describe;
  }

  async list(): Promise<Start[]> {
    const sources = Promise.all(
      Object.entries(SOURCES).map(async ([id, { kind, icon, file }]) => {
        const { title, description } = JSON.parse(await this.#read(file)) as { title: string; description: string };
        return { id, kind, icon, title, about: description };
      }),
    );
    return [DESCRIBED, ...(await sources)];
  }

  /** @returns whether the flow has what it was to begin with. Throws what `fill` throws. */
  async start(document: vscode.TextDocument, id: string): Promise<boolean> {
    if (id === DESCRIBED.id) {
      await this.#describe();
      return false;
    }
    await this.#fill(document, id);
    return true;
  }

  /** Fills an empty flow: one edit, one step of undo. Throws `START_NOT_EMPTY` where it has steps already. */
  async #fill(document: vscode.TextDocument, id: string): Promise<void> {
    const source = Object.hasOwn(SOURCES, id) ? SOURCES[id] : undefined;
    if (!source && id !== BLANK_START) return;
    const content = source ? await this.#read(source.file) : BLANK;
    if (!(await onPresentText(document, () => this.#client.ask('isEmpty', { file: fileOf(document) })))) {
      throw new BelayError('START_NOT_EMPTY', 'This flow has steps already, which would be lost.', {
        hint: 'Make a new flow to start from a pattern or an example.',
        kind: 'badRequest',
      });
    }
    const edit = new vscode.WorkspaceEdit();
    const whole = new vscode.Range(new vscode.Position(0, 0), document.positionAt(document.getText().length));
    edit.replace(document.uri, whole, content);
    await vscode.workspace.applyEdit(edit);
    if (source?.recording !== undefined && document.uri.scheme === 'file') await this.#copyRecording(document.uri, source.recording);
  }

  /** Recordings belong to a flow by its path; one that is there already is left alone. */
  async #copyRecording(flow: vscode.Uri, recording: string): Promise<void> {
    const root = rootOf(flow);
    const name = path.relative(root, flow.fsPath).replace(/\.flow\.json$/, '');
    const target = vscode.Uri.file(path.join(root, '.belay', 'cassettes', `${name}.jsonl`));
    await vscode.workspace.fs.copy(vscode.Uri.joinPath(this.#extensionUri, recording), target, { overwrite: false }).then(
      () => undefined,
      () => undefined,
    );
  }

  async #read(file: string): Promise<string> {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(this.#extensionUri, file)));
  }
}
