/** Which pass of each loop is shown on the graph, and where the nodes of its body stand in the run. Pure. */
import { isJsonObject, type Json } from '../../engine/format/json.ts';
import type { Flow } from '../../engine/format/model.ts';
import { type Nesting, nestingOf, type PassView } from '../../engine/run/nesting.ts';
import { idOf, isPass, nodePath, parentOf } from '../../engine/run/paths.ts';
import { type NodeState, type NodeView, openSignals, type RunView, type SignalView } from '../../engine/run/view.ts';
import { allNodes } from './graph-model.ts';
import type { EditorState } from './state.ts';

const NOTHING: Nesting = { passes: new Map(), asked: new Set() };
const nestings = new WeakMap<RunView, Nesting>();

/** The passes of the run that is shown. Views of shown runs never change: there is a new one for each event. */
function shownNesting(state: EditorState): Nesting {
  const view = state.run?.view;
  if (!view) return NOTHING;
  const known = nestings.get(view) ?? nestingOf(view);
  nestings.set(view, known);
  return known;
}

/** The passes of a node by its path; none where it has not come to one. */
export function passesOf(state: EditorState, path: string | undefined): readonly PassView[] {
  return (path === undefined ? undefined : shownNesting(state).passes.get(path)) ?? NO_PASSES;
}
const NO_PASSES: readonly PassView[] = [];

/** The pass that is shown: the one the person chose, else one that waits for somebody, else one that failed at the end, else the newest. */
export function shownPass(state: EditorState, owner: string): PassView | undefined {
  const passes = passesOf(state, owner);
  const chosen = state.passes[owner];
  return passes.find((pass) => pass.path === chosen) ?? defaultPass(state, passes);
}

/** The pass that is shown while nobody has chosen one. */
export function defaultPass(state: EditorState, passes: readonly PassView[]): PassView | undefined {
  const failed = state.run?.view.status === 'failed' ? passes.findLast((pass) => pass.state === 'failed') : undefined;
  return passes.find((pass) => pass.state === 'awaiting') ?? failed ?? passes.at(-1);
}

let newest: { flow: Flow; view: RunView; passes: EditorState['passes']; paths: ReadonlyMap<string, string> } | undefined;

/** Where each node of the graph stands in the run, by its id. A node in a body to which the run has not come is not there. */
function shownPaths(state: EditorState): ReadonlyMap<string, string> {
  const { flow, run, passes } = state;
  if (!flow || !run) return new Map();
  if (newest?.flow === flow && newest.view === run.view && newest.passes === passes) return newest.paths;
  const paths = new Map<string, string>();
  for (const { id, owner } of allNodes(flow.nodes)) {
    const around = owner === undefined ? undefined : paths.get(owner);
    const pass = around === undefined ? undefined : shownPass(state, around)?.path;
    if (owner === undefined) paths.set(id, id);
    else if (pass !== undefined) paths.set(id, nodePath(pass, id));
  }
  newest = { flow, view: run.view, passes, paths };
  return paths;
}

/** The path of a node of the graph in the pass that is shown. */
export function pathOf(state: EditorState, id: string): string | undefined {
  return shownPaths(state).get(id);
}

/** How a node of the graph stands in the pass that is shown. */
export function viewOf(state: EditorState, id: string): NodeView | undefined {
  const path = pathOf(state, id);
  return path === undefined ? undefined : state.run?.view.nodes[path];
}

export interface Spotted {
  /** The node of the graph: of what is in a sub-flow the node that runs it. */
  id: string;
  /** The passes that have to be shown, by the path of their owner. */
  passes: Record<string, string>;
}

/** Where on the graph a path of the run is to be seen. An id is a path too. */
export function spot(state: EditorState, path: string): Spotted {
  const frames = new Set(state.nodes.filter((node) => node.data.card.steps !== undefined).map((node) => node.id));
  const way: { id: string; pass: string }[] = [];
  let pass = '';
  for (let at = path; at !== ''; at = parentOf(at)) {
    if (isPass(at)) pass = at;
    else {
      way.unshift({ id: idOf(at), pass });
      pass = '';
    }
  }
  const passes: Record<string, string> = {};
  for (const step of way) {
    if (step.pass === '' || !frames.has(step.id)) return { id: step.id, passes };
    passes[parentOf(step.pass)] = step.pass;
  }
  return { id: way.at(-1)?.id ?? path, passes };
}

/** Which passes a path goes through, counted from 1 as people do: `3`, in a body in a body `3.2`; empty where there are none. */
export function passNumbers(path: string): string {
  const numbers: string[] = [];
  for (let at = path; at !== ''; at = parentOf(at)) if (isPass(at)) numbers.unshift(String(Number(/\[(\d+)\]$/.exec(at)?.[1] ?? 0) + 1));
  return numbers.join('.');
}

/** The state of a node as a person has to know it: a loop in which somebody is asked waits for that answer. */
export function stateOf(state: EditorState, path: string | undefined): NodeState | 'none' {
  if (!state.run) return 'none';
  const view = path === undefined ? undefined : state.run.view.nodes[path];
  if (!view || path === undefined) return 'pending';
  const active = view.state === 'running' || view.state === 'waiting';
  return active && shownNesting(state).asked.has(path) ? 'awaiting' : view.state;
}

/** The oldest open question of what stands at a path; with `inside` also of what runs in it. */
export function questionAt(state: EditorState, path: string | undefined, inside: boolean): SignalView | undefined {
  const { run } = state;
  if (!run || path === undefined || run.view.finishedAt !== undefined || run.past !== undefined) return undefined;
  return openSignals(run.view).find(({ node }) => node === path || (inside && isInside(node, path)));
}

/** Whether a path lies in one of the passes of a node. */
export function isInside(path: string, owner: string): boolean {
  return path.startsWith(owner) && (path[owner.length] === '[' || path[owner.length] === '~');
}

export interface PassCounts {
  /** Passes there are, or will be: as many as a list has items. */
  total: number;
  ended: number;
  failed: number;
}

/**
 * Counts the passes of the newest round.
 * @param input what the node was given
 */
export function passCounts(passes: readonly PassView[], input: Json | undefined): PassCounts {
  const round = passes.at(-1)?.round ?? 1;
  const now = passes.filter((pass) => pass.round === round);
  const items = input !== undefined && isJsonObject(input) && Array.isArray(input.items) ? input.items.length : 0;
  return {
    total: Math.max(items, now.length),
    ended: now.filter((pass) => pass.finishedAt !== undefined).length,
    failed: now.filter((pass) => pass.state === 'failed').length,
  };
}
