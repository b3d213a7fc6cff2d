/** Several nodes are selected. */
import { count } from '../state/format.ts';
import { isEditable } from '../state/state.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Button } from '../ui/elements.tsx';
import { NodeLinks } from './NodeLinks.tsx';

export function SelectionPanel() {
  const editor = useEditor();
  const selection = useEditorState((state) => state.selection);
  const editable = useEditorState(isEditable);
  return (
    <>
      <h2 className="panel-title">{count(selection.length, 'node', 'nodes')} selected</h2>
      <NodeLinks ids={selection} />
      {editable && (
        <Button secondary icon="trash" onClick={editor.removeSelection}>
          Delete nodes
        </Button>
      )}
    </>
  );
}
