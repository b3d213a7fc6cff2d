import { useReactFlow, useStoreApi } from '@xyflow/react';
import { type MouseEvent, useMemo, useRef } from 'react';
import type { Box } from '../../engine/format/layout.ts';
import { boxesOf, touches } from '../state/boxes.ts';
import { useEditor } from '../ui/context.tsx';

/**
 * A box drawn around nodes touches the frame in which it is drawn: a frame is selected only where the whole of it is in the box.
 * Handlers for the canvas.
 *
 * @param many whether some nodes are only painted, not elements
 */
export function useBoxSelection(many: boolean) {
  const editor = useEditor();
  const flow = useReactFlow();
  const store = useStoreApi();
  const start = useRef({ x: 0, y: 0 });
  return useMemo(() => {
    const paintedIn = (box: Box): string[] => {
      const { nodes } = editor.store.getState();
      const boxes = boxesOf(nodes);
      return nodes.flatMap((node, index) => {
        const at = boxes[index];
        return at && !node.hidden && !node.data.frame && touches(at, box) ? [node.id] : [];
      });
    };
    return {
      onSelectionStart() {
        // The event is the first move of the pointer; the box began earlier.
        const { startX: x, startY: y } = store.getState().userSelectionRect ?? { startX: 0, startY: 0 };
        start.current = { x, y };
        editor.selectingByBox(null);
      },
      onSelectionEnd(event: MouseEvent) {
        const end = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
        const { x, y } = start.current;
        const box = { x: Math.min(x, end.x), y: Math.min(y, end.y), width: Math.abs(end.x - x), height: Math.abs(end.y - y) };
        // React Flow does not find what is only painted.
        const painted = many ? paintedIn(box) : [];
        if (painted.length > 0) editor.select([...new Set([...editor.store.getState().selection, ...painted])]);
        editor.selectingByBox(box);
      },
    };
  }, [editor, flow, store, many]);
}
