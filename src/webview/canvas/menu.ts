/**
 * VS Code draws the menus of the graph: it reads `data-vscode-context` where a menu is opened, up to the root, and shows what
 * package.json has for it. Here that is said, and what is clicked is selected first, as everywhere in VS Code.
 */
import { bodiesFor, inOneScope } from '../state/bodies.ts';
import type { Editor } from '../state/editor-api.ts';
import { type EditorState, isEditable } from '../state/state.ts';

/** Said beside what a node says of itself (`menuOf` in card-parts.tsx). */
function contextOf(state: EditorState, section: 'edge' | 'canvas'): string {
  const { selection, nodes } = state;
  const selected = nodes.filter(({ id }) => selection.includes(id));
  return JSON.stringify({
    webviewSection: section,
    preventDefaultContextMenuItems: true,
    graphEditable: isEditable(state),
    graphSelected: selection.length,
    graphBody: selected.length === 1 && selected[0]?.data.card.steps !== undefined,
    graphOneScope: (inOneScope(nodes, selection)?.length ?? 0) > 0,
    graphBodies: (inOneScope(nodes, selection)?.length ?? 0) > 0 && bodiesFor(nodes, selection).length > 0,
    graphInBody: selected.length > 0 && selected.every(({ parentId }) => parentId !== undefined && parentId === selected[0]?.parentId),
  });
}

/** Before the menu is shown: selects what it was opened on, and tells VS Code which menu that is. */
export function prepareMenu(editor: Editor, frame: HTMLElement, target: EventTarget | null): void {
  const at = target instanceof Element ? target : frame;
  const node = at.closest<HTMLElement>('.react-flow__node')?.dataset.id;
  const edge = at.closest<SVGElement>('.react-flow__edge')?.dataset.id;
  const { selection, notes } = editor.store.getState();
  const isSelected = node !== undefined && (selection.includes(node) || notes.some((note) => note.id === node && note.selected));
  if (node !== undefined && !isSelected) editor.select([node]);
  if (edge !== undefined) editor.selectEdge(edge);
  frame.dataset.vscodeContext = contextOf(editor.store.getState(), edge === undefined ? 'canvas' : 'edge');
}

/** The menu of the selected edge, else of what has the focus, opened by a key. */
export function showMenuByKey(editor: Editor, frame: HTMLElement | null, target: EventTarget | null): void {
  if (!frame) return;
  const edge = editor.store.getState().edges.find((candidate) => candidate.selected);
  const node = target instanceof Element ? target.closest('.react-flow__node') : null;
  const path = edge && frame.querySelector<SVGPathElement>(`.react-flow__edge[data-id="${CSS.escape(edge.id)}"] path`);
  const at = path ?? node ?? frame.querySelector('.react-flow__pane') ?? frame;
  const box = at.getBoundingClientRect();
  const view = frame.getBoundingClientRect();
  const inside = (value: number, from: number, to: number) => Math.min(Math.max(value, from), to);
  at.dispatchEvent(
    new MouseEvent('contextmenu', {
      bubbles: true,
      cancelable: true,
      composed: true,
      clientX: inside(box.left + box.width / 2, view.left, view.right),
      clientY: inside(box.top + box.height / 2, view.top, view.bottom),
    }),
  );
}
