import type { GivenHow, LiveEvent, RunEvent } from '../../engine/run/events.ts';
import type { NodeView, RunView } from '../../engine/run/view.ts';
import { duration, oneLine } from '../text.ts';

/** Shows a run while it goes on. */
export interface Progress {
  /** `view` gives the run with the event in it; to ask for it takes the longer the more has happened. */
  onEvent(event: RunEvent | LiveEvent, view: () => RunView): void;
  /** Makes room for something else, until `resume`. */
  pause(): void;
  resume(): void;
  /** Nothing more comes. */
  end(): void;
}

/** Ids of nodes → what people call them. */
export type Titles = ReadonlyMap<string, string>;

/** `improve[2]/draft` is `Improve #3 › Draft`. */
export function titleOf(titles: Titles, node: string): string {
  const parts = node.split('/').map((part) => {
    const [, id = part, index] = /^(.*?)(?:~\d+)?\[(\d+)\]$/.exec(part) ?? [];
    return `${titles.get(id) ?? id}${index === undefined ? '' : ` #${Number(index) + 1}`}`;
  });
  return oneLine(parts.join(' › '));
}

/** Where a result comes from that the node did not make. */
const GIVEN: { readonly [K in GivenHow]: string } = { kept: ' (kept from the earlier run)', pinned: ' (pinned)', sample: ' (sample)' };

/** What became of a node, in words: `succeeded`, `case:bug`, `failed: COMMAND_EXIT …`. */
export function resultOf(node: NodeView): string {
  const recorded = node.attempts.some((attempt) => attempt.recorded) ? ' (recorded reply)' : ((node.given && GIVEN[node.given]) ?? '');
  if (node.state === 'failed' && node.error) return `failed: ${oneLine(node.error.message)} (${node.error.code})`;
  if (node.state !== 'succeeded') return node.state;
  const named = node.outlet !== undefined && node.outlet !== 'success' ? oneLine(node.outlet) : 'succeeded';
  return named + recorded;
}

/** Undefined: it has not started, or has no end yet. */
export function elapsedOf(node: NodeView): string | undefined {
  if (node.startedAt === undefined || node.finishedAt === undefined) return undefined;
  return duration(node.finishedAt - node.startedAt);
}
