/** Several nodes in order: in line with each other, or at even distances. Pure; places are those of the canvas. */
import { sizeOf } from './frames.ts';
import type { CanvasNode, Position } from './graph-model.ts';

export type Alignment = 'left' | 'centre' | 'right' | 'top' | 'middle' | 'bottom';
export type Axis = 'x' | 'y';

interface Extent {
  node: CanvasNode;
  from: number;
  to: number;
}

function extents(nodes: readonly CanvasNode[], axis: Axis): Extent[] {
  return nodes.map((node) => {
    const from = node.position[axis];
    return { node, from, to: from + (axis === 'x' ? sizeOf(node).width : sizeOf(node).height) };
  });
}

const AXES: { readonly [A in Alignment]: Axis } = { left: 'x', centre: 'x', right: 'x', top: 'y', middle: 'y', bottom: 'y' };

/** The new places of the nodes that move. */
export function aligned(nodes: readonly CanvasNode[], alignment: Alignment): Map<string, Position> {
  const axis = AXES[alignment];
  const all = extents(nodes, axis);
  const from = Math.min(...all.map((it) => it.from));
  const to = Math.max(...all.map((it) => it.to));
  const start = (it: Extent) => {
    if (alignment === 'left' || alignment === 'top') return from;
    if (alignment === 'right' || alignment === 'bottom') return to - (it.to - it.from);
    return Math.round((from + to - (it.to - it.from)) / 2);
  };
  return movedTo(all, axis, start);
}

/** The outermost two stay; between all of them lies the same distance. */
export function distributed(nodes: readonly CanvasNode[], axis: Axis): Map<string, Position> {
  const all = extents(nodes, axis).toSorted((a, b) => a.from - b.from);
  const [first] = all;
  const last = all.at(-1);
  if (!first || !last || all.length < 3) return new Map();
  const room = last.from - first.to - all.slice(1, -1).reduce((sum, it) => sum + it.to - it.from, 0);
  const gap = room / (all.length - 1);
  let next = first.from;
  const starts = new Map(
    all.map((it) => {
      const start = Math.round(next);
      next += it.to - it.from + gap;
      return [it.node.id, start];
    }),
  );
  return movedTo(all, axis, (it) => starts.get(it.node.id) ?? it.from);
}

function movedTo(all: readonly Extent[], axis: Axis, start: (it: Extent) => number): Map<string, Position> {
  return new Map(
    all.flatMap((it): [string, Position][] => {
      const at = start(it);
      return at === it.from ? [] : [[it.node.id, { ...it.node.position, [axis]: at }]];
    }),
  );
}
