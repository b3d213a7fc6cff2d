import * as vscode from 'vscode';
import type { SignalKind } from '../../engine/run/events.ts';
import type { RunSummary } from '../../engine/run/view.ts';
import type { RunHub } from '../runs/hub.ts';

/** One open question: what the view, the notification and the commands hand around. */
export interface Question {
  root: string;
  runId: string;
  key: string;
  node: string;
  kind: SignalKind;
  title: string;
  flowTitle: string;
  requestedAt: number;
}

const ICON: { readonly [K in SignalKind]: string } = {
  approval: 'question',
  gate: 'lock',
  reply: 'edit',
  recordingMissing: 'history',
  inDoubt: 'warning',
};

const ASKS: { readonly [K in SignalKind]: string } = {
  approval: 'waits for approval',
  gate: 'asks before it runs',
  reply: 'waits for your reply',
  recordingMissing: 'is not in the recording',
  inDoubt: 'may or may not have happened',
};

export function questionsOf(root: string, run: RunSummary): Question[] {
  if (run.finishedAt !== undefined) return [];
  return run.waiting.map(({ key, node, kind, title, requestedAt }) => ({
    root, runId: run.id, key, node, kind, title, flowTitle: run.title, requestedAt,
  }));
}

export function askedFor(kind: SignalKind): string {
  return ASKS[kind];
}

/** Questions that Approve and Reject answer; the others are answered on the graph. */
export function isDecidable(kind: SignalKind): boolean {
  return kind === 'approval' || kind === 'gate';
}

/** Everything that waits for a person. This list and its badge are the truth; notifications are only a courtesy. */
export class ApprovalsView implements vscode.TreeDataProvider<Question>, vscode.Disposable {
  readonly #hub: RunHub;
  readonly #view: vscode.TreeView<Question>;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #listener: vscode.Disposable;

  constructor(hub: RunHub) {
    this.#hub = hub;
    this.#view = vscode.window.createTreeView('belay.approvals', { treeDataProvider: this });
    this.#listener = hub.onDidChange(() => this.#refresh());
    this.#refresh();
  }

  dispose(): void {
    this.#listener.dispose();
    this.#view.dispose();
    this.#changed.dispose();
  }

  #refresh(): void {
    const count = this.#hub.questions().length;
    this.#view.badge = count === 0 ? undefined : { value: count, tooltip: count === 1 ? 'One step waits for you' : `${count} steps wait for you` };
    this.#changed.fire();
  }

  getChildren(element?: Question): Question[] {
    return element ? [] : this.#hub.questions();
  }

  getTreeItem(question: Question): vscode.TreeItem {
    const item = new vscode.TreeItem(question.title);
    item.id = `${question.runId}/${question.key}`;
    item.description = `${question.flowTitle} · ${ASKS[question.kind]}`;
    item.tooltip = `"${question.title}" in ${question.flowTitle} ${ASKS[question.kind]}, since ${new Date(question.requestedAt).toLocaleString()}`;
    item.iconPath = new vscode.ThemeIcon(ICON[question.kind], new vscode.ThemeColor('list.warningForeground'));
    item.contextValue = isDecidable(question.kind) ? 'decidable' : 'question';
    item.command = { command: 'belay.showApproval', title: 'Show on Graph', arguments: [question] };
    item.accessibilityInformation = { label: item.tooltip };
    return item;
  }
}
