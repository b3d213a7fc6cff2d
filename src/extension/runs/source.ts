import type * as vscode from 'vscode';
import type { LiveEvent, RunEvent } from '../../engine/run/events.ts';

/** A run as an editor follows it, whoever owns it. Disposed by the editor that shows it. */
export interface RunSource extends vscode.Disposable {
  readonly id: string;
  /** All events so far. */
  readonly events: readonly RunEvent[];
  /** Nobody owns it and it is not finished. */
  readonly interrupted: boolean;
  /** The flow as it was frozen when the run started. */
  readonly flowText: string;
  readonly onDidAppend: vscode.Event<{ events: readonly RunEvent[]; live: readonly LiveEvent[] }>;
  /** What was known changed otherwise (another owner, interrupted): read it anew. */
  readonly onDidReset: vscode.Event<void>;
}
