/** Sizes and handles of cards that have not been drawn: where there are many nodes, only those in view are ever measured. */
import { type NodeChange, Position as Side } from '@xyflow/react';
import type { CanvasNode, CardData } from './graph-model.ts';

/** From so many nodes on, only those in view are drawn; below it, drawing all keeps panning smoother. */
export const MANY = 200;

/** As the style sheets have them, in canvas pixels. */
const HANDLE = 10;
const ENTRY = 18;
const FIRST_OUTLET = 64;
const FRAME_OUTLET = 18;
const OUTLET = 20;

/** What React Flow needs to know of a node without drawing it. */
export function reckoned({ card, size, frame }: CardData, source: Side): Pick<CanvasNode, 'measured' | 'handles'> {
  const down = source === Side.Bottom;
  const handle = (type: 'source' | 'target', id: string | null, position: Side, x: number, y: number) => ({
    id,
    type,
    position,
    x: x - HANDLE / 2,
    y: y - HANDLE / 2,
    width: HANDLE,
    height: HANDLE,
  });
  const first = frame ? FRAME_OUTLET : FIRST_OUTLET;
  return {
    measured: { width: size.width, height: size.height },
    handles: [
      down ? handle('target', null, Side.Top, size.width / 2, 0) : handle('target', null, Side.Left, 0, ENTRY),
      ...card.outlets.map(({ name }, index) =>
        down
          ? handle('source', name, Side.Bottom, (size.width * (index + 0.5)) / card.outlets.length, size.height)
          : handle('source', name, Side.Right, size.width, first + index * OUTLET),
      ),
    ],
  };
}

/** The nodes after changes: what was reckoned of those that have been measured is over. */
export function withoutReckoning(nodes: CanvasNode[], changes: readonly NodeChange<CanvasNode>[]): CanvasNode[] {
  const measured = new Set(changes.flatMap((change) => (change.type === 'dimensions' ? [change.id] : [])));
  if (measured.size === 0) return nodes;
  return nodes.map((node) => {
    if (!node.handles || !measured.has(node.id)) return node;
    const { handles: _handles, ...rest } = node;
    return rest;
  });
}
