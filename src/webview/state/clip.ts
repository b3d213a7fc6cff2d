/**
 * Nodes and notes in the clipboard: a flow of their own as text, so that it can be read, and pasted into the text of a flow as well. What is
 * pasted may come from anywhere: it is read here, at the door.
 */
import type { Style } from '../../engine/format/edits-style.ts';
import { write } from '../../engine/format/edits-style.ts';
import { bodyOf, locateNode, type Nodes } from '../../engine/format/graph.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/format/json.ts';
import { deeperThan } from '../../engine/format/json-tree.ts';
import { type Flow, FORMAT_VERSION, NODE_ID, type NodeSpec } from '../../engine/format/model.ts';
import { allNodes, type CanvasNode, type Position } from './graph-model.ts';
import { freshId } from './naming.ts';
import type { CanvasNote, ClippedNote } from './notes.ts';

export interface Clip {
  nodes: Record<string, JsonObject>;
  /** Where nodes stood, those of bodies too; of some it may not be known. */
  layout: Record<string, Position>;
  /** By the names they had. Each has a place. */
  notes: Record<string, ClippedNote>;
}

const STYLE: Style = {
  eol: '\n',
  unit: '  ',
  colon: ': ',
  comma: ', ',
  objectPad: ' ',
  arrayPad: '',
  multiline: true,
  foldsSmall: true,
};
/** Characters. Nobody copies more than this by hand. */
const MOST = 2_000_000;
/** Levels: as deep as a flow may be, and so that reading cannot exhaust the stack. */
const DEEPEST = 100;

/** The place of a node in the coordinates of the document. */
export function placeIn({ position, data: { origin } }: CanvasNode): Position {
  return { x: Math.round(position.x - origin.x), y: Math.round(position.y - origin.y) };
}

/** The nodes `ids` (which stand in no body of each other), with what stands in their bodies, and notes. */
export function clipOf(flow: Flow, canvas: readonly CanvasNode[], ids: readonly string[], notes: readonly CanvasNote[] = []): Clip {
  const places = new Map(canvas.map((node) => [node.id, placeIn(node)]));
  const nodes: Clip['nodes'] = {};
  const layout: Clip['layout'] = {};
  for (const id of ids) {
    const node = locateNode(flow, id)?.node;
    if (!node) continue;
    nodes[id] = structuredClone(node) as JsonObject;
    for (const it of [id, ...allNodes(bodyOf(node) ?? {}).map((inner) => inner.id)]) {
      const place = places.get(it);
      if (place) layout[it] = place;
    }
  }
  return { nodes, layout, notes: Object.fromEntries(notes.map((it) => [it.data.note, clippedNote(flow, it)])) };
}

function clippedNote(flow: Flow, { data, position: { x, y } }: CanvasNote): ClippedNote {
  const { color, size } = flow.notes?.[data.note] ?? {};
  return { text: data.text, ...(color === undefined ? {} : { color }), at: [Math.round(x), Math.round(y)], ...(size ? { size } : {}) };
}

export function clipText({ nodes, layout, notes }: Clip): string {
  const pairs = Object.entries(layout).map(([id, { x, y }]): [string, Json] => [id, [x, y]]);
  const noted: JsonObject = Object.keys(notes).length > 0 ? { notes: notes as unknown as JsonObject } : {};
  return write({ version: FORMAT_VERSION, nodes, ...noted, layout: Object.fromEntries(pairs) }, STYLE, '', true);
}

/** Nodes and notes in a text: a flow, or nodes by their ids. Undefined: there are none. */
export function readClip(text: string): Clip | undefined {
  if (text.length > MOST || !text.trimStart().startsWith('{') || deeperThan(text, DEEPEST) >= 0) return undefined;
  let data: Json;
  try {
    data = JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
  if (!isJsonObject(data)) return undefined;
  const nodes = data.nodes !== undefined && typeof data.type !== 'string' ? data.nodes : data;
  if (!isJsonObject(nodes) || !Object.entries(nodes).every(isNode)) return undefined;
  const notes = data.notes !== undefined && nodes === data.nodes && isJsonObject(data.notes) ? notesIn(data.notes) : {};
  if (Object.keys(nodes).length + Object.keys(notes).length === 0) return undefined;
  const layout = data.layout !== undefined && isJsonObject(data.layout) ? data.layout : {};
  const places = Object.entries(layout).flatMap(([id, value]): [string, Position][] => {
    const pair = pairOf(value);
    return NODE_ID.test(id) && pair ? [[id, { x: pair[0], y: pair[1] }]] : [];
  });
  return { nodes: nodes as Clip['nodes'], layout: Object.fromEntries(places), notes };
}

const pairOf = (value: Json | undefined): [number, number] | undefined => {
  const [first, second] = Array.isArray(value) ? value : [];
  return Number.isInteger(first) && Number.isInteger(second) ? [Number(first), Number(second)] : undefined;
};

/** Those that have a place; what else is not understood of one is left out. */
function notesIn(notes: JsonObject): Clip['notes'] {
  return Object.fromEntries(
    Object.entries(notes).flatMap(([name, note]): [string, ClippedNote][] => {
      const at = isJsonObject(note) ? pairOf(note.at) : undefined;
      if (!NODE_ID.test(name) || !isJsonObject(note) || !at || typeof note.text !== 'string') return [];
      const size = pairOf(note.size);
      return [[name, { text: note.text, ...(typeof note.color === 'string' ? { color: note.color } : {}), at, ...(size ? { size } : {}) }]];
    }),
  );
}

/** Bodies included: an id that is none would be refused by the door of the host, for all of them. */
function isNode([id, node]: [string, Json]): boolean {
  if (!NODE_ID.test(id) || !isJsonObject(node) || typeof node.type !== 'string') return false;
  const body = bodyOf(node as NodeSpec);
  return body === undefined || Object.entries(body as unknown as JsonObject).every(isNode);
}

/** What the copies will be called: as before where that is free, else `draft2`, `draft3`, … */
export function freshNames(nodes: Clip['nodes'], taken: ReadonlySet<string>): Record<string, string> {
  const used = new Set(taken);
  const names: Record<string, string> = {};
  for (const { id } of allNodes(nodes as Nodes)) {
    const name = used.has(id) ? freshId(id.replace(/(?<=[A-Za-z_])\d+$/, ''), (candidate) => used.has(candidate)) : id;
    used.add(name);
    names[id] = name;
  }
  return names;
}

/** The upper left corner of the outermost nodes and the notes; undefined where no place is known. */
export function cornerOf({ nodes, layout, notes }: Clip): Position | undefined {
  const places = [...Object.keys(nodes).flatMap((id) => layout[id] ?? []), ...Object.values(notes).map(({ at: [x, y] }) => ({ x, y }))];
  return places.length === 0 ? undefined : { x: Math.min(...places.map(({ x }) => x)), y: Math.min(...places.map(({ y }) => y)) };
}

/** The places of the copies, so that the outermost ones keep their places among each other and begin at `corner`. */
export function placesAt(clip: Clip, names: Readonly<Record<string, string>>, corner: Position): Record<string, Position> {
  const { nodes, layout } = clip;
  const { x: left, y: top } = cornerOf(clip) ?? corner;
  return Object.fromEntries(
    Object.entries(layout).flatMap(([id, { x, y }]): [string, Position][] => {
      const name = names[id];
      if (name === undefined) return [];
      const moves = Object.hasOwn(nodes, id);
      return [[name, moves ? { x: Math.round(corner.x + x - left), y: Math.round(corner.y + y - top) } : { x, y }]];
    }),
  );
}
