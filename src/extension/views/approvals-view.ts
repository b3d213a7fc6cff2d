import * as vscode from 'vscode';
import type { SignalKind } from '../../engine/run/events.ts';
import type { RunHub } from '../runs/hub.ts';
import { askedFor, isDecidable, type Question } from '../runs/questions.ts';

const ICON: { readonly [K in SignalKind]: string } = {
  approval: 'question',
  gate: 'lock',
  reply: 'edit',
  recordingMissing: 'history',
  consent: 'shield',
  inDoubt: 'warning',
  signal: 'bell',
  budget: 'dashboard',
};

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
    this.#view.badge =
      count === 0 ? undefined : { value: count, tooltip: count === 1 ? 'One step waits for you' : `${count} steps wait for you` };
    this.#changed.fire();
  }

  getChildren(element?: Question): Question[] {
    return element ? [] : this.#hub.questions();
  }

  getTreeItem(question: Question): vscode.TreeItem {
    const item = new vscode.TreeItem(question.title);
    item.id = `${question.runId}/${question.key}`;
    item.description = `${question.flowTitle} · ${askedFor(question.kind)}`;
    item.tooltip = `"${question.title}" in ${question.flowTitle} ${askedFor(question.kind)}, since ${new Date(question.requestedAt).toLocaleString()}`;
    item.iconPath = new vscode.ThemeIcon(ICON[question.kind], new vscode.ThemeColor('list.warningForeground'));
    item.contextValue = isDecidable(question.kind) ? 'decidable' : question.kind === 'signal' ? 'signal' : 'question';
    item.command = { command: 'belay.showApproval', title: 'Show on Graph', arguments: [question] };
    item.accessibilityInformation = { label: item.tooltip };
    return item;
  }
}
