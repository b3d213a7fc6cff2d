/** Putting nodes into bodies and taking them out again. Each is one gesture. */
import { type Box, frameSize, innerOrigin } from '../../engine/format/layout.ts';
import { type NodeManifest, outletsOf } from '../../engine/format/manifest.ts';
import { absolute, outermost, sizeOf } from './frames.ts';
import type { Gesture } from './gestures.ts';
import { type CanvasNode, type Position, paramsOf } from './graph-model.ts';
import { inBody } from './placing.ts';

/** Where nodes can go: another open frame, or a folded one. */
export interface BodyChoice {
  id: string;
  title: string;
  icon: string;
  /** What people read on the node around it. */
  within: string;
}

/** The nodes of a selection that stand in no body of each other; undefined: they stand in several bodies. */
export function inOneScope(nodes: readonly CanvasNode[], selection: readonly string[]): CanvasNode[] | undefined {
  const ids = new Set(outermost(nodes, selection));
  const chosen = nodes.filter(({ id }) => ids.has(id));
  return chosen.every(({ parentId }) => parentId === chosen[0]?.parentId) ? chosen : undefined;
}

/** The bodies that nodes can be moved into: not those they stand in, and not their own. */
export function bodiesFor(nodes: readonly CanvasNode[], ids: readonly string[]): BodyChoice[] {
  const owner = nodes.find(({ id }) => id === ids[0])?.parentId;
  return nodes
    .filter(({ id, data }) => data.card.steps !== undefined && id !== owner && !standsIn(nodes, id, ids))
    .map(({ id, data: { card } }) => ({ id, title: card.title, icon: card.icon, within: card.within ?? '' }));
}

/** Whether a node is one of `owners`, or stands in the body of one. */
export function standsIn(nodes: readonly CanvasNode[], id: string | undefined, owners: readonly string[]): boolean {
  if (id === undefined) return false;
  return owners.includes(id) || standsIn(nodes, nodes.find((node) => node.id === id)?.parentId, owners);
}

const rounded = ({ x, y }: Position): Position => ({ x: Math.round(x), y: Math.round(y) });

/** The places of nodes in the document, if they stood in the body of `owner`. */
function placesIn(nodes: readonly CanvasNode[], owner: string | undefined, ids: readonly string[]): Record<string, Position> {
  return Object.fromEntries(ids.map((id) => [id, rounded(inBody(nodes, owner, absolute(nodes, id)))]));
}

/** Nodes go into the body of `owner`, else out to the flow itself. Those dropped there keep their place on the canvas. */
export function moveTo(nodes: readonly CanvasNode[], owner: { id: string; title: string } | undefined, ids: readonly string[]): Gesture {
  return {
    label: owner === undefined ? 'Move out of the body' : `Move into “${owner.title}”`,
    edits: [
      {
        kind: 'moveToBody',
        nodes: [...ids],
        ...(owner === undefined ? {} : { owner: owner.id }),
        positions: placesIn(nodes, owner?.id, ids),
      },
    ],
  };
}

/** Nodes go into the body of a frame that may be elsewhere on the canvas: below what stands in it, as they stand to each other. */
export function moveInto(nodes: readonly CanvasNode[], owner: { id: string; title: string }, moved: readonly CanvasNode[]): Gesture {
  const there = nodes.filter(({ parentId }) => parentId === owner.id);
  const bottom = Math.max(0, ...there.map((node) => node.position.y - node.data.origin.y + sizeOf(node).height + GAP));
  const corner = cornerOf(moved);
  const positions = Object.fromEntries(
    moved.map(({ id, position: { x, y } }) => [id, rounded({ x: x - corner.x, y: y - corner.y + bottom })]),
  );
  return {
    label: `Move into “${owner.title}”`,
    edits: [{ kind: 'moveToBody', nodes: moved.map(({ id }) => id), owner: owner.id, positions }],
  };
}

/** Canvas pixels between what stands in a body and what is put into it. */
const GAP = 48;

function cornerOf(nodes: readonly CanvasNode[]): Position {
  return { x: Math.min(...nodes.map(({ position }) => position.x)), y: Math.min(...nodes.map(({ position }) => position.y)) };
}

/** Nodes become the body of a new one, in their place. What stands behind them makes room for the frame. */
export function wrap(id: string, manifest: NodeManifest, nodes: readonly CanvasNode[], moved: readonly CanvasNode[]): Gesture {
  const corner = cornerOf(moved);
  const origin = moved[0]?.data.origin ?? { x: 0, y: 0 };
  const inner = moved.map((node): Box => ({ x: node.position.x - corner.x, y: node.position.y - corner.y, ...sizeOf(node) }));
  const room = frameSize(innerOrigin(outletsOf(manifest, paramsOf({ type: manifest.type, with: manifest.initial })).length, inner), inner);
  const right = corner.x + Math.max(...inner.map((box) => box.x + box.width));
  const below = corner.y + Math.max(...inner.map((box) => box.y + box.height));
  const by = { x: corner.x + room.width - right, y: corner.y + room.height - below };
  const ids = new Set(moved.map((node) => node.id));
  const aside = nodes
    .filter((node) => node.parentId === moved[0]?.parentId && !ids.has(node.id))
    .flatMap((node): [string, Position][] => {
      const { x, y } = node.position;
      const to = { x: x >= right ? x + by.x : x, y: x < right && x + sizeOf(node).width > corner.x && y >= below ? y + by.y : y };
      return to.x === x && to.y === y ? [] : [[node.id, rounded({ x: to.x - origin.x, y: to.y - origin.y })]];
    });
  return {
    label: `Wrap in ${manifest.title}`,
    edits: [
      {
        kind: 'wrapNodes',
        nodes: moved.map((node) => node.id),
        id,
        type: manifest.type,
        position: rounded({ x: corner.x - origin.x, y: corner.y - origin.y }),
        positions: Object.fromEntries(
          moved.map((node) => [node.id, rounded({ x: node.position.x - corner.x, y: node.position.y - corner.y })]),
        ),
      },
      ...(aside.length > 0 ? [{ kind: 'moveNodes' as const, positions: Object.fromEntries(aside) }] : []),
    ],
  };
}
