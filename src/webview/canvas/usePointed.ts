import { useReactFlow, useStoreApi } from '@xyflow/react';
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { sizeOf } from '../state/frames.ts';
import type { CanvasNode } from '../state/graph-model.ts';

/**
 * The painted node under the pointer: it becomes an element at once, to be clicked, dragged and asked for its title as any other.
 *
 * @returns its id, and what to call when the view has moved below the pointer
 */
export function usePointed(
  frame: RefObject<HTMLElement | null>,
  nodes: readonly CanvasNode[],
  many: boolean,
): [string | undefined, () => void] {
  const flow = useReactFlow();
  const store = useStoreApi();
  const [pointed, setPointed] = useState<string>();
  const drawn = useRef(nodes);
  drawn.current = nodes;
  const last = useRef<{ x: number; y: number }>(undefined);

  const look = useCallback(() => {
    if (!last.current) return;
    const point = flow.screenToFlowPosition(last.current, { snapToGrid: false });
    const { nodeLookup } = store.getState();
    const found = drawn.current.findLast((node) => {
      // The room of a frame is ground.
      const at = node.hidden || node.data.frame ? undefined : nodeLookup.get(node.id)?.internals.positionAbsolute;
      if (!at) return false;
      const { width, height } = sizeOf(node);
      return point.x >= at.x && point.y >= at.y && point.x <= at.x + width && point.y <= at.y + height;
    });
    // The press that follows has to find it there.
    flushSync(() => setPointed(found?.id));
  }, [flow, store]);

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
