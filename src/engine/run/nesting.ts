/** What runs inside nodes of a run: the passes of loops and lists, and those of sub-flows. Derived from the view alone. Browser-safe. */
import type { ErrorData } from '../errors.ts';
import { ancestorsOf, isPass, parentOf } from './paths.ts';
import { type NodeState, openSignals, type RunView } from './view.ts';

export interface PassView {
  path: string;
  /** From 0. */
  index: number;
  /** From 1: the node was tried as a whole so many times. */
  round: number;
  state: NodeState;
  startedAt?: number;
  finishedAt?: number;
  error?: ErrorData;
}

export interface Nesting {
  /** The passes of a node by its path: in the order of rounds and indices. */
  passes: ReadonlyMap<string, readonly PassView[]>;
  /** Paths of the nodes and passes in which a person is asked something. */
  asked: ReadonlySet<string>;
}

const NUMBERS = /(?:~(\d+))?\[(\d+)\]$/;

/** Passes have no beginning of their own in the journal: they began with the first of their nodes. */
export function nestingOf(view: RunView): Nesting {
  const over = view.finishedAt !== undefined;
  const asked = new Set(over ? [] : openSignals(view).flatMap((signal) => [signal.node, ...ancestorsOf(signal.node)]));
  const found = new Map<string, PassView>();
  for (const [path, node] of Object.entries(view.nodes)) {
    const pass = isPass(path) ? path : parentOf(path);
    if (pass === '') continue;
    // A pass in a pass may be all that has been heard of the outer one.
    for (let at = pass; at !== '' && !found.has(at); at = parentOf(parentOf(at))) found.set(at, passAt(at, asked.has(at), over));
    const known = found.get(pass);
    if (!known) continue;
    if (node.startedAt !== undefined) known.startedAt = Math.min(known.startedAt ?? Number.POSITIVE_INFINITY, node.startedAt);
    if (path !== pass || node.finishedAt === undefined) continue;
    known.state = node.state;
    known.finishedAt = node.finishedAt;
    if (node.error) known.error = node.error;
  }
  const passes = new Map<string, PassView[]>();
  for (const pass of found.values()) {
    const owner = parentOf(pass.path);
    const known = passes.get(owner);
    if (known) known.push(pass);
    else passes.set(owner, [pass]);
  }
  for (const list of passes.values()) list.sort((a, b) => a.round - b.round || a.index - b.index);
  return { passes, asked };
}

/** A pass that has not ended. */
function passAt(path: string, asked: boolean, over: boolean): PassView {
  const [, round, index] = NUMBERS.exec(path) ?? [];
  return { path, index: Number(index ?? 0), round: Number(round ?? 1), state: over ? 'cancelled' : asked ? 'awaiting' : 'running' };
}
