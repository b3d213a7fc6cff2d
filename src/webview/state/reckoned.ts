/** Sizes and handles of cards before they are drawn. Where there are many nodes, drawing them a second time once they have been measured is what holds the page up. */
import { type NodeChange, Position as Side } from '@xyflow/react';
import type { CanvasNode, CardData } from './graph-model.ts';

/** From so many nodes on, only those in view are drawn; below it, drawing all keeps panning smoother. */
export const MANY = 200;

/** As the style sheets have them, in canvas pixels. */
const HANDLE = 10;
const BORDER = 1;
const ENTRY = 19;
/** From the top of a card to its foot, and below it. */
const ABOVE_FOOT = 54;
const BELOW_FOOT = 9;
/** What a card is given for its outlet: a row of its foot. */
const ROW = 20;
const FRAME_OUTLET = 19;
/** Where edges lead down, the foot has a row of facts, and the outlets stand in a row below it. */
const FOOT_DOWN = 48;

/** What React Flow needs to know of a node without drawing it: what is measured once it is drawn is the same. */
export function reckoned({ card, size, frame }: CardData, source: Side): Pick<CanvasNode, 'measured' | 'handles'> {
  const down = source === Side.Bottom;
  const { outlets } = card;
  const rows = Math.max(outlets.length, card.asks === '' ? 1 : 2);
  const foot = down ? FOOT_DOWN : rows * ROW + BELOW_FOOT;
  const { width, height } = frame ? size : { width: size.width, height: ABOVE_FOOT + foot };
  const handle = (type: 'source' | 'target', id: string | null, position: Side, x: number, y: number) => ({
    id,
    type,
    position,
    x: x - HANDLE / 2,
    y: y - HANDLE / 2,
    width: HANDLE,
    height: HANDLE,
  });
  const inner = width - 2 * BORDER;
  const first = frame ? FRAME_OUTLET : ABOVE_FOOT + ROW / 2;
  return {
    measured: { width, height },
    handles: [
      down ? handle('target', null, Side.Top, width / 2, BORDER) : handle('target', null, Side.Left, BORDER, ENTRY),
      ...outlets.map(({ name }, index) =>
        down
          ? handle('source', name, Side.Bottom, BORDER + (inner * (index + 0.5)) / outlets.length, height - BORDER)
          : handle('source', name, Side.Right, width - BORDER, first + index * ROW),
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
