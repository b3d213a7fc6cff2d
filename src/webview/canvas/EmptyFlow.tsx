/** A flow without nodes: the first step is one click away. */
import { useEffect, useRef } from 'react';
import { isEditable } from '../state/state.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Button, Icon } from '../ui/elements.tsx';
import { actionFor, chordOf } from './actions.ts';
import { Starts } from './Starts.tsx';
import { isForCanvas } from './useCanvasKeys.ts';

/** Of an empty canvas any place is as good. */
const CENTRE = { x: 0, y: 0 };

export function EmptyFlow() {
  const editor = useEditor();
  const editable = useEditorState(isEditable);
  const frame = useRef<HTMLElement>(null);
  useEffect(() => {
    // What adds something to the canvas, which is not there yet.
    const acts = new Map<string, () => void>([
      ['add', () => editor.openPalette({})],
      ['addNote', () => editor.addNote(CENTRE)],
      ['shortcuts', () => editor.showSheet(true)],
    ]);
    const onKeyDown = (event: KeyboardEvent) => {
      const action = actionFor(chordOf(event));
      const act = editable && isForCanvas(event, frame.current) ? acts.get(action?.id ?? '') : undefined;
      if (!act) return;
      event.preventDefault();
      act();
    };
    const onPaste = (event: ClipboardEvent) => {
      if (!editable || !isForCanvas(event, frame.current) || !event.clipboardData) return;
      event.preventDefault();
      editor.paste(event.clipboardData.getData('text/plain'), { centre: CENTRE });
    };
    document.addEventListener('keydown', onKeyDown);
    document.addEventListener('paste', onPaste);
    return () => {
      document.removeEventListener('keydown', onKeyDown);
      document.removeEventListener('paste', onPaste);
    };
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
