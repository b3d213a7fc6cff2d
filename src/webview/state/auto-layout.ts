/** The layout of the whole flow (or of what is selected), asked for by a person: one edit, one undo step. */
import type { StoreApi } from 'zustand/vanilla';
import type { ArrangeProblem, Direction } from '../../engine/format/arrange.ts';
import { arrangeProblem, directionOf, movesOf } from '../../engine/format/arrange-problem.ts';
import type { NodeCatalog } from '../../engine/format/manifest.ts';
import { sizeOf } from './frames.ts';
import type { Gesture } from './gestures.ts';
import type { Position } from './graph-model.ts';
import { type EditorState, isEditable } from './state.ts';

/** Computes places, beside the page where there is a page. */
export type Arrange = (problem: ArrangeProblem) => Promise<Readonly<Record<string, Position>>>;

interface Deps {
  store: Pick<StoreApi<EditorState>, 'getState' | 'setState'>;
  catalog: NodeCatalog;
  arrange: Arrange;
  perform(gesture: Gesture): boolean;
  /** Calls back as soon as the host has answered: with the document that came of it, or by refusing. */
  afterwards(done: (isDone: boolean) => void): void;
}

/** Two selected nodes or more are arranged by themselves; all others stay where they are. */
export async function arrangeFlow({ store, catalog, arrange, perform, afterwards }: Deps): Promise<void> {
  const state = store.getState();
  if (!isEditable(state) || !state.flow || state.arranging) return;
  const only = state.selection.length > 1 ? new Set(state.selection) : undefined;
  const cards = state.nodes.filter((node) => node.data.card.steps === undefined);
  const sizes = new Map(cards.map((node) => [node.id, sizeOf(node)]));
  const { flow: before, direction } = state;
  store.setState({ arranging: true });
  const end = (announcement: string) =>
    store.setState({ arranging: false, announcement, ...(only ? {} : { fitRequests: store.getState().fitRequests + 1 }) });
  try {
    // In a task of its own: that it is being arranged takes the page about as long to show.
    await new Promise((resolve) => setTimeout(resolve));
    const places = await arrange(arrangeProblem(before, catalog, { direction, sizes, ...(only ? { only } : {}) }));
    // The flow may have changed meanwhile: what is written is what differs now.
    const { flow } = store.getState();
    const positions = flow ? movesOf(flow, places) : {};
    const gesture: Gesture = { label: only ? 'Arrange nodes' : 'Arrange flow', edits: [{ kind: 'moveNodes', positions }] };
    if (Object.keys(positions).length === 0) end('Nothing to arrange');
    else if (perform(gesture)) afterwards((isDone) => (isDone ? end('Flow arranged') : store.setState({ arranging: false })));
    else store.setState({ arranging: false });
  } catch (thrown) {
    store.setState({ arranging: false });
    throw thrown;
  }
}

/** The direction of a flow that is opened: as it was last looked at, else as it was laid out. */
export function firstDirection(state: EditorState, saved: Direction | undefined): Direction {
  return saved ?? (state.flow ? directionOf(state.flow) : 'right');
}
