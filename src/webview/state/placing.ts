/** Where a new node is put. */
import type { CanvasNode, Position } from './graph-model.ts';

/** CSS pixels of a card where none has been measured. */
const CARD = { width: 240, height: 100 };
const GAP = { x: 60, y: 30 };

function overlaps(one: Position, other: Position): boolean {
  return Math.abs(one.x - other.x) < CARD.width + GAP.x / 2 && Math.abs(one.y - other.y) < CARD.height + GAP.y / 2;
}

/**
 * To the right of `source`, or around `centre` (canvas pixels) where there is none; further down where something stands already.
 */
export function placeNew(nodes: readonly CanvasNode[], source: string | undefined, centre: Position): Position {
  const from = nodes.find((node) => node.id === source);
  const start = from
    ? { x: from.position.x + CARD.width + GAP.x, y: from.position.y }
    : { x: centre.x - CARD.width / 2, y: centre.y - CARD.height / 2 };
  const place = { x: Math.round(start.x), y: Math.round(start.y) };
  while (nodes.some((node) => overlaps(node.position, place))) place.y += CARD.height + GAP.y;
  return place;
}
