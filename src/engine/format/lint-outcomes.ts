/**
 * What may have happened by the time a node starts: which steps certainly have an output, which nodes never run. Found by trying
 * out the ways through the flow, so that a step behind both sides of a branch is known to run.
 */
import { type Nodes, topologicalOrder } from './graph.ts';
import { type NodeCatalog, type OutletSpec, outletsOf } from './manifest.ts';
import { type Edge, edgesInto, type Join, type NodeSpec } from './model.ts';

export interface Outcomes {
  /** False only where a way through the flow shows that `step` has no output when `node` starts. */
  hasOutput(node: string, step: string): boolean;
  /** The same at the end of the run. */
  hasOutputAtEnd(step: string): boolean;
  /** Nodes that start on no way at all; empty where not every way could be tried. */
  unreachable: readonly string[];
}

/** At most so many ways are tried: every one through a dozen branches. Of long flows fewer, so that linting stays quick. */
const MOST_WAYS = 4096;
const MOST_WORK = 1_000_000;

export function outcomesOf(nodes: Nodes, catalog: NodeCatalog): Outcomes {
  const graph = readGraph(nodes, catalog);
  const { steps, words } = graph;
  const limit = Math.max(2, Math.min(MOST_WAYS, Math.floor(MOST_WORK / (Math.max(1, steps.length) * words))));
  const missing = steps.map(() => new Uint32Array(words));
  const missingAtEnd = new Uint32Array(words);
  const reached = new Set<number>();
  const { ways, complete } = waysThrough(graph, limit);
  for (const way of ways) {
    const { availableAt, finished } = follow(graph, way);
    for (const [index, available] of availableAt.entries()) {
      if (!available) continue;
      reached.add(index);
      addMissing(missing[index], available);
    }
    addMissing(missingAtEnd, finished);
  }
  const indexes = new Map(steps.map(({ id }, index) => [id, index]));
  const isMissing = (set: Uint32Array | undefined, step: string) => {
    const index = indexes.get(step);
    return index !== undefined && set !== undefined && has(set, index);
  };
  return {
    hasOutput: (node, step) => !isMissing(missing[indexes.get(node) ?? -1], step),
    hasOutputAtEnd: (step) => !isMissing(missingAtEnd, step),
    unreachable: complete ? steps.filter(({ node }, index) => !reached.has(index) && !node.disabled).map(({ id }) => id) : [],
  };
}

/** One way a node may end without ending the run. */
interface Exit {
  outlet: string;
  hasOutput: boolean;
}

interface Step {
  id: string;
  node: NodeSpec;
  edges: { source: number; outlet: string }[];
  join: Join;
  exits: Exit[];
}

interface Graph {
  /** In an order in which each stands behind its sources. Nodes on cycles are left out. */
  steps: Step[];
  /** Length of a set of steps: 32 of them are one number. */
  words: number;
}

function readGraph(nodes: Nodes, catalog: NodeCatalog): Graph {
  const { order } = topologicalOrder(nodes);
  const indexes = new Map(order.map((id, index) => [id, index]));
  const outgoing = new Map<string, Edge[]>(order.map((id) => [id, []]));
  const steps = order.map((id): Step => {
    const node = nodes[id] as NodeSpec;
    const edges = edgesInto(id, node).flatMap((edge) => {
      const source = indexes.get(edge.source);
      if (source === undefined) return [];
      outgoing.get(edge.source)?.push(edge);
      return [{ source, outlet: edge.outlet }];
    });
    return { id, node, edges, join: node.join ?? 'all', exits: [] };
  });
  for (const step of steps) step.exits = exitsOf(step.node, outgoing.get(step.id) ?? [], nodes, catalog);
  return { steps, words: Math.max(1, Math.ceil(order.length / 32)) };
}

function exitsOf(node: NodeSpec, edges: readonly Edge[], nodes: Nodes, catalog: NodeCatalog): Exit[] {
  const manifest = catalog.get(node.type);
  if (!manifest) return [{ outlet: 'success', hasOutput: true }];
  if (node.disabled) return [{ outlet: 'success', hasOutput: false }];
  const connected = new Set(edges.map((edge) => edge.outlet));
  const goesOn = (outlet: OutletSpec) => connected.has(outlet.name) || outlet.unconnected === 'ends';
  const exits = outletsOf(manifest, node.with ?? {})
    .filter((outlet) => outlet.name !== 'failure' && goesOn(outlet))
    .map((outlet) => ({ outlet: outlet.name, hasOutput: true }));
  if (node.continueOnFailure) exits.push({ outlet: 'success', hasOutput: false });
  else if (connected.has('failure') || isHandledByJoins(edges, nodes)) exits.push({ outlet: 'failure', hasOutput: false });
  return exits;
}

/** Each of its success edges ends in a join that can do without it. */
function isHandledByJoins(edges: readonly Edge[], nodes: Nodes): boolean {
  const success = edges.filter((edge) => edge.outlet === 'success');
  return success.length > 0 && success.every(({ target }) => (nodes[target]?.join ?? 'all') !== 'all');
}

/** The exit each step takes, by index; 0 is the usual one. */
type Way = Uint8Array;

/** Every combination of exits or, where there are too many, the usual way, and it with one and with two exceptions. */
function waysThrough({ steps }: Graph, limit: number): { ways: Iterable<Way>; complete: boolean } {
  const choosers = steps.flatMap(({ exits }, index) => (exits.length > 1 ? [{ index, count: Math.min(exits.length, 255) }] : []));
  const total = choosers.reduce((product, { count }) => Math.min(product * count, Number.MAX_SAFE_INTEGER), 1);
  const complete = total <= limit;
  return { ways: complete ? everyWay(steps.length, choosers, total) : someWays(steps.length, choosers, limit), complete };
}

interface Chooser {
  index: number;
  count: number;
}

function* everyWay(length: number, choosers: readonly Chooser[], total: number): Generator<Way> {
  for (let number = 0; number < total; number += 1) {
    const way = new Uint8Array(length);
    let rest = number;
    for (const { index, count } of choosers) {
      way[index] = rest % count;
      rest = Math.floor(rest / count);
    }
    yield way;
  }
}

function* someWays(length: number, choosers: readonly Chooser[], limit: number): Generator<Way> {
  yield new Uint8Array(length);
  const exceptions = choosers.flatMap(({ index, count }) => Array.from({ length: count - 1 }, (_, exit) => ({ index, exit: exit + 1 })));
  let left = limit - 1;
  for (const first of exceptions) {
    if (left <= 0) return;
    left -= 1;
    yield new Uint8Array(length).fill(first.exit, first.index, first.index + 1);
  }
  for (const first of exceptions) {
    for (const second of exceptions) {
      if (second.index <= first.index) continue;
      if (left <= 0) return;
      left -= 1;
      yield new Uint8Array(length).fill(first.exit, first.index, first.index + 1).fill(second.exit, second.index, second.index + 1);
    }
  }
}

/** One way through: what has an output when each step that runs starts (undefined: it does not), and at the end. */
function follow({ steps, words }: Graph, way: Way): { availableAt: (Uint32Array | undefined)[]; finished: Uint32Array } {
  const availableAt: (Uint32Array | undefined)[] = [];
  /** The outlet each step left by and what had an output then; undefined: it was skipped and its outlets are dead. */
  const left: Left[] = [];
  const finished = new Uint32Array(words);
  for (const [index, step] of steps.entries()) {
    const available = step.edges.length === 0 ? new Uint32Array(words) : joined(step, left, words);
    availableAt.push(step.node.disabled ? undefined : available);
    const exit = available && step.exits[way[index] ?? 0];
    if (!exit) {
      left.push(undefined);
      continue;
    }
    const after = Uint32Array.from(available);
    if (exit.hasOutput) for (const set of [after, finished]) add(set, index);
    left.push({ outlet: exit.outlet, available: after });
  }
  return { availableAt, finished };
}

type Left = { outlet: string; available: Uint32Array } | undefined;

/** What certainly has an output when a step with incoming edges starts; undefined: it does not start. */
function joined({ edges, join }: Step, left: readonly Left[], words: number): Uint32Array | undefined {
  const taken = edges.filter(({ source, outlet }) => left[source]?.outlet === outlet);
  const needed = join === 'all' || join === 'any' ? 1 : join.atLeast;
  if (taken.length < needed) return undefined;
  // `all` waits until every edge is settled, and so also for what the sources of dead edges did.
  const sets = (join === 'all' ? edges : taken).flatMap(({ source }) => left[source]?.available ?? []);
  if (join === 'all') return combined(sets, words, (a, b) => a | b, 0);
  // Of a quorum nobody knows which came first: certain is what every possible quorum brings with it.
  if (needed === 1) return combined(sets, words, (a, b) => a & b, ~0);
  const certain = new Uint32Array(words);
  for (let index = 0; index < words * 32; index += 1) {
    if (sets.filter((set) => has(set, index)).length > taken.length - needed) add(certain, index);
  }
  return certain;
}

// ── Sets of steps, one bit each ──────────────────────────────────────────────────────────────────────────────────────────

function combined(sets: readonly Uint32Array[], words: number, join: (a: number, b: number) => number, start: number): Uint32Array {
  const result = new Uint32Array(words).fill(start);
  for (const set of sets) for (let word = 0; word < words; word += 1) result[word] = join(result[word] ?? 0, set[word] ?? 0);
  return result;
}

function add(set: Uint32Array, index: number): void {
  set[index >>> 5] = (set[index >>> 5] ?? 0) | (1 << (index & 31));
}

function has(set: Uint32Array, index: number): boolean {
  return ((set[index >>> 5] ?? 0) & (1 << (index & 31))) !== 0;
}

function addMissing(missing: Uint32Array | undefined, available: Uint32Array): void {
  if (!missing) return;
  for (let word = 0; word < missing.length; word += 1) missing[word] = (missing[word] ?? 0) | ~(available[word] ?? 0);
}
