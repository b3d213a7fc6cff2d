import * as vscode from 'vscode';
import type { NodeState, RunStatus, RunSummary } from '../../engine/run/view.ts';
import { MODE_LABEL } from '../models/modes.ts';
import type { RunHub } from '../runs/hub.ts';
import type { RunItem, SubFlowItem } from '../runs/questions.ts';
import { duration, when } from './words.ts';

const LOOK: { readonly [S in RunStatus]: { icon: string; color?: string; text: string } } = {
  queued: { icon: 'watch', text: 'waits for its turn' },
  running: { icon: 'sync~spin', text: 'running' },
  waiting: { icon: 'bell-dot', color: 'list.warningForeground', text: 'waiting for you' },
  interrupted: { icon: 'debug-disconnect', color: 'list.warningForeground', text: 'interrupted' },
  succeeded: { icon: 'pass', color: 'testing.iconPassed', text: 'succeeded' },
  failed: { icon: 'error', color: 'testing.iconFailed', text: 'failed' },
  rejected: { icon: 'circle-slash', color: 'testing.iconFailed', text: 'rejected' },
  cancelled: { icon: 'stop-circle', text: 'cancelled' },
};

const FINISHED: readonly RunStatus[] = ['succeeded', 'failed', 'rejected', 'cancelled'];

/** The last item, where there are more than are listed. */
const OLDER = 'older';
type Item = RunItem | SubFlowItem | typeof OLDER;

/** What a sub-flow's state looks like: as a run's own where there is such a state. */
const SUB_LOOK: { readonly [S in NodeState]: RunStatus } = {
  pending: 'running',
  running: 'running',
  waiting: 'running',
  awaiting: 'waiting',
  succeeded: 'succeeded',
  failed: 'failed',
  skipped: 'cancelled',
  cancelled: 'cancelled',
};

/** Past and present runs of the workspace, newest first. */
export class RunsView implements vscode.TreeDataProvider<Item>, vscode.Disposable {
  readonly #hub: RunHub;
  readonly #view: vscode.TreeView<Item>;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #listeners: vscode.Disposable[];
  #ticker: NodeJS.Timeout | undefined;

  constructor(hub: RunHub) {
    this.#hub = hub;
    this.#view = vscode.window.createTreeView('belay.runs', { treeDataProvider: this });
    this.#listeners = [
      hub.onDidChange(() => {
        this.#changed.fire();
        this.#tick();
      }),
      this.#view.onDidChangeVisibility(() => this.#tick()),
    ];
  }

  dispose(): void {
    clearInterval(this.#ticker);
    for (const listener of this.#listeners) listener.dispose();
    this.#view.dispose();
    this.#changed.dispose();
  }

  /** Durations of running runs grow before one's eyes, but only while someone looks. */
  #tick(): void {
    const needed = this.#view.visible && this.#hub.runs().some(({ run }) => run.status === 'running');
    if (needed && !this.#ticker) this.#ticker = setInterval(() => this.#changed.fire(), 1000);
    if (!needed && this.#ticker) {
      clearInterval(this.#ticker);
      this.#ticker = undefined;
    }
  }

  async getChildren(element?: Item): Promise<Item[]> {
    if (element === OLDER) return [];
    if (element && 'line' in element) {
      return element.all.filter(({ parent }) => parent === element.line.pass).map((line) => ({ ...element, line }));
    }
    if (element) {
      const all = await this.#hub.subFlows({ root: element.root, id: element.run.id });
      return all.filter(({ parent }) => parent === undefined).map((line) => ({ item: element, line, all }));
    }
    return this.#hub.hasOlder ? [...this.#hub.runs(), OLDER] : this.#hub.runs();
  }

  getTreeItem(element: Item): vscode.TreeItem {
    if (element !== OLDER) return 'line' in element ? this.#subFlowItem(element) : this.#runItem(element);
    const item = new vscode.TreeItem('Show older runs…');
    item.id = OLDER;
    item.iconPath = new vscode.ThemeIcon('history');
    item.command = { command: 'belay.showOlderRuns', title: 'Show Older Runs' };
    return item;
  }

  #subFlowItem(element: SubFlowItem): vscode.TreeItem {
    const { item: owner, line, all } = element;
    const look = LOOK[SUB_LOOK[line.state]];
    const open = all.some(({ parent }) => parent === line.pass);
    const item = new vscode.TreeItem(line.title, vscode.TreeItemCollapsibleState[open ? 'Collapsed' : 'None']);
    const elapsed = duration((line.finishedAt ?? Date.now()) - line.startedAt);
    item.id = `${owner.root}/${owner.run.id}/${line.pass}`;
    item.description = `${look.text} · ${elapsed} · ${line.pass}`;
    item.iconPath = new vscode.ThemeIcon(look.icon, look.color ? new vscode.ThemeColor(look.color) : undefined);
    item.tooltip = `${line.flow} · ${look.text}`;
    item.contextValue = 'subFlow';
    item.command = { command: 'belay.openSubFlowRun', title: 'Open Sub-flow', arguments: [element] };
    item.accessibilityInformation = { label: `Sub-flow ${line.title}, ${look.text}, took ${elapsed}` };
    return item;
  }

  #runItem({ root, run }: RunItem): vscode.TreeItem {
    const look = LOOK[run.status];
    const item = new vscode.TreeItem(run.title, vscode.TreeItemCollapsibleState[run.subFlows === undefined ? 'None' : 'Collapsed']);
    const elapsed = duration((run.finishedAt ?? (run.status === 'running' ? Date.now() : lastMoment(run))) - run.createdAt);
    item.id = `${root}/${run.id}`;
    const kept = run.kept ? ' · kept' : '';
    item.description = `${look.text} · ${elapsed} · ${when(run.createdAt)}${kept}`;
    item.iconPath = new vscode.ThemeIcon(look.icon, look.color ? new vscode.ThemeColor(look.color) : undefined);
    const elsewhere =
      run.owner && !this.#hub.owns(root, run.id)
        ? `\n\nHeld by ${run.owner.kind === 'cli' ? 'the command line' : 'another window'} (process ${run.owner.pid})`
        : '';
    item.tooltip = new vscode.MarkdownString(undefined, true);
    // Titles and errors come from flows, programs and models: their words are text, not links, images or commands.
    item.tooltip
      .appendMarkdown('**')
      .appendText(run.title)
      .appendMarkdown(`** ${look.text}\n\n`)
      .appendText(run.flow)
      .appendMarkdown(
        `\n\n${run.dry ? 'Dry run: nothing was done' : MODE_LABEL[run.mode]} · started by ${run.startedBy} · ${new Date(run.createdAt).toLocaleString()}${kept}${elsewhere}`,
      );
    if (run.error) item.tooltip.appendMarkdown('\n\n$(error) ').appendText(run.error.message);
    item.tooltip.appendMarkdown(`\n\n\`${run.id}\``);
    const finished = FINISHED.includes(run.status);
    const keeping = run.kept ? 'kept' : 'keepable';
    item.contextValue = [
      finished ? 'finished' : 'active',
      keeping,
      run.dry ? 'dry' : 'rerunnable',
      run.status === 'interrupted' && run.local ? 'resumable' : '',
    ]
      .filter(Boolean)
      .join(' ');
    item.command = { command: 'belay.openRun', title: 'Open Run', arguments: [{ root, run } satisfies RunItem] };
    item.accessibilityInformation = { label: `${run.title}, ${look.text}, took ${elapsed}, started ${when(run.createdAt)}` };
    return item;
  }
}

function lastMoment(run: RunSummary): number {
  return run.waiting.at(-1)?.requestedAt ?? run.createdAt;
}
