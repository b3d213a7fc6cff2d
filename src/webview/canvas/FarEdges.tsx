/** All edges from far away: a path for each look that edges have, instead of elements for each edge. */
import { useStore, ViewportPortal } from '@xyflow/react';
import { useMemo } from 'react';
import { sizeOf } from '../state/frames.ts';
import type { CanvasEdge, CanvasNode } from '../state/graph-model.ts';
import { viewOf } from '../state/passes.ts';
import { edgeFate } from '../state/run.ts';
import type { EditorState } from '../state/state.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';

/** The later ones are drawn over the earlier ones. */
const LOOKS = ['dead', 'normal', 'bad', 'taken', 'taken-bad', 'running'] as const;
type Look = (typeof LOOKS)[number];

function lookOf(state: EditorState, { source, target, data }: CanvasEdge): Look {
  const isBad = data?.tone === 'bad';
  const fate = state.run ? edgeFate(viewOf(state, source), data?.outlet ?? '', data?.passes) : 'none';
  if (fate === 'dead') return 'dead';
  if (fate === 'none') return isBad ? 'bad' : 'normal';
  if (viewOf(state, target)?.state === 'running') return 'running';
  return isBad ? 'taken-bad' : 'taken';
}

export function FarEdges() {
  const editor = useEditor();
  const edges = useEditorState((state) => state.edges);
  const down = useEditorState((state) => state.direction === 'down');
  const view = useEditorState((state) => state.run?.view);
  const passes = useEditorState((state) => state.passes);
  const lookup = useStore((state) => state.nodeLookup);
  const nodes = useStore((state) => state.nodes);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the table of nodes is one object for ever; what changes is the list
  const lines = useMemo(
    () =>
      edges.flatMap((edge) => {
        const [from, to] = [lookup.get(edge.source), lookup.get(edge.target)];
        if (edge.hidden || !from || !to) return [];
        const [start, end] = [from.internals.positionAbsolute, to.internals.positionAbsolute];
        const [size, goal] = [sizeOf(from.internals.userNode as CanvasNode), sizeOf(to.internals.userNode as CanvasNode)];
        const line = down
          ? `M${start.x + size.width / 2} ${start.y + size.height}L${end.x + goal.width / 2} ${end.y}`
          : `M${start.x + size.width} ${start.y + size.height / 2}L${end.x} ${end.y + goal.height / 2}`;
        return [{ edge, line }];
      }),
    [edges, down, lookup, nodes],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: what became of the edges follows from the run and the passes that are shown
  const paths = useMemo(() => {
    const state = editor.store.getState();
    const found = new Map<Look, string>();
    for (const { edge, line } of lines) {
      const look = lookOf(state, edge);
      found.set(look, (found.get(look) ?? '') + line);
    }
    return found;
  }, [lines, view, passes, editor]);
  return (
    <ViewportPortal>
      <svg className="far-edges" aria-hidden="true">
        {LOOKS.map((look) => {
          const path = paths.get(look);
          return path === undefined ? null : <path key={look} d={path} className={look} />;
        })}
      </svg>
    </ViewportPortal>
  );
}
