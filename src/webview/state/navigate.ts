/**
 * Where an arrow key leads on the canvas: along the edges first, by nearness where there is none. Down leads into a body, and what
 * leads out of it goes on from its frame.
 */
import type { Edge } from '../../engine/format/model.ts';

export interface Spot {
  id: string;
  /** Canvas pixels of the top left corner. */
  x: number;
  y: number;
  /** The node in whose body it stands. */
  owner?: string;
}

export type Direction = 'left' | 'right' | 'up' | 'down';

const STEP: { readonly [D in Direction]: { x: number; y: number } } = {
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
  up: { x: 0, y: -1 },
  down: { x: 0, y: 1 },
};

/** What lies further aside than this many times ahead is not in that direction. */
const CONE = 2;

/** How far to the side counts more than how far ahead, so that a row or a column is followed. */
const ASIDE = 2.5;

function nearest(from: Spot, others: readonly Spot[], direction: Direction): Spot | undefined {
  const step = STEP[direction];
  let best: { spot: Spot; cost: number } | undefined;
  for (const spot of others) {
    const dx = spot.x - from.x;
    const dy = spot.y - from.y;
    const ahead = dx * step.x + dy * step.y;
    const aside = Math.abs(dx * step.y + dy * step.x);
    if (spot.id === from.id || ahead <= 0 || aside > CONE * ahead) continue;
    const cost = ahead + ASIDE * aside;
    if (!best || cost < best.cost) best = { spot, cost };
  }
  return best?.spot;
}

function closest(from: Spot, others: readonly Spot[]): Spot | undefined {
  const distance = (spot: Spot) => Math.hypot(spot.x - from.x, spot.y - from.y);
  return others.reduce<Spot | undefined>((best, spot) => (best && distance(best) <= distance(spot) ? best : spot), undefined);
}

/** The id the arrow key leads to, or undefined where nothing lies that way. Only spots that can be seen are given. */
export function neighbour(spots: readonly Spot[], edges: readonly Edge[], from: string, direction: Direction): string | undefined {
  const here = spots.find((spot) => spot.id === from);
  if (!here) return spots[0]?.id;
  if (direction === 'down') {
    const inside = spots.filter((spot) => spot.owner === from);
    const first = closest({ id: from, x: 0, y: 0 }, inside);
    if (first) return first.id;
  }
  return among(spots, edges, here, direction)?.id;
}

function among(spots: readonly Spot[], edges: readonly Edge[], here: Spot, direction: Direction): Spot | undefined {
  const siblings = spots.filter((spot) => spot.owner === here.owner);
  if (direction === 'left' || direction === 'right') {
    const ids = new Set(
      direction === 'right'
        ? edges.filter((edge) => edge.source === here.id).map((edge) => edge.target)
        : edges.filter((edge) => edge.target === here.id).map((edge) => edge.source),
    );
    const linked = closest(
      here,
      siblings.filter((spot) => ids.has(spot.id)),
    );
    if (linked) return linked;
  }
  const near = nearest(here, siblings, direction);
  const owner = here.owner === undefined ? undefined : spots.find((spot) => spot.id === here.owner);
  if (near || !owner) return near;
  return direction === 'up' ? owner : among(spots, edges, owner, direction);
}
