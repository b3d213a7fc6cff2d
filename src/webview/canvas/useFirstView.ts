import { useNodesInitialized, useReactFlow } from '@xyflow/react';
import { type RefObject, useEffect, useRef } from 'react';
import { useEditor } from '../ui/context.tsx';

/** Canvas is never shown smaller than this at first: titles can still be read. */
const LEAST_ZOOM = 0.34;
/** CSS pixels kept free at every side. */
const MARGIN = 24;
/** Where a flow begins that is too long: beside the zoom buttons. */
const START = 64;

/** Shows the whole flow when it is opened for the first time; of one that is too long, the beginning. */
export function useFirstView(frame: RefObject<HTMLElement | null>): void {
  const editor = useEditor();
  const flow = useReactFlow();
  const measured = useNodesInitialized();
  const done = useRef(editor.saved.viewport !== undefined);
  useEffect(() => {
    const box = frame.current?.getBoundingClientRect();
    if (done.current || !measured || !box) return;
    done.current = true;
    const bounds = flow.getNodesBounds(flow.getNodes());
    const wanted = Math.min((box.width - 2 * MARGIN) / bounds.width, (box.height - 2 * MARGIN) / bounds.height);
    const zoom = Math.min(1, Math.max(LEAST_ZOOM, wanted));
    const start = (size: number, from: number, length: number) =>
      length * zoom > size - MARGIN ? START - from * zoom : (size - length * zoom) / 2 - from * zoom;
    void flow.setViewport({ x: start(box.width, bounds.x, bounds.width), y: start(box.height, bounds.y, bounds.height), zoom });
  }, [measured, flow, frame]);
}
