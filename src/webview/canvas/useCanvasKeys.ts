import { useReactFlow } from '@xyflow/react';
import { type RefObject, useEffect, useRef } from 'react';
import type { Editor } from '../state/editor-api.ts';
import { outermost } from '../state/frames.ts';
import { moveNodes } from '../state/gestures.ts';
import { type CanvasNode, edgesOf, type Position } from '../state/graph-model.ts';
import { type Direction, neighbour } from '../state/navigate.ts';
import { movesOf } from '../state/notes.ts';
import { useEditor } from '../ui/context.tsx';
import { type Act, type Action, actionCalled, actionFor, chordOf } from './actions.ts';
import { showMenuByKey } from './menu.ts';

const ARROWS: Readonly<Record<string, Direction>> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };
/** Canvas pixels that Shift and an arrow key move a node. */
const NUDGE = 10;
const NUDGES: { readonly [D in Direction]: { x: number; y: number } } = {
  left: { x: -NUDGE, y: 0 },
  right: { x: NUDGE, y: 0 },
  up: { x: 0, y: -NUDGE },
  down: { x: 0, y: NUDGE },
};

/** Where edges lead down, down is what right is elsewhere. */
const TURNED: { readonly [D in Direction]: Direction } = { left: 'up', right: 'down', up: 'left', down: 'right' };

/** Things pressed on the canvas, or where nothing has the focus; not those typed into a field or pressed on a button of a node. */
export function isForCanvas(event: Event, frame: HTMLElement | null): boolean {
  const [origin] = event.composedPath();
  if (origin === document.body || origin === document) return true;
  if (!frame || !(origin instanceof Element) || !event.composedPath().includes(frame)) return false;
  return origin.closest('input, textarea, select, button, [contenteditable]') === null;
}

/** Where a node stands when it was moved; in a body never over the head of the frame. */
function shifted({ position, extent }: CanvasNode, by: Position): Position {
  const [least] = Array.isArray(extent) ? extent : [[Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY] as const];
  return { x: Math.max(least[0], position.x + by.x), y: Math.max(least[1], position.y + by.y) };
}

/** Moves the selected nodes as long as keys are held; written as one edit when they are let go. */
function nudger(editor: Editor, moving: RefObject<boolean>): (towards: Direction) => void {
  return (towards) => {
    const state = editor.store.getState();
    const alone = new Set(outermost(state.nodes, state.selection));
    const moved = state.nodes.filter((node) => alone.has(node.id) && node.draggable);
    const notes = state.notes.filter((note) => note.selected && note.draggable);
    if (moved.length + notes.length === 0) return;
    const by = NUDGES[towards];
    editor.nodesChanged([
      ...moved.map((node) => ({ type: 'position' as const, id: node.id, position: shifted(node, by) })),
      ...notes.map(({ id, position: { x, y } }) => ({ type: 'position' as const, id, position: { x: x + by.x, y: y + by.y } })),
    ]);
    if (moving.current) return;
    moving.current = true;
    const ids = new Set([...moved, ...notes].map((node) => node.id));
    const done = () => {
      window.removeEventListener('keyup', done);
      window.removeEventListener('blur', done);
      moving.current = false;
      const now = editor.store.getState();
      const nodes = now.nodes.filter((node) => ids.has(node.id));
      const noteEdits = movesOf(now.notes.filter((note) => ids.has(note.id)));
      const { label, edits } = nodes.length > 0 ? moveNodes(nodes) : { label: 'Move note', edits: [] };
      editor.perform({ label, edits: [...edits, ...noteEdits] });
    };
    window.addEventListener('keyup', done);
    window.addEventListener('blur', done);
  };
}

/** The keyboard on the canvas, the clipboard, and what is chosen in VS Code's menus: all by the one table of actions. */
export function useCanvasKeys(frame: RefObject<HTMLElement | null>): void {
  const editor = useEditor();
  const flow = useReactFlow();
  const moving = useRef(false);

  useEffect(() => {
    const nudge = nudger(editor, moving);
    const actOn = (target: EventTarget | null): Act => {
      const state = editor.store.getState();
      const focused = target instanceof Element ? target.closest<HTMLElement>('.react-flow__node')?.dataset.id : undefined;
      const box = frame.current?.getBoundingClientRect();
      return {
        editor,
        state,
        flow,
        focused,
        centre: flow.screenToFlowPosition(box ? { x: box.left + box.width / 2, y: box.top + box.height / 2 } : { x: 0, y: 0 }),
        nudge,
        walk(towards) {
          const turns = state.direction === 'down';
          const turned = ({ x, y }: Position): Position => (turns ? { x: y, y: x } : { x, y });
          const spots = state.nodes
            .filter((node) => !node.hidden)
            .map((node) => ({ id: node.id, ...turned(node.position), ...(node.parentId === undefined ? {} : { owner: node.parentId }) }));
          const to =
            state.flow && neighbour(spots, edgesOf(state.flow), focused ?? state.selection[0] ?? '', turns ? TURNED[towards] : towards);
          if (to !== undefined && to !== null) editor.reveal(to, 'canvas');
        },
      };
    };
    const run = (action: Action | undefined, act: Act) => action?.run(act);

    const onKeyDown = (event: KeyboardEvent) => {
      if (!isForCanvas(event, frame.current)) return;
      const chord = chordOf(event);
      const isMenu = chord === 'contextmenu' || chord === 'shift+f10';
      const action = actionFor(chord);
      if (!action && !isMenu) return;
      event.preventDefault();
      event.stopPropagation();
      if (isMenu) {
        showMenuByKey(editor, frame.current, event.target);
        return;
      }
      const direction = ARROWS[event.key];
      run(action, { ...actOn(event.target), ...(direction ? { direction } : {}) });
    };
    const onClipboard = (event: ClipboardEvent) => {
      if (!isForCanvas(event, frame.current) || !event.clipboardData) return;
      if (event.type === 'paste') run(actionCalled('paste'), { ...actOn(event.target), text: event.clipboardData.getData('text/plain') });
      else {
        const text = editor.copied();
        // Words that are selected somewhere (in a report, a message) are what is meant.
        if (text === undefined || window.getSelection()?.type === 'Range') return;
        event.clipboardData.setData('text/plain', text);
        if (event.type === 'cut') editor.removeSelection();
      }
      event.preventDefault();
    };
    const offAction = editor.onAction(({ action, text }) => {
      const point = editor.menuPoint();
      run(actionCalled(action), { ...actOn(document.activeElement), ...(text === undefined ? {} : { text }), ...(point ? { point } : {}) });
    });
    document.addEventListener('keydown', onKeyDown);
    for (const type of ['copy', 'cut', 'paste'] as const) document.addEventListener(type, onClipboard);
    return () => {
      offAction();
      document.removeEventListener('keydown', onKeyDown);
      for (const type of ['copy', 'cut', 'paste'] as const) document.removeEventListener(type, onClipboard);
    };
  }, [editor, flow, frame]);
}
