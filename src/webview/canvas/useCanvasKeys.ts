import { useReactFlow } from '@xyflow/react';
import { type RefObject, useEffect, useRef } from 'react';
import { bodyOf, locateNode } from '../../engine/format/graph.ts';
import type { Editor } from '../state/editor.ts';
import { outermost } from '../state/frames.ts';
import { mainOutlet, moveNodes } from '../state/gestures.ts';
import { type CanvasNode, edgesOf, type Position, paramsOf } from '../state/graph-model.ts';
import { type Direction, neighbour } from '../state/navigate.ts';
import { type EditorState, selectedNode } from '../state/state.ts';
import { useEditor } from '../ui/context.tsx';

const ARROWS: Readonly<Record<string, Direction>> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };
/** Canvas pixels that Shift and an arrow key move a node. */
const NUDGE = 10;
const NUDGES: { readonly [D in Direction]: { x: number; y: number } } = {
  left: { x: -NUDGE, y: 0 },
  right: { x: NUDGE, y: 0 },
  up: { x: 0, y: -NUDGE },
  down: { x: 0, y: NUDGE },
};

/** Keys pressed on the canvas, or where nothing has the focus; not those typed into a field or pressed on a button of a node. */
export function isForCanvas(event: KeyboardEvent, frame: HTMLElement | null): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const [origin] = event.composedPath();
  if (origin === document.body) return true;
  if (!frame || !(origin instanceof Element) || !event.composedPath().includes(frame)) return false;
  return origin.closest('input, textarea, select, button, [contenteditable]') === null;
}

/** Opens the palette; the new node comes after the selected one, or into its body where that is open. */
export function openPaletteFor(editor: Editor, state: EditorState): void {
  const id = selectedNode(state);
  const node = id === undefined || !state.flow ? undefined : locateNode(state.flow, id)?.node;
  const manifest = node && editor.catalog.get(node.type);
  if (id === undefined || !node || !manifest) {
    editor.openPalette({});
    return;
  }
  const isOpenFrame = bodyOf(node) !== undefined && !state.collapsed.includes(id);
  editor.openPalette({ source: { id, outlet: mainOutlet(manifest, paramsOf(node)) }, ...(isOpenFrame ? { owner: id } : {}) });
}

/** Where a node stands when it was moved; in a body never over the head of the frame. */
function shifted({ position, extent }: CanvasNode, by: Position): Position {
  const [least] = Array.isArray(extent) ? extent : [[Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY] as const];
  return { x: Math.max(least[0], position.x + by.x), y: Math.max(least[1], position.y + by.y) };
}

/** The keyboard on the canvas. Arrow keys go from node to node, Shift and arrows move, the rest is in the help of the toolbar. */
export function useCanvasKeys(frame: RefObject<HTMLElement | null>): void {
  const editor = useEditor();
  const flow = useReactFlow();
  /** Nodes that are being moved by keys: written as one edit when the keys are let go. */
  const nudged = useRef(false);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!isForCanvas(event, frame.current)) return;
      const state = editor.store.getState();
      const focused = (event.target as Element).closest<HTMLElement>('.react-flow__node')?.dataset.id;
      const direction = ARROWS[event.key];

      const nudge = (towards: Direction) => {
        const alone = new Set(outermost(state.nodes, state.selection));
        const moved = state.nodes.filter((node) => alone.has(node.id) && node.draggable);
        if (moved.length === 0) return;
        const by = NUDGES[towards];
        editor.nodesChanged(moved.map((node) => ({ type: 'position', id: node.id, position: shifted(node, by) })));
        if (nudged.current) return;
        nudged.current = true;
        const ids = new Set(moved.map((node) => node.id));
        const done = () => {
          window.removeEventListener('keyup', done);
          window.removeEventListener('blur', done);
          nudged.current = false;
          editor.perform(moveNodes(editor.store.getState().nodes.filter((node) => ids.has(node.id))));
        };
        window.addEventListener('keyup', done);
        window.addEventListener('blur', done);
      };

      const go = (towards: Direction) => {
        const from = focused ?? state.selection[0] ?? '';
        const spots = state.nodes
          .filter((node) => !node.hidden)
          .map((node) => ({ id: node.id, ...node.position, ...(node.parentId === undefined ? {} : { owner: node.parentId }) }));
        const to = state.flow && neighbour(spots, edgesOf(state.flow), from, towards);
        if (to !== undefined && to !== null) editor.reveal(to, 'canvas');
      };

      const onNode = (does: (id: string) => void) => () => focused !== undefined && does(focused);
      const keys = new Map<string, () => unknown>([
        ['Enter', onNode((id) => editor.reveal(id, 'inspector'))],
        [' ', onNode((id) => editor.select([id]))],
        ['Escape', () => editor.select([])],
        ['Delete', editor.removeSelection],
        ['Backspace', editor.removeSelection],
        ['c', onNode((id) => state.nodes.some((node) => node.id === id && node.data.card.steps !== undefined) && editor.toggleBody(id))],
        ['a', () => openPaletteFor(editor, state)],
        ['/', () => openPaletteFor(editor, state)],
        ['f', () => editor.receive({ type: 'command', command: 'fit' })],
        ['+', () => flow.zoomIn()],
        ['=', () => flow.zoomIn()],
        ['-', () => flow.zoomOut()],
      ]);
      const act = direction
        ? () => (event.shiftKey ? nudge(direction) : go(direction))
        : keys.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [editor, flow, frame]);
}
