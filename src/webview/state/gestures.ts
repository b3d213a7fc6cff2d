/** What a person does on the canvas or in a form, as edits of the document: one gesture, one label, one undo step. Pure. */
import type { FlowEdit } from '../../engine/format/flow-edit.ts';
import type { Json, JsonObject } from '../../engine/format/json.ts';
import { FAILURE, type NodeManifest, outletsOf } from '../../engine/format/manifest.ts';
import type { Edge } from '../../engine/format/model.ts';
import { type CanvasEdge, type CanvasNode, edgeId, type Position } from './graph-model.ts';

export interface Gesture {
  /** What the undo menu calls it. */
  label: string;
  edits: FlowEdit[];
}

const whole = (position: Position): Position => ({ x: Math.round(position.x), y: Math.round(position.y) });

/** Nodes lie somewhere else on the canvas. In the document those of a body count from its inner area. */
export function moveNodes(moved: readonly Pick<CanvasNode, 'id' | 'position' | 'data'>[]): Gesture {
  const places = moved.map(({ id, position, data: { origin } }) => [id, whole({ x: position.x - origin.x, y: position.y - origin.y })]);
  return {
    label: moved.length === 1 ? 'Move node' : 'Move nodes',
    edits: [{ kind: 'moveNodes', positions: Object.fromEntries(places) }],
  };
}

export function connect(edge: Edge): Gesture {
  return { label: 'Connect nodes', edits: [{ kind: 'connect', ...edge }] };
}

export function disconnect(edge: Edge): Gesture {
  return { label: 'Disconnect nodes', edits: [{ kind: 'disconnect', ...edge }] };
}

/** One end of an edge was dragged to another place. */
export function reconnect(from: Edge, to: Edge): Gesture {
  return {
    label: 'Reconnect nodes',
    edits: [
      { kind: 'disconnect', ...from },
      { kind: 'connect', ...to },
    ],
  };
}

/** Removes nodes and edges; edges that go with a removed node need no edit of their own. */
export function remove(nodes: readonly string[], edges: readonly Edge[]): Gesture {
  const gone = new Set(nodes);
  const loose = edges.filter((edge) => !gone.has(edge.source) && !gone.has(edge.target));
  return {
    label: nodes.length === 0 ? 'Disconnect nodes' : nodes.length === 1 ? 'Delete node' : 'Delete nodes',
    edits: [
      ...loose.map((edge): FlowEdit => ({ kind: 'disconnect', ...edge })),
      ...nodes.map((id): FlowEdit => ({ kind: 'removeNode', id })),
    ],
  };
}

/** The outlet by which a flow normally goes on. */
export function mainOutlet(manifest: NodeManifest, params: JsonObject): string {
  return outletsOf(manifest, params)[0]?.name ?? FAILURE.name;
}

/** A new node of a type: behind `source` where there is one, else in the body of `owner`. `position` is the document's. */
export function addNode(
  id: string,
  manifest: NodeManifest,
  position: Position,
  { source, owner }: { source?: { id: string; outlet: string }; owner?: string },
): Gesture {
  const node: JsonObject = { type: manifest.type };
  if (source) node.after = { [source.id]: source.outlet };
  if (Object.keys(manifest.initial).length > 0) node.with = manifest.initial;
  return {
    label: `Add ${manifest.title}`,
    edits: [
      { kind: 'addNode', id, node, position: whole(position), ...(source ? { behind: source.id } : owner === undefined ? {} : { owner }) },
    ],
  };
}

/** A new node on an edge: between its source and its target. `moved`: nodes that make room. */
export function insertNode(
  id: string,
  manifest: NodeManifest,
  edge: Edge,
  place: Position,
  moved: Readonly<Record<string, Position>>,
): Gesture {
  const { label, edits } = addNode(id, manifest, place, { source: { id: edge.source, outlet: edge.outlet } });
  const room: FlowEdit[] = Object.keys(moved).length > 0 ? [{ kind: 'moveNodes', positions: { ...moved } }] : [];
  return {
    label,
    edits: [
      { kind: 'disconnect', ...edge },
      ...edits,
      { kind: 'connect', source: id, outlet: mainOutlet(manifest, manifest.initial), target: edge.target },
      ...room,
    ],
  };
}

/** A node that is there goes on an edge: between its source and its target. Its other edges stay as they are. */
export function putOnEdge(id: string, outlet: string, edge: Edge, move: Gesture): Gesture {
  return {
    label: 'Insert node',
    edits: [
      { kind: 'disconnect', ...edge },
      { kind: 'connect', source: edge.source, outlet: edge.outlet, target: id },
      { kind: 'connect', source: id, outlet, target: edge.target },
      ...move.edits,
    ],
  };
}

/** Makes a node one of another type. */
export function changeType(node: string, manifest: NodeManifest): Gesture {
  return { label: `Replace by ${manifest.title}`, edits: [{ kind: 'changeType', node, type: manifest.type }] };
}

export function setDisabled(nodes: readonly string[], disabled: boolean): Gesture {
  return {
    label: `${disabled ? 'Disable' : 'Enable'} ${nodes.length === 1 ? 'node' : 'nodes'}`,
    edits: nodes.map((node) => ({ kind: 'setParam', node, path: ['disabled'], ...(disabled ? { value: true } : {}) })),
  };
}

/** Sets or (undefined) removes one value inside a node. */
export function setParam(node: string, path: (string | number)[], value: Json | undefined, what: string): Gesture {
  return { label: `Change ${what}`, edits: [{ kind: 'setParam', node, path, ...(value === undefined ? {} : { value }) }] };
}

export function setFlow(path: (string | number)[], value: Json | undefined, what: string): Gesture {
  return { label: `Change ${what}`, edits: [{ kind: 'setFlow', path, ...(value === undefined ? {} : { value }) }] };
}

export function rename(id: string, to: string): Gesture {
  return { label: 'Rename node', edits: [{ kind: 'renameNode', id, to }] };
}

export function renameInput(name: string, to: string): Gesture {
  return { label: 'Rename input', edits: [{ kind: 'renameInput', name, to }] };
}

/** The edge of the document that a line on the canvas stands for. */
export function edgeOfLine(line: CanvasEdge): Edge {
  return { source: line.source, outlet: line.data?.outlet ?? '', target: line.target };
}

/** True where both stand for the same edge. */
export function sameEdge(one: Edge, other: Edge): boolean {
  return edgeId(one) === edgeId(other);
}
