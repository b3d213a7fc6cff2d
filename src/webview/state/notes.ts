/** Sticky notes on the canvas: kept in the file, of no meaning to a run. Pure. */
import type { Node as CanvasNodeOf } from '@xyflow/react';
import type { FlowEdit } from '../../engine/format/flow-edit.ts';
import type { JsonObject } from '../../engine/format/json.ts';
import { type Flow, NOTE_COLORS, type NoteColor } from '../../engine/format/model.ts';
import type { Gesture } from './gestures.ts';
import type { CanvasNode, Position } from './graph-model.ts';
import { freshId } from './naming.ts';

export type NoteData = { note: string; text: string; color: NoteColor };
export type CanvasNote = CanvasNodeOf<NoteData, 'note'>;

/** Nodes and notes are told apart by their ids on the canvas: no id of a node has a colon. */
const PREFIX = 'note:';
const noteId = (note: string): string => `${PREFIX}${note}`;
export const isNoteId = (id: string): boolean => id.startsWith(PREFIX);
export const isNote = (node: CanvasNode | CanvasNote): node is CanvasNote => node.type === 'note';

/** A note in the clipboard. */
export interface ClippedNote {
  text: string;
  color?: string;
  at: [number, number];
  size?: [number, number];
}

/** Canvas pixels of a note that says no size, and the least one can be made. */
export const NOTE_SIZE = { width: 240, height: 120 };
export const LEAST_NOTE = { width: 120, height: 56 };
const GAP = 24;

/** The notes of a flow; one that has no place stands above the nodes. What is the same keeps its identity. */
export function drawNotes(flow: Flow, nodes: readonly CanvasNode[], before: readonly CanvasNote[], editable: boolean): CanvasNote[] {
  const outer = nodes.filter(({ parentId }) => parentId === undefined);
  const left = Math.min(0, ...outer.map(({ position }) => position.x));
  const top = Math.min(0, ...outer.map(({ position }) => position.y));
  let unplaced = 0;
  return Object.entries(flow.notes ?? {}).map(([note, { text, color, at, size }]): CanvasNote => {
    const id = noteId(note);
    const old = before.find((it) => it.id === id);
    const [width, height] = size ?? [NOTE_SIZE.width, NOTE_SIZE.height];
    if (!at) unplaced += 1;
    const position = at ? { x: at[0], y: at[1] } : { x: left + (unplaced - 1) * (NOTE_SIZE.width + GAP), y: top - height - GAP };
    const data: NoteData = { note, text, color: colorOf(color) };
    const next: CanvasNote = {
      ...(old?.measured ? { measured: old.measured } : {}),
      ...(old?.selected ? { selected: true } : {}),
      id,
      type: 'note',
      position,
      data,
      width,
      // Known before it is measured: what is not measured is hidden, and cannot be written into.
      initialHeight: height,
      style: { minHeight: height },
      zIndex: -1,
      draggable: editable,
      connectable: false,
      ariaLabel: `Note: ${text.trim() || 'empty'}`,
    };
    return old && JSON.stringify(old) === JSON.stringify(next) ? old : next;
  });
}

function colorOf(color: string | undefined): NoteColor {
  return NOTE_COLORS.find((known) => known === color) ?? 'yellow';
}

const pair = ({ x, y }: Position): [number, number] => [Math.round(x), Math.round(y)];

/** A new note at a point of the canvas, and what it is called. */
export function addNote(flow: Flow, at: Position): { note: string; gesture: Gesture } {
  const note = freshId('note', (id) => Object.hasOwn(flow.notes ?? {}, id));
  const value = { text: '', at: pair(at), size: [NOTE_SIZE.width, NOTE_SIZE.height] };
  return { note, gesture: { label: 'Add note', edits: [{ kind: 'setFlow', path: ['notes', note], value }] } };
}

export function writeNote(note: string, text: string): Gesture {
  return { label: 'Change note', edits: [{ kind: 'setFlow', path: ['notes', note, 'text'], value: text }] };
}

export function colorNote(note: string, color: NoteColor): Gesture {
  return { label: 'Change colour', edits: [{ kind: 'setFlow', path: ['notes', note, 'color'], value: color }] };
}

export function resizeNote(note: string, at: Position, size: { width: number; height: number }): Gesture {
  return {
    label: 'Resize note',
    edits: [
      { kind: 'setFlow', path: ['notes', note, 'at'], value: pair(at) },
      { kind: 'setFlow', path: ['notes', note, 'size'], value: [Math.round(size.width), Math.round(size.height)] },
    ],
  };
}

/** Copies of notes from the clipboard, so that what stood at `from` stands at `corner`; and what the copies are called. */
export function pasteNotes(
  flow: Flow,
  notes: Readonly<Record<string, ClippedNote>>,
  from: Position,
  corner: Position,
): { names: string[]; edits: FlowEdit[] } {
  const taken = new Set(Object.keys(flow.notes ?? {}));
  const edits = Object.entries(notes).map(([name, note]): FlowEdit => {
    const fresh = taken.has(name) ? freshId(name.replace(/(?<=[A-Za-z_])\d+$/, ''), (id) => taken.has(id)) : name;
    taken.add(fresh);
    const at = pair({ x: corner.x + note.at[0] - from.x, y: corner.y + note.at[1] - from.y });
    return { kind: 'setFlow', path: ['notes', fresh], value: { ...note, at } as JsonObject };
  });
  return { names: edits.map((edit) => noteId(String('path' in edit ? edit.path[1] : ''))), edits };
}

/** The size of a note in canvas pixels: as wide as it says, and as high as its text needs. */
export function sizeOf({ measured, width, style }: CanvasNote): Position {
  return { x: width ?? NOTE_SIZE.width, y: Math.max(Number(style?.minHeight ?? 0), measured?.height ?? 0) };
}

/** A size that is larger or smaller by this much, to the right and downwards. */
export function grown(size: Position, by: Position): Position {
  return { x: Math.round(Math.max(LEAST_NOTE.width, size.x + by.x)), y: Math.round(Math.max(LEAST_NOTE.height, size.y + by.y)) };
}

export function sizeNotes(sizes: ReadonlyMap<string, Position>): Gesture {
  return {
    label: sizes.size === 1 ? 'Resize note' : 'Resize notes',
    edits: [...sizes].map(([note, size]) => ({ kind: 'setFlow', path: ['notes', note, 'size'], value: pair(size) })),
  };
}

export function movesOf(notes: readonly CanvasNote[]): FlowEdit[] {
  return notes.map(({ data, position }) => ({ kind: 'setFlow', path: ['notes', data.note, 'at'], value: pair(position) }));
}

/** The last one takes `notes` with it. */
export function removalsOf(flow: Flow, notes: readonly CanvasNote[]): FlowEdit[] {
  if (notes.length > 0 && notes.length === Object.keys(flow.notes ?? {}).length) return [{ kind: 'setFlow', path: ['notes'] }];
  return notes.map(({ data }) => ({ kind: 'setFlow', path: ['notes', data.note] }));
}
