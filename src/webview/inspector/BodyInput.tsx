/** The body of a node, in the form: its steps as links, and a way to add one. */
import { isJsonObject, type Json } from '../../engine/format/json.ts';
import { titleOf } from '../state/state.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Button } from '../ui/elements.tsx';

export function BodyInput({ node, value, readonly }: { node: string; value: Json | undefined; readonly: boolean }) {
  const editor = useEditor();
  // Titles change with the nodes.
  useEditorState((state) => state.nodes);
  const ids = value !== undefined && isJsonObject(value) ? Object.keys(value) : [];
  const state = editor.store.getState();
  return (
    <>
      {ids.length > 0 && (
        <ul className="links">
          {ids.map((id) => (
            <li key={id}>
              <button type="button" className="link" onClick={() => editor.reveal(id, 'canvas')}>
                {titleOf(state, id)}
              </button>
            </li>
          ))}
        </ul>
      )}
      {!readonly && (
        <Button secondary icon="add" onClick={() => editor.openPalette({ owner: node })} name="add-inside">
          Add a step inside
        </Button>
      )}
    </>
  );
}
