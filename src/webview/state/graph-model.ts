/**
 * The flow as the canvas draws it: one card for each node of the top level, one line for each edge. Pure; what has not changed
 * keeps its identity, so that React redraws only what has.
 */
import type { Edge as CanvasEdgeOf, Node as CanvasNodeOf } from '@xyflow/react';
import type { JsonObject } from '../../engine/format/json.ts';
import { FAILURE, type NodeCatalog, type NodeManifest, type OutletSpec, outletsOf, SUCCESS } from '../../engine/format/manifest.ts';
import { type Edge, type Effect, edgesInto, type Flow, type NodeSpec } from '../../engine/format/model.ts';
import type { Problem } from '../../engine/format/problem.ts';

export interface NodeCard {
  id: string;
  type: string;
  /** What people read: the node's title, else that of its type. */
  title: string;
  typeTitle: string;
  /** Name of a codicon. */
  icon: string;
  summary: string;
  outlets: OutletSpec[];
  effect: Effect;
  gated: boolean;
  /** Whether any edge leads here. */
  entered: boolean;
  /** What stands at the entry, where it is not the default: `any`, `≥ 2`. */
  join: string;
  disabled: boolean;
  /** False for types this version does not know or cannot run. */
  runnable: boolean;
  errors: number;
  warnings: number;
  /** The problems, one per line. */
  problems: string;
}

export type CardData = { card: NodeCard };
export type CanvasNode = CanvasNodeOf<CardData, 'step'>;
export type LineData = {
  outlet: string;
  tone: OutletSpec['tone'];
  failure: boolean;
  /** The source is disabled, and the flow goes on here all the same. */
  passes: boolean;
};
export type CanvasEdge = CanvasEdgeOf<LineData, 'line'>;

export interface Position {
  x: number;
  y: number;
}

/** All edges of the top level, in the order of the file. */
export function edgesOf(flow: Flow): Edge[] {
  return Object.entries(flow.nodes).flatMap(([id, node]) => edgesInto(id, node));
}

export function edgeId(edge: Edge): string {
  return `${edge.source}|${edge.outlet}|${edge.target}`;
}

export function paramsOf(node: NodeSpec): JsonObject {
  return (node.with ?? {}) as JsonObject;
}

function effectOf(node: NodeSpec, manifest: NodeManifest | undefined): Effect {
  return node.effect ?? manifest?.effect(paramsOf(node)) ?? 'none';
}

function joinText(node: NodeSpec): string {
  if (node.join === undefined || node.join === 'all') return '';
  return node.join === 'any' ? 'any' : `≥ ${node.join.atLeast}`;
}

/** The outlets of a node whose type is known; of another one those that are in use. */
function outletsFor(id: string, node: NodeSpec, manifest: NodeManifest | undefined, edges: readonly Edge[]): OutletSpec[] {
  const known = manifest ? outletsOf(manifest, paramsOf(node)) : [SUCCESS, FAILURE];
  const names = new Set(known.map((outlet) => outlet.name));
  const used = [...new Set(edges.filter((edge) => edge.source === id).map((edge) => edge.outlet))];
  const strays = used
    .filter((name) => !names.has(name))
    .map((name) => ({ name, label: `${name} ?`, tone: 'bad', unconnected: 'ends' }) as const);
  return [...known, ...strays];
}

function cardOf(id: string, node: NodeSpec, catalog: NodeCatalog, outgoing: readonly Edge[], problems: readonly Problem[]): NodeCard {
  const manifest = catalog.get(node.type);
  const count = (severity: Problem['severity']) => problems.filter((problem) => problem.severity === severity).length;
  return {
    id,
    type: node.type,
    title: node.title || manifest?.title || node.type,
    typeTitle: manifest?.title ?? node.type,
    icon: manifest?.icon ?? 'question',
    summary: manifest?.summary(paramsOf(node)) ?? '',
    outlets: outletsFor(id, node, manifest, outgoing),
    effect: effectOf(node, manifest),
    gated: node.gate !== undefined,
    entered: Object.keys(node.after ?? {}).length > 0,
    join: joinText(node),
    disabled: node.disabled === true,
    runnable: manifest?.built === true,
    errors: count('error'),
    warnings: count('warning'),
    problems: problems.map((problem) => `${problem.message} ${problem.hint}`).join('\n'),
  };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** The earlier object where it says the same. */
function keep<T>(earlier: T | undefined, now: T): T {
  return earlier !== undefined && JSON.stringify(earlier) === JSON.stringify(now) ? earlier : now;
}

export interface Canvas {
  nodes: CanvasNode[];
  edges: CanvasEdge[];
}

interface Drawing {
  flow: Flow;
  catalog: NodeCatalog;
  problems: readonly Problem[];
  positions: Readonly<Record<string, Position>>;
  editable: boolean;
}

/**
 * Draws the flow. Selection and measured sizes are taken over from `before`; positions come from the document (and the layout), so
 * that what was dragged and then refused goes back to its place.
 */
export function draw({ flow, catalog, problems, positions, editable }: Drawing, before: Canvas): Canvas {
  const edges = edgesOf(flow);
  const outgoing = groupBy(edges, (edge) => edge.source);
  const problemsOf = groupBy(problems, (problem) => problem.node);
  const nodesBefore = new Map(before.nodes.map((node) => [node.id, node]));
  const edgesBefore = new Map(before.edges.map((edge) => [edge.id, edge]));

  const nodes = Object.entries(flow.nodes).map(([id, node]): CanvasNode => {
    const old = nodesBefore.get(id);
    const card = keep(old?.data.card, cardOf(id, node, catalog, outgoing.get(id) ?? [], problemsOf.get(id) ?? []));
    const position = positions[id] ?? { x: 0, y: 0 };
    const same =
      old && old.data.card === card && old.position.x === position.x && old.position.y === position.y && old.draggable === editable;
    if (same) return old;
    return {
      ...old,
      id,
      type: 'step',
      position,
      data: old && old.data.card === card ? old.data : { card },
      draggable: editable,
      connectable: editable,
      deletable: editable,
    };
  });

  const cards = new Map(nodes.map((node) => [node.id, node.data.card]));
  const lines = edges
    .filter((edge) => cards.has(edge.source))
    .map((edge): CanvasEdge => {
      const outlet = cards.get(edge.source)?.outlets.find((candidate) => candidate.name === edge.outlet);
      const id = edgeId(edge);
      const old = edgesBefore.get(id);
      const data: LineData = {
        outlet: edge.outlet,
        tone: outlet?.tone ?? 'normal',
        failure: edge.outlet === FAILURE.name,
        passes: cards.get(edge.source)?.disabled === true && edge.outlet === SUCCESS.name,
      };
      const label = `${cards.get(edge.source)?.title}, ${outlet?.label ?? edge.outlet}, to ${cards.get(edge.target)?.title}`;
      if (old && keep(old.data, data) === old.data && old.ariaLabel === label && old.reconnectable === editable) return old;
      return {
        ...old,
        id,
        type: 'line',
        source: edge.source,
        sourceHandle: edge.outlet,
        target: edge.target,
        data,
        ariaLabel: label,
        reconnectable: editable,
        deletable: editable,
      };
    });
  return { nodes, edges: lines };
}
