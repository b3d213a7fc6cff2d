/** Dragging a type out of the palette: onto the canvas, into a frame, or onto an edge. */
import { useReactFlow } from '@xyflow/react';
import { type PointerEvent, useCallback, useState } from 'react';
import { edgeAt, edgeLamp } from '../canvas/edge-at.ts';
import { frameAt } from '../state/frames.ts';
import { edgeOfLine } from '../state/gestures.ts';
import type { PickItem } from '../ui/combobox.tsx';
import { useEditor } from '../ui/context.tsx';
import { Icon } from '../ui/elements.tsx';

/** CSS pixels after which a press is a drag. */
const THRESHOLD = 6;

export interface Dragged {
  /** `id`: the type. */
  item: PickItem;
  x: number;
  y: number;
}

export function useItemDrag(enabled: boolean) {
  const editor = useEditor();
  const flow = useReactFlow();
  const [dragged, setDragged] = useState<Dragged>();

  const start = useCallback(
    (down: PointerEvent, item: PickItem) => {
      if (!enabled || down.button !== 0) return;
      const from = { x: down.clientX, y: down.clientY };
      let moving = false;
      const lamp = edgeLamp();
      const move = ({ clientX: x, clientY: y }: globalThis.PointerEvent) => {
        moving ||= Math.hypot(x - from.x, y - from.y) > THRESHOLD;
        if (!moving) return;
        setDragged({ item, x, y });
        lamp.light(edgeAt(x, y));
      };
      const end = () => {
        lamp.light(null);
        setDragged(undefined);
        window.removeEventListener('pointermove', move);
        window.removeEventListener('pointerup', up);
        window.removeEventListener('pointercancel', end);
        window.removeEventListener('keydown', cancel, true);
      };
      const cancel = (event: KeyboardEvent) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        end();
      };
      const up = ({ clientX: x, clientY: y }: globalThis.PointerEvent) => {
        const dropped = moving;
        const id = lamp.lit();
        end();
        const pane = document.querySelector('.canvas')?.getBoundingClientRect();
        if (!dropped || !pane || x < pane.left || x > pane.right || y < pane.top || y > pane.bottom) return;
        const { edges, nodes } = editor.store.getState();
        const edge = edges.find((candidate) => candidate.id === id);
        const point = flow.screenToFlowPosition({ x, y });
        const owner = frameAt(nodes, point);
        editor.add(
          item.id,
          edge ? { edge: edgeOfLine(edge) } : { position: { x: point.x - 20, y: point.y - 20 }, ...(owner === undefined ? {} : { owner }) },
          point,
        );
      };
      window.addEventListener('pointermove', move);
      window.addEventListener('pointerup', up);
      window.addEventListener('pointercancel', end);
      window.addEventListener('keydown', cancel, true);
    },
    [editor, flow, enabled],
  );
  return { dragged, start };
}

export function DraggedItem({ item, x, y }: Dragged) {
  return (
    <div className="palette-dragged" style={{ left: x, top: y }} aria-hidden="true">
      <Icon name={item.icon} />
      {item.title}
    </div>
  );
}
