/** A flow without nodes, or a file without a text: the first step is one click away. */
import { useCallback, useEffect, useRef } from 'react';
import { BLANK_START } from '../protocol/limits.ts';
import { isBlank, isEditable } from '../state/state.ts';
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
  const blank = useEditorState(isBlank);
  const frame = useRef<HTMLElement>(null);
  const adds = useRef(false);
  const add = useCallback(() => {
    // In a file without a text there is nothing yet that a node could be added to.
    adds.current = blank;
    if (blank) editor.post({ type: 'startFrom', id: BLANK_START });
    else editor.openPalette({});
  }, [editor, blank]);
  useEffect(() => {
    if (editable && adds.current) add();
  }, [editable, add]);
  useEffect(() => {
    // What adds something to the canvas, which is not there yet.
    const acts = new Map<string, () => void>([
      ['add', add],
      ['addNote', () => editor.addNote(CENTRE)],
      ['shortcuts', () => editor.showSheet(true)],
    ]);
    const onKeyDown = (event: KeyboardEvent) => {
      const action = actionFor(chordOf(event));
      const able = editable || (blank && action?.id === 'add');
      const act = able && isForCanvas(event, frame.current) ? acts.get(action?.id ?? '') : undefined;
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
  }, [editor, editable, blank, add]);
  return (
    <section className="empty" aria-label="Flow" ref={frame}>
      <Icon name="type-hierarchy-sub" className="empty-icon" />
      <h2>This flow has no steps yet</h2>
      <p>
        A flow is a chain of steps: ask a model, run a command, check the result, ask a person. Each step hands its result to the next, and
        every step has a way out for failures.
      </p>
      <Button icon="add" onClick={add} disabled={!editable && !blank} name="add-first">
        Add the first node
      </Button>
      {(editable || blank) && <Starts />}
    </section>
  );
}
