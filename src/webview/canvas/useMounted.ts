/**
 * Which nodes of a large flow are elements of the page. The canvas is given those in view and what they are connected to: all that
 * it does for each picture it does for each node it knows. Making hundreds of elements at once (zooming in, arranging) holds the page up for
 * a second: they are made a few for each picture, once a zoom has come to rest, and until then, or where nothing of them could
 * be read, painted (Painted.tsx). While a zoom lasts none goes either: where nothing could be read, those that are there cannot be seen.
 */
import { type Transform, useStoreApi } from '@xyflow/react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { Box } from '../../engine/format/layout.ts';
import { boxesOf, orderOf, touches } from '../state/boxes.ts';
import type { CanvasEdge, CanvasNode } from '../state/graph-model.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { isViewMoved, seenIn } from './seen.ts';

/**
 * Elements that are made for one picture: for the first one, which is waited for anyway, and within which bounds for the others. Each
 * picture has its own cost besides.
 */
const FIRST = 128;
const LEAST = 12;
const MOST = 40;
/** Milliseconds between two pictures from which on fewer are made, and below which more are. */
const SLOW = 30;
const QUICK = 20;
/** Milliseconds without another zoom after which zooming is over. */
const REST = 120;

/** The nodes in view, frames behind what stands in them: they would cover it where it is only painted. */
function seenOf(nodes: readonly CanvasNode[], view: Box): string[] {
  const boxes = boxesOf(nodes);
  const seen = nodes.filter(({ hidden }, index) => {
    const box = boxes[index];
    return box !== undefined && !hidden && touches(box, view);
  });
  const isFrame = ({ data }: CanvasNode) => data.frame !== undefined;
  return [...seen.filter((node) => !isFrame(node)), ...seen.filter(isFrame).reverse()].map(({ id }) => id);
}

interface Live {
  live: ReadonlySet<string>;
  /** Nothing has to be painted. */
  whole: boolean;
}

/**
 * What are elements in the next picture, at most `most` of those in view more than now. Those out of view are none: zooming out, each
 * picture would make those that come into view.
 */
function next(seen: readonly string[], live: ReadonlySet<string>, most: number): Live {
  const later = new Set(seen.filter((id) => !live.has(id)).slice(most));
  return { live: new Set(seen.filter((id) => !later.has(id))), whole: later.size === 0 };
}

/** What React Flow is given, besides: */
interface Given extends Live {
  /**
   * Elements of the picture before. It still has to know them: it asks each card about its node before it takes it away, and without one
   * that is an exception, thrown and caught for each.
   */
  leaving: readonly string[];
}

interface Mounted extends Live {
  /** Those that need not be painted. While all go, none: they cover what is painted, and it is painted once. */
  live: ReadonlySet<string>;
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
  const arranging = useEditorState((state) => state.arranging);
  const [{ live, whole, leaving }, setState] = useState<Given>({ live: NONE, whole: false, leaving: [] });
  const now = useRef<Live>({ live: NONE, whole: false });
  const most = useRef(LEAST);
  /** The view of a flow that is being opened is no zoom. */
  const opened = useRef(false);

  useEffect(() => {
    if (!many) return;
    const none = arranging || blocks;
    let request = 0;
    let timer = 0;
    let last = 0;
    let moved: { to: Transform | undefined; at: number } = { to: undefined, at: 0 };
    let zoomed = { to: 0, at: Number.NEGATIVE_INFINITY };
    const later = () => {
      request ||= window.requestAnimationFrame(tick);
    };
    /** With the picture after the next one: to paint the flow takes about as long as some cards take to go. */
    const afterPainting = () => {
      request ||= window.requestAnimationFrame(() => {
        request = 0;
        later();
      });
    };
    const afterRest = () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(later, REST);
    };
    const become = (following: Live) => {
      const leaving = [...now.current.live].filter((id) => !following.live.has(id));
      now.current = following;
      // In this picture: cards made later would come while others are measured, which browsers call a fault.
      flushSync(() => setState({ ...following, leaving }));
    };
    const paintTheRest = () => {
      if (now.current.whole) become({ live: now.current.live, whole: false });
    };
    const go = () => {
      if (now.current.whole) {
        paintTheRest();
        // What the pictures before it took says nothing of those to come: as long as most cards are there, to be without some takes long.
        most.current = LEAST;
        if (now.current.live.size > 0) afterPainting();
      } else if (now.current.live.size > 0) {
        become({ live: new Set([...now.current.live].slice(2 * most.current)), whole: false });
        later();
      }
    };
    const come = (seen: readonly string[]) => {
      const following = next(seen, now.current.live, opened.current ? most.current : FIRST);
      become(following);
      if (!following.whole) later();
    };
    /** All in view are there. What has left it goes once the view is at rest: panning on, it may come back. */
    const stay = (seen: readonly string[], isAtRest: boolean) => {
      const { live, whole } = now.current;
      const isMore = live.size > seen.length;
      if (isMore && isAtRest) become({ live: new Set(seen), whole: true });
      else if (!whole) become({ live, whole: true });
      if (isMore && !isAtRest) afterRest();
    };
    function tick(time: number): void {
      request = 0;
      const took = last === 0 ? SLOW : time - last;
      if (took > SLOW) most.current = Math.max(LEAST, Math.floor(most.current / 2));
      else if (took < QUICK) most.current = Math.min(MOST, most.current + 2);
      last = time;
      const shown = store.getState();
      const [, , zoom] = shown.transform;
      if (moved.to !== shown.transform) moved = { to: shown.transform, at: time };
      if (zoomed.to !== zoom) zoomed = { to: zoom, at: opened.current ? time : Number.NEGATIVE_INFINITY };
      const isZooming = !arranging && time - zoomed.at < REST;
      if (none) {
        if (isZooming) afterRest();
        else go();
        return;
      }
      const seen = seenOf(editor.store.getState().nodes, seenIn(shown));
      if (seen.every((id) => now.current.live.has(id))) {
        if (shown.width > 0) opened.current = true;
        stay(seen, time - moved.at >= REST);
      } else if (isZooming) {
        // What comes into view meanwhile is painted.
        paintTheRest();
        afterRest();
      } else come(seen);
    }
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
  }, [many, arranging, blocks, store, editor]);

  const lines = useMemo(
    () => (many ? edges.filter(({ source, target, selected }) => live.has(source) || live.has(target) || selected) : edges),
    [edges, live, many],
  );
  const wanted = useMemo(
    () =>
      new Set([
        ...live,
        ...leaving,
        ...pinned.flatMap((id) => id ?? []),
        ...selection,
        ...lines.flatMap(({ source, target }) => [source, target]),
      ]),
    [live, leaving, pinned, selection, lines],
  );
  const hidden = useRef(new WeakMap<CanvasNode, CanvasNode>());
  const shown = useMemo(() => {
    if (!many) return nodes;
    return known(nodes, wanted).map((node) => {
      if (node.hidden) return node;
      const isPinned = pinned.includes(node.id);
      if (isPinned && blocks) return { ...node, type: 'block' as const };
      if (isPinned || live.has(node.id)) return node;
      const other = hidden.current.get(node) ?? { ...node, hidden: true };
      hidden.current.set(node, other);
      return other;
    });
  }, [nodes, wanted, live, many, blocks, pinned]);
  return { nodes: shown, edges: lines, live: blocks || arranging ? NONE : live, whole: !many || (whole && !blocks) };
}
