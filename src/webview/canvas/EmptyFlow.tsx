/** A flow without nodes: the first step is one click away. */
import { useEffect, useRef } from 'react';
import { isEditable } from '../state/state.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Button, Icon } from '../ui/elements.tsx';
import { actionFor, chordOf } from './actions.ts';
import { Starts } from './Starts.tsx';
import { isForCanvas } from './useCanvasKeys.ts';

export function EmptyFlow() {
  const editor = useEditor();
  const editable = useEditorState(isEditable);
  const frame = useRef<HTMLElement>(null);
  useEffect(() => {
    // The keys that add a node on the canvas, which is not there yet.
    const onKeyDown = (event: KeyboardEvent) => {
      const action = actionFor(chordOf(event));
      if (!editable || !isForCanvas(event, frame.current) || (action?.id !== 'add' && action?.id !== 'shortcuts')) return;
      event.preventDefault();
      if (action.id === 'add') editor.openPalette({});
      else editor.showSheet(true);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [editor, editable]);
  return (
    <section className="empty" aria-label="Flow" ref={frame}>
      <Icon name="type-hierarchy-sub" className="empty-icon" />
      <h2>This flow has no steps yet</h2>
      <p>
        A flow is a chain of steps: ask a model, run a command, check the result, ask a person. Each step hands its result to the next, and
        every step has a way out for failures.
      </p>
      <Button icon="add" onClick={() => editor.openPalette({})} disabled={!editable} name="add-first">
        Add the first node
      </Button>
      {editable && <Starts />}
    </section>
  );
}
