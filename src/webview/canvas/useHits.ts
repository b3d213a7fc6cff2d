import { useMemo } from 'react';
import { findIn, type Hit } from '../state/search.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';

/** The nodes that are found; undefined while nothing is looked for. */
export function useHits(): readonly Hit[] | undefined {
  const editor = useEditor();
  const flow = useEditorState((state) => state.flow);
  const query = useEditorState((state) => state.search);
  return useMemo(() => (flow && query !== null ? findIn(flow, editor.catalog, query) : undefined), [flow, query, editor]);
}
