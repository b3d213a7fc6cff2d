import type { SignalKind } from '../../engine/run/events.ts';
import type { RunSummary } from '../../engine/run/view.ts';
import type { SubFlowLine } from './sub-flow-source.ts';

/** A run and the journal root it stands in. */
export interface RunItem {
  root: string;
  run: RunSummary;
}

/** A sub-flow of a run in the list of runs. */
export interface SubFlowItem {
  item: RunItem;
  line: SubFlowLine;
  /** All sub-flows of the run. */
  all: readonly SubFlowLine[];
}

/** One open question: what the view, the notification and the commands hand around. */
export interface Question {
  root: string;
  runId: string;
  key: string;
  node: string;
  kind: SignalKind;
  title: string;
  flowTitle: string;
  requestedAt: number;
}

const ASKS: { readonly [K in SignalKind]: string } = {
  approval: 'waits for approval',
  gate: 'asks before it runs',
  reply: 'waits for your reply',
  recordingMissing: 'is not in the recording',
  consent: 'asks whether it may use a model',
  inDoubt: 'may or may not have happened',
  signal: 'waits for a signal',
  budget: 'is used up',
};

export function questionsOf(root: string, run: RunSummary): Question[] {
  if (run.finishedAt !== undefined) return [];
  return run.waiting.map(({ key, node, kind, title, requestedAt }) => ({
    root,
    runId: run.id,
    key,
    node,
    kind,
    title,
    flowTitle: run.title,
    requestedAt,
  }));
}

export function askedFor(kind: SignalKind): string {
  return ASKS[kind];
}

/** Questions that Approve and Reject answer; the others are answered on the graph. */
export function isDecidable(kind: SignalKind): boolean {
  return kind === 'approval' || kind === 'gate' || kind === 'consent';
}
