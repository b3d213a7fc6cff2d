/**
 * The graph editor without its looks: takes the host's messages, holds the state, and turns gestures into messages.
 * One way each: the host's document is the truth, a gesture only asks for a change of it.
 */
import { applyEdgeChanges, applyNodeChanges, type NodeChange } from '@xyflow/react';
import { createStore } from 'zustand/vanilla';
import type { Direction } from '../../engine/format/arrange.ts';
import type { Edge } from '../../engine/format/model.ts';
import { parentOf } from '../../engine/run/paths.ts';
import type { HostMessage } from '../protocol/messages.ts';
import { createAsker } from './ask.ts';
import { arrangeFlow, firstDirection } from './auto-layout.ts';
import { createBuilding } from './building.ts';
import { borderReason, refusal } from './connect.ts';
import { readDocument, redraw } from './document.ts';
import { createDrafts } from './drafts.ts';
import type { ActionListener, Editor, EditorDeps, Hold } from './editor-api.ts';
import { fitFrames, frameAt, framesWithin } from './frames.ts';
import * as gestures from './gestures.ts';
import { type CanvasNode, edgesOf, type Position } from './graph-model.ts';
import { addNote, type CanvasNote, isNoteId } from './notes.ts';
import { defaultPass, passesOf, spot } from './passes.ts';
import { withoutReckoning } from './reckoned.ts';
import { createRunFollower } from './run-follower.ts';
import { type EditorState, INITIAL, isEditable, ownerOf, type PaletteRequest, type Reveal, titleOf } from './state.ts';
import { keepingPlaces } from './staying.ts';
import { createTimeTravel } from './time-travel.ts';

export function createEditor({ catalog, host, nextFrame, arrange }: EditorDeps): Editor {
  const { saved } = host;
  const store = createStore<EditorState>(() => ({
    ...INITIAL,
    inspector: {
      open: saved.inspectorOpen ?? INITIAL.inspector.open,
      width: saved.inspectorWidth ?? INITIAL.inspector.width,
      tab: 'configure',
    },
    collapsed: saved.collapsed ?? [],
  }));
  const drafts = createDrafts();
  const asker = createAsker(host.post);
  const runs = createRunFollower(store, nextFrame);
  const get = store.getState;
  const set = store.setState;

  let edits = 0;
  /** How many of them the host has answered: each after the document that came of it. */
  let answered = 0;
  /** Nodes to select as soon as the document has them. */
  let awaited: { nodes: readonly string[]; reveal: boolean } | undefined = saved.selection && { nodes: saved.selection, reveal: false };
  /** What waits for the host's answer. */
  let waiting: ((isDone: boolean) => void)[] = [];
  const actions = new Set<ActionListener>();
  let menu: Position | undefined;

  function withSelection(nodes: CanvasNode[], selection: ReadonlySet<string>): Pick<EditorState, 'nodes' | 'selection'> {
    const next = nodes.map((node) =>
      Boolean(node.selected) === selection.has(node.id) ? node : { ...node, selected: selection.has(node.id) },
    );
    return { nodes: next, selection: next.filter((node) => node.selected).map((node) => node.id) };
  }

  function select(ids: readonly string[]): void {
    set({
      ...withSelection(get().nodes, new Set(ids)),
      notes: get().notes.map((note) =>
        Boolean(note.selected) === ids.includes(note.id) ? note : { ...note, selected: ids.includes(note.id) },
      ),
      edges: get().edges.map((edge) => (edge.selected ? { ...edge, selected: false } : edge)),
    });
    host.save({ selection: [...get().selection] });
  }

  function setCollapsed(collapsed: readonly string[]): void {
    set({ collapsed });
    set(redraw(get(), catalog, 'kept'));
    host.save({ collapsed: [...collapsed] });
  }

  /** Unfolds what hides a node. */
  function unfold(id: string): void {
    const { nodes, collapsed } = get();
    const around = new Set<string>();
    for (let at = nodes.find((node) => node.id === id)?.parentId; at !== undefined; ) {
      const owner = at;
      around.add(owner);
      at = nodes.find((node) => node.id === owner)?.parentId;
    }
    if (collapsed.some((folded) => around.has(folded))) setCollapsed(collapsed.filter((folded) => !around.has(folded)));
  }

  function reveal(path: string, focus: Reveal['focus']): void {
    // The whole run asks: its questions stand where no node is selected.
    if (path === '') {
      select([]);
      set({ inspector: { ...get().inspector, open: true, tab: 'run' } });
      return;
    }
    const { id: node, passes } = spot(get(), path);
    if (Object.keys(passes).length > 0) set({ passes: { ...get().passes, ...passes } });
    unfold(node);
    select([node]);
    set({ reveal: { node, focus }, ...(focus === 'inspector' ? { inspector: { ...get().inspector, open: true } } : {}) });
  }

  function takeDocument(message: Extract<HostMessage, { type: 'document' }>, hold?: Hold): void {
    const read = readDocument(message, catalog, get());
    const show = () => {
      showDocument(read);
      settle(true);
    };
    // Of a flow that was arranged all moves: to read it and to draw it are tasks of their own.
    if (hold && get().arranging) hold(new Promise<void>((resolve) => setTimeout(resolve)).then(show));
    else show();
  }

  function showDocument(document: ReturnType<typeof readDocument>): void {
    const state = get();
    const read = { ...state, ...document };
    const next = state.flow ? read : { ...read, direction: firstDirection(read, saved.direction) };
    const drawn = { ...next, ...redraw(next, catalog) };
    const ids = new Set([...drawn.nodes, ...drawn.notes].map((node) => node.id));
    const wanted = awaited?.nodes.filter((id) => ids.has(id)) ?? [];
    if (wanted.length === 0) set({ ...drawn, ...withSelection(drawn.nodes, new Set(drawn.selection)) });
    else {
      set(drawn);
      select(wanted);
      const [added] = wanted;
      if (awaited?.reveal && added !== undefined) set({ reveal: { node: added, focus: 'canvas', isNew: true } });
      awaited = undefined;
    }
  }

  function command(name: Extract<HostMessage, { type: 'command' }>['command']): void {
    switch (name) {
      case 'fit':
        set({ fitRequests: get().fitRequests + 1 });
        break;
      case 'arrange':
        void arrangeIn();
        break;
      case 'arrangeRight':
      case 'arrangeDown':
        void arrangeIn(name === 'arrangeDown' ? 'down' : 'right');
        break;
      case 'addNode':
        openPalette({});
        break;
      case 'deleteSelection':
        building.removeSelection();
        break;
      case 'toggleInspector':
        setInspector({ open: !get().inspector.open });
        break;
      case 'flush':
        drafts.flush();
        host.post({ type: 'flushed' });
        break;
      default:
        name satisfies never;
    }
  }

  function receive(message: HostMessage, hold?: Hold): void {
    switch (message.type) {
      case 'document':
        takeDocument(message, hold);
        break;
      case 'problems':
        set({ problems: message.problems, untrusted: message.untrusted });
        set(redraw(get(), catalog, 'kept'));
        break;
      case 'mode':
        set({ mode: message.choice });
        break;
      case 'run':
        runs.show(message.run);
        break;
      case 'runEvents':
        runs.follow(message);
        break;
      case 'reveal':
        reveal(message.node, message.focus);
        break;
      case 'editResult':
        answered += 1;
        if (!message.ok) {
          awaited = undefined;
          set({ notice: { text: message.message ?? 'The change could not be made.' }, refusals: get().refusals + 1 });
          set(redraw(get(), catalog));
        } else if (message.message !== undefined) set({ notice: { text: message.message, info: true } });
        settle(message.ok);
        break;
      case 'action':
        for (const listener of actions) listener(message);
        break;
      case 'answer':
        asker.take(message);
        break;
      case 'command':
        command(message.command);
        break;
      default:
        message satisfies never;
    }
  }

  function arrangeIn(direction: Direction = get().direction): Promise<void> {
    if (direction !== get().direction) {
      set({ direction });
      set(redraw(get(), catalog, 'kept'));
      host.save({ direction });
    }
    return arrangeFlow({ store, catalog, arrange, perform, afterwards: (done) => waiting.push(done) });
  }

  function settle(isDone: boolean): void {
    const now = waiting;
    waiting = [];
    for (const done of now) done(isDone);
  }

  /** @returns whether anything is asked of the host */
  function perform(gesture: gestures.Gesture): boolean {
    const state = get();
    if (!isEditable(state) || !state.document || gesture.edits.length === 0) return false;
    edits += 1;
    const asked = state.flow ? keepingPlaces(gesture.edits, state.flow, catalog) : [...gesture.edits];
    host.post({ type: 'edit', id: edits, baseVersion: state.document.version, label: gesture.label, edits: asked });
    return true;
  }

  function refusalOf(edge: Edge, instead?: Edge): string | undefined {
    const state = get();
    if (!state.flow) return undefined;
    const edges = edgesOf(state.flow).filter((candidate) => !instead || !gestures.sameEdge(candidate, instead));
    return refusal(edges, edge, { titleOf: (id) => titleOf(state, id), ownerOf: (id) => ownerOf(state, id) });
  }

  function connect(edge: Edge, instead?: Edge): void {
    if (instead && gestures.sameEdge(edge, instead)) return;
    const reason = refusalOf(edge, instead);
    if (reason === undefined) perform(instead ? gestures.reconnect(instead, edge) : gestures.connect(edge));
    else set({ notice: { text: reason } });
  }

  function openPalette(request: PaletteRequest): void {
    if (isEditable(get())) set({ palette: request });
  }

  function selectEdge(id: string): void {
    select([]);
    const edges = get().edges.map((edge) => (Boolean(edge.selected) === (edge.id === id) ? edge : { ...edge, selected: edge.id === id }));
    set({ edges, announcement: `Edge: ${edges.find((edge) => edge.id === id)?.ariaLabel ?? id}` });
  }

  const closePalette = () => set({ palette: null });

  const building = createBuilding({
    get,
    catalog,
    perform,
    performFor(nodes, gesture) {
      awaited = { nodes, reveal: true };
      perform(gesture);
    },
    isSettled: () => answered >= edits,
    select,
    selectEdge,
    openPalette,
    closePalette,
    notify: (text) => set({ notice: { text } }),
    post: host.post,
  });

  function setInspector(part: Partial<EditorState['inspector']>): void {
    const inspector = { ...get().inspector, ...part };
    set({ inspector });
    host.save({ inspectorOpen: inspector.open, inspectorWidth: inspector.width });
  }

  return {
    store,
    catalog,
    drafts,
    ask: asker.ask,
    saved,
    save: host.save,
    post: host.post,
    receive,
    perform,
    nodesChanged(changes) {
      const isOfNote = (change: NodeChange<CanvasNode | CanvasNote>) => 'id' in change && isNoteId(change.id);
      const ofNotes = changes.filter(isOfNote) as NodeChange<CanvasNote>[];
      const ofNodes = changes.filter((change) => !isOfNote(change)) as NodeChange<CanvasNode>[];
      if (ofNotes.length > 0) set({ notes: applyNodeChanges(ofNotes, get().notes) });
      if (ofNodes.length === 0) return;
      const changed = withoutReckoning(applyNodeChanges(ofNodes, get().nodes), ofNodes);
      const nodes = ofNodes.some((change) => change.type !== 'select') ? fitFrames(changed) : changed;
      if (!ofNodes.some((change) => change.type === 'select')) return set({ nodes });
      set({ nodes, selection: nodes.filter((node) => node.selected).map((node) => node.id) });
      host.save({ selection: [...get().selection] });
    },
    edgesChanged: (changes) => set({ edges: applyEdgeChanges(changes, get().edges) }),
    select,
    reveal,
    connect,
    refusalOf,
    selectEdge,
    ...building,
    rename(id, to) {
      awaited = { nodes: [to], reveal: false };
      perform(gestures.rename(id, to));
    },
    openPalette,
    closePalette,
    showSheet: (sheet) => set({ sheet }),
    search: (search) => set({ search }),
    addNote(at) {
      const { flow } = get();
      if (!flow || !isEditable(get())) return;
      const { note, gesture } = addNote(flow, at);
      set({ editedNote: note });
      perform(gesture);
    },
    editNote: (editedNote) => set({ editedNote }),
    setInspector,
    borderAt(source, point) {
      const state = get();
      const [from, to] = [ownerOf(state, source), frameAt(state.nodes, point)];
      return from === to ? undefined : borderReason(from, to, (id) => titleOf(state, id));
    },
    selectingByBox(box) {
      const { nodes, selection } = get();
      set({ nodes: nodes.map((node) => (node.data.frame ? { ...node, selectable: box !== null } : node)) });
      const inBox = box === null ? [] : framesWithin(nodes, box);
      if (inBox.length > 0) select([...selection, ...inBox]);
    },
    showPass(path) {
      const owner = parentOf(path);
      const { [owner]: _before, ...others } = get().passes;
      // The newest is followed by what comes after it.
      const follows = defaultPass(get(), passesOf(get(), owner))?.path === path;
      set({ passes: follows ? others : { ...others, [owner]: path } });
    },
    time: createTimeTravel(store),
    toggleBody(id) {
      const { nodes, collapsed } = get();
      if (collapsed.includes(id)) return setCollapsed(collapsed.filter((folded) => folded !== id));
      // What cannot be seen is not selected: the next key would act on it.
      const hides = (node: string | undefined): boolean =>
        node !== undefined && (node === id || hides(nodes.find((candidate) => candidate.id === node)?.parentId));
      if (get().selection.some((selected) => selected !== id && hides(selected))) select([id]);
      setCollapsed([...collapsed, id]);
    },
    notify: (text) => set({ notice: text === null ? null : { text } }),
    toggleSelected(id) {
      const { selection } = get();
      select(selection.includes(id) ? selection.filter((selected) => selected !== id) : [...selection, id]);
    },
    openMenuAt(point) {
      menu = point;
    },
    menuPoint() {
      const point = menu;
      menu = undefined;
      return point;
    },
    onAction(listener) {
      actions.add(listener);
      return () => actions.delete(listener);
    },
    arrange: arrangeIn,
  };
}
