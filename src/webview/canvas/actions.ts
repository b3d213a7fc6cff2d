/**
 * Everything one can do on the canvas by a key: the one table that the keyboard, the list of keys and VS Code's menus use.
 * Not here: what is dragged, and what stands in forms.
 */
import type { ReactFlowInstance } from '@xyflow/react';
import { bodyOf, locateNode } from '../../engine/format/graph.ts';
import type { GraphAction } from '../protocol/actions.ts';
import type { Editor } from '../state/editor-api.ts';
import { edgeOfLine, mainOutlet } from '../state/gestures.ts';
import { type Position, paramsOf } from '../state/graph-model.ts';
import type { Direction } from '../state/navigate.ts';
import { NOTE_SIZE } from '../state/notes.ts';
import { type EditorState, selectedNode } from '../state/state.ts';

/** What an action works with. */
export interface Act {
  editor: Editor;
  state: EditorState;
  flow: Pick<ReactFlowInstance, 'zoomIn' | 'zoomOut'>;
  /** The node that has the focus. */
  focused: string | undefined;
  /** The middle of what is seen, on the canvas. */
  centre: Position;
  /** Where the menu was opened, on the canvas. */
  point?: Position;
  /** The clipboard, where a menu was used. */
  text?: string;
  /** The direction of the arrow key. */
  direction?: Direction;
  walk(direction: Direction): void;
  nudge(direction: Direction): void;
}

export const GROUPS = ['Build', 'Select', 'Arrange', 'Look around'] as const;

export interface Action {
  /** Unique; where menus of VS Code have it too, its name there. */
  id: GraphAction | (string & {});
  title: string;
  group: (typeof GROUPS)[number];
  /** Chords as `chordOf` writes them. */
  keys: readonly string[];
  /** The browser tells of the key by an event of its own (`copy`, …): it is only listed here. */
  byEvent?: true;
  run(act: Act): unknown;
}

const ARROW_KEYS = ['arrowleft', 'arrowright', 'arrowup', 'arrowdown'];

/** Canvas pixels. */
const GROWTH: { readonly [D in Direction]: Position } = {
  left: { x: -24, y: 0 },
  right: { x: 24, y: 0 },
  up: { x: 0, y: -24 },
  down: { x: 0, y: 24 },
};

/** `mod+d`, `shift+arrowleft`, `?`: of characters that need Shift only what is written counts. */
export function chordOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const key = event.key.toLowerCase();
  const shift = event.shiftKey && (key.length > 1 || /\p{L}/u.test(key));
  return [event.ctrlKey || event.metaKey ? 'mod+' : '', event.altKey ? 'alt+' : '', shift ? 'shift+' : '', key].join('');
}

/** Opens the palette; the new node goes on the selected edge, comes after the selected node, or into its body where that is open. */
export function openPaletteFor(editor: Editor, state: EditorState): void {
  const edge = state.edges.find((candidate) => candidate.selected);
  if (edge) {
    editor.openPalette({ edge: edgeOfLine(edge) });
    return;
  }
  const id = selectedNode(state);
  const node = id === undefined || !state.flow ? undefined : locateNode(state.flow, id)?.node;
  const manifest = node && editor.catalog.get(node.type);
  if (id === undefined || !node || !manifest) {
    editor.openPalette({});
    return;
  }
  const isOpenFrame = bodyOf(node) !== undefined && !state.collapsed.includes(id);
  editor.openPalette({ source: { id, outlet: mainOutlet(manifest, paramsOf(node)) }, ...(isOpenFrame ? { owner: id } : {}) });
}

function insertOnEdge({ editor, state }: Act): void {
  const edge = state.edges.find((candidate) => candidate.selected);
  if (edge) editor.openPalette({ edge: edgeOfLine(edge) });
  else editor.notify('Select an edge first: click it, or press E on a node.');
}

function toggleBody({ editor, state, focused }: Act): void {
  const id = focused ?? selectedNode(state);
  if (id !== undefined && state.nodes.some((node) => node.id === id && node.data.card.steps !== undefined)) editor.toggleBody(id);
}

function replaceType({ editor, state, focused }: Act): void {
  const id = selectedNode(state) ?? focused;
  if (id !== undefined) editor.openPalette({ replace: id });
}

/** Where nothing is copied, the clipboard stays as it is. */
function copy({ editor }: Act): boolean {
  const text = editor.copied();
  if (text !== undefined) editor.post({ type: 'copy', text });
  return text !== undefined;
}

/** A new note: where the menu was opened, else above the middle of the view. */
function addNote({ editor, point, centre }: Act): void {
  editor.addNote(point ?? { x: centre.x - NOTE_SIZE.width / 2, y: centre.y - NOTE_SIZE.height / 2 });
}

function enter({ editor, state, focused, ...act }: Act): void {
  const note = state.notes.find(({ id }) => id === focused);
  if (note) editor.editNote(note.data.note);
  else if (state.edges.some((edge) => edge.selected)) insertOnEdge({ editor, state, focused, ...act });
  else if (focused !== undefined) editor.reveal(focused, 'inspector');
}

export const ACTIONS: readonly Action[] = [
  {
    id: 'add',
    group: 'Build',
    title: 'Add a node after the selected one',
    keys: ['n', 'a', '/'],
    run: ({ editor, state }) => openPaletteFor(editor, state),
  },
  { id: 'insertOnEdge', group: 'Build', title: 'Insert a node on the selected edge', keys: ['i'], run: insertOnEdge },
  { id: 'replaceType', group: 'Build', title: 'Replace the node by another type', keys: ['r'], run: replaceType },
  { id: 'duplicate', group: 'Build', title: 'Duplicate', keys: ['mod+d'], run: ({ editor }) => editor.duplicate() },
  { id: 'copy', group: 'Build', title: 'Copy', keys: ['mod+c'], byEvent: true, run: copy },
  { id: 'cut', group: 'Build', title: 'Cut', keys: ['mod+x'], byEvent: true, run: (act) => copy(act) && act.editor.removeSelection() },
  {
    id: 'paste',
    group: 'Build',
    title: 'Paste',
    keys: ['mod+v'],
    byEvent: true,
    run: ({ editor, text, centre, point }) => editor.paste(text ?? '', { centre, ...(point ? { point } : {}) }),
  },
  { id: 'delete', group: 'Build', title: 'Delete', keys: ['delete', 'backspace'], run: ({ editor }) => editor.removeSelection() },
  { id: 'toggleDisabled', group: 'Build', title: 'Disable, or enable', keys: ['d'], run: ({ editor }) => editor.toggleDisabled() },
  { id: 'configure', group: 'Build', title: 'Configure the node; insert on the edge; edit the note', keys: ['enter'], run: enter },
  { id: 'addNote', group: 'Build', title: 'Add a note', keys: ['m'], run: addNote },
  { id: 'extract', group: 'Build', title: 'Extract to a sub-flow', keys: ['x'], run: ({ editor }) => editor.extract() },
  { id: 'wrap', group: 'Build', title: 'Wrap in a loop or an each', keys: ['w'], run: ({ editor }) => editor.chooseBody('new') },
  { id: 'moveInto', group: 'Build', title: 'Move into a body', keys: ['shift+i'], run: ({ editor }) => editor.chooseBody('other') },
  { id: 'moveOut', group: 'Build', title: 'Move out of the body', keys: ['shift+o'], run: ({ editor }) => editor.moveOut() },

  {
    id: 'walk',
    group: 'Select',
    title: 'Go along the edges',
    keys: ARROW_KEYS,
    run: ({ direction, walk }) => direction && walk(direction),
  },
  { id: 'nextEdge', group: 'Select', title: 'Next edge of the node', keys: ['e'], run: ({ editor }) => editor.nextEdge(1) },
  { id: 'previousEdge', group: 'Select', title: 'Edge before', keys: ['shift+e'], run: ({ editor }) => editor.nextEdge(-1) },
  {
    id: 'select',
    group: 'Select',
    title: 'Select the node',
    keys: [' '],
    run: ({ editor, focused }) => focused !== undefined && editor.select([focused]),
  },
  {
    id: 'selectMore',
    group: 'Select',
    title: 'Add the node to the selection, or take it out',
    keys: ['mod+ ', 'shift+ '],
    run: ({ editor, focused }) => focused !== undefined && editor.toggleSelected(focused),
  },
  {
    id: 'walkAdding',
    group: 'Select',
    title: 'Go along the edges and add to the selection',
    keys: ARROW_KEYS.map((key) => `mod+shift+${key}`),
    run: ({ direction, editor, state, walk }) => {
      const before = state.selection;
      if (direction) walk(direction);
      editor.select([...before, ...editor.store.getState().selection]);
    },
  },
  { id: 'selectAll', group: 'Select', title: 'Select all', keys: ['mod+a'], run: ({ editor }) => editor.selectAll() },
  { id: 'deselect', group: 'Select', title: 'Select nothing', keys: ['escape'], run: ({ editor }) => editor.select([]) },

  {
    id: 'nudge',
    group: 'Arrange',
    title: 'Move the nodes',
    keys: ARROW_KEYS.map((key) => `shift+${key}`),
    run: ({ direction, nudge }) => direction && nudge(direction),
  },
  {
    id: 'resizeNote',
    group: 'Arrange',
    title: 'Resize the note',
    keys: ARROW_KEYS.map((key) => `mod+${key}`),
    run: ({ direction, editor }) => direction && editor.growNotes(GROWTH[direction]),
  },
  { id: 'alignLeft', group: 'Arrange', title: 'Align left', keys: ['alt+arrowleft'], run: ({ editor }) => editor.align('left') },
  { id: 'alignRight', group: 'Arrange', title: 'Align right', keys: ['alt+arrowright'], run: ({ editor }) => editor.align('right') },
  { id: 'alignTop', group: 'Arrange', title: 'Align top', keys: ['alt+arrowup'], run: ({ editor }) => editor.align('top') },
  { id: 'alignBottom', group: 'Arrange', title: 'Align bottom', keys: ['alt+arrowdown'], run: ({ editor }) => editor.align('bottom') },
  { id: 'alignCentre', group: 'Arrange', title: 'Align centres', keys: ['alt+c'], run: ({ editor }) => editor.align('centre') },
  { id: 'alignMiddle', group: 'Arrange', title: 'Align middles', keys: ['alt+m'], run: ({ editor }) => editor.align('middle') },
  {
    id: 'distributeAcross',
    group: 'Arrange',
    title: 'Distribute from left to right',
    keys: ['shift+h'],
    run: ({ editor }) => editor.distribute('x'),
  },
  {
    id: 'distributeDown',
    group: 'Arrange',
    title: 'Distribute from top to bottom',
    keys: ['shift+v'],
    run: ({ editor }) => editor.distribute('y'),
  },
  {
    id: 'arrangeFlow',
    group: 'Arrange',
    title: 'Arrange the flow, or what is selected',
    keys: ['l'],
    run: ({ editor }) => editor.arrange(),
  },
  {
    id: 'turnFlow',
    group: 'Arrange',
    title: 'Arrange in the other direction',
    keys: ['shift+l'],
    run: ({ editor, state }) => editor.arrange(state.direction === 'down' ? 'right' : 'down'),
  },

  { id: 'toggleBody', group: 'Look around', title: 'Fold the body away, or out', keys: ['c'], run: toggleBody },
  {
    id: 'fit',
    group: 'Look around',
    title: 'Show the whole flow',
    keys: ['f'],
    run: ({ editor }) => editor.receive({ type: 'command', command: 'fit' }),
  },
  {
    id: 'find',
    group: 'Look around',
    title: 'Find nodes; with nothing typed: the outline',
    keys: ['mod+f', 'o'],
    run: ({ editor }) => editor.search(''),
  },
  { id: 'zoomIn', group: 'Look around', title: 'Larger', keys: ['+', '='], run: ({ flow }) => flow.zoomIn() },
  { id: 'zoomOut', group: 'Look around', title: 'Smaller', keys: ['-'], run: ({ flow }) => flow.zoomOut() },
  { id: 'shortcuts', group: 'Look around', title: 'These keys', keys: ['?'], run: ({ editor }) => editor.showSheet(true) },
];

const BY_CHORD = new Map(ACTIONS.flatMap((action) => (action.byEvent ? [] : action.keys.map((key) => [key, action] as const))));

export function actionFor(chord: string): Action | undefined {
  return BY_CHORD.get(chord);
}

export function actionCalled(id: string): Action | undefined {
  return ACTIONS.find((action) => action.id === id);
}
