/** Layers for a part of a graph, and the order within each: along the edges, with few crossings, near to how it stands now. */

/** A node as the layout sees it: `length` along the edges, `breadth` across them. */
export interface Item {
  length: number;
  breadth: number;
  /** The line on which edges arrive, from the item's beginning across. */
  anchor: number;
  /** Where its middle stands across now; undefined where nobody knows. */
  across: number | undefined;
}

export interface Link {
  from: number;
  to: number;
  outlet: number;
}

export interface Layered {
  /** Those of the problem; behind them (from `real` on) the bends of edges that pass by a layer. */
  items: Item[];
  real: number;
  layers: number[][];
  /** Each to the next layer. */
  links: Link[];
}

/** Bends cost time: from so many for each node on, edges go behind what they pass. */
const MOST_BENDS = 8;
/** Room for an edge between two cards, in pixels. */
const BEND: Item = { length: 0, breadth: 0, anchor: 0, across: undefined };
/** Where people know their way about, another order has to save at least this part of the crossings. */
const WORTH_REORDERING = 0.1;
/** A sweep more than this improves little. */
const MOST_SWEEPS = 24;

/** @param edges among the items of `part` */
export function layersOf(all: readonly Item[], edges: readonly Link[], part: readonly number[]): Layered {
  const { order, forward } = withoutCycles(part, edges);
  const layer = layersAlong(order, forward);
  const items = [...all];
  const layers: number[][] = [];
  for (const index of part) put(layers, layer.get(index) ?? 0, index);
  const { links, bends } = bend(forward, layer, items, MOST_BENDS * part.length);
  for (const { index, at } of bends) put(layers, at, index);
  const laid: Layered = { items, real: all.length, layers, links };
  sortAsTheyStand(laid);
  untangle(laid);
  return laid;
}

function put(layers: number[][], at: number, index: number): void {
  for (let missing = layers.length; missing <= at; missing += 1) layers.push([]);
  layers[at]?.push(index);
}

/** An order along the edges; of a cycle the edge that leads back to its first node in the file is left out. */
function withoutCycles(part: readonly number[], links: readonly Link[]): { order: number[]; forward: Link[] } {
  const waiting = new Map(part.map((index) => [index, 0]));
  const targets = new Map<number, number[]>();
  for (const { from, to } of links) {
    waiting.set(to, (waiting.get(to) ?? 0) + 1);
    const known = targets.get(from);
    if (known) known.push(to);
    else targets.set(from, [to]);
  }
  const order: number[] = [];
  const rank = new Map<number, number>();
  const take = (index: number): void => {
    rank.set(index, order.length);
    order.push(index);
  };
  let done = 0;
  const follow = (): void => {
    for (; done < order.length; done += 1) {
      for (const target of targets.get(order[done] ?? -1) ?? []) {
        const left = (waiting.get(target) ?? 0) - 1;
        waiting.set(target, left);
        if (left === 0 && !rank.has(target)) take(target);
      }
    }
  };
  for (const index of part) if (waiting.get(index) === 0) take(index);
  follow();
  for (const index of part) {
    if (rank.has(index)) continue;
    take(index);
    follow();
  }
  return { order, forward: links.filter(({ from, to }) => (rank.get(from) ?? 0) < (rank.get(to) ?? 0)) };
}

/** Each node one layer behind the last of its sources; one without sources straight before its first target. */
function layersAlong(order: readonly number[], links: readonly Link[]): Map<number, number> {
  const layer = new Map(order.map((index) => [index, 0]));
  const outgoing = grouped(links, 'from');
  for (const index of order) {
    for (const { to } of outgoing.get(index) ?? []) layer.set(to, Math.max(layer.get(to) ?? 0, (layer.get(index) ?? 0) + 1));
  }
  const entered = new Set(links.map(({ to }) => to));
  for (const index of order) {
    const nearest = Math.min(...(outgoing.get(index) ?? []).map(({ to }) => layer.get(to) ?? 0));
    if (!entered.has(index) && Number.isFinite(nearest)) layer.set(index, Math.max(0, nearest - 1));
  }
  return layer;
}

function grouped(links: readonly Link[], end: 'from' | 'to'): Map<number, Link[]> {
  const groups = new Map<number, Link[]>();
  for (const link of links) {
    const group = groups.get(link[end]);
    if (group) group.push(link);
    else groups.set(link[end], [link]);
  }
  return groups;
}

/** Edges over several layers in pieces, each to the next layer. Short ones first: of very long ones there may be too many. */
function bend(
  links: readonly Link[],
  layer: ReadonlyMap<number, number>,
  items: Item[],
  most: number,
): { links: Link[]; bends: { index: number; at: number }[] } {
  const pieces: Link[] = [];
  const bends: { index: number; at: number }[] = [];
  const span = ({ from, to }: Link) => (layer.get(to) ?? 0) - (layer.get(from) ?? 0);
  for (const link of links.toSorted((a, b) => span(a) - span(b))) {
    const [length, first] = [span(link), layer.get(link.from) ?? 0];
    if (bends.length + length - 1 > most) break;
    let { from, outlet } = link;
    for (let step = 1; step < length; step += 1) {
      const index = items.push(BEND) - 1;
      bends.push({ index, at: first + step });
      pieces.push({ from, to: index, outlet });
      [from, outlet] = [index, 0];
    }
    pieces.push({ from, to: link.to, outlet });
  }
  return { links: pieces, bends };
}

/** By where things stand now; what has no place yet goes behind its sources, in the order of their outlets. */
function sortAsTheyStand({ items, layers, links }: Layered): void {
  const incoming = grouped(links, 'to');
  const keys = new Map<number, number>();
  for (const layer of layers) {
    for (const [count, index] of layer.entries()) {
      const sources = (incoming.get(index) ?? []).map(({ from, outlet }) => (keys.get(from) ?? 0) + (outlet + 1) * 0.01);
      keys.set(index, items[index]?.across ?? mean(sources, count * 1e-4) + count * 1e-6);
    }
    layer.sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0) || a - b);
  }
}

/**
 * Sweeps over the layers, forwards and back, as long as there are fewer crossings after one of them. The cards alone have an order;
 * that of the bends follows from it. So an order that was found is found again.
 */
function untangle(laid: Layered): void {
  const [incoming, outgoing] = [grouped(laid.links, 'to'), grouped(laid.links, 'from')];
  const threaded = (layers: readonly (readonly number[])[]) => threadBends(layers, incoming, laid.real);
  const present = threaded(laid.layers);
  const before = crossings(present, outgoing);
  let [best, least] = [present, before];
  for (let sweep = 0, idle = 0; sweep < MOST_SWEEPS && least > 0 && idle < 2; sweep += 1) {
    const ahead = sweep % 2 === 0;
    const swept = best.map((layer) => [...layer]);
    sortByNeighbours(ahead ? swept : swept.toReversed(), ahead ? incoming : outgoing, ahead ? 'from' : 'to');
    const layers = threaded(swept);
    const count = crossings(layers, outgoing);
    idle = count < least ? 0 : idle + 1;
    if (count < least) [best, least] = [layers, count];
  }
  const isKnown = laid.layers.flat().every((index) => index >= laid.real || laid.items[index]?.across !== undefined);
  laid.layers = isKnown && before - least < WORTH_REORDERING * before ? present : best;
}

/** The bends of each layer between its cards, which keep their order: near to where the edge comes from, behind a card there. */
function threadBends(layers: readonly (readonly number[])[], incoming: ReadonlyMap<number, Link[]>, real: number): number[][] {
  const place = new Map<number, number>();
  const comesFrom = (index: number, otherwise: number) =>
    mean(
      (incoming.get(index) ?? []).map(({ from, outlet }) => (place.get(from) ?? 0) + Math.min(0.9, outlet * 0.1)),
      otherwise,
    );
  return layers.map((layer) => {
    const cards = layer.filter((index) => index < real);
    let last = 0;
    const wanted = cards.map((index) => {
      last = comesFrom(index, last);
      return last;
    });
    const keys = ascending(
      wanted,
      cards.map(() => 1),
    );
    const bends = layer.filter((index) => index >= real).map((index) => ({ index, key: comesFrom(index, 0) }));
    const all = [
      ...cards.map((index, count) => ({ index, key: keys[count] ?? 0 })),
      ...bends.sort((a, b) => a.key - b.key || a.index - b.index),
    ];
    const threaded = all.sort((a, b) => a.key - b.key).map(({ index }) => index);
    for (const [count, index] of threaded.entries()) place.set(index, count);
    return threaded;
  });
}

function mean(values: readonly number[], otherwise: number): number {
  return values.length === 0 ? otherwise : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The ascending numbers nearest to these (least squares): neighbours that violate the order are pooled. */
export function ascending(values: readonly number[], weights: readonly number[]): number[] {
  const pools: { mean: number; weight: number; count: number }[] = [];
  for (const [index, value] of values.entries()) {
    let pool = { mean: value, weight: weights[index] ?? 1, count: 1 };
    for (let last = pools.at(-1); last && last.mean > pool.mean; last = pools.at(-1)) {
      pools.pop();
      const weight = last.weight + pool.weight;
      pool = { mean: (last.mean * last.weight + pool.mean * pool.weight) / weight, weight, count: last.count + pool.count };
    }
    pools.push(pool);
  }
  return pools.flatMap(({ mean: value, count }) => Array<number>(count).fill(value));
}

/** Each layer by the mean place of the neighbours in the one before; what has none there stays where it is. */
function sortByNeighbours(layers: readonly number[][], neighbours: ReadonlyMap<number, Link[]>, end: 'from' | 'to'): void {
  const place = new Map<number, number>();
  for (const layer of layers) {
    const keys = new Map<number, number>();
    for (const [count, index] of layer.entries()) {
      const known = (neighbours.get(index) ?? []).flatMap((link) => {
        const at = place.get(link[end]);
        return at === undefined ? [] : [at + (end === 'from' ? Math.min(0.9, link.outlet * 0.1) : 0)];
      });
      keys.set(index, mean(known, count));
    }
    layer.sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
    for (const [count, index] of layer.entries()) place.set(index, count);
  }
}

/** How many pairs of edges cross between neighbouring layers; those of one node by the order of its outlets. */
function crossings(layers: readonly (readonly number[])[], outgoing: ReadonlyMap<number, Link[]>): number {
  let count = 0;
  for (const [at, layer] of layers.entries()) {
    const next = layers[at + 1];
    if (!next) break;
    const place = new Map(next.map((index, position) => [index, position]));
    /** A Fenwick tree of the ends that were passed so far. */
    const tree = new Uint32Array(next.length + 1);
    let passed = 0;
    for (const index of layer) {
      const links = (outgoing.get(index) ?? []).map(({ to, outlet }) => ({ to: place.get(to) ?? 0, outlet }));
      for (const { to } of links.sort((a, b) => a.outlet - b.outlet || a.to - b.to)) {
        let before = 0;
        for (let bit = to + 1; bit > 0; bit -= bit & -bit) before += tree[bit] ?? 0;
        count += passed - before;
        for (let bit = to + 1; bit < tree.length; bit += bit & -bit) tree[bit] = (tree[bit] ?? 0) + 1;
        passed += 1;
      }
    }
  }
  return count;
}
