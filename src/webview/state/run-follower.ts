/** The run that is shown: its events are folded in batches, and what has changed in it is said for who does not see it. */
import type { StoreApi } from 'zustand/vanilla';
import type { RunEvent } from '../../engine/run/events.ts';
import { isPass } from '../../engine/run/paths.ts';
import type { NodeView } from '../../engine/run/view.ts';
import type { HostMessage } from '../protocol/messages.ts';
import { createBatches } from './batches.ts';
import type { EditorDeps } from './editor-api.ts';
import { stateText } from './labels.ts';
import { passNumbers, spot } from './passes.ts';
import { atMoment, shownRun, withEvents, withLive } from './run.ts';
import { type EditorState, titleOf } from './state.ts';

/** In a loop of a thousand passes only what a person has to know. */
function isWorthSaying({ node, state }: NodeView): boolean {
  if (state === 'awaiting' || state === 'failed') return !isPass(node);
  return !node.includes('/') && !isPass(node) && state !== 'pending' && state !== 'skipped';
}

/** What people read on the node of a path, and in which passes. */
function titleInRun(state: EditorState, path: string): string {
  const numbers = passNumbers(path);
  const { id } = spot(state, path);
  return numbers === '' ? titleOf(state, id) : `${titleOf(state, id)} (${numbers})`;
}

export interface RunFollower {
  /** Another run, the same one anew, or none. */
  show(shown: Extract<HostMessage, { type: 'run' }>['run']): void;
  /** What has happened in the run that is shown; of others nothing is taken. */
  follow(news: Extract<HostMessage, { type: 'runEvents' }>): void;
}

export function createRunFollower(
  { getState: get, setState: set }: StoreApi<EditorState>,
  nextFrame: EditorDeps['nextFrame'],
): RunFollower {
  /** Says the newest change of a node's state, where there is one. */
  function announce(before: EditorState): void {
    const state = get();
    if (!state.run) return;
    const { run } = state;
    const said = Object.values(run.view.nodes)
      .filter((node) => before.run?.view.nodes[node.node] !== node && before.run?.view.nodes[node.node]?.state !== node.state)
      .filter((node) => isWorthSaying(node))
      .map((node) => `${titleInRun(state, node.node)}: ${stateText(node)}`);
    if (state.run.view.finishedAt !== undefined && before.run?.view.finishedAt === undefined) said.push(`Run ${state.run.view.status}`);
    if (said.length > 0) set({ announcement: said.join('. ') });
  }

  function foldEvents(events: readonly RunEvent[]): void {
    const before = get();
    if (!before.run || events.length === 0) return;
    set({ run: withEvents(atMoment(before.run, undefined), events) });
    announce(before);
  }

  const batches = createBatches({ nextFrame, fold: foldEvents, stream: (events) => set({ live: withLive(get().live, events) }) });

  return {
    show(shown) {
      const before = get();
      batches.clear();
      const run = shown && shownRun(shown);
      const another = run?.id !== before.run?.id;
      const tab = another ? (run ? 'run' : 'configure') : before.inspector.tab;
      set({ run, live: another ? {} : before.live, passes: another ? {} : before.passes, inspector: { ...before.inspector, tab } });
      announce(before);
    },
    follow({ runId, events, live }) {
      if (get().run?.id === runId) batches.take(events, live);
    },
  };
}
