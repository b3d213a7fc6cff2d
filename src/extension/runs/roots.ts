/** Where the runs of this window are: folders with their journals, each listed anew when something changes there. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Log } from '../../engine/ports.ts';
import type { Runs } from '../../engine/run/api.ts';
import type { RunSummary } from '../../engine/run/view.ts';
import { findRoot } from '../../providers/journal/root.ts';
import type { Pins } from '../../providers/pins/pins.ts';

/** Changes come in bursts: one listing answers all that came within this time (ms). */
const REFRESH_DELAY = 25;

/** How many finished runs of a folder are listed at first, and how many more each time older ones are asked for. */
const FINISHED_LISTED = 200;

export interface Root {
  path: string;
  service: Runs;
  pins: Pins;
  summaries: RunSummary[];
  /** There are older finished runs than those. */
  hasOlder: boolean;
  listener: vscode.Disposable;
  /** A listing that has not begun yet. */
  refresh: Promise<void> | undefined;
}

export class RunRoots implements vscode.Disposable {
  readonly #open: (path: string) => Promise<Pick<Root, 'service' | 'pins'>>;
  readonly #log: Log;
  readonly #roots = new Map<string, Promise<Root>>();
  readonly #ready = new Map<string, Root>();
  /** Folders below the workspace's own that may have runs: roots of flows that were seen. */
  readonly #nested = new Set<string>();
  readonly #unreadable = new Set<string>();
  /** How many finished runs of a folder are listed. */
  #listed = FINISHED_LISTED;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(open: (path: string) => Promise<Pick<Root, 'service' | 'pins'>>, log: Log) {
    this.#open = open;
    this.#log = log;
  }

  dispose(): void {
    for (const root of this.#ready.values()) root.listener.dispose();
    this.#changed.dispose();
  }

  /** Those that have been read. */
  get ready(): Root[] {
    return [...this.#ready.values()];
  }

  ofPath(path: string): Root | undefined {
    return this.#ready.get(path);
  }

  /** Whether it was asked for. */
  has(path: string): boolean {
    return this.#roots.has(path);
  }

  get(path: string): Promise<Root> {
    let root = this.#roots.get(path);
    if (root === undefined) {
      root = this.#load(path);
      this.#roots.set(path, root);
      root.catch(() => this.#roots.delete(path));
    }
    return root;
  }

  /** Remembers where the runs of these flows are, as they need not be in the workspace folder itself. */
  noticeFlows(flows: readonly vscode.Uri[]): void {
    for (const flow of flows) if (flow.scheme === 'file') this.#nested.add(rootOf(flow));
  }

  /** Looks at runs on disk, in every workspace folder that has some. One that cannot be read does not hide the others. */
  async look(): Promise<void> {
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
    for (const root of new Set([...folders, ...this.#nested])) {
      if (this.#unreadable.has(root)) continue;
      // One that is being read is waited for: whoever looks wants to know what is there.
      if (!this.#roots.has(root) && !(await hasRuns(root))) continue;
      try {
        await this.get(root);
      } catch (error) {
        // Looked at again when somebody asks, and not every two seconds.
        this.#unreadable.add(root);
        this.#log.error(`The runs of ${root} cannot be read`, error);
      }
    }
  }

  /** Lists anew; requests that come while a listing is under way share the next one. */
  refresh(root: Root): Promise<void> {
    root.refresh ??= new Promise((resolve) => {
      setTimeout(() => resolve(this.#list(root)), REFRESH_DELAY);
    });
    return root.refresh;
  }

  /** Looks again at every folder, also at those that could not be read. */
  async refreshAll(): Promise<void> {
    this.#unreadable.clear();
    await this.look();
    for (const root of this.#ready.values()) await this.refresh(root);
  }

  /** Whether there are older finished runs than those listed. */
  get hasOlder(): boolean {
    return this.ready.some(({ hasOlder }) => hasOlder);
  }

  async showOlder(): Promise<void> {
    this.#listed += FINISHED_LISTED;
    for (const root of this.#ready.values()) await this.refresh(root);
  }

  async #load(path: string): Promise<Root> {
    const opened = await this.#open(path);
    const root: Root = {
      ...opened,
      path,
      summaries: [],
      hasOlder: false,
      listener: new vscode.Disposable(() => undefined),
      refresh: undefined,
    };
    root.listener = root.service.onDidChange(() => void this.refresh(root));
    this.#ready.set(path, root);
    await this.refresh(root);
    return root;
  }

  async #list(root: Root): Promise<void> {
    root.refresh = undefined;
    try {
      // One more than is shown tells whether there are more.
      const summaries = await root.service.list({ finished: this.#listed + 1 });
      const oldest = summaries.filter(({ finishedAt }) => finishedAt !== undefined)[this.#listed];
      root.summaries = summaries.filter((run) => run !== oldest);
      root.hasOlder = oldest !== undefined;
    } catch (error) {
      this.#log.error(`The runs of ${root.path} could not be listed`, error);
    }
    this.#changed.fire();
  }
}

/**
 * The nearest folder above the flow with `.belay` or `.git`, as in a terminal, but never one outside of the workspace folder: what is
 * out there was not opened, and not trusted. Without any, the workspace folder. A flow outside of every folder: its own folder.
 */
export function rootOf(flow: vscode.Uri): string {
  const own = path.dirname(flow.fsPath);
  const workspace = vscode.workspace.getWorkspaceFolder(flow)?.uri.fsPath;
  return workspace === undefined ? own : findRoot(own, workspace, workspace);
}

function hasRuns(root: string): Thenable<boolean> {
  return vscode.workspace.fs.stat(vscode.Uri.file(path.join(root, '.belay', 'local', 'runs'))).then(
    () => true,
    () => false,
  );
}
