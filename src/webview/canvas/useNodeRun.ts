import type { NodeState, NodeView, SignalView } from '../../engine/run/view.ts';
import { questionOf } from '../state/run.ts';
import { useEditorState } from '../ui/context.tsx';

interface NodeRun {
  view: NodeView | undefined;
  /** `none` where no run is shown. */
  state: NodeState | 'none';
  runId: string | undefined;
  /** The question of this node that waits for an answer. */
  question: SignalView | undefined;
}

/** How a node of the canvas stands in the run that is shown. */
export function useNodeRun(id: string): NodeRun {
  const view = useEditorState((state) => state.run?.view.nodes[id]);
  const runId = useEditorState((state) => state.run?.id);
  const state = view?.state ?? (runId === undefined ? 'none' : 'pending');
  const question = useEditorState((editor) => (editor.run && state === 'awaiting' ? questionOf(editor.run.view, id) : undefined));
  return { view, state, runId, question };
}
