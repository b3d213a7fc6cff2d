import { useNodesInitialized, useReactFlow, type Viewport } from '@xyflow/react';
import { type RefObject, useCallback, useEffect, useRef } from 'react';

import { boundsOf } from '../state/boxes.ts';
import { useEditor } from '../ui/context.tsx';
import { uncovered } from './fit.ts';

/** Canvas is never shown smaller than this by itself: titles can still be read. */
const LEAST_ZOOM = 0.34;
/** CSS pixels kept free at every side. */
const MARGIN = 24;
/** Where a flow begins that is too long: beside the zoom buttons. */
const START = 64;

/** The offset that shows `length` canvas pixels from `from` on in `size` CSS pixels: in the middle, or from the start where it is too long. */
function offset(size: number, from: number, length: number, zoom: number): number {
  const room = size - length * zoom;
  return (room < 2 * MARGIN - 1 ? Math.max(START, room / 2) : room / 2) - from * zoom;
}

/**
 * Shows the whole flow (of one that is too long, the beginning) until somebody chooses another view; that one is kept, and stays
 * in the middle when the pane changes its size.
 *
 * @returns what to call when the view has moved
 */
export function useView(frame: RefObject<HTMLElement | null>): (viewport: Viewport) => void {
  const editor = useEditor();
  const flow = useReactFlow();
  const measured = useNodesInitialized();
  const chosen = useRef(editor.saved.viewport !== undefined);
  /** The last view that was not chosen by anybody. */
  const own = useRef<Viewport | null>(null);

  const showAll = useCallback(
    (width: number, height: number) => {
      const state = editor.store.getState();
      const bounds = boundsOf(state.nodes, state.notes);
      if (!bounds || width === 0) return;
      own.current = uncovered(state, { width, height }, (room) => {
        const whole = Math.min((room.width - 2 * MARGIN) / bounds.width, (room.height - 2 * MARGIN) / bounds.height);
        const zoom = Math.min(1, Math.max(LEAST_ZOOM, whole));
        return { x: offset(room.width, bounds.x, bounds.width, zoom), y: offset(room.height, bounds.y, bounds.height, zoom), zoom };
      });
      void flow.setViewport(own.current);
    },
    [flow, editor],
  );

  useEffect(() => {
    const box = frame.current?.getBoundingClientRect();
    if (measured && box && !chosen.current) showAll(box.width, box.height);
  }, [measured, frame, showAll]);

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    let before: DOMRectReadOnly | undefined;
    let request = 0;
    const adapt = (box: DOMRectReadOnly) => {
      if (!chosen.current) showAll(box.width, box.height);
      else if (before && box.width > 0 && before.width > 0) {
        const { x, y, zoom } = flow.getViewport();
        void flow.setViewport({ x: x + (box.width - before.width) / 2, y: y + (box.height - before.height) / 2, zoom });
      }
      before = box;
    };
    const observer = new ResizeObserver(([entry]) => {
      // In the next frame: what is observed must not change while it is being told.
      window.cancelAnimationFrame(request);
      if (entry) request = window.requestAnimationFrame(() => adapt(entry.contentRect));
    });
    observer.observe(element);
    return () => {
      window.cancelAnimationFrame(request);
      observer.disconnect();
    };
  }, [flow, frame, showAll]);

  return useCallback(
    (viewport: Viewport) => {
      const { current } = own;
      if (!chosen.current && current && current.x === viewport.x && current.y === viewport.y && current.zoom === viewport.zoom) return;
      chosen.current = true;
      editor.save({ viewport });
    },
    [editor],
  );
}
