/** Where nodes stand on the whole canvas. The canvas itself is given only the nodes near the view, so it cannot be asked for the others. Pure. */
import type { Box } from '../../engine/format/layout.ts';
import { sizeOf } from './frames.ts';
import type { CanvasNode } from './graph-model.ts';
import { type CanvasNote, NOTE_SIZE } from './notes.ts';

const ofNode = new WeakMap<CanvasNode, { around: Box | undefined; box: Box }>();
const ofAll = new WeakMap<readonly CanvasNode[], readonly Box[]>();

function boxOf(node: CanvasNode, around: Box | undefined): Box {
  // In a body a node is never drawn over the head of the frame.
  const [least] = Array.isArray(node.extent) ? node.extent : [undefined];
  const x = Math.max(node.position.x, least?.[0] ?? Number.NEGATIVE_INFINITY);
  const y = Math.max(node.position.y, least?.[1] ?? Number.NEGATIVE_INFINITY);
  return { x: x + (around?.x ?? 0), y: y + (around?.y ?? 0), ...sizeOf(node) };
}

/** The box of each node, in the order of the nodes; those of a body stand behind their frame. Boxes that stay the same stay the same object. */
export function boxesOf(nodes: readonly CanvasNode[]): readonly Box[] {
  const known = ofAll.get(nodes);
  if (known) return known;
  const frames = new Map<string, Box>();
  const boxes = nodes.map((node) => {
    const around = node.parentId === undefined ? undefined : frames.get(node.parentId);
    let own = ofNode.get(node);
    if (!own || own.around !== around) {
      own = { around, box: boxOf(node, around) };
      ofNode.set(node, own);
    }
    if (node.data.card.steps !== undefined) frames.set(node.id, own.box);
    return own.box;
  });
  ofAll.set(nodes, boxes);
  return boxes;
}

const orders = new WeakMap<readonly CanvasNode[], ReadonlyMap<string, number>>();
let newest: { nodes: readonly CanvasNode[]; order: ReadonlyMap<string, number> } | undefined;

/** Where each node stands in the list, by its id: the same object as long as the same nodes stand in the same order. */
export function orderOf(nodes: readonly CanvasNode[]): ReadonlyMap<string, number> {
  let order = orders.get(nodes);
  if (order) return order;
  const isSame = newest?.nodes.length === nodes.length && nodes.every(({ id }, index) => newest?.nodes[index]?.id === id);
  order = newest && isSame ? newest.order : new Map(nodes.map(({ id }, index) => [id, index]));
  newest = { nodes, order };
  orders.set(nodes, order);
  return order;
}

export const noteBox = ({ position, width, height, measured }: CanvasNote): Box => ({
  ...position,
  width: measured?.width ?? width ?? NOTE_SIZE.width,
  height: measured?.height ?? height ?? NOTE_SIZE.height,
});

/** What holds all that is not folded away; undefined where there is nothing. */
export function boundsOf(nodes: readonly CanvasNode[], notes: readonly CanvasNote[]): Box | undefined {
  const boxes = boxesOf(nodes);
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const take = ({ x, y, width, height }: Box) => {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  };
  for (const [index, node] of nodes.entries()) {
    const box = boxes[index];
    if (box && !node.hidden) take(box);
  }
  for (const note of notes) take(noteBox(note));
  return right < left ? undefined : { x: left, y: top, width: right - left, height: bottom - top };
}

/** Whether two boxes have any point in common. */
export function touches(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && a.y < b.y + b.height && a.x + a.width > b.x && a.y + a.height > b.y;
}
