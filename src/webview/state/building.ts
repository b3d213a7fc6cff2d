/** What is built on the canvas beside dragging: adding, inserting, replacing, copying, arranging. Each is one gesture. */
import type { FlowEdit } from '../../engine/format/flow-edit.ts';
import { locateNode } from '../../engine/format/graph.ts';
import type { NodeCatalog } from '../../engine/format/manifest.ts';
import type { Edge, Flow } from '../../engine/format/model.ts';
import type { WebviewMessage } from '../protocol/messages.ts';
import { type Alignment, type Axis, aligned, distributed } from './arrange.ts';
import { type BodyChoice, bodiesFor, inOneScope, moveInto, moveTo, standsIn, wrap } from './bodies.ts';
import { type Clip, clipOf, clipText, cornerOf, freshNames, placeIn, placesAt, readClip } from './clip.ts';
import { count } from './format.ts';
import { absolute, frameAt, outermost } from './frames.ts';
import * as gestures from './gestures.ts';
import { type CanvasEdge, type CanvasNode, edgesOf, type Position, paramsOf } from './graph-model.ts';
import { freshId, idsOf } from './naming.ts';
import { type CanvasNote, grown, isNote, movesOf, pasteNotes, removalsOf, sizeNotes, sizeOf } from './notes.ts';
import { asideOf, inBody, placeBetween, placeNew } from './placing.ts';
import { type EditorState, isEditable, ownerOf, type PaletteRequest, titleOf } from './state.ts';

export interface Building {
  /** Puts a node of this type where the request says. `centre`: of the view, on the canvas. */
  add(type: string, request: PaletteRequest, centre: Position): void;
  duplicate(): void;
  /** The selected nodes and notes as text for the clipboard; undefined: none is selected. */
  copied(): string | undefined;
  /** Adds the nodes that a text holds: at a point of the canvas, else in the middle of the view or in the selected frame. */
  paste(text: string, at: { point?: Position; centre: Position }): void;
  removeSelection(): void;
  /** Makes the selected notes larger or smaller by so many canvas pixels. */
  growNotes(by: Position): void;
  selectAll(): void;
  toggleDisabled(): void;
  align(alignment: Alignment): void;
  distribute(axis: Axis): void;
  /** Takes the selected nodes out of the body they stand in. */
  moveOut(): void;
  /** Lets a person choose a body for the selected nodes: of a new node around them, or one that is there. Says why there is no choice. */
  chooseBody(which: 'new' | 'other'): void;
  /** The bodies that the selected nodes can go into. */
  bodies(): BodyChoice[];
  /** Moves the selected nodes into the body of a node. */
  moveInto(owner: string): void;
  /** Asks the host to make a flow of its own of the selected nodes. */
  extract(): void;
  /**
   * Nodes were dropped at a point of the canvas: a single one on an `edge` goes between its ends; on an open frame they go into its
   * body; else they have moved.
   */
  drop(moved: readonly (CanvasNode | CanvasNote)[], point: Position, edge?: CanvasEdge): void;
  /** Whether a node can go on an edge: nothing leads to it yet, and nothing from where the flow would go on. */
  fitsOn(id: string, edge: CanvasEdge): boolean;
  /** Selects an edge of the selected node, one after the other, and says which. */
  nextEdge(step: 1 | -1): void;
}

interface Base {
  get(): EditorState;
  catalog: NodeCatalog;
  perform(gesture: gestures.Gesture): void;
  /** Performs, and selects these nodes as soon as the document has them. */
  performFor(nodes: readonly string[], gesture: gestures.Gesture): void;
  /** The host has answered everything that was asked for: what is drawn is the document. */
  isSettled(): boolean;
  select(nodes: readonly string[]): void;
  selectEdge(id: string): void;
  openPalette(request: PaletteRequest): void;
  closePalette(): void;
  notify(text: string): void;
  post(message: WebviewMessage): void;
}

/** Canvas pixels between a note and its duplicate, and between what is pasted and what stands there already. */
const OFFSET = 32;

export function createBuilding(base: Base): Building {
  const { get, catalog, perform, performFor } = base;
  /** Sizes of notes that were asked for and are not drawn yet: the next key goes on from there. */
  const sizes = new Map<string, Position>();
  /** The node whose edges are gone through. */
  let anchor: string | undefined;

  const chosen = (): CanvasNode[] => {
    const { nodes, selection } = get();
    const ids = new Set(outermost(nodes, selection));
    return nodes.filter(({ id }) => ids.has(id));
  };

  function add(type: string, request: PaletteRequest, centre: Position): void {
    const state = get();
    const manifest = catalog.get(type);
    const { flow, nodes } = state;
    base.closePalette();
    if (!manifest || !flow) return;
    if (request.replace !== undefined) {
      performFor([request.replace], gestures.changeType(request.replace, manifest));
      return;
    }
    const taken = idsOf(flow);
    const id = freshId(type, (candidate) => taken.has(candidate));
    if (request.body) {
      const picked = inOneScope(nodes, state.selection);
      if (picked?.[0]) performFor([id], wrap(id, manifest, nodes, picked));
      return;
    }
    if (request.edge) {
      const { place, moved } = placeBetween(nodes, state.edges, request.edge, flow.layout ?? {}, state.direction);
      performFor([id], gestures.insertNode(id, manifest, request.edge, place, moved));
      return;
    }
    const { source } = request;
    const owner = source ? ownerOf(state, source.id) : request.owner;
    const to = { ...(source ? { source: source.id } : {}), ...(owner === undefined ? {} : { owner }) };
    const position = request.position ? inBody(nodes, owner, request.position) : placeNew(nodes, to, centre, state.direction);
    performFor([id], gestures.addNode(id, manifest, position, source ? { source } : owner === undefined ? {} : { owner }));
  }

  /** Adds what is in a clip, the outermost of it from `corner` (as the document counts) on; notes always stand outside of bodies. */
  function addClip(clip: Clip, corner: Position, to: { behind?: string; owner?: string }, label: string): void {
    const { flow, nodes } = get();
    if (!flow) return;
    const names = freshNames(clip.nodes, idsOf(flow));
    const fresh = Object.keys(clip.nodes).map((id) => names[id] ?? id);
    const positions = placesAt(clip, names, corner);
    const frame = absolute(nodes, to.owner);
    const notes = pasteNotes(flow, clip.notes, cornerOf(clip) ?? corner, { x: corner.x + frame.x, y: corner.y + frame.y });
    const pasted: FlowEdit[] = fresh.length > 0 ? [{ kind: 'pasteNodes', nodes: clip.nodes, names, positions, ...to }] : [];
    performFor([...fresh, ...notes.names], { label, edits: [...pasted, ...notes.edits] });
  }

  const chosenNotes = (): CanvasNote[] => get().notes.filter(({ selected }) => selected);

  function duplicate(): void {
    const { flow, nodes } = get();
    if (!flow || !isEditable(get())) return;
    const picked = chosen();
    const scope = picked[0]?.parentId;
    if (picked.some(({ parentId }) => parentId !== scope)) {
      base.notify('Duplicate nodes of one body at a time.');
      return;
    }
    const last = picked.at(-1)?.id;
    const notes = chosenNotes();
    const clip = clipOf(
      flow,
      nodes,
      picked.map(({ id }) => id),
      notes,
    );
    const places = [...picked.map(placeIn), ...notes.map(({ position }) => position)];
    if (places.length === 0) return;
    const by = picked.length > 0 ? asideOf(picked, nodes, get().direction) : { x: OFFSET, y: OFFSET };
    const corner = { x: Math.min(...places.map(({ x }) => x)) + by.x, y: Math.min(...places.map(({ y }) => y)) + by.y };
    const what = last === undefined ? (notes.length === 1 ? 'note' : 'notes') : picked.length === 1 ? 'node' : 'nodes';
    addClip(clip, corner, last === undefined ? {} : { behind: last }, `Duplicate ${what}`);
  }

  /** A corner at which no node of this body begins. */
  function free(nodes: readonly CanvasNode[], owner: string | undefined, corner: Position): Position {
    const taken = nodes.filter(({ parentId }) => parentId === owner).map(placeIn);
    const at = { ...corner };
    while (taken.some(({ x, y }) => Math.abs(x - at.x) < OFFSET / 2 && Math.abs(y - at.y) < OFFSET / 2)) {
      at.x += OFFSET;
      at.y += OFFSET;
    }
    return at;
  }

  function paste(text: string, { point, centre }: { point?: Position; centre: Position }): void {
    const state = get();
    if (!isEditable(state)) return;
    const clip = readClip(text);
    if (!clip) {
      base.notify('There are no nodes or notes in the clipboard. Copy some here, or as text from a flow.');
      return;
    }
    const { nodes, selection } = state;
    const selected = selection.length === 1 ? nodes.find(({ id }) => id === selection[0]) : undefined;
    const owner = point ? frameAt(nodes, point) : selected?.data.frame ? selected.id : undefined;
    const places = Object.keys(clip.nodes).flatMap((id) => clip.layout[id] ?? []);
    const noted = Object.values(clip.notes).map(({ at: [x, y] }) => ({ x, y }));
    const spread = { x: 240, y: 112 };
    for (const axis of ['x', 'y'] as const) {
      const all = [...places, ...noted].map((place) => place[axis]);
      if (all.length > 0) spread[axis] += Math.max(...all) - Math.min(...all);
    }
    const wanted =
      point || owner === undefined
        ? inBody(nodes, owner, point ?? { x: centre.x - spread.x / 2, y: centre.y - spread.y / 2 })
        : placeNew(nodes, { owner }, centre, state.direction);
    const counts = [count(Object.keys(clip.nodes).length, 'node', 'nodes'), count(noted.length, 'note', 'notes')];
    const words = counts.filter((part) => !part.startsWith('0 ')).join(' and ');
    addClip(clip, free(nodes, owner, wanted), owner === undefined ? {} : { owner }, `Paste ${words}`);
  }

  function moveTogether(owner: string | undefined, ids: readonly string[]): void {
    performFor(ids, moveTo(get().nodes, owner === undefined ? undefined : { id: owner, title: titleOf(get(), owner) }, ids));
  }

  function chooseBody(which: 'new' | 'other'): void {
    const { nodes, selection } = get();
    if (!isEditable(get())) return;
    const picked = inOneScope(nodes, selection);
    if (!picked) base.notify('Select nodes of one body at a time.');
    else if (picked.length === 0) base.notify('Select the nodes first.');
    else if (which === 'other' && bodiesFor(nodes, selection).length === 0)
      base.notify('There is no other body to move them into. To repeat nodes, wrap them in a loop or an each (W).');
    else base.openPalette({ body: which });
  }

  function fitsOn(id: string, edge: CanvasEdge): boolean {
    const { flow, nodes } = get();
    const node = flow && locateNode(flow, id)?.node;
    const manifest = node && catalog.get(node.type);
    if (!flow || !manifest || edge.source === id || edge.target === id) return false;
    if (ownerOf(get(), id) !== ownerOf(get(), edge.source) || !nodes.some((it) => it.id === edge.source)) return false;
    const outlet = gestures.mainOutlet(manifest, paramsOf(node));
    return !edgesOf(flow).some((it) => it.target === id || (it.source === id && it.outlet === outlet));
  }

  return {
    add,
    duplicate,
    copied() {
      const { flow, nodes } = get();
      const picked = chosen().map(({ id }) => id);
      const notes = chosenNotes();
      return flow && picked.length + notes.length > 0 ? clipText(clipOf(flow, nodes, picked, notes)) : undefined;
    },
    paste,
    removeSelection() {
      const { edges, flow } = get();
      const gone = chosenNotes();
      const gesture = gestures.remove(
        chosen().map(({ id }) => id),
        edges.filter((edge) => edge.selected).map(gestures.edgeOfLine),
      );
      const label = gesture.edits.length > 0 ? gesture.label : gone.length === 1 ? 'Delete note' : 'Delete notes';
      perform({ label, edits: [...gesture.edits, ...(flow ? removalsOf(flow, gone) : [])] });
    },
    growNotes(by) {
      if (base.isSettled()) sizes.clear();
      const next = chosenNotes().map((note) => [note.data.note, grown(sizes.get(note.data.note) ?? sizeOf(note), by)] as const);
      for (const [note, size] of next) sizes.set(note, size);
      if (next.length > 0) perform(sizeNotes(new Map(next)));
    },
    selectAll() {
      base.select(
        get()
          .nodes.filter((node) => !node.hidden)
          .map(({ id }) => id),
      );
    },
    toggleDisabled() {
      const { flow, selection } = get();
      if (!flow || selection.length === 0) return;
      const isOff = (id: string) => locateNode(flow, id)?.node.disabled === true;
      const disable = !selection.every(isOff);
      perform(
        gestures.setDisabled(
          selection.filter((id) => isOff(id) !== disable),
          disable,
        ),
      );
    },
    align(alignment) {
      place(aligned(chosen(), alignment), 'Align nodes');
    },
    distribute(axis) {
      place(distributed(chosen(), axis), 'Distribute nodes');
    },
    moveOut() {
      const picked = chosen();
      const [first] = picked;
      if (first?.parentId === undefined || picked.some(({ parentId }) => parentId !== first.parentId)) return;
      moveTogether(
        ownerOf(get(), first.parentId),
        picked.map(({ id }) => id),
      );
    },
    chooseBody,
    bodies: () => bodiesFor(get().nodes, get().selection),
    moveInto(owner) {
      const { nodes, selection } = get();
      const picked = inOneScope(nodes, selection);
      base.closePalette();
      if (!picked?.[0]) return;
      performFor(
        picked.map(({ id }) => id),
        moveInto(nodes, { id: owner, title: titleOf(get(), owner) }, picked),
      );
    },
    fitsOn,
    extract() {
      const nodes = chosen().map(({ id }) => id);
      if (!isEditable(get())) return;
      if (nodes.length === 0) base.notify('Select the nodes first that will be a flow of their own.');
      else base.post({ type: 'extract', nodes });
    },
    drop(dropped, point, edge) {
      const { nodes } = get();
      const notes = movesOf(dropped.filter(isNote));
      const moved = dropped.filter((it): it is CanvasNode => !isNote(it));
      if (moved.length === 0) return perform({ label: notes.length === 1 ? 'Move note' : 'Move notes', edits: notes });
      const ids = outermost(
        nodes,
        moved.map(({ id }) => id),
      );
      const [only] = ids;
      const node = only !== undefined && ids.length === 1 ? get().flow && locateNode(get().flow as Flow, only)?.node : undefined;
      const manifest = node && catalog.get(node.type);
      if (edge && only !== undefined && manifest && fitsOn(only, edge)) {
        const on = gestures.edgeOfLine(edge);
        return performFor([only], gestures.putOnEdge(only, gestures.mainOutlet(manifest, paramsOf(node)), on, gestures.moveNodes(moved)));
      }
      const from = ids[0] === undefined ? undefined : ownerOf(get(), ids[0]);
      // What is dragged lies over whatever is below it: its own frames do not count.
      const others = nodes.filter(({ id, data }) => data.frame && !ids.includes(id) && !standsIn(nodes, id, ids));
      const owner = frameAt(others, point);
      const crosses = owner !== undefined && owner !== from && ids.every((id) => ownerOf(get(), id) === from);
      if (crosses && !standsIn(nodes, from, [owner])) moveTogether(owner, ids);
      else {
        const { label, edits } = gestures.moveNodes(moved);
        perform({ label, edits: [...edits, ...notes] });
      }
    },
    nextEdge(step) {
      const { edges, selection } = get();
      const at = edges.findIndex((edge) => edge.selected);
      const current = edges[at];
      const of =
        selection[0] ?? (current && anchor !== undefined && touches(current, anchor) ? anchor : current?.source) ?? edges[0]?.source;
      if (of === undefined) return;
      anchor = of;
      const all = [...edges.filter(({ source }) => source === of), ...edges.filter(({ target }) => target === of)].filter(
        (it) => !it.hidden,
      );
      if (all.length === 0) {
        base.notify(`No edge leads to or from “${titleOf(get(), of)}”.`);
        return;
      }
      const now = current ? all.indexOf(current) : -1;
      const next = all[now < 0 ? (step === 1 ? 0 : all.length - 1) : (now + step + all.length) % all.length];
      if (next) base.selectEdge(next.id);
    },
  };

  function place(places: ReadonlyMap<string, Position>, label: string): void {
    const moved = get().nodes.flatMap((node) => {
      const position = places.get(node.id);
      return position ? [{ ...node, position }] : [];
    });
    if (moved.length > 0) perform({ ...gestures.moveNodes(moved), label });
  }
}

const touches = (edge: Pick<Edge, 'source' | 'target'>, id: string) => edge.source === id || edge.target === id;
