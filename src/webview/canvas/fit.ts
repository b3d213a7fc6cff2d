import type { FitViewOptions } from '@xyflow/react';
import type { Editor } from '../state/editor-api.ts';
import { reducesMotion } from './motion.ts';

/** How everything is brought into view: what is painted too, what is folded away not. */
export function fitOptions(editor: Editor): FitViewOptions {
  return {
    padding: 0.12,
    maxZoom: 1,
    duration: reducesMotion() ? 0 : 200,
    includeHiddenNodes: true,
    get nodes() {
      const { nodes, notes } = editor.store.getState();
      return [...notes, ...nodes].filter((node) => !node.hidden);
    },
  };
}
