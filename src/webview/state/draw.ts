/** The flow as the canvas draws it. Pure; what has not changed keeps its identity, so that React redraws only what has. */
import { Position as Side } from '@xyflow/react';
import type { Direction } from '../../engine/format/arrange.ts';
import { bodyOf, type Nodes } from '../../engine/format/graph.ts';
import { type JsonObject, sameJson } from '../../engine/format/json.ts';
import { frameHead, innerOrigin, outletCount, place, type Size } from '../../engine/format/layout.ts';
import { FAILURE, type NodeCatalog, type NodeManifest, type OutletSpec, outletsOf, SUCCESS } from '../../engine/format/manifest.ts';
import type { Edge, Effect, Flow, NodeSpec } from '../../engine/format/model.ts';
import type { Problem } from '../../engine/format/problem.ts';
import { namesOf } from '../inspector/form-model.ts';
import { extentOf, fitFrames } from './frames.ts';
import {
  allNodes,
  type Canvas,
  type CanvasEdge,
  type CanvasNode,
  type CardData,
  edgeId,
  edgesOf,
  type Frame,
  type LineData,
  type NodeCard,
  type PlacedNode,
  type Position,
  paramsOf,
} from './graph-model.ts';
import { MANY, reckoned } from './reckoned.ts';

const SIDES: { readonly [D in Direction]: { sourcePosition: Side; targetPosition: Side } } = {
  right: { sourcePosition: Side.Right, targetPosition: Side.Left },
  down: { sourcePosition: Side.Bottom, targetPosition: Side.Top },
};

function effectOf(node: NodeSpec, manifest: NodeManifest | undefined): Effect {
  return node.effect ?? manifest?.effect(paramsOf(node)) ?? 'none';
}

/** The rule for several edges; of a single one there is nothing to say unless somebody has chosen it. */
function joinText({ join, after }: NodeSpec): string {
  if (join === 'any') return 'any';
  if (typeof join === 'object') return `≥ ${join.atLeast}`;
  return Object.values(after ?? {}).flat().length > 1 ? 'all' : '';
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

interface Around {
  outgoing: readonly Edge[];
  problems: readonly Problem[];
  within: string | undefined;
  /** The model of the flow; empty: none. */
  model: string;
}

/** The agent or the model that a node names; where it names none, the model of the flow. */
function askedBy(params: JsonObject, manifest: NodeManifest | undefined, otherwise: string): string {
  const key = manifest && namesOf(manifest);
  if (key === undefined) return '';
  const name = params[key];
  return typeof name === 'string' ? name : otherwise;
}

function titleIn(node: NodeSpec, catalog: NodeCatalog): string {
  return node.title || catalog.get(node.type)?.title || node.type;
}

function cardOf(id: string, node: NodeSpec, catalog: NodeCatalog, { outgoing, problems, within, model }: Around): NodeCard {
  const body = bodyOf(node);
  const manifest = catalog.get(node.type);
  const count = (severity: Problem['severity']) => problems.filter((problem) => problem.severity === severity).length;
  return {
    id,
    type: node.type,
    title: titleIn(node, catalog),
    typeTitle: manifest?.title ?? node.type,
    icon: manifest?.icon ?? 'question',
    summary: manifest?.summary(paramsOf(node)) ?? '',
    asks: askedBy(paramsOf(node), manifest, model),
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
    ...(body ? { steps: allNodes(body).length } : {}),
    ...(within === undefined ? {} : { within }),
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
function keep<T extends object>(earlier: T | undefined, now: T): T {
  return earlier !== undefined && sameJson(earlier, now) ? earlier : now;
}

/** What follows from the nodes of a flow alone: they are the same object as long as only their places have changed. */
interface Structure {
  edges: readonly Edge[];
  outgoing: ReadonlyMap<string, Edge[]>;
  all: readonly PlacedNode[];
  specs: ReadonlyMap<string, NodeSpec>;
  /** The edges that are drawn. */
  lines: readonly { id: string; edge: Edge }[];
}

const structures = new WeakMap<Nodes, Structure>();

function structureOf(flow: Flow): Structure {
  const known = structures.get(flow.nodes);
  if (known) return known;
  const edges = edgesOf(flow);
  const all = allNodes(flow.nodes);
  const specs = new Map(all.map(({ id, node }) => [id, node]));
  const ownerOf = new Map(all.map(({ id, owner }) => [id, owner]));
  // One through the border of a frame is a problem of the document; its line would look as if it counted.
  const lines = edges
    .filter(({ source, target }) => specs.has(source) && ownerOf.get(source) === ownerOf.get(target))
    .map((edge) => ({ id: edgeId(edge), edge }));
  const structure = { edges, outgoing: groupBy(edges, (edge) => edge.source), all, specs, lines };
  structures.set(flow.nodes, structure);
  return structure;
}

/** Of what the card of a node was made. */
interface Made {
  structure: Structure;
  catalog: NodeCatalog;
  problems: readonly Problem[];
  model: string;
  folded: boolean;
  card: NodeCard;
}

const made = new WeakMap<NodeSpec, Made>();

/** Of which cards a line says what it says. */
const between = new WeakMap<LineData, { source: NodeCard | undefined; target: NodeCard | undefined }>();

/** What is drawn of a node; the earlier object where it says the same. */
function dataOf(
  earlier: CardData | undefined,
  card: NodeCard,
  origin: Position,
  { width, height }: Size,
  frame: Frame | undefined,
): CardData {
  if (
    earlier?.card === card &&
    earlier.origin.x === origin.x &&
    earlier.origin.y === origin.y &&
    earlier.size.width === width &&
    earlier.size.height === height &&
    sameJson(earlier.frame, frame)
  )
    return earlier;
  return { card, origin, size: { width, height }, ...(frame ? { frame } : {}) };
}

interface Drawing {
  flow: Flow;
  catalog: NodeCatalog;
  problems: readonly Problem[];
  /** Steps whose results are not to be trusted. */
  untrusted?: ReadonlySet<string>;
  /** Places on the canvas that are kept as they are, as they may just be dragged. */
  kept: Readonly<Record<string, Position>>;
  /** Nodes whose body is folded away. */
  collapsed: ReadonlySet<string>;
  /** Decides on which side of cards edges arrive and leave. */
  direction: Direction;
  editable: boolean;
}

/**
 * Draws the flow. Selection and measured sizes are taken over from `before`; positions come from the document (and the layout), so
 * that what was dragged and then refused goes back to its place.
 */
export function draw({ flow, catalog, problems, untrusted, kept, collapsed, direction, editable }: Drawing, before: Canvas): Canvas {
  const structure = structureOf(flow);
  const { outgoing, all, specs } = structure;
  const model = flow.model ?? '';
  const problemsOf = groupBy(problems, (problem) => problem.node);
  const nodesBefore = new Map(before.nodes.map((node) => [node.id, node]));
  const edgesBefore = new Map(before.edges.map((edge) => [edge.id, edge]));
  const boxes = place(flow, catalog);
  const frames = new Map(
    all.flatMap(({ id, node }): [string, Frame][] => {
      const body = bodyOf(node);
      if (!body) return [];
      const outlets = outletCount(node, catalog);
      const inside = Object.keys(body).flatMap((child) => boxes[child] ?? []);
      return [[id, { head: frameHead(outlets), inner: innerOrigin(outlets, inside), least: innerOrigin(outlets, []) }]];
    }),
  );
  const hidden = new Set<string>();
  const sides = SIDES[direction];

  const nodes = all.map(({ id, node, owner }): CanvasNode => {
    const old = nodesBefore.get(id);
    const folded = collapsed.has(id);
    if (owner !== undefined && (hidden.has(owner) || collapsed.has(owner))) hidden.add(id);
    const makeCard = (): NodeCard => {
      const inside = folded ? allNodes(bodyOf(node) ?? {}).flatMap((inner) => problemsOf.get(inner.id) ?? []) : [];
      const ownerNode = owner === undefined ? undefined : specs.get(owner);
      return cardOf(id, node, catalog, {
        outgoing: outgoing.get(id) ?? [],
        problems: [...(problemsOf.get(id) ?? []), ...inside],
        within: ownerNode && titleIn(ownerNode, catalog),
        model,
      });
    };
    const last = made.get(node);
    const isMade =
      last?.structure === structure &&
      last.catalog === catalog &&
      last.problems === problems &&
      last.model === model &&
      last.folded === folded;
    const card = isMade ? last.card : keep(old?.data.card, makeCard());
    if (!isMade) made.set(node, { structure, catalog, problems, model, folded, card });
    const frame = folded ? undefined : frames.get(id);
    const around = owner === undefined ? undefined : frames.get(owner);
    const origin = around?.inner ?? { x: 0, y: 0 };
    const box = boxes[id] ?? { x: 0, y: 0, width: 0, height: 0 };
    const position = kept[id] ?? { x: box.x + origin.x, y: box.y + origin.y };
    const data = dataOf(old?.data, card, origin, box, frame);
    const same =
      old &&
      old.data === data &&
      old.position.x === position.x &&
      old.position.y === position.y &&
      old.draggable === editable &&
      old.parentId === owner &&
      old.sourcePosition === sides.sourcePosition &&
      old.hidden === hidden.has(id);
    if (same) return old;
    const { width: _width, height: _height, parentId: _parentId, extent: _extent, dragHandle: _handle, style: _style, ...rest } = old ?? {};
    return {
      ...rest,
      id,
      type: frame ? 'frame' : 'step',
      position,
      ...sides,
      data,
      ...((old ? old.handles : all.length > MANY) ? reckoned(data, sides.sourcePosition) : {}),
      hidden: hidden.has(id),
      draggable: editable,
      connectable: editable,
      deletable: editable,
      // The room of a frame is canvas: there one pans, and draws boxes around what stands in it.
      ...(frame ? { ...data.size, dragHandle: '.frame-head', style: { pointerEvents: 'none' } } : {}),
      ...(owner !== undefined && around ? { parentId: owner, extent: extentOf(around) } : {}),
    };
  });

  const drawn = fitFrames(nodes);
  const cards = new Map(drawn.map((node) => [node.id, node.data.card]));
  const lines = structure.lines.map(({ id, edge }): CanvasEdge => {
    const old = edgesBefore.get(id);
    const [source, target] = [cards.get(edge.source), cards.get(edge.target)];
    const isUntrusted = untrusted?.has(edge.source) === true;
    const isHidden = hidden.has(edge.target);
    const isAsBefore = old?.data?.untrusted === isUntrusted && old.reconnectable === editable && old.hidden === isHidden;
    const last = old?.data && between.get(old.data);
    if (isAsBefore && last?.source === source && last?.target === target) return old;
    const outlet = source?.outlets.find((candidate) => candidate.name === edge.outlet);
    const data: LineData = {
      outlet: edge.outlet,
      tone: outlet?.tone ?? 'normal',
      failure: edge.outlet === FAILURE.name,
      passes: source?.disabled === true && edge.outlet === SUCCESS.name,
      untrusted: isUntrusted,
    };
    const label = `${source?.title}, ${outlet?.label ?? edge.outlet}, to ${target?.title}${isUntrusted ? ', untrusted data' : ''}`;
    if (isAsBefore && old.data && sameJson(old.data, data) && old.ariaLabel === label) {
      between.set(old.data, { source, target });
      return old;
    }
    between.set(data, { source, target });
    return {
      ...old,
      id,
      type: 'line',
      source: edge.source,
      sourceHandle: edge.outlet,
      target: edge.target,
      data,
      ariaLabel: label,
      hidden: isHidden,
      reconnectable: editable,
      deletable: editable,
    };
  });
  return { nodes: drawn, edges: lines };
}
