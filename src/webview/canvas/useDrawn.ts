import { useMemo, useRef } from 'react';
import type { CanvasNode } from '../state/graph-model.ts';
import type { CanvasNote } from '../state/notes.ts';
import { useEditorState } from '../ui/context.tsx';
import { useHits } from './useHits.ts';

/** Everything that is drawn as a node: notes below, then the flow's nodes, those marked that are found. Identities are kept. */
export function useDrawn(nodes: readonly CanvasNode[]): (CanvasNode | CanvasNote)[] {
  const notes = useEditorState((state) => state.notes);
  const looking = useEditorState((state) => Boolean(state.search));
  const hits = useHits();
  const marked = useRef(new WeakMap<CanvasNode, CanvasNode>());
  return useMemo(() => {
    if (!looking || !hits) return [...notes, ...nodes];
    const ids = new Set(hits.map(({ id }) => id));
    const mark = (node: CanvasNode) => {
      const known = marked.current.get(node) ?? { ...node, className: 'hit' };
      marked.current.set(node, known);
      return known;
    };
    return [...notes, ...nodes.map((node) => (ids.has(node.id) ? mark(node) : node))];
  }, [notes, nodes, hits, looking]);
}
