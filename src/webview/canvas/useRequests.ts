import { useNodesInitialized, useReactFlow } from '@xyflow/react';
import { type RefObject, useEffect } from 'react';
import { focusInspector } from '../inspector/focus.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { useFit } from './fit.ts';
import { focusNode } from './focus.ts';
import { reducesMotion } from './motion.ts';

/** A node is never shown smaller than this when it is brought into view. */
const LEAST_ZOOM = 0.6;

/** Does what was asked of the canvas from outside: show everything, bring a node into view. */
export function useRequests(frame: RefObject<HTMLElement | null>): void {
  const editor = useEditor();
  const flow = useReactFlow();
  const showAll = useFit();
  const measured = useNodesInitialized();
  const reveal = useEditorState((state) => state.reveal);
  const exists = useEditorState((state) => state.nodes.some((node) => node.id === reveal?.node));
  const fitRequests = useEditorState((state) => state.fitRequests);

  useEffect(() => {
    if (fitRequests > 0) showAll();
  }, [fitRequests, showAll]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: being measured is what a new node waits for
  useEffect(() => {
    if (!reveal) return;
    const node = flow.getInternalNode(reveal.node);
    const { width, height } = node?.measured ?? {};
    // A node that has just been added is drawn a moment later.
    if (exists && (!node || width === undefined || height === undefined)) return;
    const box = frame.current?.getBoundingClientRect();
    if (node && box && width !== undefined && height !== undefined) {
      const { x, y } = node.internals.positionAbsolute;
      const from = flow.flowToScreenPosition({ x, y });
      const to = flow.flowToScreenPosition({ x: x + width, y: y + height });
      const inView = from.x >= box.left && from.y >= box.top && to.x <= box.right && to.y <= box.bottom;
      const shownWithAll = !inView && reveal.isNew && showAll(LEAST_ZOOM);
      if (!inView && !shownWithAll)
        void flow.setCenter(x + width / 2, y + height / 2, {
          zoom: Math.min(1, Math.max(LEAST_ZOOM, flow.getZoom())),
          duration: reducesMotion() ? 0 : 200,
        });
    }
    if (reveal.focus === 'inspector') focusInspector();
    else if (reveal.focus === 'canvas') focusNode(frame.current, reveal.node);
    editor.store.setState({ reveal: null });
  }, [reveal, exists, measured, flow, frame, editor, showAll]);
}
