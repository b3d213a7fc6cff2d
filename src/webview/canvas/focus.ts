/** Puts the focus on a node of the canvas; without effect where it is not drawn. */
export function focusNode(frame: HTMLElement | null, id: string): void {
  frame?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
}
