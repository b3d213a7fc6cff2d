/**
 * The layout of a whole flow: layers along the edges, few crossings, straight lines. Pure, deterministic, and near linear in nodes
 * and edges; runs in a worker, so it imports nothing heavy. What people have placed decides wherever the edges do not: the order
 * within a layer and of parts that hang together, and where the whole stands. So arranging twice changes nothing, and a node that
 * was added moves only what is in its way.
 */
import { type Item, type Layered, type Link, layersOf } from './arrange-layers.ts';
import { crossPlaces } from './arrange-places.ts';
import { type Box, frameSize, GAP_X, GAP_Y, innerOrigin, type Position, type Size } from './boxes.ts';

/** Where edges lead: to the right, or down. */
export type Direction = 'right' | 'down';

export interface ArrangeNode extends Size {
  id: string;
  /** Where it stands now, where that is known; counts from the origin of its scope. */
  at?: Position;
  /** How many outlets it has. */
  outlets: number;
}

export interface ArrangeEdge {
  source: string;
  target: string;
  /** The outlet's place among those of the source. */
  outlet: number;
}

/** The flow's own nodes, or those of a body. */
export interface ArrangeScope {
  /** The node whose body it is: its size follows from what stands in it. */
  owner?: string;
  nodes: ArrangeNode[];
  edges: ArrangeEdge[];
  /** What stands in the scope and stays where it is. */
  others: Box[];
}

export interface ArrangeProblem {
  direction: Direction;
  /** Those of bodies behind the scope of their owner. */
  scopes: ArrangeScope[];
}

/** From the end of a layer to the beginning of the next. */
const BETWEEN_LAYERS = { right: GAP_X, down: 72 };
/** Between neighbours in a layer, and between parts that no edge connects. */
const BETWEEN = { right: GAP_Y, down: GAP_X };
/** Pixels below the top of a card at which edges arrive. */
const ENTRY = 18;

/** New places of all nodes in the problem, in whole pixels from the origin of their scope. */
export function arrange({ direction, scopes }: ArrangeProblem): Record<string, Position> {
  const sizes = new Map<string, Size>();
  const places: Record<string, Position> = {};
  const outletsOf = new Map(scopes.flatMap(({ nodes }) => nodes.map(({ id, outlets }) => [id, outlets])));
  for (const scope of scopes.toReversed()) {
    const nodes = scope.nodes.map((node) => ({ ...node, ...sizes.get(node.id) }));
    const found = placesOf({ ...scope, nodes }, direction);
    for (const [index, { id }] of nodes.entries()) places[id] = found[index] ?? { x: 0, y: 0 };
    if (scope.owner === undefined) continue;
    const boxes = [
      ...scope.others,
      ...nodes.map((node, index) => ({ width: node.width, height: node.height, ...(found[index] ?? { x: 0, y: 0 }) })),
    ];
    const outlets = outletsOf.get(scope.owner) ?? 1;
    sizes.set(scope.owner, frameSize(innerOrigin(outlets, boxes), boxes));
  }
  return places;
}

function placesOf({ nodes, edges, owner, others }: ArrangeScope, direction: Direction): Position[] {
  const items = nodes.map((node) => itemOf(node, direction));
  const indexes = new Map(nodes.map(({ id }, index) => [id, index]));
  const links = edges.flatMap(({ source, target, outlet }): Link[] => {
    const [from, to] = [indexes.get(source), indexes.get(target)];
    return from === undefined || to === undefined || from === to ? [] : [{ from, to, outlet }];
  });
  const along: number[] = [];
  const across: number[] = [];
  let end = 0;
  const parts = partsOf(items, links);
  for (const { members, links: own } of parts)
    if (members.length > 1) end = placePart(layersOf(items, own, members), end, direction, along, across);
  const singles = inRows(
    nodes,
    parts.flatMap(({ members }) => (members.length === 1 ? members : [])),
    direction,
  );
  placeSingles(items, singles, end, direction, along, across);
  const raw = nodes.map((_node, index): Position => {
    const [main, cross] = [along[index] ?? 0, across[index] ?? 0];
    return direction === 'right' ? { x: main, y: cross } : { x: cross, y: main };
  });
  return settle(raw, nodes, owner !== undefined && others.length === 0);
}

function itemOf({ width, height, at }: ArrangeNode, direction: Direction): Item {
  return direction === 'right'
    ? { length: width, breadth: height, anchor: ENTRY, across: at && at.y + height / 2 }
    : { length: height, breadth: width, anchor: width / 2, across: at && at.x + width / 2 };
}

/** The parts that no edge connects, in the order in which they stand now; new ones behind them in the order of the file. */
function partsOf(items: readonly Item[], links: readonly Link[]): { members: number[]; links: Link[] }[] {
  const root = items.map((_item, index) => index);
  const find = (index: number): number => {
    let at = index;
    while (root[at] !== at) {
      root[at] = root[root[at] ?? at] ?? at;
      at = root[at] ?? at;
    }
    return at;
  };
  for (const { from, to } of links) root[Math.max(find(from), find(to))] = Math.min(find(from), find(to));
  const parts = new Map<number, { members: number[]; links: Link[] }>();
  for (const index of items.keys()) {
    const part = parts.get(find(index));
    if (part) part.members.push(index);
    else parts.set(find(index), { members: [index], links: [] });
  }
  for (const link of links) parts.get(find(link.from))?.links.push(link);
  const standing = (members: readonly number[]): number => {
    const known = members.flatMap((index) => items[index]?.across ?? []);
    return known.length === 0 ? Number.POSITIVE_INFINITY : known.reduce((sum, at) => sum + at, 0) / known.length;
  };
  return [...parts.values()]
    .map((part) => ({ part, at: standing(part.members) }))
    .sort((a, b) => (a.at === b.at ? 0 : a.at - b.at))
    .map(({ part }) => part);
}

/** Writes the places of a part that begins at `start` across, and gives where the next one may begin. */
function placePart(laid: Layered, start: number, direction: Direction, along: number[], across: number[]): number {
  const cross = crossPlaces(laid, BETWEEN[direction]);
  const first = Math.min(...laid.layers.flat().map((index) => cross[index] ?? 0));
  let [main, end] = [0, start];
  for (const layer of laid.layers) {
    let length = 0;
    for (const index of layer) {
      const item = laid.items[index];
      if (!item) continue;
      const at = start + (cross[index] ?? 0) - first;
      end = Math.max(end, at + item.breadth);
      if (index >= laid.real) continue;
      length = Math.max(length, item.length);
      along[index] = main;
      across[index] = Math.round(at);
    }
    if (length > 0) main += length + BETWEEN_LAYERS[direction];
  }
  return Math.round(end) + BETWEEN[direction];
}

/** Nodes without any edge stand in rows, about as many in a row as there are rows. */
function placeSingles(
  items: readonly Item[],
  singles: readonly number[],
  start: number,
  direction: Direction,
  along: number[],
  across: number[],
): void {
  const most = Math.max(1, Math.ceil(Math.sqrt(singles.length)));
  let [main, cross, breadth] = [0, start, 0];
  for (const [count, index] of singles.entries()) {
    const item = items[index];
    if (!item) continue;
    if (count > 0 && count % most === 0) {
      cross += breadth + BETWEEN[direction];
      [main, breadth] = [0, 0];
    }
    along[index] = main;
    across[index] = cross;
    main += item.length + BETWEEN_LAYERS[direction];
    breadth = Math.max(breadth, item.breadth);
  }
}

/** As they stand now, row by row; new ones last. */
function inRows(nodes: readonly ArrangeNode[], singles: readonly number[], direction: Direction): number[] {
  const spot = (index: number): [number, number] => {
    const at = nodes[index]?.at;
    if (!at) return [Number.POSITIVE_INFINITY, index];
    return direction === 'right' ? [at.y, at.x] : [at.x, at.y];
  };
  return singles.toSorted((a, b) => {
    const [[row, column], [otherRow, otherColumn]] = [spot(a), spot(b)];
    return row === otherRow ? column - otherColumn : row - otherRow;
  });
}

/** The whole moved so that most of what had a place stays there; a body begins at its origin. */
function settle(raw: readonly Position[], nodes: readonly ArrangeNode[], atOrigin: boolean): Position[] {
  const by = atOrigin
    ? { x: -Math.min(...raw.map(({ x }) => x)), y: -Math.min(...raw.map(({ y }) => y)) }
    : {
        x: median(raw.flatMap(({ x }, index) => (nodes[index]?.at ? [nodes[index].at.x - x] : []))),
        y: median(raw.flatMap(({ y }, index) => (nodes[index]?.at ? [nodes[index].at.y - y] : []))),
      };
  return raw.map(({ x, y }) => ({ x: Math.round(x + by.x), y: Math.round(y + by.y) }));
}

/** Of two in the middle the one that moves less. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [lower = 0, upper = 0] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return Math.abs(lower) <= Math.abs(upper) ? lower : upper;
}
