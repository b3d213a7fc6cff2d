import type { NodeState, NodeView, SignalView } from '../../engine/run/view.ts';
import { pathOf, questionAt, stateOf, viewOf } from '../state/passes.ts';
import { useEditorState } from '../ui/context.tsx';

interface NodeRun {
  path: string | undefined;
  view: NodeView | undefined;
  /** `none` where no run is shown. */
  state: NodeState | 'none';
  runId: string | undefined;
  /** The question that waits for an answer here. */
  question: SignalView | undefined;
}

/**
 * How a node of the canvas stands in the run that is shown: in a body, in the pass that is shown.
 * @param inside what is asked inside the node is asked here too: its body cannot be seen
 */
export function useNodeRun(id: string, inside: boolean): NodeRun {
  const path = useEditorState((editor) => pathOf(editor, id));
  const view = useEditorState((editor) => viewOf(editor, id));
  const runId = useEditorState((editor) => editor.run?.id);
  const state = useEditorState((editor) => stateOf(editor, path));
  const question = useEditorState((editor) => (state === 'awaiting' ? questionAt(editor, path, inside) : undefined));
  return { path, view, state, runId, question };
}
