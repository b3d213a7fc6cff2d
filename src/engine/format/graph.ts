/** Questions about the edges of a flow. Pure and browser-safe; works on flows with problems too (dangling edges are ignored). */
import type { JsonPath } from './json.ts';
import { isJsonObject } from './json.ts';
import type { Edge, Flow, NodeSpec } from './model.ts';
import { edgesInto } from './model.ts';

export type Nodes = Readonly<Record<string, NodeSpec>>;

/** A set of nodes whose edges stay among themselves: the flow's own, or the body of a `loop` or `each`. */
export interface Scope {
  /** The node whose body it is; absent for the flow's own nodes. */
  owner?: string;
  /** Where the nodes stand in the document, e.g. `['nodes', 'improve', 'with', 'nodes']`. */
  path: JsonPath;
  nodes: Nodes;
}

/** The body of a node: `with.nodes`. No type uses that key for anything else. */
export function bodyOf(node: NodeSpec): Nodes | undefined {
  const body = node.with?.nodes;
  return body !== undefined && isJsonObject(body) ? (body as unknown as Nodes) : undefined;
}

/** Every scope of the flow: its own first, each body behind the scope that holds its owner. */
export function scopesOf(flow: Pick<Flow, 'nodes'>): Scope[] {
  const scopes: Scope[] = [{ path: ['nodes'], nodes: flow.nodes }];
  for (const scope of scopes) {
    for (const [owner, node] of Object.entries(scope.nodes)) {
      const body = bodyOf(node);
      if (body) scopes.push({ owner, path: [...scope.path, owner, 'with', 'nodes'], nodes: body });
    }
  }
  return scopes;
}

/** Of all nodes of the flow, those in bodies included. */
export function nodeIds(flow: Pick<Flow, 'nodes'>): string[] {
  return scopesOf(flow).flatMap(({ nodes }) => Object.keys(nodes));
}

export interface LocatedNode {
  scope: Scope;
  node: NodeSpec;
  path: JsonPath;
}

/** A node by its id, wherever it stands: ids are unique in the whole file. */
export function locateNode(flow: Pick<Flow, 'nodes'>, id: string): LocatedNode | undefined {
  for (const scope of scopesOf(flow)) {
    const node = nodeIn(scope.nodes, id);
    if (node) return { scope, node, path: [...scope.path, id] };
  }
  return undefined;
}

/** The node with this id among `nodes`. Ids such as `constructor` do not find what every object inherits. */
export function nodeIn(nodes: Nodes, id: string): NodeSpec | undefined {
  return Object.hasOwn(nodes, id) ? nodes[id] : undefined;
}

/** All edges of a scope, by target in the order of the file; those whose source is not in the scope included. */
export function edgesOf(nodes: Nodes): Edge[] {
  return Object.entries(nodes).flatMap(([id, node]) => edgesInto(id, node));
}

/** The nodes with an edge into `id`, each once. */
function sourcesOf(nodes: Nodes, id: string): string[] {
  return Object.keys(nodeIn(nodes, id)?.after ?? {}).filter((source) => Object.hasOwn(nodes, source));
}

/** Every node of the scope from which edges lead to `id`; `id` itself only if it stands on a cycle. */
export function ancestorsOf(nodes: Nodes, id: string): Set<string> {
  const found = new Set<string>();
  const open = [id];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const source of sourcesOf(nodes, at)) {
      if (found.has(source)) continue;
      found.add(source);
      open.push(source);
    }
  }
  return found;
}

/** True if an edge from `source` to `target` would close a circle. */
export function wouldCycle(nodes: Nodes, source: string, target: string): boolean {
  return source === target || ancestorsOf(nodes, source).has(target);
}

/**
 * Answers whether edges lead from one node of a scope to another, for many questions: each is a look at a bit, so that a thousand
 * nodes that read a thousand others do not walk back a million times.
 */
export function ancestryOf(nodes: Nodes): (node: string, ancestor: string) => boolean {
  const { order } = topologicalOrder(nodes);
  const indexes = new Map(order.map((id, index) => [id, index]));
  const words = Math.ceil(order.length / 32);
  const sets = new Uint32Array(order.length * words);
  for (const [index, id] of order.entries()) {
    for (const source of sourcesOf(nodes, id)) {
      const from = indexes.get(source);
      if (from === undefined) continue;
      for (let word = 0; word < words; word += 1)
        sets[index * words + word] = (sets[index * words + word] ?? 0) | (sets[from * words + word] ?? 0);
      const at = index * words + (from >>> 5);
      sets[at] = (sets[at] ?? 0) | (1 << (from & 31));
    }
  }
  // On and behind cycles there is no order; such flows do not run, and are few.
  const behindCycles = new Map<string, Set<string>>();
  return (node, ancestor) => {
    const index = indexes.get(node);
    if (index === undefined) {
      const known = behindCycles.get(node) ?? ancestorsOf(nodes, node);
      behindCycles.set(node, known);
      return known.has(ancestor);
    }
    const from = indexes.get(ancestor);
    return from !== undefined && ((sets[index * words + (from >>> 5)] ?? 0) & (1 << (from & 31))) !== 0;
  };
}

/**
 * The nodes of a scope so that each stands behind its sources; among equals the order of the file.
 *
 * @returns `order` and, of a graph with cycles, the nodes `left` on or behind them.
 */
export function topologicalOrder(nodes: Nodes): { order: string[]; left: string[] } {
  const waiting = new Map<string, number>();
  const targets = new Map<string, string[]>();
  for (const id of Object.keys(nodes)) {
    const sources = sourcesOf(nodes, id);
    waiting.set(id, sources.length);
    for (const source of sources) {
      const known = targets.get(source);
      if (known) known.push(id);
      else targets.set(source, [id]);
    }
  }
  const order = [...waiting].filter(([, count]) => count === 0).map(([id]) => id);
  for (const id of order) {
    for (const target of targets.get(id) ?? []) {
      const count = (waiting.get(target) ?? 0) - 1;
      waiting.set(target, count);
      if (count === 0) order.push(target);
    }
  }
  return { order, left: [...waiting].filter(([, count]) => count > 0).map(([id]) => id) };
}

/**
 * Cycles of a scope, each from its first node in the file along the edges: `['a', 'b']` for a → b → a. Not every cycle there is,
 * but of each tangle of them one at least, up to `limit`.
 */
export function cyclesOf(nodes: Nodes, limit = 20): string[][] {
  const cycles: string[][] = [];
  const left = new Set(topologicalOrder(nodes).left);
  const seen = new Set<string>();
  for (const start of left) {
    if (seen.has(start)) continue;
    seen.add(start);
    /** The way from `start` against the edges, and what is still to be tried from each node on it. */
    const trail = [{ id: start, open: sourcesOf(nodes, start) }];
    const onTrail = new Map([[start, 0]]);
    for (let at = trail.at(-1); at && cycles.length < limit; at = trail.at(-1)) {
      const source = at.open.shift();
      if (source === undefined) {
        onTrail.delete(at.id);
        trail.pop();
        continue;
      }
      const from = onTrail.get(source);
      if (from !== undefined)
        cycles.push(
          fromFirst(
            trail
              .slice(from)
              .map((step) => step.id)
              .reverse(),
            nodes,
          ),
        );
      else if (left.has(source) && !seen.has(source)) {
        seen.add(source);
        onTrail.set(source, trail.length);
        trail.push({ id: source, open: sourcesOf(nodes, source) });
      }
    }
  }
  return cycles;
}

function fromFirst(cycle: string[], nodes: Nodes): string[] {
  const members = new Set(cycle);
  const first = Object.keys(nodes).find((id) => members.has(id));
  const at = first === undefined ? 0 : cycle.indexOf(first);
  return [...cycle.slice(at), ...cycle.slice(0, at)];
}
