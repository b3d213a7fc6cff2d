/** Looking back at a run: the graph and the inspector show it as it stood at a moment. */
import type { StoreApi } from 'zustand/vanilla';
import { atMoment } from './run.ts';
import type { EditorState } from './state.ts';

export interface TimeTravel {
  /** @param moment milliseconds from the beginning of the run; undefined: as it stands now */
  lookAt(moment: number | undefined): void;
  /** Lays the run out in time, or goes back to how it stands now. */
  setOpen(open: boolean): void;
}

export function createTimeTravel({ getState, setState }: StoreApi<EditorState>): TimeTravel {
  const lookAt = (moment: number | undefined) => {
    const { run } = getState();
    if (run) setState({ run: atMoment(run, moment) });
  };
  return {
    lookAt,
    setOpen(open) {
      if (!open) lookAt(undefined);
      setState({ timeline: open });
    },
  };
}
