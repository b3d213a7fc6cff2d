/**
 * Which nodes of a large flow are elements of the page. Making hundreds of them at once (zooming in, opening, arranging) holds the page
 * up for a second: they are made a few for each picture, and until then, or where nothing of them could be read, painted (Painted.tsx).
 */
import { type ReactFlowState, useStoreApi } from '@xyflow/react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { sizeOf } from '../state/frames.ts';
import type { CanvasEdge, CanvasNode } from '../state/graph-model.ts';
import { type CanvasNote, isNote } from '../state/notes.ts';

/** Elements that are made for one picture: at first, and within which bounds. Each picture has its own cost besides. */
const FEW = 16;
const LEAST = 12;
const MOST = 40;
/** Milliseconds between two pictures from which on fewer are made, and below which more are. */
const SLOW = 30;
const QUICK = 20;

type Store = ReactFlowState<CanvasNode | CanvasNote>;

/** The nodes in view, and those within half a view around it: these are elements already when one pans there. */
function nearby({ nodeLookup, transform: [x, y, zoom], width, height }: Store): { seen: string[]; around: string[] } {
  const [seen, around]: [string[], string[]] = [[], []];
  for (const { internals } of nodeLookup.values()) {
    const { userNode, positionAbsolute: at } = internals;
    if (isNote(userNode)) continue;
    const size = sizeOf(userNode);
    const [left, top] = [at.x * zoom + x, at.y * zoom + y];
    const [right, bottom] = [left + size.width * zoom, top + size.height * zoom];
    if (right < -width / 2 || bottom < -height / 2 || left > 1.5 * width || top > 1.5 * height) continue;
    around.push(userNode.id);
    if (right >= 0 && bottom >= 0 && left <= width && top <= height) seen.push(userNode.id);
  }
  return { seen, around };
}

/** What are elements in the next picture, at most `most` of those in view more than now; undefined: all is as it has to be. */
function next(store: Store, live: ReadonlySet<string>, none: boolean, most: number): { live: Set<string>; whole: boolean } | undefined {
  if (none) return live.size === 0 ? undefined : { live: new Set([...live].slice(2 * most)), whole: live.size <= 2 * most };
  const { seen, around } = nearby(store);
  const missing = seen.filter((id) => !live.has(id));
  if (missing.length === 0) return undefined;
  const near = new Set(around);
  const whole = missing.length <= most;
  // Frames come last: they would cover what stands in them and is only painted.
  const more = whole ? around : missing.slice(-most);
  return { live: new Set([...[...live].filter((id) => near.has(id)), ...more]), whole };
}

interface Mounted {
  nodes: CanvasNode[];
  edges: CanvasEdge[];
  /** Those that are elements for good; all others have to be painted. */
  live: ReadonlySet<string>;
  /** Nothing has to be painted. */
  whole: boolean;
}

const NONE: ReadonlySet<string> = new Set();

/**
 * @param blocks whether nothing of the nodes can be read: then none is an element
 * @param pinned elements in any case: what has the focus, or is under the pointer
 */
export function useMounted(
  nodes: CanvasNode[],
  edges: CanvasEdge[],
  { many, blocks, pinned }: { many: boolean; blocks: boolean; pinned: readonly (string | undefined)[] },
): Mounted {
  const store = useStoreApi<CanvasNode | CanvasNote>();
  const [{ live, whole }, setState] = useState({ live: NONE, whole: false });
  const now = useRef(NONE);
  const most = useRef(FEW);
  /** A flow that has just been opened is there sooner when it is made at once. */
  const opened = useRef(false);

  useEffect(() => {
    if (!many) return;
    let request = 0;
    let last = 0;
    const tick = (time: number) => {
      request = 0;
      const took = time - last;
      if (took > SLOW) most.current = Math.max(LEAST, Math.floor(most.current / 2));
      else if (took < QUICK) most.current = Math.min(MOST, most.current + 2);
      last = time;
      const following = next(store.getState(), now.current, blocks, opened.current ? most.current : Number.POSITIVE_INFINITY);
      if (!following) {
        opened.current = true;
        return;
      }
      now.current = following.live;
      setState(following);
      if (!following.whole) later();
    };
    const later = () => {
      request ||= window.requestAnimationFrame(tick);
    };
    later();
    const stop = store.subscribe((state, before) => {
      if (state.nodes !== before.nodes || state.transform !== before.transform || state.width !== before.width) later();
    });
    return () => {
      window.cancelAnimationFrame(request);
      stop();
    };
  }, [many, blocks, store]);

  const hidden = useRef(new WeakMap<CanvasNode, CanvasNode>());
  const shown = useMemo(() => {
    if (!many) return nodes;
    const hide = (node: CanvasNode): CanvasNode => {
      const known = hidden.current.get(node) ?? { ...node, hidden: true };
      hidden.current.set(node, known);
      return known;
    };
    return nodes.map((node) => {
      if (node.hidden || live.has(node.id)) return node;
      if (pinned.includes(node.id)) return blocks ? { ...node, type: 'block' as const } : node;
      return hide(node);
    });
  }, [nodes, live, many, blocks, pinned]);
  const lines = useMemo(
    () => (many ? edges.filter(({ source, target }) => live.has(source) || live.has(target)) : edges),
    [edges, live, many],
  );
  return { nodes: shown, edges: lines, live, whole: !many || (whole && !blocks) };
}
