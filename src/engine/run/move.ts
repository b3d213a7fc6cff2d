/** Whether a run can go on with another version of its flow: what it has recorded must be what the new version would have done too. Pure. */

import { BelayError } from '../errors.ts';
import { folderOf, joinPath } from '../format/file-paths.ts';
import type { Nodes } from '../format/graph.ts';
import { bodyOf, nodeIn } from '../format/graph.ts';
import type { Json } from '../format/json.ts';
import type { NodeCatalog } from '../format/manifest.ts';
import { outletsOf } from '../format/manifest.ts';
import type { Flow, NodeSpec } from '../format/model.ts';
import { canonicalJson } from '../policy/hash.ts';
import { runnableFlow } from './bundle.ts';
import type { RunEvent } from './events.ts';
import type { Executors } from './flow-run.ts';
import { RunHistory } from './history.ts';
import { isRefusal } from './node-context.ts';
import { idOf, isPass, parentOf } from './paths.ts';
import type { PlannerState } from './planner.ts';
import { initialState, next, reduce } from './planner.ts';

/** A flow with the files it reaches, by path relative to it. */
export interface FlowVersion {
  flow: Flow;
  files: Readonly<Record<string, string>>;
}

interface MoveTools {
  catalog: NodeCatalog;
  executors: Executors;
}

interface Conflict {
  /** Path in the run. */
  node: string;
  why: string;
}

type NodeEvent = Extract<RunEvent, { type: 'node.started' | 'node.finished' | 'node.skipped' }>;

/** Throws `MOVE_CONFLICT` with the nodes in `details`. */
export function refuseContradiction(events: readonly RunEvent[], before: FlowVersion, after: FlowVersion, tools: MoveTools): void {
  const conflicts = conflictsOf(events, new Version(before, tools), new Version(after, tools), tools);
  if (conflicts.length === 0) return;
  throw new BelayError('MOVE_CONFLICT', `The run cannot go on with the changed flow: ${conflicts.map(sentence).join('; ')}.`, {
    hint: 'Undo these changes, go on with the flow as it was, or start the changed one anew.',
    kind: 'badRequest',
    details: { nodes: conflicts.map((conflict): Json => ({ ...conflict })) },
  });
}

function sentence({ node, why }: Conflict): string {
  return `"${node}" ${why}`;
}

function conflictsOf(events: readonly RunEvent[], before: Version, after: Version, tools: MoveTools): Conflict[] {
  const history = new RunHistory();
  /** What began, in recorded order, by where it stands. */
  const scopes = new Map<string, NodeEvent[]>();
  const begun = new Set<string>();
  for (const event of events) {
    history.add(event);
    if (event.type !== 'node.started' && event.type !== 'node.finished' && event.type !== 'node.skipped') continue;
    if (isPass(event.node) || (event.type === 'node.skipped' && event.reason !== 'cancelled')) continue;
    const scope = parentOf(event.node);
    scopes.set(scope, [...(scopes.get(scope) ?? []), event]);
    if (event.type !== 'node.skipped') begun.add(event.node);
  }
  const conflicts = [...begun].flatMap((node): Conflict[] => {
    const why = contradiction(node, history, before, after, tools);
    return why === undefined ? [] : [{ node, why }];
  });
  const known = new Set(conflicts.map(({ node }) => node));
  for (const [scope, recorded] of scopes) {
    const nodes = after.place(scope)?.nodes;
    if (!nodes || history.isOver(scope) || recorded.some(({ node }) => !nodeIn(nodes, idOf(node)))) continue;
    const early = beganTooEarly(nodes, recorded, tools.catalog);
    if (early !== undefined && !known.has(early))
      conflicts.push({ node: early, why: 'has begun, and would not have by the changed edges' });
  }
  return conflicts;
}

/** What is wrong with a node by itself. */
function contradiction(path: string, history: RunHistory, before: Version, after: Version, tools: MoveTools): string | undefined {
  const spec = after.node(path);
  const was = before.node(path);
  if (!spec) return 'has begun, and is not there any more';
  if (was && spec.type !== was.type) return `has begun as a ${was.type}, and is a ${spec.type} now`;
  const ending = history.endings.get(path);
  if (ending?.type === 'node.finished') {
    const manifest = tools.catalog.get(spec.type);
    const outlets = manifest ? outletsOf(manifest, spec.with ?? {}).map(({ name }) => name) : [];
    return outlets.includes(ending.outlet) ? undefined : `has left by "${ending.outlet}", which it does not have any more`;
  }
  if (history.isOver(path) || !was) return undefined;
  if (ownWork(spec) !== ownWork(was)) return 'is under way, and was changed';
  return after.textsOf(path) === before.textsOf(path) ? undefined : 'is under way, and a file it uses was changed';
}

/** What a node does by itself: not what it is called, not what it comes after, and of a body only that there is one. */
function ownWork(spec: NodeSpec): string {
  const { title: _title, after: _after, join: _join, ...work } = spec;
  const params = bodyOf(spec) ? { ...spec.with, nodes: null } : (spec.with ?? {});
  return canonicalJson({ ...work, with: params } as Json);
}

/** Lets the planner decide on what is recorded of a scope: the path of the first node it would not have begun by then. */
function beganTooEarly(nodes: Nodes, recorded: readonly NodeEvent[], catalog: NodeCatalog): string | undefined {
  let state = initialState({ nodes }, catalog);
  const running = new Set<string>();
  for (const event of recorded) {
    const id = idOf(event.node);
    // Nothing begins any more; what was under way ends or is stopped.
    if (state.ending) return undefined;
    if (!running.has(id)) {
      if (event.type === 'node.skipped') continue;
      state = skipped(state);
      const decision = state.due.get(id)?.do;
      if (decision !== 'start' && decision !== 'failJoin') return event.node;
      state = reduce(state, { type: 'nodeStarted', node: id });
      running.add(id);
    }
    if (event.type === 'node.skipped') state = reduce(state, { type: 'nodeSkipped', node: id, reason: 'cancelled' });
    if (event.type === 'node.finished') {
      const ends = event.ends === undefined ? {} : { ends: event.ends.outcome };
      state = reduce(state, { type: 'nodeFinished', node: id, outlet: event.outlet, refused: isRefusal(event.error), ...ends });
    }
  }
  return undefined;
}

function skipped(before: PlannerState): PlannerState {
  let state = before;
  for (;;) {
    const skip = next(state).find((decision) => decision.do === 'skip');
    if (skip?.do !== 'skip') return state;
    state = reduce(state, { type: 'nodeSkipped', node: skip.node, reason: skip.reason });
  }
}

interface Place {
  nodes: Nodes;
  /** Where the paths of these nodes start, relative to the flow that was started. */
  folder: string;
}

/** One version of a flow, by the paths of its runs. */
class Version {
  readonly #files: FlowVersion['files'];
  readonly #tools: MoveTools;
  readonly #flows = new Map<string, Flow>();
  readonly #places = new Map<string, Place | undefined>();

  constructor({ flow, files }: FlowVersion, tools: MoveTools) {
    this.#files = files;
    this.#tools = tools;
    this.#places.set('', { nodes: flow.nodes, folder: '' });
  }

  /** The nodes of a pass (empty: of the run itself); undefined: there is no such body any more. */
  place(pass: string): Place | undefined {
    if (!this.#places.has(pass)) this.#places.set(pass, this.#find(pass));
    return this.#places.get(pass);
  }

  node(path: string): NodeSpec | undefined {
    const place = this.place(parentOf(path));
    return place && nodeIn(place.nodes, idOf(path));
  }

  /** The files a node uses by itself; a sub-flow is looked at node by node. */
  textsOf(path: string): string {
    const folder = this.place(parentOf(path))?.folder ?? '';
    const reached = this.#reached(path).filter(({ flow }) => flow !== true);
    return canonicalJson(reached.map((file) => [file.path, this.#files[joinPath(folder, file.path)] ?? null]));
  }

  #reached(path: string): { path: string; flow?: true }[] {
    const spec = this.node(path);
    return (spec && this.#tools.executors.get(spec.type)?.reaches?.(spec.with ?? {})) ?? [];
  }

  #find(pass: string): Place | undefined {
    const owner = parentOf(pass);
    const around = this.place(parentOf(owner));
    const spec = this.node(owner);
    if (!around || !spec) return undefined;
    const body = bodyOf(spec);
    if (body) return { nodes: body, folder: around.folder };
    const [reached] = this.#reached(owner).filter(({ flow }) => flow === true);
    if (!reached) return undefined;
    const path = joinPath(around.folder, reached.path);
    const flow = this.#flow(path);
    return flow && { nodes: flow.nodes, folder: folderOf(path) };
  }

  #flow(path: string): Flow | undefined {
    const known = this.#flows.get(path);
    const text = this.#files[path];
    if (known || text === undefined) return known;
    const flow = runnableFlow(text, this.#tools.catalog, this.#tools.executors);
    this.#flows.set(path, flow);
    return flow;
  }
}
