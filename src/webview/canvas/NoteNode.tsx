/** A sticky note: read as text with a little markup, edited in place. */
import { type NodeProps, NodeResizer } from '@xyflow/react';
import { type KeyboardEvent, memo, useEffect, useRef } from 'react';
import { NOTE_COLORS } from '../../engine/format/model.ts';
import { type CanvasNote, colorNote, LEAST_NOTE, resizeNote, writeNote } from '../state/notes.ts';
import { isEditable } from '../state/state.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { IconButton } from '../ui/elements.tsx';
import { keepTextKeysHere } from '../ui/keys.ts';
import { NoteText } from './NoteText.tsx';

export const NoteNode = memo(function NoteNode({ id, data: { note, text, color }, selected }: NodeProps<CanvasNote>) {
  const editor = useEditor();
  const editable = useEditorState(isEditable);
  const editing = useEditorState((state) => state.editedNote === note) && editable;
  return (
    <div
      className={`note color-${color}${selected ? ' selected' : ''}`}
      data-vscode-context={JSON.stringify({ webviewSection: 'note', preventDefaultContextMenuItems: true })}
    >
      {editable && selected && !editing && (
        <>
          <NodeResizer
            nodeId={id}
            minWidth={LEAST_NOTE.width}
            minHeight={LEAST_NOTE.height}
            onResizeEnd={(_event, { x, y, width, height }) => editor.perform(resizeNote(note, { x, y }, { width, height }))}
          />
          <div className="note-tools nodrag nopan" role="toolbar" aria-label="Note">
            {NOTE_COLORS.map((it) => (
              <button
                key={it}
                type="button"
                className={`note-swatch color-${it}`}
                aria-label={`Colour: ${it}`}
                title={it}
                aria-pressed={it === color}
                onClick={() => editor.perform(colorNote(note, it))}
              />
            ))}
            <IconButton icon="edit" label="Edit the note (Enter)" onClick={() => editor.editNote(note)} />
            <IconButton icon="trash" label="Delete the note" onClick={editor.removeSelection} />
          </div>
        </>
      )}
      {editing ? <NoteInput note={note} text={text} /> : <NoteText text={text} />}
    </div>
  );
});

function NoteInput({ note, text }: { note: string; text: string }) {
  const editor = useEditor();
  const field = useRef<HTMLTextAreaElement>(null);
  /** Moving the focus away ends the editing once more. */
  const closed = useRef(false);
  useEffect(() => {
    const { current } = field;
    current?.focus();
    const commit = () => {
      const typed = current?.value ?? text;
      if (!closed.current && typed !== text) editor.perform(writeNote(note, typed));
    };
    return editor.drafts.add(commit);
  }, [editor, note, text]);
  const close = (write: boolean) => {
    if (closed.current) return;
    closed.current = true;
    const typed = field.current?.value ?? text;
    editor.editNote(null);
    if (write && typed !== text) editor.perform(writeNote(note, typed));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    keepTextKeysHere(event);
    const done = event.key === 'Escape' || (event.key === 'Enter' && (event.ctrlKey || event.metaKey));
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
    const node = field.current?.closest<HTMLElement>('.react-flow__node');
    close(event.key === 'Enter');
    node?.focus();
  };
  return (
    <textarea
      ref={field}
      className="note-input nodrag nopan nowheel"
      aria-label="Text of the note"
      defaultValue={text}
      onBlur={() => close(true)}
      onKeyDown={onKeyDown}
    />
  );
}
