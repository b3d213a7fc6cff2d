import { useReactFlow, useStoreApi } from '@xyflow/react';
import { type MouseEvent, useMemo, useRef } from 'react';
import { useEditor } from '../ui/context.tsx';

/**
 * A box drawn around nodes touches the frame in which it is drawn: a frame is selected only where the whole of it is in the box.
 * Handlers for the canvas.
 */
export function useBoxSelection() {
  const editor = useEditor();
  const flow = useReactFlow();
  const store = useStoreApi();
  const start = useRef({ x: 0, y: 0 });
  return useMemo(
    () => ({
      onSelectionStart() {
        // The event is the first move of the pointer; the box began earlier.
        const { startX: x, startY: y } = store.getState().userSelectionRect ?? { startX: 0, startY: 0 };
        start.current = { x, y };
        editor.selectingByBox(null);
      },
      onSelectionEnd(event: MouseEvent) {
        const end = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
        const { x, y } = start.current;
        editor.selectingByBox({
          x: Math.min(x, end.x),
          y: Math.min(y, end.y),
          width: Math.abs(end.x - x),
          height: Math.abs(end.y - y),
        });
      },
    }),
    [editor, flow, store],
  );
}
