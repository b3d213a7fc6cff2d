/** Dragging nodes that are there: somewhere else, into a frame, or (one that is not connected yet) onto an edge. */
import { useReactFlow } from '@xyflow/react';
import { useMemo, useRef } from 'react';
import type { CanvasNode } from '../state/graph-model.ts';
import { type CanvasNote, isNote } from '../state/notes.ts';
import { useEditor } from '../ui/context.tsx';
import { edgeAt, edgeLamp } from './edge-at.ts';
import { pointOf } from './point.ts';

type Dragged = CanvasNode | CanvasNote;
type PointerOf = Parameters<typeof pointOf>[0];

export function useNodeDrag() {
  const editor = useEditor();
  const flow = useReactFlow();
  const lamp = useRef(edgeLamp());
  /** The node that would fit on some edge: of all others no edge has to be looked for while they move. */
  const loose = useRef<string | undefined>(undefined);
  return useMemo(() => {
    const edgeCalled = (id: string | undefined) => editor.store.getState().edges.find((edge) => edge.id === id);
    const drop = (event: PointerOf, moved: Dragged[]) => {
      const edge = edgeCalled(lamp.current.lit());
      lamp.current.light(null);
      loose.current = undefined;
      editor.drop(moved, flow.screenToFlowPosition(pointOf(event)), edge);
    };
    return {
      onNodeDragStart(_event: unknown, node: Dragged, moved: Dragged[]) {
        const { edges } = editor.store.getState();
        // Whether it is connected is known at once; whether it fits is asked of every edge.
        const isLoose = moved.length === 1 && !isNote(node) && !edges.some(({ target }) => target === node.id);
        loose.current = isLoose && edges.some((edge) => editor.fitsOn(node.id, edge)) ? node.id : undefined;
      },
      onNodeDrag(event: PointerOf) {
        const id = loose.current;
        if (id === undefined) return;
        const { x, y } = pointOf(event);
        const element = edgeAt(x, y);
        const edge = edgeCalled(element?.dataset.id);
        lamp.current.light(edge && editor.fitsOn(id, edge) ? element : null);
      },
      onNodeDragStop: (event: PointerOf, _node: unknown, moved: Dragged[]) => drop(event, moved),
      onSelectionDragStop: (event: PointerOf, moved: Dragged[]) => drop(event, moved),
    };
  }, [editor, flow]);
}
