import { useReactFlow } from '@xyflow/react';
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { boxesOf } from '../state/boxes.ts';
import { useEditor } from '../ui/context.tsx';

/**
 * The painted node under the pointer: it becomes an element at once, to be clicked, dragged and asked for its title as any other.
 *
 * @returns its id, and what to call when the view has moved below the pointer
 */
export function usePointed(frame: RefObject<HTMLElement | null>, many: boolean): [string | undefined, () => void] {
  const flow = useReactFlow();
  const editor = useEditor();
  const [pointed, setPointed] = useState<string>();
  const last = useRef<{ x: number; y: number }>(undefined);

  const look = useCallback(() => {
    if (!last.current) return;
    const point = flow.screenToFlowPosition(last.current, { snapToGrid: false });
    const { nodes } = editor.store.getState();
    const boxes = boxesOf(nodes);
    const found = nodes.findLast((node, index) => {
      // The room of a frame is ground.
      const at = node.hidden || node.data.frame ? undefined : boxes[index];
      return at !== undefined && point.x >= at.x && point.y >= at.y && point.x <= at.x + at.width && point.y <= at.y + at.height;
    });
    // The press that follows has to find it there.
    flushSync(() => setPointed(found?.id));
  }, [flow, editor]);

  useEffect(() => {
    const element = frame.current;
    if (!many || !element) return;
    const onMove = (event: PointerEvent) => {
      last.current = { x: event.clientX, y: event.clientY };
      // While something is dragged it stays what it is.
      if (event.buttons === 0) look();
    };
    element.addEventListener('pointermove', onMove);
    return () => element.removeEventListener('pointermove', onMove);
  }, [frame, many, look]);

  return [many ? pointed : undefined, look];
}
