/**
 * Places for nodes that have none: left to right along the edges, deterministic, without overlaps, around what people have placed.
 * Positions are the upper left corners of nodes, in whole pixels; those of a body count from the body's own origin.
 */
import {
  type Box,
  frameSize,
  GAP_X,
  GAP_Y,
  HEADER_HEIGHT,
  innerOrigin,
  NODE_HEIGHT,
  NODE_WIDTH,
  OUTLET_HEIGHT,
  type Position,
  type Size,
  STEP_Y,
} from './boxes.ts';
import type { Nodes, Scope } from './graph.ts';
import { bodyOf, scopesOf, topologicalOrder } from './graph.ts';
import type { NodeCatalog } from './manifest.ts';
import { outletsOf } from './manifest.ts';
import type { Flow, NodeSpec } from './model.ts';

export * from './boxes.ts';

/**
 * Places and sizes of all nodes of the flow, bodies included: the places in `layout` as they are, the others computed. A node with
 * a body is a frame as large as what stands in it; frames within frames grow from the inside out.
 */
export function place(flow: Flow, catalog: NodeCatalog): Record<string, Box> {
  const placed = new Map<string, Box>();
  for (const scope of scopesOf(flow).toReversed()) placeScope(scope, flow.layout ?? {}, catalog, placed);
  return Object.fromEntries(placed);
}

/** The room a node takes, and where. Nodes with many outlets are taller; `inner`: the boxes of its body, where it has one. */
function boxOf(node: NodeSpec, at: Position, catalog: NodeCatalog, inner: readonly Box[] = []): Box {
  const { x, y } = at;
  const outlets = outletCount(node, catalog);
  if (bodyOf(node)) return { x, y, ...frameSize(innerOrigin(outlets, inner), inner) };
  return { x, y, width: NODE_WIDTH, height: Math.max(NODE_HEIGHT, HEADER_HEIGHT + outlets * OUTLET_HEIGHT) };
}

/** How many outlets the layout makes room for. */
export function outletCount(node: NodeSpec, catalog: NodeCatalog): number {
  const manifest = catalog.get(node.type);
  return manifest ? outletsOf(manifest, node.with ?? {}).length : 1;
}

/** The free place nearest to `near` straight above or below it, for a node as large as `near`. */
export function freePlace(near: Box, taken: readonly Box[]): Position {
  const x = Math.round(near.x);
  const wanted = Math.round(near.y);
  const inTheWay = taken
    .filter((box) => box.x < x + near.width && x < box.x + box.width)
    .map((box) => ({ from: box.y - GAP_Y - near.height, to: box.y + box.height + GAP_Y }))
    .toSorted((a, b) => a.from - b.from);
  let below = wanted;
  for (const { from, to } of inTheWay) if (from < below && below < to) below = to;
  let above = wanted;
  for (const { from, to } of inTheWay.toSorted((a, b) => b.to - a.to)) if (from < above && above < to) above = from;
  return { x, y: Math.round(wanted - above < below - wanted ? above : below) };
}

/** `placed` has what stands in the bodies of this scope's nodes already. */
function placeScope(scope: Scope, layout: NonNullable<Flow['layout']>, catalog: NodeCatalog, placed: Map<string, Box>): void {
  const boxes = new Map<string, Box>();
  const boxAt = (node: NodeSpec, at: Position) =>
    boxOf(
      node,
      at,
      catalog,
      Object.keys(bodyOf(node) ?? {}).flatMap((id) => placed.get(id) ?? []),
    );
  for (const [id, node] of Object.entries(scope.nodes)) {
    const known = Object.hasOwn(layout, id) ? layout[id] : undefined;
    if (known) boxes.set(id, boxAt(node, { x: known[0], y: known[1] }));
  }
  if (boxes.size < Object.keys(scope.nodes).length) placeOthers(scope.nodes, boxes, boxAt);
  for (const [id, box] of boxes) placed.set(id, box);
}

/** Gives those a place that are not among `boxes` yet. */
function placeOthers(nodes: Nodes, boxes: Map<string, Box>, boxAt: (node: NodeSpec, at: Position) => Box): void {
  const { order, left } = topologicalOrder(nodes);
  const targets = targetsOf(nodes);
  for (const id of [...order, ...left]) {
    const node = nodes[id];
    if (!node || boxes.has(id)) continue;
    const size = boxAt(node, { x: 0, y: 0 });
    const box = { ...size, ...wantedPlace(id, node, size, boxes, targets) };
    boxes.set(id, { ...box, ...freePlace(box, [...boxes.values()]) });
  }
}

function targetsOf(nodes: Nodes): Map<string, string[]> {
  const targets = new Map<string, string[]>();
  for (const [id, node] of Object.entries(nodes)) {
    for (const source of Object.keys(node.after ?? {})) targets.set(source, [...(targets.get(source) ?? []), id]);
  }
  return targets;
}

/** One column behind the last source, at the height of the sources, fanned out where a source has several targets. */
function wantedPlace(
  id: string,
  node: NodeSpec,
  size: Size,
  boxes: ReadonlyMap<string, Box>,
  targets: ReadonlyMap<string, string[]>,
): Position {
  const sources = Object.keys(node.after ?? {}).flatMap((source) => {
    const box = boxes.get(source);
    if (!box) return [];
    const siblings = targets.get(source) ?? [id];
    return [{ x: box.x + box.width, y: box.y + (siblings.indexOf(id) - (siblings.length - 1) / 2) * STEP_Y }];
  });
  if (sources.length > 0) {
    const y = sources.reduce((sum, source) => sum + source.y, 0) / sources.length;
    return { x: Math.max(...sources.map((source) => source.x)) + GAP_X, y };
  }
  const before = (targets.get(id) ?? []).flatMap((target) => boxes.get(target) ?? []);
  const [first] = before;
  if (first) return { x: Math.min(...before.map((box) => box.x)) - GAP_X - size.width, y: first.y };
  const all = [...boxes.values()];
  if (all.length === 0) return { x: 0, y: 0 };
  return { x: Math.min(...all.map((box) => box.x)), y: Math.max(...all.map((box) => box.y + box.height)) + GAP_Y };
}
