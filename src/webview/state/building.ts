/** What is built on the canvas beside dragging: adding, inserting, replacing, copying, arranging. Each is one gesture. */
import { locateNode } from '../../engine/format/graph.ts';
import type { NodeCatalog } from '../../engine/format/manifest.ts';
import type { Edge } from '../../engine/format/model.ts';
import type { WebviewMessage } from '../protocol/messages.ts';
import { type Alignment, type Axis, aligned, distributed } from './arrange.ts';
import { type Clip, clipOf, clipText, freshNames, placeIn, placesAt, readClip } from './clip.ts';
import { absolute, frameAt, outermost } from './frames.ts';
import * as gestures from './gestures.ts';
import type { CanvasNode, Position } from './graph-model.ts';
import { freshId, idsOf } from './naming.ts';
import { type CanvasNote, isNote, movesOf, removalsOf } from './notes.ts';
import { inBody, placeBetween, placeNew } from './placing.ts';
import { type EditorState, isEditable, ownerOf, type PaletteRequest, titleOf } from './state.ts';

export interface Building {
  /** Puts a node of this type where the request says. `centre`: of the view, on the canvas. */
  add(type: string, request: PaletteRequest, centre: Position): void;
  duplicate(): void;
  /** The selected nodes as text for the clipboard; undefined: none is selected. */
  copied(): string | undefined;
  /** Adds the nodes that a text holds: at a point of the canvas, else in the middle of the view or in the selected frame. */
  paste(text: string, at: { point?: Position; centre: Position }): void;
  removeSelection(): void;
  selectAll(): void;
  toggleDisabled(): void;
  align(alignment: Alignment): void;
  distribute(axis: Axis): void;
  /** Takes the selected nodes out of the body they stand in. */
  moveOut(): void;
  /** Asks the host to make a flow of its own of the selected nodes. */
  extract(): void;
  /** Nodes were dropped at a point of the canvas: on an open frame they go into its body, else they have moved. */
  drop(moved: readonly (CanvasNode | CanvasNote)[], point: Position): void;
  /** Selects an edge of the selected node, one after the other, and says which. */
  nextEdge(step: 1 | -1): void;
}

interface Base {
  get(): EditorState;
  catalog: NodeCatalog;
  perform(gesture: gestures.Gesture): void;
  /** Performs, and selects these nodes as soon as the document has them. */
  performFor(nodes: readonly string[], gesture: gestures.Gesture): void;
  select(nodes: readonly string[]): void;
  selectEdge(id: string): void;
  closePalette(): void;
  notify(text: string): void;
  post(message: WebviewMessage): void;
}

/** Canvas pixels between a node and its duplicate. */
const OFFSET = 32;

export function createBuilding(base: Base): Building {
  const { get, catalog, perform, performFor } = base;
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

  /** Adds the nodes of a clip, the outermost ones from `corner` (as the document counts) on. */
  function addClip(clip: Clip, corner: Position, to: { behind?: string; owner?: string }, label: string): void {
    const { flow } = get();
    if (!flow) return;
    const names = freshNames(clip.nodes, idsOf(flow));
    const fresh = Object.keys(clip.nodes).map((id) => names[id] ?? id);
    const positions = placesAt(clip, names, corner);
    performFor(fresh, { label, edits: [{ kind: 'pasteNodes', nodes: clip.nodes, names, positions, ...to }] });
  }

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
    if (last === undefined) return;
    const clip = clipOf(
      flow,
      nodes,
      picked.map(({ id }) => id),
    );
    const places = picked.map(placeIn);
    const corner = { x: Math.min(...places.map(({ x }) => x)) + OFFSET, y: Math.min(...places.map(({ y }) => y)) + OFFSET };
    const below = free(nodes, scope, corner);
    addClip(clip, below, { behind: last }, picked.length === 1 ? 'Duplicate node' : 'Duplicate nodes');
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
      base.notify('There are no nodes in the clipboard. Copy some here, or as text from a flow.');
      return;
    }
    const { nodes, selection } = state;
    const selected = selection.length === 1 ? nodes.find(({ id }) => id === selection[0]) : undefined;
    const owner = point ? frameAt(nodes, point) : selected?.data.frame ? selected.id : undefined;
    const places = Object.keys(clip.nodes).flatMap((id) => clip.layout[id] ?? []);
    const spread = { x: 240, y: 112 };
    for (const axis of ['x', 'y'] as const) {
      const all = places.map((place) => place[axis]);
      if (all.length > 0) spread[axis] += Math.max(...all) - Math.min(...all);
    }
    const wanted =
      point || owner === undefined
        ? inBody(nodes, owner, point ?? { x: centre.x - spread.x / 2, y: centre.y - spread.y / 2 })
        : placeNew(nodes, { owner }, centre, state.direction);
    const count = Object.keys(clip.nodes).length;
    addClip(clip, free(nodes, owner, wanted), owner === undefined ? {} : { owner }, count === 1 ? 'Paste node' : `Paste ${count} nodes`);
  }

  /** The places of nodes in the document, if they stood in the body of `owner`. */
  function placesIn(owner: string | undefined, ids: readonly string[]): Record<string, Position> {
    const { nodes } = get();
    return Object.fromEntries(ids.map((id) => [id, rounded(inBody(nodes, owner, absolute(nodes, id)))]));
  }

  function moveTo(owner: string | undefined, ids: readonly string[]): void {
    const label = owner === undefined ? 'Move out of the body' : `Move into “${titleOf(get(), owner)}”`;
    performFor(ids, {
      label,
      edits: [{ kind: 'moveToBody', nodes: [...ids], ...(owner === undefined ? {} : { owner }), positions: placesIn(owner, ids) }],
    });
  }

  return {
    add,
    duplicate,
    copied() {
      const { flow, nodes } = get();
      const picked = chosen().map(({ id }) => id);
      return flow && picked.length > 0 ? clipText(clipOf(flow, nodes, picked)) : undefined;
    },
    paste,
    removeSelection() {
      const { edges, notes, flow } = get();
      const gone = notes.filter(({ selected }) => selected);
      const gesture = gestures.remove(
        chosen().map(({ id }) => id),
        edges.filter((edge) => edge.selected).map(gestures.edgeOfLine),
      );
      const label = gesture.edits.length > 0 ? gesture.label : gone.length === 1 ? 'Delete note' : 'Delete notes';
      perform({ label, edits: [...gesture.edits, ...(flow ? removalsOf(flow, gone) : [])] });
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
      moveTo(
        ownerOf(get(), first.parentId),
        picked.map(({ id }) => id),
      );
    },
    extract() {
      const nodes = chosen().map(({ id }) => id);
      if (!isEditable(get())) return;
      if (nodes.length === 0) base.notify('Select the nodes first that will be a flow of their own.');
      else base.post({ type: 'extract', nodes });
    },
    drop(dropped, point) {
      const { nodes } = get();
      const notes = movesOf(dropped.filter(isNote));
      const moved = dropped.filter((it): it is CanvasNode => !isNote(it));
      if (moved.length === 0) return perform({ label: notes.length === 1 ? 'Move note' : 'Move notes', edits: notes });
      const ids = outermost(
        nodes,
        moved.map(({ id }) => id),
      );
      const from = ids[0] === undefined ? undefined : ownerOf(get(), ids[0]);
      // What is dragged lies over whatever is below it: its own frames do not count.
      const others = nodes.filter(({ id }) => !ids.includes(id) && !within(nodes, id, ids));
      const owner = frameAt(others, point);
      const crosses = owner !== undefined && owner !== from && ids.every((id) => ownerOf(get(), id) === from);
      if (crosses && !within(nodes, from, [owner])) moveTo(owner, ids);
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

const rounded = ({ x, y }: Position): Position => ({ x: Math.round(x), y: Math.round(y) });

/** Whether a node is one of `owners`, or stands in the body of one. */
function within(nodes: readonly CanvasNode[], id: string | undefined, owners: readonly string[]): boolean {
  if (id === undefined) return false;
  return owners.includes(id) || within(nodes, nodes.find((node) => node.id === id)?.parentId, owners);
}
