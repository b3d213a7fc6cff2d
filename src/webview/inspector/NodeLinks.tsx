/** Nodes by their names; a click shows the node on the canvas. */
import { nameOf } from '../state/names.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';

export function NodeLinks({ ids }: { ids: readonly string[] }) {
  const editor = useEditor();
  // Titles change with the nodes.
  useEditorState((state) => state.nodes);
  const state = editor.store.getState();
  return (
    <ul className="links">
      {ids.map((id) => (
        <li key={id}>
          <button type="button" className="link" onClick={() => editor.reveal(id, 'canvas')}>
            {nameOf(state, id)}
          </button>
        </li>
      ))}
    </ul>
  );
}
