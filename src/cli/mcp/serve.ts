import type { RunMode } from '../../engine/run/events.ts';
import type { Workspace } from '../context.ts';

/** What a server of flows stands on. */
export interface CallOptions {
  workspace: Workspace;
  version: string;
  mode?: RunMode;
  model?: string;
  /** Something went wrong that belongs to no call. */
  note(message: string): void;
  /** Calls the listener when the server is told to end. */
  onEnd(listener: () => void): void;
}
