import type { KeyboardEvent } from 'react';

/**
 * Keeps undo, redo and "select all" in a text field. VS Code listens on the window of a web view; without this it would undo the last
 * change of the file instead of the last typing, because the field's text is not in the file yet. And it would select all once more,
 * a round trip later, so that the first letter typed in between is overwritten by the second.
 */
export function keepTextKeysHere(event: KeyboardEvent): void {
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && !event.altKey && ['z', 'y', 'a'].includes(key)) event.stopPropagation();
}
