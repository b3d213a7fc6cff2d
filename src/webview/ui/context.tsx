/** The editor for every component, and the hooks that read it. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import type { Editor } from '../state/editor-api.ts';
import type { EditorState } from '../state/state.ts';

export const EditorContext = createContext<Editor | null>(null);

export function useEditor(): Editor {
  const editor = useContext(EditorContext);
  if (!editor) throw new Error('This component stands outside of the editor.');
  return editor;
}

/** A part of the state; redraws when that part is another one. */
export function useEditorState<T>(select: (state: EditorState) => T): T {
  return useStore(useEditor().store, select);
}

const watchers = new Set<() => void>();
let timer: number | undefined;
let now = Date.now();

/** One timer for everything that ticks, and none while nothing does. */
function watchClock(watcher: () => void): () => void {
  watchers.add(watcher);
  if (timer === undefined) {
    now = Date.now();
    timer = window.setInterval(() => {
      now = Date.now();
      for (const tell of watchers) tell();
    }, 1000);
  }
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    window.clearInterval(timer);
    timer = undefined;
  };
}

const watchNothing = () => () => {};

/** Epoch milliseconds, renewed every second while `ticking`. */
export function useNow(ticking: boolean): number {
  // Of a run that is looked back at, now is then.
  const then = useEditorState(({ run }) => (run?.past === undefined ? undefined : run.past.now.createdAt + run.past.moment));
  const present = useSyncExternalStore(ticking && then === undefined ? watchClock : watchNothing, () => now);
  return then ?? present;
}
