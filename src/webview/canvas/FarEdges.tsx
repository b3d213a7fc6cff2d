/** All edges from far away: two paths for all of them, instead of elements for each. */
import { useStore, ViewportPortal } from '@xyflow/react';
import { useMemo } from 'react';
import { sizeOf } from '../state/frames.ts';
import type { CanvasNode } from '../state/graph-model.ts';
import { useEditorState } from '../ui/context.tsx';

export function FarEdges() {
  const edges = useEditorState((state) => state.edges);
  const down = useEditorState((state) => state.direction === 'down');
  const lookup = useStore((state) => state.nodeLookup);
  const nodes = useStore((state) => state.nodes);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the table of nodes is one object for ever; what changes is the list
  const [normal, bad] = useMemo(() => {
    const lines: [string[], string[]] = [[], []];
    for (const { source, target, hidden, data } of edges) {
      const [from, to] = [lookup.get(source), lookup.get(target)];
      if (hidden || !from || !to) continue;
      const [start, end] = [from.internals.positionAbsolute, to.internals.positionAbsolute];
      const [size, goal] = [sizeOf(from.internals.userNode as CanvasNode), sizeOf(to.internals.userNode as CanvasNode)];
      const line = down
        ? `M${start.x + size.width / 2} ${start.y + size.height}L${end.x + goal.width / 2} ${end.y}`
        : `M${start.x + size.width} ${start.y + size.height / 2}L${end.x} ${end.y + goal.height / 2}`;
      lines[data?.tone === 'bad' ? 1 : 0].push(line);
    }
    return lines.map((line) => line.join(''));
  }, [edges, down, lookup, nodes]);
  return (
    <ViewportPortal>
      <svg className="far-edges" aria-hidden="true">
        <path d={normal} />
        <path d={bad} className="tone-bad" />
      </svg>
    </ViewportPortal>
  );
}
