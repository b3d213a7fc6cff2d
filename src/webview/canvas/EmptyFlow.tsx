/** A flow without nodes: the first step is one click away. */
import { isEditable } from '../state/state.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Button, Icon } from '../ui/elements.tsx';

export function EmptyFlow() {
  const editor = useEditor();
  const editable = useEditorState(isEditable);
  return (
    <section className="empty" aria-label="Flow">
      <Icon name="type-hierarchy-sub" className="empty-icon" />
      <h2>This flow has no steps yet</h2>
      <p>
        A flow is a chain of steps: ask a model, run a command, check the result, ask a person. Each step hands its result to the next, and
        every step has a way out for failures.
      </p>
      <Button icon="add" onClick={() => editor.openPalette({})} disabled={!editable} name="add-first">
        Add the first node
      </Button>
    </section>
  );
}
