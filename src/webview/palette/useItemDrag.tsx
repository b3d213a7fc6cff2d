/** Dragging a type out of the palette: onto the canvas, into a frame, or onto an edge. */
import { useReactFlow } from '@xyflow/react';
import { type PointerEvent, useCallback, useState } from 'react';
import type { NodeManifest } from '../../engine/format/manifest.ts';
import { frameAt } from '../state/frames.ts';
import { edgeOfLine } from '../state/gestures.ts';
import { useEditor } from '../ui/context.tsx';
import { Icon } from '../ui/elements.tsx';

/** CSS pixels after which a press is a drag. */
const THRESHOLD = 6;
/** CSS pixels around the pointer in which an edge is hit. */
const REACH = 10;

export interface Dragged {
  manifest: NodeManifest;
  x: number;
  y: number;
}

/** The edge at a point of the page: lines are thin, so some points around it are tried too. */
function edgeAt(x: number, y: number): SVGElement | null {
  for (const dy of [0, -REACH, REACH]) {
    for (const element of document.elementsFromPoint(x, y + dy)) {
      const edge = element.closest<SVGElement>('.react-flow__edge');
      if (edge) return edge;
    }
  }
  return null;
}

export function useItemDrag(enabled: boolean) {
  const editor = useEditor();
  const flow = useReactFlow();
  const [dragged, setDragged] = useState<Dragged>();

  const start = useCallback(
    (down: PointerEvent, manifest: NodeManifest) => {
      if (!enabled || down.button !== 0) return;
      const from = { x: down.clientX, y: down.clientY };
      let moving = false;
      let lit: SVGElement | null = null;
      const light = (edge: SVGElement | null) => {
        lit?.classList.remove('dropping');
        edge?.classList.add('dropping');
        lit = edge;
      };
      const move = ({ clientX: x, clientY: y }: globalThis.PointerEvent) => {
        moving ||= Math.hypot(x - from.x, y - from.y) > THRESHOLD;
        if (!moving) return;
        setDragged({ manifest, x, y });
        light(edgeAt(x, y));
      };
      const end = () => {
        light(null);
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
        const id = lit?.dataset.id;
        end();
        const pane = document.querySelector('.canvas')?.getBoundingClientRect();
        if (!dropped || !pane || x < pane.left || x > pane.right || y < pane.top || y > pane.bottom) return;
        const { edges, nodes } = editor.store.getState();
        const edge = edges.find((candidate) => candidate.id === id);
        const point = flow.screenToFlowPosition({ x, y });
        const owner = frameAt(nodes, point);
        editor.add(
          manifest.type,
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

export function DraggedItem({ manifest, x, y }: Dragged) {
  return (
    <div className="palette-dragged" style={{ left: x, top: y }} aria-hidden="true">
      <Icon name={manifest.icon} />
      {manifest.title}
    </div>
  );
}
