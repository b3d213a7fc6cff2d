import type { KeyboardEvent } from 'react';

/**
 * Keeps undo and redo in a text field. VS Code listens on the window of a web view; without this it would undo the last change of
 * the file instead of the last typing, because the field's text is not in the file yet.
 */
export function keepUndoHere(event: KeyboardEvent): void {
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && !event.altKey && (key === 'z' || key === 'y')) event.stopPropagation();
}
