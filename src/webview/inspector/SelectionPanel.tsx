/** Several nodes are selected. */
import { count } from '../state/format.ts';
import { isEditable, titleOf } from '../state/state.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Button } from '../ui/elements.tsx';

export function SelectionPanel() {
  const editor = useEditor();
  const selection = useEditorState((state) => state.selection);
  const editable = useEditorState(isEditable);
  const state = editor.store.getState();
  return (
    <>
      <h2 className="panel-title">{count(selection.length, 'node', 'nodes')} selected</h2>
      <ul className="links">
        {selection.map((id) => (
          <li key={id}>
            <button type="button" className="link" onClick={() => editor.reveal(id, 'canvas')}>
              {titleOf(state, id)}
            </button>
          </li>
        ))}
      </ul>
      {editable && (
        <Button secondary icon="trash" onClick={editor.removeSelection}>
          Delete nodes
        </Button>
      )}
    </>
  );
}
