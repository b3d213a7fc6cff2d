/** A plus on the edge under the pointer, or on the selected one: puts a node there. */
import { ViewportPortal } from '@xyflow/react';
import { type RefObject, useEffect, useState } from 'react';
import { edgeOfLine } from '../state/gestures.ts';
import type { Position } from '../state/graph-model.ts';
import { isEditable } from '../state/state.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Icon } from '../ui/elements.tsx';

/** How long the plus stays when the pointer has left the line, so that it can be reached. Milliseconds. */
const STAYS = 250;

function middleOf(frame: HTMLElement | null, id: string): Position | undefined {
  const path = frame?.querySelector<SVGPathElement>(`.react-flow__edge[data-id="${CSS.escape(id)}"] path.react-flow__edge-path`);
  const length = path?.getTotalLength();
  return path && length !== undefined ? path.getPointAtLength(length / 2) : undefined;
}

export function EdgePlus({ frame, hovered }: { frame: RefObject<HTMLElement | null>; hovered: string | null }) {
  const editor = useEditor();
  const editable = useEditorState(isEditable);
  const edges = useEditorState((state) => state.edges);
  // The line moves with its nodes.
  const nodes = useEditorState((state) => state.nodes);
  const busy = useEditorState((state) => state.palette !== null || state.nodes.some((node) => node.dragging));
  const [over, setOver] = useState(false);
  const [lingering, setLingering] = useState<string | null>(null);
  useEffect(() => {
    if (hovered !== null) setLingering(hovered);
    else {
      const timer = window.setTimeout(() => setLingering(null), STAYS);
      return () => window.clearTimeout(timer);
    }
    return undefined;
  }, [hovered]);
  const wanted = hovered ?? (lingering !== null || over ? lingering : null);
  const edge = edges.find(({ id }) => id === wanted) ?? edges.find(({ selected }) => selected);
  const id = edge?.id;
  const [at, setAt] = useState<Position>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: where the line is drawn follows from the nodes
  useEffect(() => {
    setAt(id === undefined ? undefined : middleOf(frame.current, id));
  }, [id, nodes, frame]);
  if (!editable || busy || !edge || !at) return null;
  const words = `Insert a node: ${edge.ariaLabel ?? edge.id}`;
  return (
    <ViewportPortal>
      <button
        type="button"
        className="edge-plus nodrag nopan"
        style={{ transform: `translate(-50%, -50%) translate(${at.x}px, ${at.y}px)` }}
        aria-label={words}
        title={`${words} (I)`}
        tabIndex={-1}
        onPointerEnter={() => setOver(true)}
        onPointerLeave={() => setOver(false)}
        onClick={() => editor.openPalette({ edge: edgeOfLine(edge) })}
        data-action="insert"
      >
        <Icon name="add" />
      </button>
    </ViewportPortal>
  );
}
