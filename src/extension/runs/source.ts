import * as vscode from 'vscode';
import type { RunHandle, Runs } from '../../engine/run/api.ts';
import type { LiveEvent, RunEvent } from '../../engine/run/events.ts';

/** A run as an editor follows it, whoever owns it. Disposed by the editor that shows it. */
export interface RunSource extends vscode.Disposable {
  readonly id: string;
  /** The journal root it stands in. */
  readonly root: string;
  /** Where it is a sub-flow: the path of its pass in the whole run. */
  readonly pass?: string;
  /** All events so far. */
  readonly events: readonly RunEvent[];
  /** Nobody owns it and it is not finished. */
  readonly interrupted: boolean;
  /** The flow as it was frozen when the run started, or was moved to another version; undefined where it is not known. */
  readonly flowText: string | undefined;
  readonly onDidAppend: vscode.Event<{ events: readonly RunEvent[]; live: readonly LiveEvent[] }>;
  /** What was known changed otherwise (another owner, interrupted): read it anew. */
  readonly onDidReset: vscode.Event<void>;
}

/**
 * Follows a run: its own events as they happen where this process owns it, its journal where another one does. `changed` tells that
 * the ownership may have changed.
 */
export async function followRun(runs: Runs, root: string, runId: string, changed: vscode.Event<void>): Promise<RunSource> {
  const appended = new vscode.EventEmitter<{ events: readonly RunEvent[]; live: readonly LiveEvent[] }>();
  const reset = new vscode.EventEmitter<void>();
  let record = await runs.open(runId);
  const events: RunEvent[] = [...record.events];

  const append = (fresh: readonly RunEvent[]) => {
    const unknown = fresh.filter(({ seq }) => seq >= events.length);
    if (unknown.length === 0) return;
    events.push(...unknown);
    if (unknown.some(({ type }) => type === 'run.moved')) void follow();
    appended.fire({ events: unknown, live: [] });
  };
  /** Its frozen flow is another one from here on: everything is read anew. */
  const follow = async (): Promise<void> => {
    const next = await runs.open(runId).catch(() => undefined);
    if (disposed || !next) return;
    journal.dispose();
    record = next;
    journal = record.onEvents(append);
    reset.fire();
  };
  let disposed = false;
  let journal = record.onEvents(append);
  let handle: RunHandle | undefined;
  let live: { dispose(): void } | undefined;
  const followHandle = () => {
    const next = runs.handle(runId);
    if (next === handle) return;
    live?.dispose();
    handle = next;
    live = next?.onEvent((event) => {
      if ('seq' in event) append([event]);
      else appended.fire({ events: [], live: [event] });
    });
    if (next) append(next.events());
  };
  followHandle();

  /** Reads who owns the run now; a change of owner, or its death, makes editors read everything anew. */
  const ownership = changed(async () => {
    followHandle();
    if (handle) return;
    const next = await runs.open(runId).catch(() => undefined);
    if (disposed || !next || next.owner?.nonce === record.owner?.nonce) return;
    journal.dispose();
    record = next;
    journal = record.onEvents(append);
    events.splice(0, events.length, ...next.events);
    reset.fire();
  });

  return {
    id: runId,
    root,
    events,
    get interrupted() {
      return handle === undefined && record.owner === undefined && !events.some(({ type }) => type === 'run.finished');
    },
    get flowText() {
      return record.flowText;
    },
    onDidAppend: appended.event,
    onDidReset: reset.event,
    dispose() {
      disposed = true;
      ownership.dispose();
      journal.dispose();
      live?.dispose();
      appended.dispose();
      reset.dispose();
    },
  };
}
