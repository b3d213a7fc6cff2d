import { getViewportForBounds, type ReactFlowInstance, useReactFlow, useStoreApi, type Viewport } from '@xyflow/react';
import { useCallback } from 'react';
import type { Box, Size } from '../../engine/format/layout.ts';
import { boundsOf, boxesOf, noteBox, touches } from '../state/boxes.ts';
import type { EditorState } from '../state/state.ts';
import { useEditor } from '../ui/context.tsx';
import { reducesMotion } from './motion.ts';
import { pictured } from './seen.ts';

/** Part of the pane that stays free at each side. */
const PADDING = 0.12;
const LEAST_ZOOM = 0.1;
/** What the overview map takes of the lower right corner, with what is free around it; and the panes that have one (canvas.css). CSS pixels. */
const MAP = { width: 188, height: 128 };
const MAPLESS = { width: 560, height: 320 };
/** What the zoom buttons take of the lower left corner, with what is free around them. CSS pixels. */
const BUTTONS = { width: 52, height: 134 };

/**
 * The view that `viewFor` has for the pane; where the overview map or the zoom buttons would cover something in it, the one that shows most
 * of those for the part of the pane above or beside them.
 */
export function uncovered({ nodes, notes }: Pick<EditorState, 'nodes' | 'notes'>, pane: Size, viewFor: (room: Size) => Viewport): Viewport {
  const { width, height } = pane;
  const whole = viewFor(pane);
  const boxes = [...boxesOf(nodes).filter((_, index) => !nodes[index]?.hidden), ...notes.map(noteBox)];
  const hasMap = width > MAPLESS.width && height > MAPLESS.height;
  const map = hasMap ? MAP : { width: 0, height: 0 };
  const corners: Box[] = [
    { x: 0, y: height - BUTTONS.height, ...BUTTONS },
    ...(hasMap ? [{ x: width - map.width, y: height - map.height, ...map }] : []),
  ];
  const isCovered = ({ x, y, zoom }: Viewport) =>
    boxes.some((box) => {
      const [left, top, wide, high] = pictured(box, [x, y, zoom]);
      return corners.some((corner) => touches({ x: left, y: top, width: wide, height: high }, corner));
    });
  if (!isCovered(whole)) return whole;
  const rooms = [
    { left: 0, width, height: height - Math.max(BUTTONS.height, map.height) },
    { left: BUTTONS.width, width: width - BUTTONS.width, height: height - map.height },
    { left: 0, width: width - map.width, height: height - BUTTONS.height },
    { left: BUTTONS.width, width: width - BUTTONS.width - map.width, height },
  ];
  const views = rooms.map(({ left, ...room }) => {
    const view = viewFor(room);
    return { ...view, x: view.x + left };
  });
  const [best = whole] = views.filter((view) => !isCovered(view)).sort((a, b) => b.zoom - a.zoom);
  return best;
}

/** Brings everything into view: what is painted too, what is folded away not. `least`: nothing is done where it would be smaller than this. */
export function useFit(): (least?: number) => boolean {
  const editor = useEditor();
  const flow: ReactFlowInstance = useReactFlow();
  const store = useStoreApi();
  return useCallback(
    (least = LEAST_ZOOM) => {
      const state = editor.store.getState();
      const bounds = boundsOf(state.nodes, state.notes);
      const { width, height } = store.getState();
      if (!bounds || width === 0) return false;
      const view = uncovered(state, { width, height }, (room) =>
        getViewportForBounds(bounds, room.width, room.height, LEAST_ZOOM, 1, PADDING),
      );
      if (view.zoom < least) return false;
      void flow.setViewport(view, { duration: reducesMotion() ? 0 : 200 });
      return true;
    },
    [editor, flow, store],
  );
}
