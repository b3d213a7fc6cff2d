import type * as vscode from 'vscode';
import type { NodeView, RunView } from '../../engine/run/view.ts';
import type { RunHub } from '../runs/hub.ts';
import type { RunItem } from '../runs/questions.ts';
import { type RunRef, refKey } from '../runs/run-ref.ts';

/** What came of a node in the newest run of its flow. */
export interface LastResult {
  node: NodeView;
  ref: RunRef;
  run: RunItem;
}

/** The newest run of each flow that was made on this machine, for hovers and lenses. Read when somebody looks, and kept until runs change. */
export class LastRuns implements vscode.Disposable {
  readonly #hub: RunHub;
  readonly #views = new Map<string, Promise<RunView | undefined>>();
  readonly #listener: vscode.Disposable;

  constructor(hub: RunHub) {
    this.#hub = hub;
    this.#listener = hub.onDidChange(() => this.#views.clear());
  }

  get onDidChange(): vscode.Event<void> {
    return this.#hub.onDidChange;
  }

  dispose(): void {
    this.#listener.dispose();
  }

  run(flow: vscode.Uri): RunItem | undefined {
    const ref = this.#hub.last(flow);
    return ref && this.#hub.runs().find(({ root, run }) => root === ref.root && run.id === ref.id);
  }

  /** Every node that had a turn, by id; of a body, what came of the newest pass. */
  async results(flow: vscode.Uri): Promise<ReadonlyMap<string, LastResult>> {
    const run = this.run(flow);
    const view = run && (await this.#view(run));
    if (!run || !view) return new Map();
    const ref = { root: run.root, id: run.run.id };
    const newest = new Map<string, NodeView>();
    for (const [path, node] of Object.entries(view.nodes)) {
      const id = path.split('/').at(-1) ?? path;
      // A pass is the whole of a body, not a node of it.
      if (id.endsWith(']')) continue;
      const before = newest.get(id);
      if (!before || (node.startedAt ?? 0) >= (before.startedAt ?? 0)) newest.set(id, node);
    }
    return new Map([...newest].map(([id, node]) => [id, { node, ref, run }]));
  }

  #view({ root, run }: RunItem): Promise<RunView | undefined> {
    const ref = { root, id: run.id };
    const key = refKey(ref);
    const known = this.#views.get(key);
    if (known) return known;
    const read = this.#hub.view(ref).catch(() => undefined);
    this.#views.set(key, read);
    return read;
  }
}
