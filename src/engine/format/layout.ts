/**
 * Places for nodes that have none: left to right along the edges, deterministic, without overlaps, around what people have placed.
 * Positions are the upper left corners of nodes, in whole pixels; those of a body count from the body's own origin.
 */
import type { Nodes, Scope } from './graph.ts';
import { scopesOf, topologicalOrder } from './graph.ts';
import type { NodeCatalog } from './manifest.ts';
import { outletsOf } from './manifest.ts';
import type { Flow, NodeSpec } from './model.ts';

export interface Position {
  x: number;
  y: number;
}

export interface Box extends Position {
  width: number;
  height: number;
}

/** What the layout takes a node on the canvas to be, in pixels. */
const NODE_WIDTH = 240;
const NODE_HEIGHT = 112;
const HEADER_HEIGHT = 64;
const OUTLET_HEIGHT = 24;
/** From one column to the next, and from one row to the next. */
export const STEP_X = 300;
const STEP_Y = 160;
const GAP = STEP_Y - NODE_HEIGHT;

/** Places for all nodes of the flow, bodies included: the ones in `layout` as they are, the others computed. */
export function place(flow: Flow, catalog: NodeCatalog): Record<string, Position> {
  const placed = new Map<string, Position>();
  for (const scope of scopesOf(flow)) placeScope(scope, flow.layout ?? {}, catalog, placed);
  return Object.fromEntries(placed);
}

/** The room a node takes. Nodes with many outlets are taller. */
export function boxOf(node: NodeSpec, at: Position, catalog: NodeCatalog): Box {
  const manifest = catalog.get(node.type);
  const outlets = manifest ? outletsOf(manifest, node.with ?? {}).length : 1;
  return { ...at, width: NODE_WIDTH, height: Math.max(NODE_HEIGHT, HEADER_HEIGHT + outlets * OUTLET_HEIGHT) };
}

/** The free place nearest to `near` straight above or below it, for a node as large as `near`. */
export function freePlace(near: Box, taken: readonly Box[]): Position {
  const x = Math.round(near.x);
  const wanted = Math.round(near.y);
  const inTheWay = taken
    .filter((box) => box.x < x + near.width && x < box.x + box.width)
    .map((box) => ({ from: box.y - GAP - near.height, to: box.y + box.height + GAP }))
    .toSorted((a, b) => a.from - b.from);
  let below = wanted;
  for (const { from, to } of inTheWay) if (from < below && below < to) below = to;
  let above = wanted;
  for (const { from, to } of inTheWay.toSorted((a, b) => b.to - a.to)) if (from < above && above < to) above = from;
  return { x, y: Math.round(wanted - above < below - wanted ? above : below) };
}

function placeScope(scope: Scope, layout: NonNullable<Flow['layout']>, catalog: NodeCatalog, placed: Map<string, Position>): void {
  const boxes = new Map<string, Box>();
  for (const [id, node] of Object.entries(scope.nodes)) {
    const known = Object.hasOwn(layout, id) ? layout[id] : undefined;
    if (known) boxes.set(id, boxOf(node, { x: known[0], y: known[1] }, catalog));
  }
  const { order, left } = topologicalOrder(scope.nodes);
  const targets = targetsOf(scope.nodes);
  for (const id of [...order, ...left]) {
    const node = scope.nodes[id];
    if (!node || boxes.has(id)) continue;
    const box = boxOf(node, wantedPlace(id, node, boxes, targets), catalog);
    boxes.set(id, { ...box, ...freePlace(box, [...boxes.values()]) });
  }
  for (const [id, { x, y }] of boxes) placed.set(id, { x, y });
}

function targetsOf(nodes: Nodes): Map<string, string[]> {
  const targets = new Map<string, string[]>();
  for (const [id, node] of Object.entries(nodes)) {
    for (const source of Object.keys(node.after ?? {})) targets.set(source, [...(targets.get(source) ?? []), id]);
  }
  return targets;
}

/** One column behind the last source, at the height of the sources, fanned out where a source has several targets. */
function wantedPlace(id: string, node: NodeSpec, boxes: ReadonlyMap<string, Box>, targets: ReadonlyMap<string, string[]>): Position {
  const sources = Object.keys(node.after ?? {}).flatMap((source) => {
    const box = boxes.get(source);
    if (!box) return [];
    const siblings = targets.get(source) ?? [id];
    return [{ x: box.x, y: box.y + (siblings.indexOf(id) - (siblings.length - 1) / 2) * STEP_Y }];
  });
  if (sources.length > 0) {
    const y = sources.reduce((sum, source) => sum + source.y, 0) / sources.length;
    return { x: Math.max(...sources.map((source) => source.x)) + STEP_X, y };
  }
  const before = (targets.get(id) ?? []).flatMap((target) => boxes.get(target) ?? []);
  const [first] = before;
  if (first) return { x: Math.min(...before.map((box) => box.x)) - STEP_X, y: first.y };
  const all = [...boxes.values()];
  return all.length === 0 ? { x: 0, y: 0 } : { x: Math.min(...all.map((box) => box.x)), y: Math.max(...all.map((box) => box.y)) + STEP_Y };
}
