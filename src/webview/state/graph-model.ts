/** What the canvas draws: one card for each node, a frame for each node with a body, one line for each edge. */
import type { Edge as CanvasEdgeOf, Node as CanvasNodeOf } from '@xyflow/react';
import { bodyOf, edgesOf as edgesIn, type Nodes, scopesOf } from '../../engine/format/graph.ts';
import type { JsonObject } from '../../engine/format/json.ts';
import type { Position, Size } from '../../engine/format/layout.ts';
import type { OutletSpec } from '../../engine/format/manifest.ts';
import type { Edge, Effect, Flow, NodeSpec } from '../../engine/format/model.ts';

export interface NodeCard {
  id: string;
  type: string;
  /** What people read: the node's title, else that of its type. */
  title: string;
  typeTitle: string;
  /** Name of a codicon. */
  icon: string;
  summary: string;
  /** The model or the agent that it names; empty: none. */
  asks: string;
  outlets: OutletSpec[];
  effect: Effect;
  gated: boolean;
  /** Whether any edge leads here. */
  entered: boolean;
  /** What stands at the entry where several edges arrive: `all`, `any`, `≥ 2`. */
  join: string;
  disabled: boolean;
  /** False for types this version does not know or cannot run. */
  runnable: boolean;
  errors: number;
  warnings: number;
  /** The problems, one per line. */
  problems: string;
  /** How many steps stand in the body, where it has one; those in bodies inside it included. */
  steps?: number;
  /** What people read on the node in whose body this one stands. */
  within?: string;
}

export interface Frame {
  /** Canvas pixels. */
  head: number;
  /** Where the inner area begins: 0, 0 of the body. */
  inner: Position;
  /** No node of the body stands further left or above: there are the border and the head. */
  least: Position;
}

export type CardData = {
  card: NodeCard;
  /** The place that is 0, 0 in the document, in the coordinates of the canvas: bodies count from the inner area of their frame. */
  origin: Position;
  /** What the layout takes the node to be, in canvas pixels. A frame is as large as what stands in it. */
  size: Size;
  /** Where it is an open frame. */
  frame?: Frame;
};
export type CanvasNode = CanvasNodeOf<CardData, 'step' | 'frame' | 'block'>;
export type LineData = {
  outlet: string;
  tone: OutletSpec['tone'];
  failure: boolean;
  /** The source is disabled, and the flow goes on here all the same. */
  passes: boolean;
  /** What it carries comes from outside, or was made of such: no irreversible step may use it without a yes. */
  untrusted: boolean;
};
export type CanvasEdge = CanvasEdgeOf<LineData, 'line'>;

export type { Position };

/** All edges, those of the top level first, in the order of the file. */
export function edgesOf(flow: Flow): Edge[] {
  return scopesOf(flow).flatMap((scope) => edgesIn(scope.nodes));
}

export interface Canvas {
  nodes: CanvasNode[];
  edges: CanvasEdge[];
}

export interface PlacedNode {
  id: string;
  node: NodeSpec;
  /** The node in whose body it stands. */
  owner?: string;
}

/** Every node in the order of the file, each before those of its body. */
export function allNodes(nodes: Nodes, owner?: string): PlacedNode[] {
  return Object.entries(nodes).flatMap(([id, node]) => [
    { id, node, ...(owner === undefined ? {} : { owner }) },
    ...allNodes(bodyOf(node) ?? {}, id),
  ]);
}

export function edgeId(edge: Edge): string {
  return `${edge.source}|${edge.outlet}|${edge.target}`;
}

export function paramsOf(node: NodeSpec): JsonObject {
  return (node.with ?? {}) as JsonObject;
}
