/** When this window removes old runs, and by which limits. Which runs are old is the engine's business. */
import * as vscode from 'vscode';
import type { Log } from '../../engine/ports.ts';
import type { Retention } from '../../engine/run/retention.ts';
import type { RunHub } from './hub.ts';

/** How long a window is left alone after its start, and again while a run of its own is under way. */
const QUIET_MS = 60_000;
/** How often a window that stays open asks. A root is tidied once a day by all of them together. */
const AGAIN_MS = 6 * 3_600_000;
const DAY_MS = 86_400_000;
const MEGABYTE = 1024 ** 2;

/** The limits as the user set them; 0 stands for none. */
export function retentionLimits(): Retention {
  const settings = vscode.workspace.getConfiguration('belay.runs.retention');
  const perFlow = settings.get<number>('perFlow', 0);
  const days = settings.get<number>('days', 0);
  const megabytes = settings.get<number>('megabytes', 0);
  return {
    ...(perFlow > 0 ? { perFlow } : {}),
    ...(days > 0 ? { olderThanMs: days * DAY_MS } : {}),
    ...(megabytes > 0 ? { maxBytes: megabytes * MEGABYTE } : {}),
  };
}

/** Removes old runs now and then, while nothing else is going on; never in a workspace that is not trusted. */
export function tidyWhenIdle(hub: RunHub, log: Log): vscode.Disposable {
  let timer = setTimeout(tick, QUIET_MS);
  function tick(): void {
    const free = vscode.workspace.isTrusted && !hub.isBusy;
    if (free) void hub.tidy(retentionLimits(), false).catch((error: unknown) => log.warn('Old runs could not be removed', error));
    timer = setTimeout(tick, free ? AGAIN_MS : QUIET_MS);
  }
  return new vscode.Disposable(() => clearTimeout(timer));
}
