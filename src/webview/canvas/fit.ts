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

/**
 * The view that `viewFor` has for the pane; where the overview map would cover something in it, that for the part of the pane above the map
 * or beside it, whichever shows more.
 */
export function clearOfMap(
  { nodes, notes }: Pick<EditorState, 'nodes' | 'notes'>,
  pane: Size,
  viewFor: (room: Size) => Viewport,
): Viewport {
  const whole = viewFor(pane);
  if (pane.width <= MAPLESS.width || pane.height <= MAPLESS.height) return whole;
  const boxes = [...boxesOf(nodes).filter((_, index) => !nodes[index]?.hidden), ...notes.map(noteBox)];
  const map: Box = { x: pane.width - MAP.width, y: pane.height - MAP.height, ...MAP };
  const isCovered = ({ x, y, zoom }: Viewport) =>
    boxes.some((box) => {
      const [left, top, width, height] = pictured(box, [x, y, zoom]);
      return touches({ x: left, y: top, width, height }, map);
    });
  if (!isCovered(whole)) return whole;
  const above = viewFor({ width: pane.width, height: map.y });
  const beside = viewFor({ width: map.x, height: pane.height });
  const best = above.zoom >= beside.zoom ? above : beside;
  return isCovered(best) ? whole : best;
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
      const view = clearOfMap(state, { width, height }, (room) =>
        getViewportForBounds(bounds, room.width, room.height, LEAST_ZOOM, 1, PADDING),
      );
      if (view.zoom < least) return false;
      void flow.setViewport(view, { duration: reducesMotion() ? 0 : 200 });
      return true;
    },
    [editor, flow, store],
  );
}
