import { useNodesInitialized, useReactFlow } from '@xyflow/react';
import { type RefObject, useEffect } from 'react';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { focusInspector } from '../inspector/focus.ts';
import { focusNode } from './focus.ts';
import { reducesMotion } from './motion.ts';

/** Does what was asked of the canvas from outside: show everything, bring a node into view. */
export function useRequests(frame: RefObject<HTMLElement | null>): void {
  const editor = useEditor();
  const flow = useReactFlow();
  const measured = useNodesInitialized();
  const reveal = useEditorState((state) => state.reveal);
  const fitRequests = useEditorState((state) => state.fitRequests);

  useEffect(() => {
    if (fitRequests > 0) void flow.fitView({ padding: 0.12, maxZoom: 1, duration: reducesMotion() ? 0 : 200 });
  }, [fitRequests, flow]);

  useEffect(() => {
    if (!reveal || !measured) return;
    const node = flow.getInternalNode(reveal.node);
    const box = frame.current?.getBoundingClientRect();
    if (node && box) {
      const { x, y } = node.internals.positionAbsolute;
      const width = node.measured.width ?? 0;
      const height = node.measured.height ?? 0;
      const from = flow.flowToScreenPosition({ x, y });
      const to = flow.flowToScreenPosition({ x: x + width, y: y + height });
      const inView = from.x >= box.left && from.y >= box.top && to.x <= box.right && to.y <= box.bottom;
      if (!inView) void flow.setCenter(x + width / 2, y + height / 2, { zoom: Math.min(1, Math.max(0.6, flow.getZoom())), duration: reducesMotion() ? 0 : 200 });
    }
    if (reveal.focus === 'inspector') focusInspector();
    else focusNode(frame.current, reveal.node);
    editor.store.setState({ reveal: null });
  }, [reveal, measured, flow, frame, editor]);
}
