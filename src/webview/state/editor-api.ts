/** What the parts of the graph editor may ask of it. */
import type { EdgeChange, NodeChange } from '@xyflow/react';
import type { StoreApi } from 'zustand/vanilla';
import type { Direction } from '../../engine/format/arrange.ts';
import type { Box } from '../../engine/format/layout.ts';
import type { NodeCatalog } from '../../engine/format/manifest.ts';
import type { Edge } from '../../engine/format/model.ts';
import type { Host } from '../host.ts';
import type { HostMessage, WebviewMessage } from '../protocol/messages.ts';
import type { Asker } from './ask.ts';
import type { Arrange } from './auto-layout.ts';
import type { Building } from './building.ts';
import type { Drafts } from './drafts.ts';
import type { Gesture } from './gestures.ts';
import type { CanvasEdge, CanvasNode, Position } from './graph-model.ts';
import type { CanvasNote } from './notes.ts';
import type { EditorState, PaletteRequest, Reveal } from './state.ts';
import type { TimeTravel } from './time-travel.ts';

export interface EditorDeps {
  catalog: NodeCatalog;
  host: Pick<Host, 'post' | 'saved' | 'save'>;
  /** Calls back before the next picture is drawn. */
  nextFrame(callback: () => void): void;
  arrange: Arrange;
}

/** Is told what the next message has to wait for. Where there is none, nothing has to. */
export type Hold = (until: Promise<void>) => void;

export interface Editor extends Building {
  readonly store: StoreApi<EditorState>;
  readonly catalog: NodeCatalog;
  readonly drafts: Drafts;
  /** Asks the host. Undefined: there is no answer. */
  readonly ask: Asker['ask'];
  readonly saved: Host['saved'];
  save: Host['save'];
  post(message: WebviewMessage): void;
  receive(message: HostMessage, hold?: Hold): void;
  /** Asks for a change of the document. Without effect while it is read-only. */
  perform(gesture: Gesture): void;
  nodesChanged(changes: NodeChange<CanvasNode | CanvasNote>[]): void;
  edgesChanged(changes: EdgeChange<CanvasEdge>[]): void;
  select(nodes: readonly string[]): void;
  /** Selects a node, brings it into view and puts the focus there. A path of the run shows the passes that it goes through. */
  reveal(path: string, focus: Reveal['focus']): void;
  /** Connects, or says why not. `instead`: the edge that this one replaces. */
  connect(edge: Edge, instead?: Edge): void;
  /** Why the edge cannot be drawn. */
  refusalOf(edge: Edge, instead?: Edge): string | undefined;
  /** Selects one edge and nothing else, and says which. */
  selectEdge(id: string): void;
  /** Gives a node another id, and keeps it selected. */
  rename(id: string, to: string): void;
  openPalette(request: PaletteRequest): void;
  closePalette(): void;
  /** Shows the list of keys, or hides it. */
  showSheet(shown: boolean): void;
  /** Looks for nodes; null ends that. */
  search(query: string | null): void;
  /** Puts a note at a point of the canvas, and the cursor into it. */
  addNote(at: Position): void;
  /** Opens the text of a note to be edited; null closes it. */
  editNote(note: string | null): void;
  setInspector(part: Partial<EditorState['inspector']>): void;
  /** Why nothing new can be put at a point of the canvas behind `source`: it lies on the other side of a body's border. */
  borderAt(source: string, point: Position): string | undefined;
  /** A box is being drawn around nodes (null), or was drawn: frames are selected only where they are wholly in it. */
  selectingByBox(box: Box | null): void;
  /** Shows a pass of a loop on the graph; showing the newest follows the run. */
  showPass(path: string): void;
  /** The run in time. */
  readonly time: TimeTravel;
  /** Folds the body of a node away, or out again. */
  toggleBody(id: string): void;
  notify(text: string | null): void;
  /** Adds a node to the selection, or takes it out. */
  toggleSelected(id: string): void;
  /** Where a menu of VS Code was opened, on the canvas; it is asked about once. */
  openMenuAt(point: Position): void;
  menuPoint(): Position | undefined;
  /** Calls back for what is chosen in a menu of VS Code; the canvas knows where the pointer was. Returns how to end that. */
  onAction(listener: ActionListener): () => void;
  /** Lays out the flow, or what is selected of it; with a direction, in that one from now on. */
  arrange(direction?: Direction): Promise<void>;
}

export type ActionListener = (message: Extract<HostMessage, { type: 'action' }>) => void;
