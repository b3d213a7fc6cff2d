/** Frames of the canvas: nodes with a body, as large as what stands in them. Pure. */
import { type Box, frameSize, type Position } from '../../engine/format/layout.ts';
import type { CanvasNode, Frame } from './graph-model.ts';

/** What a node takes on the canvas: never less than the layout reckons with, so that frames do not tremble while cards are measured. */
export function sizeOf(node: CanvasNode): { width: number; height: number } {
  if (node.type === 'frame') return { width: node.width ?? node.data.size.width, height: node.height ?? node.data.size.height };
  const { size, card } = node.data;
  // The size of a folded frame is that of its body; what is drawn is a card.
  const reckoned = card.steps === undefined ? size : CARD;
  return {
    width: Math.max(reckoned.width, node.measured?.width ?? 0),
    height: Math.max(reckoned.height, node.measured?.height ?? 0),
  };
}

/** Canvas pixels of a card that has not been measured. */
const CARD = { width: 240, height: 112 };

/** What stands in a frame cannot be drawn over its head or its left border; to the right and downwards the frame grows. */
export function extentOf({ least }: Frame): [[number, number], [number, number]] {
  return [
    [least.x, least.y],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ];
}

/** Gives every open frame the size of what stands in it, from the innermost outwards. Parents stand before their children. */
export function fitFrames(nodes: readonly CanvasNode[]): CanvasNode[] {
  const fitted = new Map(nodes.map((node) => [node.id, node]));
  const inner = new Map<string, Box[]>();
  for (const { id } of nodes.toReversed()) {
    const node = fitted.get(id);
    if (!node) continue;
    const { frame } = node.data;
    if (frame) {
      const size = frameSize(frame.inner, inner.get(id) ?? []);
      if (size.width !== node.width || size.height !== node.height) fitted.set(id, { ...node, ...size });
    }
    if (node.parentId === undefined) continue;
    const { origin } = node.data;
    const { width, height } = sizeOf(fitted.get(id) ?? node);
    const box = { x: node.position.x - origin.x, y: node.position.y - origin.y, width, height };
    const siblings = inner.get(node.parentId);
    if (siblings) siblings.push(box);
    else inner.set(node.parentId, [box]);
  }
  return nodes.map((node) => fitted.get(node.id) ?? node);
}

/** The place of a node in the whole canvas; its own counts from the frame around it. */
export function absolute(nodes: readonly CanvasNode[], id: string | undefined): Position {
  const at = { x: 0, y: 0 };
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (let node = id === undefined ? undefined : byId.get(id); node; node = byId.get(node.parentId ?? '')) {
    at.x += node.position.x;
    at.y += node.position.y;
  }
  return at;
}

/** The innermost open frame under a point of the canvas; undefined where there is none. */
export function frameAt(nodes: readonly CanvasNode[], point: Position): string | undefined {
  return nodes.findLast((node) => {
    if (!node.data.frame || node.hidden) return false;
    const { x, y } = absolute(nodes, node.id);
    const { width, height } = sizeOf(node);
    return point.x >= x && point.y >= y && point.x <= x + width && point.y <= y + height;
  })?.id;
}

/** The open frames that lie wholly in a box of the canvas. */
export function framesWithin(nodes: readonly CanvasNode[], box: Box): string[] {
  return nodes
    .filter((node) => {
      if (!node.data.frame || node.hidden) return false;
      const { x, y } = absolute(nodes, node.id);
      const { width, height } = sizeOf(node);
      return x >= box.x && y >= box.y && x + width <= box.x + box.width && y + height <= box.y + box.height;
    })
    .map((node) => node.id);
}

/** The nodes without those that stand in the body of another one of them: they go with it. */
export function outermost(nodes: readonly CanvasNode[], ids: readonly string[]): string[] {
  const chosen = new Set(ids);
  const owner = new Map(nodes.map((node) => [node.id, node.parentId]));
  return ids.filter((id) => {
    for (let at = owner.get(id); at !== undefined; at = owner.get(at)) if (chosen.has(at)) return false;
    return true;
  });
}
