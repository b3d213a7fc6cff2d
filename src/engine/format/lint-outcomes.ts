/**
 * What may have happened by the time a node starts: which steps certainly have an output or an error, which nodes never run. Found
 * by trying out the ways through the flow, so that a step behind both sides of a branch is known to run, and one of its two sides too.
 */
import { type Nodes, topologicalOrder } from './graph.ts';
import { type NodeCatalog, type OutletSpec, outletsOf } from './manifest.ts';
import { type Edge, edgesInto, type Join, type NodeSpec } from './model.ts';

export interface Outcomes {
  /**
   * False only where a way through the flow shows that `holds` is not true when `node` starts (undefined: at the end of the run).
   *
   * @param holds asked once for each way: is there what is needed, if the steps for which `has` is true have that result?
   */
  isCertain(node: string | undefined, holds: (has: (step: string, result: Result) => boolean) => boolean): boolean;
  /** Nodes that start on no way at all, as far as is known: of large flows not every way is tried. */
  unreachable: readonly Unreachable[];
}

/** What a step leaves behind: one that failed has an error, one that was skipped neither of the two. */
export type Result = 'output' | 'error';

export interface Unreachable {
  id: string;
  /** So many of its edges may be taken, of which its join wants more. */
  most: number;
}

/** At most so many ways are tried: every one through a dozen branches. Of long flows fewer, so that linting stays quick. */
const MOST_WAYS = 4096;
const MOST_WORK = 2_000_000;

export function outcomesOf(nodes: Nodes, catalog: NodeCatalog): Outcomes {
  const graph = readGraph(nodes, catalog);
  const { steps, words } = graph;
  const limit = Math.max(2, Math.min(MOST_WAYS, Math.floor(MOST_WORK / (Math.max(1, steps.length) * words))));
  const { ways, complete, count } = waysThrough(graph, limit);
  const reached = new Set<number>();
  const records: Uint32Array[] = [];
  for (const way of ways) {
    for (const run of runsOf(graph, way, Math.max(1, Math.floor(limit / count)))) {
      for (const [index, available] of run.availableAt.entries()) if (available) reached.add(index);
      records.push(recordOf(run, words));
    }
  }
  const indexes = new Map(steps.map(({ id }, index) => [id, index]));
  return {
    isCertain(node, holds) {
      const row = node === undefined ? steps.length : indexes.get(node);
      if (row === undefined) return true;
      return records.every((record) =>
        holds((step, result) => {
          const index = indexes.get(step);
          return index === undefined || has(record, row * words * 32 + bitOf(index, result));
        }),
      );
    },
    unreachable: unreachableIn(graph, complete ? reached : undefined),
  };
}

/** @param reached what starts on some way, if every way was tried. */
function unreachableIn({ steps }: Graph, reached: ReadonlySet<number> | undefined): Unreachable[] {
  /** Whether each step may start, going by its sources alone: more than really may. */
  const starts: boolean[] = [];
  return steps.flatMap(({ id, node, edges, join }, index) => {
    // A step leaves by one outlet only.
    const sources = new Set(
      edges.filter(({ source, outlet }) => leavesBy(steps[source], starts[source], outlet)).map(({ source }) => source),
    );
    const mayStart = edges.length === 0 || sources.size >= neededBy(join);
    const doesStart = reached ? reached.has(index) : mayStart;
    // A disabled step passes on what comes to it.
    starts.push(node.disabled ? mayStart : doesStart);
    return doesStart || node.disabled ? [] : [{ id, most: sources.size }];
  });
}

function leavesBy(step: Step | undefined, starts: boolean | undefined, outlet: string): boolean {
  return starts === true && step !== undefined && step.exits.some((exit) => exit.outlet === outlet);
}

function neededBy(join: Join): number {
  return join === 'all' || join === 'any' ? 1 : join.atLeast;
}

/** What is kept of a run, in one piece, as there are thousands: a set for each step and one for the end. Full where a step did not start. */
function recordOf({ availableAt, finished }: Run, words: number): Uint32Array {
  const record = new Uint32Array((availableAt.length + 1) * words).fill(~0);
  for (const [index, available] of availableAt.entries()) if (available) record.set(available, index * words);
  record.set(finished, availableAt.length * words);
  return record;
}

/** One way a node may end without ending the run. A disabled one has no result. */
interface Exit {
  outlet: string;
  result: Result | undefined;
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
  /** Length of a set of results, two for each step: 32 of them are one number. */
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
  return { steps, words: Math.max(1, Math.ceil((2 * order.length) / 32)) };
}

function exitsOf(node: NodeSpec, edges: readonly Edge[], nodes: Nodes, catalog: NodeCatalog): Exit[] {
  const manifest = catalog.get(node.type);
  if (!manifest) return [{ outlet: 'success', result: 'output' }];
  if (node.disabled) return [{ outlet: 'success', result: undefined }];
  const connected = new Set(edges.map((edge) => edge.outlet));
  const goesOn = (outlet: OutletSpec) => connected.has(outlet.name) || outlet.unconnected === 'ends';
  const exits = outletsOf(manifest, node.with ?? {})
    .filter((outlet) => outlet.name !== 'failure' && goesOn(outlet))
    .map((outlet): Exit => ({ outlet: outlet.name, result: 'output' }));
  if (node.continueOnFailure) exits.push({ outlet: 'success', result: 'error' });
  else if (connected.has('failure') || isHandledByJoins(edges, nodes)) exits.push({ outlet: 'failure', result: 'error' });
  return exits;
}

/** Each of its success edges ends in a join that can do without it. */
export function isHandledByJoins(edges: readonly Edge[], nodes: Nodes): boolean {
  const success = edges.filter((edge) => edge.outlet === 'success');
  return success.length > 0 && success.every(({ target }) => (nodes[target]?.join ?? 'all') !== 'all');
}

/** The exit each step takes, by index; 0 is the usual one. */
type Way = Uint8Array;

/** Every combination of exits or, where there are too many, the usual way, and it with one and with two exceptions. */
function waysThrough({ steps }: Graph, limit: number): { ways: Iterable<Way>; complete: boolean; count: number } {
  const choosers = steps.flatMap(({ exits }, index) => (exits.length > 1 ? [{ index, count: Math.min(exits.length, 255) }] : []));
  const total = choosers.reduce((product, { count }) => Math.min(product * count, Number.MAX_SAFE_INTEGER), 1);
  const complete = total <= limit;
  const ways = complete ? everyWay(steps.length, choosers, total) : someWays(steps.length, choosers, limit);
  return { ways, complete, count: Math.min(total, limit) };
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

/** The results that are there when each step that runs starts (undefined: it does not run), and at the end. */
interface Run {
  availableAt: (Uint32Array | undefined)[];
  finished: Uint32Array;
}

/** One way through, with every order in which the sources of joins that do not wait for all of them may arrive; at most `limit`. */
function* runsOf(graph: Graph, way: Way, limit: number): Generator<Run> {
  let arrivals: number[] | undefined = [];
  for (let tried = 0; arrivals && tried < limit; tried += 1) {
    const race: Race = { arrivals, choices: [] };
    yield follow(graph, way, race);
    arrivals = nextArrivals(race);
  }
}

/** Of each join that is started by some of its taken edges: how many choices of them there are, and which one is tried. */
interface Race {
  /** Of joins beyond the end the first choice is tried. */
  arrivals: readonly number[];
  choices: number[];
}

function nextArrivals({ arrivals, choices }: Race): number[] | undefined {
  const last = choices.findLastIndex((count, join) => (arrivals[join] ?? 0) + 1 < count);
  if (last < 0) return undefined;
  return choices.slice(0, last + 1).map((_, join) => (arrivals[join] ?? 0) + (join === last ? 1 : 0));
}

function follow({ steps, words }: Graph, way: Way, race: Race): Run {
  const availableAt: (Uint32Array | undefined)[] = [];
  /** The outlet each step left by and the results that were there then; undefined: it was skipped and its outlets are dead. */
  const left: Left[] = [];
  const finished = new Uint32Array(words);
  for (const [index, step] of steps.entries()) {
    const available = step.edges.length === 0 ? new Uint32Array(words) : joined(step, left, words, race);
    availableAt.push(step.node.disabled ? undefined : available);
    const exit = available && step.exits[way[index] ?? 0];
    if (!exit) {
      left.push(undefined);
      continue;
    }
    const after = Uint32Array.from(available);
    if (exit.result) for (const set of [after, finished]) add(set, bitOf(index, exit.result));
    left.push({ outlet: exit.outlet, available: after });
  }
  return { availableAt, finished };
}

type Left = { outlet: string; available: Uint32Array } | undefined;

/** The results that are there when a step with incoming edges starts; undefined: it does not start. */
function joined({ edges, join }: Step, left: readonly Left[], words: number, race: Race): Uint32Array | undefined {
  const taken = edges.filter(({ source, outlet }) => left[source]?.outlet === outlet);
  const needed = neededBy(join);
  if (taken.length < needed) return undefined;
  // `all` waits until every edge is settled, and so also for what the sources of dead edges did.
  const arrived = join === 'all' ? edges : firstOf(taken, needed, race);
  const result = new Uint32Array(words);
  for (const { source } of arrived) addAll(result, left[source]?.available);
  return result;
}

/** A choice of so many edges: those that arrived first. */
function firstOf<T>(taken: readonly T[], needed: number, race: Race): T[] {
  const join = race.choices.length;
  race.choices.push(countChoices(taken.length, needed));
  let rest = race.arrivals[join] ?? 0;
  const chosen: T[] = [];
  for (const [index, edge] of taken.entries()) {
    const missing = needed - chosen.length;
    if (missing === 0) break;
    // The choices with this edge come first, then those without it.
    const withEdge = countChoices(taken.length - index - 1, missing - 1);
    if (rest < withEdge) chosen.push(edge);
    else rest -= withEdge;
  }
  return chosen;
}

/** In how many ways `count` of `from` can be chosen. */
function countChoices(from: number, count: number): number {
  let result = 1;
  for (let index = 0; index < count; index += 1) result = (result * (from - index)) / (index + 1);
  return result;
}

// ── Sets of results, one bit each ────────────────────────────────────────────────────────────────────────────────────────

function bitOf(step: number, result: Result): number {
  return 2 * step + (result === 'error' ? 1 : 0);
}

function add(set: Uint32Array, index: number): void {
  set[index >>> 5] = (set[index >>> 5] ?? 0) | (1 << (index & 31));
}

function has(set: Uint32Array, index: number): boolean {
  return ((set[index >>> 5] ?? 0) & (1 << (index & 31))) !== 0;
}

function addAll(set: Uint32Array, more: Uint32Array | undefined): void {
  if (!more) return;
  for (let word = 0; word < set.length; word += 1) set[word] = (set[word] ?? 0) | (more[word] ?? 0);
}
