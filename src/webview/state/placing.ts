/** Where a new node is put. */
import type { Direction } from '../../engine/format/arrange.ts';
import { absolute, sizeOf } from './frames.ts';
import type { CanvasEdge, CanvasNode, Position } from './graph-model.ts';

/** Canvas pixels that a new card is taken to need. */
const CARD = { width: 240, height: 100 };
const GAP = { x: 60, y: 30 };

/** Whether a node stands where another one of this size would, or too near. */
function overlaps(node: CanvasNode, place: Position, size = CARD): boolean {
  const { x, y } = node.position;
  const { width, height } = sizeOf(node);
  return (
    place.x < x + width + GAP.x / 2 &&
    x < place.x + size.width + GAP.x / 2 &&
    place.y < y + height + GAP.y / 2 &&
    y < place.y + size.height + GAP.y / 2
  );
}

/** The free place at `start` or straight beside it: below where the flow goes to the right, to the right where it goes down. */
function freeAside(start: Position, nodes: readonly CanvasNode[], direction: Direction): Position {
  const place = { x: Math.round(start.x), y: Math.round(start.y) };
  while (nodes.some((node) => overlaps(node, place))) {
    if (direction === 'right') place.y += CARD.height + GAP.y;
    else place.x += CARD.width + GAP.x;
  }
  return place;
}

/**
 * Where a new node is put, in the coordinates of the document: behind `source`, where the flow goes; else at the beginning of the body of
 * `owner`, else around `centre` (canvas pixels); further down where something stands already.
 */
export function placeNew(
  nodes: readonly CanvasNode[],
  to: { source?: string; owner?: string },
  centre: Position,
  direction: Direction = 'right',
): Position {
  const from = nodes.find((node) => node.id === to.source);
  const owner = from ? from.parentId : to.owner;
  const siblings = nodes.filter((node) => node.parentId === owner);
  if (from) {
    const { origin } = from.data;
    const { x, y } = from.position;
    const { width, height } = sizeOf(from);
    const behind = direction === 'right' ? { x: x + width + GAP.x, y } : { x, y: y + height + GAP.y };
    const place = freeAside(behind, siblings, direction);
    return { x: place.x - origin.x, y: place.y - origin.y };
  }
  if (owner === undefined) return freeAside({ x: centre.x - CARD.width / 2, y: centre.y - CARD.height / 2 }, siblings, direction);
  const origin = siblings[0]?.data.origin ?? { x: 0, y: 0 };
  const place = freeAside(origin, siblings, direction);
  return { x: place.x - origin.x, y: place.y - origin.y };
}

/** How far from nodes of one body their copies stand: straight beside them, where nothing is in the way. */
export function asideOf(picked: readonly CanvasNode[], nodes: readonly CanvasNode[], direction: Direction): Position {
  const siblings = nodes.filter(({ parentId }) => parentId === picked[0]?.parentId);
  const [cross, size] = direction === 'right' ? (['y', 'height'] as const) : (['x', 'width'] as const);
  const extent =
    Math.max(...picked.map((node) => node.position[cross] + sizeOf(node)[size])) -
    Math.min(...picked.map(({ position }) => position[cross]));
  const by = { x: 0, y: 0 };
  do by[cross] += Math.round(extent + GAP[cross]);
  while (
    picked.some((node) => siblings.some((other) => overlaps(other, { x: node.position.x + by.x, y: node.position.y + by.y }, sizeOf(node))))
  );
  return by;
}

/** A point of the canvas in the coordinates that the document has for nodes of this body; never over the head of the frame. */
export function inBody(nodes: readonly CanvasNode[], owner: string | undefined, point: Position): Position {
  const frame = nodes.find((node) => node.id === owner)?.data.frame;
  if (!frame) return point;
  const corner = absolute(nodes, owner);
  return {
    x: Math.max(frame.least.x, point.x - corner.x) - frame.inner.x,
    y: Math.max(frame.least.y, point.y - corner.y) - frame.inner.y,
  };
}

/**
 * Where a node goes that is put on an edge: between both ends. Where there is too little room, it goes behind the source, and what
 * comes after makes room: `moved` has the new places (as the document counts) of the nodes that have one in `layout`.
 */
export function placeBetween(
  nodes: readonly CanvasNode[],
  edges: readonly Pick<CanvasEdge, 'source' | 'target'>[],
  edge: { source: string; target: string },
  layout: Readonly<Record<string, unknown>>,
  direction: Direction = 'right',
): { place: Position; moved: Record<string, Position> } {
  const from = nodes.find(({ id }) => id === edge.source);
  const to = nodes.find(({ id }) => id === edge.target);
  if (!from || !to) return { place: { x: 0, y: 0 }, moved: {} };
  const [main, cross] = direction === 'right' ? (['x', 'y'] as const) : (['y', 'x'] as const);
  const length = direction === 'right' ? CARD.width : CARD.height;
  const { origin } = from.data;
  const siblings = nodes.filter(({ parentId }) => parentId === from.parentId);
  const end = from.position[main] + (direction === 'right' ? sizeOf(from).width : sizeOf(from).height);
  const aside = (from.position[cross] + to.position[cross]) / 2;
  const at = (along: number): Position => (direction === 'right' ? { x: along, y: aside } : { x: aside, y: along });
  const inDocument = ({ x, y }: Position): Position => ({ x: Math.round(x - origin.x), y: Math.round(y - origin.y) });
  const room = to.position[main] - end;
  if (room >= length + GAP[main]) return { place: inDocument(freeAside(at(end + (room - length) / 2), siblings, direction)), moved: {} };
  const place = at(end + GAP[main]);
  const by = place[main] + length + GAP[main] - to.position[main];
  const behind = reachable(edges, edge.target);
  const moved = siblings
    .filter(({ id, position }) => behind.has(id) && position[main] >= to.position[main] && Object.hasOwn(layout, id))
    .map(({ id, position }): [string, Position] => [id, inDocument({ ...position, [main]: position[main] + by })]);
  const others = siblings.filter(({ id }) => !behind.has(id) && id !== from.id);
  return { place: inDocument(freeAside(place, others, direction)), moved: Object.fromEntries(moved) };
}

/** The node and all that come after it. */
function reachable(edges: readonly Pick<CanvasEdge, 'source' | 'target'>[], start: string): Set<string> {
  const found = new Set([start]);
  for (const id of found) for (const edge of edges) if (edge.source === id) found.add(edge.target);
  return found;
}
