import { useMemo, useRef } from 'react';
import type { CanvasNode } from '../state/graph-model.ts';
import { nodeLabel } from '../state/labels.ts';
import { viewOf } from '../state/passes.ts';
import type { EditorState } from '../state/state.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';

/** The node that the tab key comes to: the selected one, else the first. */
export const tabStop = ({ selection, nodes }: EditorState): string | undefined => selection[0] ?? nodes[0]?.id;

/**
 * Nodes with what screen readers say of them, and with one tab stop for all: the selected node, else the first. Arrow keys
 * go from there. A node keeps its identity as long as its words are the same.
 *
 * @param blocks whether they are drawn as blocks
 */
export function useLabels(nodes: readonly CanvasNode[], blocks: boolean): CanvasNode[] {
  const view = useEditorState((state) => state.run?.view);
  const passes = useEditorState((state) => state.passes);
  const editor = useEditor();
  const stop = useEditorState(tabStop);
  const cache = useRef(new Map<string, { from: CanvasNode; label: string; stop: boolean; blocks: boolean; to: CanvasNode }>());
  return useMemo(() => {
    const next: typeof cache.current = new Map();
    const labelled = nodes.map((node) => {
      const state = editor.store.getState();
      const label = nodeLabel(node.data.card, view && passes ? viewOf(state, node.id) : undefined);
      const isStop = node.id === stop;
      const old = cache.current.get(node.id);
      const same = old && old.from === node && old.label === label && old.stop === isStop && old.blocks === blocks;
      const to: CanvasNode = same
        ? old.to
        : { ...node, ariaLabel: label, domAttributes: { tabIndex: isStop ? 0 : -1 }, ...(blocks ? { type: 'block' } : {}) };
      next.set(node.id, { from: node, label, stop: isStop, blocks, to });
      return to;
    });
    cache.current = next;
    return labelled;
  }, [nodes, view, passes, stop, editor, blocks]);
}
