/**
 * Decides what a run does next, from what has happened so far: the rules of outlets, edges and joins (docs/format.md). No input or
 * output, no clock: the same events give the same decisions when a run is executed, resumed or looked at later.
 *
 * Incremental: an event costs as much as its node has outgoing edges. A state is used up by `reduce`; whoever wants an earlier one
 * folds the events again.
 */
import type { NodeCatalog, OutletSpec } from '../format/manifest.ts';
import { outletsOf } from '../format/manifest.ts';
import type { Flow, NodeSpec } from '../format/model.ts';
import { edgesInto } from '../format/model.ts';
import type { RunOutcome } from './events.ts';

export type PlannerEvent =
  | { type: 'nodeStarted'; node: string }
  | { type: 'nodeSkipped'; node: string; reason: 'dead' | 'disabled' | 'cancelled' }
  /** `refused`: it failed because a person said no; unhandled, the run ends as rejected instead of failed. `ends`: the node ended the flow. */
  | { type: 'nodeFinished'; node: string; outlet: string; refused?: boolean; ends?: RunOutcome }
  | { type: 'cancelRequested' };

export type Decision =
  | { do: 'start'; node: string }
  | { do: 'skip'; node: string; reason: 'dead' | 'disabled' }
  /** The join of the node cannot be met any more: it is started only to fail with `JOIN_QUORUM`. */
  | { do: 'failJoin'; node: string; needed: number; arrived: number }
  /** The run is ending: these still run and have to be stopped. */
  | { do: 'cancel'; nodes: string[] }
  /** `cause`: the node whose failure or refusal ended it. */
  | { do: 'end'; outcome: RunOutcome; cause?: string };

interface PlanNode {
  /** `all`, or how many taken edges start the node. */
  readonly needed: 'all' | number;
  readonly incoming: number;
  readonly disabled: boolean;
  readonly continueOnFailure: boolean;
  readonly targets: ReadonlyMap<string, readonly string[]>;
  readonly rules: ReadonlyMap<string, OutletSpec['unconnected']>;
  /** A failure is handled by the joins behind it: each edge that is not taken then ends in an `any` or `atLeast`. */
  readonly absorbed: boolean;
}

interface Progress {
  phase: 'pending' | 'decided' | 'running' | 'done';
  pending: number;
  taken: number;
  /** An incoming edge died because its source failed and nothing but this join is there to handle it. */
  missed: boolean;
}

/**
 * What of the nodes is run. `lone`: they were taken out of their flow, so that an outlet to which nothing is connected says nothing.
 * `upTo`: the run ends with this node, and only it and `before` (all from which edges lead to it) begin.
 */
export type Part = 'lone' | { readonly upTo: string; readonly before: ReadonlySet<string> };

export interface PlannerState {
  readonly plan: ReadonlyMap<string, PlanNode>;
  readonly progress: ReadonlyMap<string, Progress>;
  /** Decided and not yet done, in order. */
  readonly due: Map<string, Extract<Decision, { node: string }>>;
  readonly running: Set<string>;
  readonly upTo: Exclude<Part, 'lone'> | undefined;
  ending: { outcome: RunOutcome; cause?: string } | undefined;
}

/** The state before anything has happened. `nodes` has no cycles and no dangling edges: the parser has seen to it. */
export function initialState({ nodes }: Pick<Flow, 'nodes'>, catalog: NodeCatalog, part?: Part): PlannerState {
  const plan = part === 'lone' ? newPlan(nodes, catalog, part) : planOf(nodes, catalog);
  const upTo = part === 'lone' ? undefined : part;
  const progress = new Map<string, Progress>();
  const state: PlannerState = { plan, progress, due: new Map(), running: new Set(), upTo, ending: undefined };
  for (const [id, { incoming }] of plan) {
    progress.set(id, { phase: 'pending', pending: incoming, taken: 0, missed: false });
    if (incoming === 0) fire(state, id);
  }
  return state;
}

/** Takes in what has happened. The argument is used up. Throws where the event cannot follow the earlier ones. */
export function reduce(state: PlannerState, event: PlannerEvent): PlannerState {
  switch (event.type) {
    case 'nodeStarted':
      advance(state, event.node, 'decided', 'running');
      state.running.add(event.node);
      return state;
    case 'nodeSkipped':
      if (event.reason === 'cancelled') advance(state, event.node, 'running', 'done');
      else advance(state, event.node, 'decided', 'done');
      settleOutlets(state, event.node, event.reason === 'disabled' ? 'success' : undefined, false);
      endIfThere(state, event.node);
      return state;
    case 'nodeFinished':
      finish(state, event);
      return state;
    case 'cancelRequested':
      end(state, { outcome: 'cancelled' });
      return state;
    default:
      return event satisfies never;
  }
}

/** What is to be done now. Does not change the state: a decision stands until its event has been reduced. */
export function next(state: PlannerState): Decision[] {
  if (state.ending) return state.running.size > 0 ? [{ do: 'cancel', nodes: [...state.running] }] : [{ do: 'end', ...state.ending }];
  if (state.due.size > 0) return [...state.due.values()];
  return state.running.size > 0 ? [] : [{ do: 'end', outcome: 'succeeded' }];
}

/**
 * The outlet by which a node really leaves: an unconnected `invalid`, `exhausted` or `timedOut` is a failure, and
 * `continueOnFailure` lets a failure through by `success`. Settled outlets stay as they are.
 */
export function settleOutlet(state: PlannerState, id: string, outlet: string): { outlet: string; letThrough: boolean } {
  const node = planNode(state, id);
  const fails = outlet === 'failure' || (!node.targets.has(outlet) && node.rules.get(outlet) === 'fails');
  if (!fails) return { outlet, letThrough: false };
  return node.continueOnFailure ? { outlet: 'success', letThrough: true } : { outlet: 'failure', letThrough: false };
}

const plans = new WeakMap<object, ReadonlyMap<string, PlanNode>>();

/** Made once for the nodes of a body, however many passes there are. */
function planOf(nodes: Record<string, NodeSpec>, catalog: NodeCatalog): ReadonlyMap<string, PlanNode> {
  const known = plans.get(nodes);
  if (known) return known;
  const plan = newPlan(nodes, catalog);
  plans.set(nodes, plan);
  return plan;
}

function newPlan(nodes: Record<string, NodeSpec>, catalog: NodeCatalog, lone?: 'lone'): ReadonlyMap<string, PlanNode> {
  const targets = new Map<string, Map<string, string[]>>(Object.keys(nodes).map((id) => [id, new Map()]));
  const incoming = new Map<string, number>();
  for (const [id, node] of Object.entries(nodes)) {
    const edges = new Map(edgesInto(id, node).map((edge) => [`${edge.source} ${edge.outlet}`, edge]));
    incoming.set(id, edges.size);
    for (const { source, outlet } of edges.values()) {
      const outlets = targets.get(source);
      if (!outlets) throw new Error(`The flow has an edge from ${source}, which is not there`);
      outlets.set(outlet, [...(outlets.get(outlet) ?? []), id]);
    }
  }
  const needed = (id: string): 'all' | number => {
    const join = nodes[id]?.join ?? 'all';
    if (join === 'all') return 'all';
    return join === 'any' ? 1 : join.atLeast;
  };
  return new Map(
    Object.entries(nodes).map(([id, node]) => {
      const manifest = catalog.get(node.type);
      if (!manifest) throw new Error(`The flow has a node of type ${node.type}, which is not known`);
      const edges = targets.get(id) ?? new Map<string, string[]>();
      const forward = [...edges].flatMap(([outlet, ids]) => (outlet === 'failure' ? [] : ids));
      return [
        id,
        {
          needed: needed(id),
          incoming: incoming.get(id) ?? 0,
          disabled: node.disabled ?? false,
          continueOnFailure: node.continueOnFailure ?? false,
          targets: edges,
          rules: new Map(lone ? [] : outletsOf(manifest, node.with ?? {}).map(({ name, unconnected }) => [name, unconnected])),
          absorbed: forward.length > 0 && forward.every((target) => needed(target) !== 'all'),
        },
      ];
    }),
  );
}

function finish(state: PlannerState, event: Extract<PlannerEvent, { type: 'nodeFinished' }>): void {
  advance(state, event.node, 'running', 'done');
  if (event.ends) {
    end(state, { outcome: event.ends, cause: event.node });
    return;
  }
  const node = planNode(state, event.node);
  const { outlet } = settleOutlet(state, event.node, event.outlet);
  const connected = node.targets.has(outlet);
  const failed = outlet === 'failure' && !connected;
  if (failed && !node.absorbed) end(state, { outcome: event.refused ? 'rejected' : 'failed', cause: event.node });
  else if (!connected && node.rules.get(outlet) === 'rejects') end(state, { outcome: 'rejected', cause: event.node });
  settleOutlets(state, event.node, outlet, failed);
  endIfThere(state, event.node);
}

/** The node up to which is run is over: what else is under way was only there for it. */
function endIfThere(state: PlannerState, id: string): void {
  if (state.upTo?.upTo === id) end(state, { outcome: 'succeeded' });
}

/** The first reason to end is the one that stands. What was decided and has not begun is not begun any more. */
function end(state: PlannerState, ending: { outcome: RunOutcome; cause?: string }): void {
  state.ending ??= ending;
  state.due.clear();
}

function settleOutlets(state: PlannerState, id: string, taken: string | undefined, failed: boolean): void {
  if (state.ending) return;
  for (const [outlet, targets] of planNode(state, id).targets) {
    for (const target of targets) settleEdge(state, target, outlet === taken, failed);
  }
}

function settleEdge(state: PlannerState, target: string, taken: boolean, failed: boolean): void {
  const progress = progressOf(state, target);
  progress.pending -= 1;
  if (taken) progress.taken += 1;
  else if (failed) progress.missed = true;
  if (progress.phase !== 'pending') return;
  const { needed } = planNode(state, target);
  if (needed === 'all') {
    if (progress.pending === 0)
      progress.taken > 0 ? fire(state, target) : decide(state, target, { do: 'skip', node: target, reason: 'dead' });
  } else if (progress.taken >= needed) fire(state, target);
  else if (progress.taken + progress.pending < needed) {
    // Where a source has failed, skipping would turn the failure of every branch into a success of the run.
    if (progress.taken > 0 || (progress.missed && progress.pending === 0)) {
      decide(state, target, { do: 'failJoin', node: target, needed, arrived: progress.taken });
    } else if (progress.pending === 0) decide(state, target, { do: 'skip', node: target, reason: 'dead' });
  }
}

function fire(state: PlannerState, id: string): void {
  decide(state, id, planNode(state, id).disabled ? { do: 'skip', node: id, reason: 'disabled' } : { do: 'start', node: id });
}

function decide(state: PlannerState, id: string, decision: Extract<Decision, { node: string }>): void {
  const { upTo } = state;
  if (upTo && id !== upTo.upTo && !upTo.before.has(id)) return;
  progressOf(state, id).phase = 'decided';
  state.due.set(id, decision);
}

function advance(state: PlannerState, id: string, from: Progress['phase'], to: Progress['phase']): void {
  const progress = progressOf(state, id);
  if (progress.phase !== from) throw new Error(`${id} is ${progress.phase}, it cannot become ${to}`);
  progress.phase = to;
  state.due.delete(id);
  if (to === 'done') state.running.delete(id);
}

function planNode(state: PlannerState, id: string): PlanNode {
  const node = state.plan.get(id);
  if (!node) throw new Error(`The flow has no node ${id}`);
  return node;
}

function progressOf(state: PlannerState, id: string): Progress {
  const progress = state.progress.get(id);
  if (!progress) throw new Error(`The flow has no node ${id}`);
  return progress;
}
