/** What is open in a view: found once, then kept up with every event, because a long loop has thousands of nodes that are not. Browser-safe. */
import { isWithin } from './paths.ts';
import type { NodeView, RunView, SignalView } from './view-model.ts';

export interface Open {
  /** Begun and not ended. */
  nodes: Set<string>;
  /** Questions that can still be answered. */
  signals: Set<SignalView>;
}

const known = new WeakMap<RunView, Open>();

export function openIn(view: RunView): Open {
  const kept = known.get(view);
  if (kept) return kept;
  const open: Open = {
    nodes: new Set(Object.values(view.nodes).flatMap((node) => (isOpen(node) ? [node.node] : []))),
    signals: new Set(view.signals.filter(({ reply, over }) => reply === undefined && !over)),
  };
  known.set(view, open);
  return open;
}

function isOpen({ finishedAt, state }: NodeView): boolean {
  return finishedAt === undefined && state !== 'pending';
}

/** Something happened in the node. */
export function keepOpen(view: RunView, path: string): void {
  const node = view.nodes[path];
  if (node && isOpen(node)) openIn(view).nodes.add(path);
}

/** With a node ends whatever is still open in it: `end` is called for each such node. Its questions need no answer any more. */
export function endWithin(view: RunView, path: string, end: (node: NodeView) => void): void {
  const { nodes, signals } = openIn(view);
  nodes.delete(path);
  for (const inner of nodes) {
    if (!isWithin(inner, path)) continue;
    nodes.delete(inner);
    const node = view.nodes[inner];
    if (node) end(node);
  }
  for (const signal of signals) {
    if (signal.node === '' || !isWithin(signal.node, path)) continue;
    signal.over = true;
    signals.delete(signal);
  }
}
