import { getViewportForBounds, type ReactFlowInstance, useReactFlow, useStoreApi } from '@xyflow/react';
import { useCallback } from 'react';
import { boundsOf } from '../state/boxes.ts';
import { useEditor } from '../ui/context.tsx';
import { reducesMotion } from './motion.ts';

/** Part of the pane that stays free at each side. */
const PADDING = 0.12;
const LEAST_ZOOM = 0.1;

/** Brings everything into view: what is painted too, what is folded away not. */
export function useFit(): () => void {
  const editor = useEditor();
  const flow: ReactFlowInstance = useReactFlow();
  const store = useStoreApi();
  return useCallback(() => {
    const { nodes, notes } = editor.store.getState();
    const bounds = boundsOf(nodes, notes);
    const { width, height } = store.getState();
    if (!bounds || width === 0) return;
    void flow.setViewport(getViewportForBounds(bounds, width, height, LEAST_ZOOM, 1, PADDING), { duration: reducesMotion() ? 0 : 200 });
  }, [editor, flow, store]);
}
