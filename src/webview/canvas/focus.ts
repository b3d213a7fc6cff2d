/** Puts the focus on a node of the canvas; without effect where it is not drawn. What was painted is an element with the next picture. */
export function focusNode(frame: HTMLElement | null, id: string, waits = true): void {
  const node = frame?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`);
  if (node) node.focus({ preventScroll: true });
  else if (waits) window.requestAnimationFrame(() => focusNode(frame, id, false));
}
