/** Everything the graph editor knows, in one store. Written only by `editor.ts`. */
import type { Direction } from '../../engine/format/arrange.ts';
import type { Edge, Flow } from '../../engine/format/model.ts';
import type { Problem } from '../../engine/format/problem.ts';
import type { ModeChoice } from '../protocol/messages.ts';
import type { CanvasEdge, CanvasNode, Position } from './graph-model.ts';
import type { CanvasNote } from './notes.ts';
import type { LiveText, ShownRun } from './run.ts';

/** The document as the host last sent it. */
export interface DocumentState {
  text: string;
  version: number;
  fileName: string;
  readonly: boolean;
  readonlyReason: string;
}

/** What the palette was opened for. */
export interface PaletteRequest {
  /** The new node comes after this one. */
  source?: { id: string; outlet: string };
  /** The new node goes into the body of this one. With a `source` too, the person chooses which of both. */
  owner?: string;
  /** The new node goes between both ends of this edge. */
  edge?: Edge;
  /** No new node: this one becomes one of the chosen type. */
  replace?: string;
  /** The selected nodes go into a body: that of a new node around them, or one that is there. */
  body?: 'new' | 'other';
  /** Where on the canvas it is put; else beside the source or in the middle of the view. */
  position?: Position;
}

export type InspectorTab = 'configure' | 'run';

export interface InspectorState {
  open: boolean;
  /** CSS pixels. */
  width: number;
  tab: InspectorTab;
}

/** A node that has to be brought into view. A new object is a new request. */
export interface Reveal {
  node: string;
  /** `nowhere`: it stays where it is. */
  focus: 'canvas' | 'inspector' | 'nowhere';
  /** It has just been added: the whole flow is shown with it, where that can still be read. */
  isNew?: boolean;
}

/** Something the person has to know now: an edit that was refused or dropped something, a connection that cannot be made. */
export interface Notice {
  text: string;
  /** Nothing is wrong: it is said what was done. */
  info?: boolean;
}

export interface EditorState {
  document: DocumentState | null;
  /** The last flow that could be drawn. */
  flow: Flow | null;
  /** False while the present text cannot be drawn: the graph is that of an earlier text, and read-only. */
  drawable: boolean;
  /** What the parser says of a text that cannot be drawn. */
  syntaxProblem: Problem | null;
  nodes: CanvasNode[];
  notes: CanvasNote[];
  /** The note whose text is being edited. */
  editedNote: string | null;
  /** What is looked for in the graph; null: nothing. Empty: everything is listed. */
  search: string | null;
  edges: CanvasEdge[];
  /** Ids of the selected nodes, in the order of the file. */
  selection: readonly string[];
  /** Nodes whose body is folded away. A matter of looking: not in the document. */
  collapsed: readonly string[];
  /** Where edges lead: a matter of looking, too. The file has only places. */
  direction: Direction;
  /** While a layout is being computed. */
  arranging: boolean;
  problems: readonly Problem[];
  /** Steps whose results are not to be trusted. */
  untrusted: readonly string[];
  mode: ModeChoice | null;
  run: ShownRun | null;
  /** The passes a person has chosen to see, by the path of their loop. Others follow the run. */
  passes: Readonly<Record<string, string>>;
  live: Readonly<Record<string, LiveText>>;
  /** Whether the run is laid out in time. */
  timeline: boolean;
  palette: PaletteRequest | null;
  /** The list of keys is shown. */
  sheet: boolean;
  inspector: InspectorState;
  reveal: Reveal | null;
  /** A request of the host to show the whole graph; counts up. */
  fitRequests: number;
  notice: Notice | null;
  /** For screen readers: what just happened in the run. */
  announcement: string;
  /** Counts the edits the host has refused; forms show the document's values again. */
  refusals: number;
}

export const INITIAL: EditorState = {
  document: null,
  flow: null,
  drawable: true,
  syntaxProblem: null,
  nodes: [],
  notes: [],
  editedNote: null,
  search: null,
  edges: [],
  selection: [],
  collapsed: [],
  direction: 'right',
  arranging: false,
  problems: [],
  untrusted: [],
  mode: null,
  run: null,
  passes: {},
  live: {},
  timeline: false,
  palette: null,
  sheet: false,
  inspector: { open: true, width: 310, tab: 'configure' },
  reveal: null,
  fitRequests: 0,
  notice: null,
  announcement: '',
  refusals: 0,
};

/** Whether gestures may change the document now. */
export function isEditable(state: EditorState): boolean {
  return state.document !== null && !state.document.readonly && state.drawable && state.flow !== null;
}

/** Whether there is no text at all: a flow can begin there as in one without steps. */
export function isBlank(state: EditorState): boolean {
  return state.flow === null && state.syntaxProblem?.code === 'DOC_EMPTY' && state.document?.readonly === false;
}

/** The one selected node, if exactly one is selected. */
export function selectedNode(state: EditorState): string | undefined {
  return state.selection.length === 1 ? state.selection[0] : undefined;
}

/** What people read on a node. */
export function titleOf(state: EditorState, id: string): string {
  return state.nodes.find((node) => node.id === id)?.data.card.title ?? id;
}

/** The node in whose body a node stands. */
export function ownerOf(state: EditorState, id: string): string | undefined {
  return state.nodes.find((node) => node.id === id)?.parentId;
}
