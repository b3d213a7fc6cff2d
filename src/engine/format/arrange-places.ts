/** Where the items of each layer stand across the edges, the order given: as near to their neighbours as the others let them. */
import { ascending, type Layered } from './arrange-layers.ts';

/** Forwards and back so often; the last pass goes forwards, so that chains are straight. */
const PASSES = 7;
/** A bend keeps its edge straight rather than a card in the middle of its neighbours. */
const BEND_WEIGHT = 0.5;
/** An edge that passes by is drawn straight from end to end: its ends stand in line with its bends rather than with a card. */
const BEND_PULL = 4;
/** Less room than between cards is enough beside an edge. */
const BESIDE_BEND = 20;

/** The beginning of each item across; in pixels from anywhere. */
export function crossPlaces({ items, layers, links, real }: Layered, gap: number): number[] {
  const places: number[] = [];
  const [before, behind]: [number[][], number[][]] = [items.map(() => []), items.map(() => [])];
  for (const { from, to } of links) {
    before[to]?.push(from);
    behind[from]?.push(to);
  }
  const apart = (one: number, other: number) => (items[one]?.breadth ?? 0) + (one >= real || other >= real ? BESIDE_BEND : gap);
  for (const layer of layers) {
    let at = 0;
    for (const [count, index] of layer.entries()) {
      places[index] = at;
      const next = layer[count + 1];
      if (next !== undefined) at += apart(index, next);
    }
  }
  const line = (index: number) => (places[index] ?? 0) + (items[index]?.anchor ?? 0);
  const settleLayer = (layer: readonly number[], neighbours: readonly number[][]): void => {
    const wanted = layer.map((index) => {
      const near = neighbours[index] ?? [];
      if (near.length === 0) return places[index] ?? 0;
      const pulls = near.map((other) => (other >= real ? BEND_PULL : 1));
      const sum = near.reduce((total, other, at) => total + line(other) * (pulls[at] ?? 1), 0);
      return sum / pulls.reduce((total, pull) => total + pull, 0) - (items[index]?.anchor ?? 0);
    });
    const offsets: number[] = [];
    let offset = 0;
    for (const [count, index] of layer.entries()) {
      offsets.push(offset);
      const next = layer[count + 1];
      if (next !== undefined) offset += apart(index, next);
    }
    const free = wanted.map((at, count) => at - (offsets[count] ?? 0));
    const weights = layer.map((index) => (index >= real ? BEND_WEIGHT : 1));
    for (const [count, at] of ascending(free, weights).entries()) places[layer[count] ?? -1] = at + (offsets[count] ?? 0);
  };
  for (let pass = 0; pass < PASSES; pass += 1) {
    if (pass % 2 === 0) for (const layer of layers.slice(1)) settleLayer(layer, before);
    else for (const layer of layers.slice(0, -1).reverse()) settleLayer(layer, behind);
  }
  return places;
}
