import type { ReactFlowState } from '@xyflow/react';
import type { Box } from '../../engine/format/layout.ts';

type Shown = Pick<ReactFlowState, 'transform' | 'width' | 'height'>;

/** The part of the canvas that is in view, in pixels of the canvas. */
export function seenIn({ transform: [x, y, zoom], width, height }: Shown): Box {
  return { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom };
}

export function isViewMoved(now: Shown, before: Shown): boolean {
  return now.transform !== before.transform || now.width !== before.width || now.height !== before.height;
}
