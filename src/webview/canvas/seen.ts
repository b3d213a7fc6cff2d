import type { ReactFlowState } from '@xyflow/react';
import type { Box } from '../../engine/format/layout.ts';

type Shown = Pick<ReactFlowState, 'transform' | 'width' | 'height'>;

/** The part of the canvas that is in view, in pixels of the canvas. */
export function seenIn({ transform: [x, y, zoom], width, height }: Shown): Box {
  return { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom };
}

/** A box of the canvas in the pixels of a picture, as pens take it. `transform`: how far the picture is moved, and how large it is. */
export function pictured(
  { x, y, width, height }: Box,
  [left, top, zoom]: Shown['transform'],
): readonly [x: number, y: number, width: number, height: number] {
  return [x * zoom + left, y * zoom + top, width * zoom, height * zoom];
}

export function isViewMoved(now: Shown, before: Shown): boolean {
  return now.transform !== before.transform || now.width !== before.width || now.height !== before.height;
}
