/**
 * Which nodes of a large flow are elements of the page. The canvas is given those near the view and what they are connected to: all that
 * it does for each picture it does for each node it knows. Making hundreds of elements at once (zooming in, opening, arranging) holds the
 * page up for a second: they are made a few for each picture, once a zoom has come to rest, and until then, or where nothing of them could
 * be read, painted (Painted.tsx).
 */
import { useStoreApi } from '@xyflow/react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Box } from '../../engine/format/layout.ts';
import { boxesOf, orderOf, touches } from '../state/boxes.ts';
import type { CanvasEdge, CanvasNode } from '../state/graph-model.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { isViewMoved, seenIn } from './seen.ts';

/** Elements that are made for one picture: at first, and within which bounds. Each picture has its own cost besides. */
const FEW = 16;
const LEAST = 12;
const MOST = 40;
/** Milliseconds between two pictures from which on fewer are made, and below which more are. */
const SLOW = 30;
const QUICK = 20;
/** Milliseconds without another zoom after which zooming is over. */
const REST = 120;

/** The nodes in view, and those within half a view around it: these are elements already when one pans there. */
function nearby(nodes: readonly CanvasNode[], view: Box): { seen: string[]; around: string[] } {
  const [seen, around]: [string[], string[]] = [[], []];
  const boxes = boxesOf(nodes);
  const near = { x: view.x - view.width / 2, y: view.y - view.height / 2, width: 2 * view.width, height: 2 * view.height };
  for (const [index, { id, hidden }] of nodes.entries()) {
    const box = boxes[index];
    if (!box || hidden || !touches(box, near)) continue;
    around.push(id);
    if (touches(box, view)) seen.push(id);
  }
  return { seen, around };
}

interface Live {
  live: ReadonlySet<string>;
  /** Nothing has to be painted. */
  whole: boolean;
}

/** What are elements in the next picture, at most `most` of those in view more than now; undefined: all is as it has to be. */
function next(nodes: readonly CanvasNode[], view: Box, live: ReadonlySet<string>, none: boolean, most: number): Live | undefined {
  if (none) return live.size === 0 ? undefined : { live: new Set([...live].slice(2 * most)), whole: false };
  const { seen, around } = nearby(nodes, view);
  const missing = seen.filter((id) => !live.has(id));
  if (missing.length === 0) return undefined;
  const near = new Set(around);
  const whole = missing.length <= most;
  // Frames come last: they would cover what stands in them and is only painted.
  const more = whole ? around : missing.slice(-most);
  return { live: new Set([...[...live].filter((id) => near.has(id)), ...more]), whole };
}

interface Mounted extends Live {
  /** What the canvas is given. Those that are connected to what is near, are selected or hold another one are there, but are no elements. */
  nodes: CanvasNode[];
  edges: CanvasEdge[];
}

const NONE: ReadonlySet<string> = new Set();

/** What the canvas has to know of, besides those that are elements: both ends of each line, what moves together, and the frames around all these. */
function known(nodes: readonly CanvasNode[], ids: Iterable<string>): CanvasNode[] {
  const order = orderOf(nodes);
  const found = new Set<number>();
  for (const id of ids) {
    for (let at = order.get(id); at !== undefined && !found.has(at); at = order.get(nodes[at]?.parentId ?? '')) found.add(at);
  }
  return [...found].sort((a, b) => a - b).flatMap((at) => nodes[at] ?? []);
}

/**
 * @param blocks whether nothing of the nodes can be read: then none is an element
 * @param pinned elements in any case: what has the focus, or is under the pointer
 */
export function useMounted({ many, blocks, pinned }: { many: boolean; blocks: boolean; pinned: readonly (string | undefined)[] }): Mounted {
  const editor = useEditor();
  const store = useStoreApi();
  const nodes = useEditorState((state) => state.nodes);
  const edges = useEditorState((state) => state.edges);
  const selection = useEditorState((state) => state.selection);
  // All cards would be drawn anew at once: they go while the new places are reckoned, and come back a few for each picture.
  const none = useEditorState((state) => state.arranging) || blocks;
  const [{ live, whole }, setState] = useState<Live>({ live: NONE, whole: false });
  const now = useRef<Live>({ live: NONE, whole: false });
  const most = useRef(FEW);
  /** A flow that has just been opened is there sooner when it is made at once. */
  const opened = useRef(false);

  useEffect(() => {
    if (!many) return;
    let request = 0;
    let last = 0;
    let zoomed = { to: 0, at: Number.NEGATIVE_INFINITY };
    let timer = 0;
    const become = (following: Live) => {
      now.current = following;
      setState(following);
    };
    const tick = (time: number) => {
      request = 0;
      const took = time - last;
      if (took > SLOW) most.current = Math.max(LEAST, Math.floor(most.current / 2));
      else if (took < QUICK) most.current = Math.min(MOST, most.current + 2);
      last = time;
      const shown = store.getState();
      const [, , zoom] = shown.transform;
      const { nodes: present } = editor.store.getState();
      if (zoomed.to !== zoom) zoomed = { to: zoom, at: opened.current ? time : Number.NEGATIVE_INFINITY };
      const following = next(present, seenIn(shown), now.current.live, none, opened.current ? most.current : Number.POSITIVE_INFINITY);
      if (!following) {
        if (shown.width > 0) opened.current = true;
        if (now.current.whole === none) become({ live: now.current.live, whole: !none });
        return;
      }
      if (time - zoomed.at < REST) {
        // What comes into view meanwhile is painted.
        if (now.current.whole) become({ live: now.current.live, whole: false });
        window.clearTimeout(timer);
        timer = window.setTimeout(later, REST);
        return;
      }
      become(following);
      if (!following.whole) later();
    };
    const later = () => {
      request ||= window.requestAnimationFrame(tick);
    };
    later();
    const stops = [
      store.subscribe((state, before) => {
        if (isViewMoved(state, before)) later();
      }),
      editor.store.subscribe((state, before) => {
        if (state.nodes !== before.nodes) later();
      }),
    ];
    return () => {
      window.cancelAnimationFrame(request);
      window.clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [many, none, store, editor]);

  const lines = useMemo(
    () => (many ? edges.filter(({ source, target, selected }) => live.has(source) || live.has(target) || selected) : edges),
    [edges, live, many],
  );
  const wanted = useMemo(
    () => new Set([...live, ...pinned.flatMap((id) => id ?? []), ...selection, ...lines.flatMap(({ source, target }) => [source, target])]),
    [live, pinned, selection, lines],
  );
  const hidden = useRef(new WeakMap<CanvasNode, CanvasNode>());
  const shown = useMemo(() => {
    if (!many) return nodes;
    return known(nodes, wanted).map((node) => {
      if (node.hidden || live.has(node.id)) return node;
      if (pinned.includes(node.id)) return blocks ? { ...node, type: 'block' as const } : node;
      const other = hidden.current.get(node) ?? { ...node, hidden: true };
      hidden.current.set(node, other);
      return other;
    });
  }, [nodes, wanted, live, many, blocks, pinned]);
  return { nodes: shown, edges: lines, live, whole: !many || (whole && !blocks) };
}
