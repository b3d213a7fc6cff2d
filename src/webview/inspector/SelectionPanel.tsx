/** Several nodes are selected: which, and what can be done with all of them. */
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
        <div className="panel-actions">
          <Button secondary icon="copy" onClick={editor.duplicate}>
            Duplicate nodes
          </Button>
          <Button secondary icon="sync" onClick={() => editor.chooseBody('new')}>
            Wrap in loop or each…
          </Button>
          <Button secondary icon="type-hierarchy-sub" onClick={editor.extract}>
            Extract to sub-flow…
          </Button>
          <Button secondary icon="circle-slash" onClick={editor.toggleDisabled}>
            Disable or enable nodes
          </Button>
          <Button secondary icon="trash" onClick={editor.removeSelection}>
            Delete nodes
          </Button>
        </div>
      )}
    </>
  );
}
