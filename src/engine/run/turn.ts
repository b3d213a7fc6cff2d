/** What a node, a pass and a scope are given and give back. */
import type { Awaitable } from '../awaitable.ts';
import type { ErrorData } from '../errors.ts';
import type { Json } from '../format/json.ts';
import type { Flow } from '../format/model.ts';
import type { Passes } from '../nodes/executor.ts';
import type { DurableContext, FlowEnd, StrandResult } from './context.ts';
import type { RunOutcome, Trust } from './events.ts';
import type { FlowRun, RunNode } from './flow-run.ts';
import type { Part } from './planner.ts';
import type { RunScope, Snapshot } from './run-scope.ts';

/** A node whose turn has come. */
export interface NodeTurn {
  node: RunNode;
  /** Becomes whole (large values read) before the node begins. */
  snapshot: Snapshot;
  /** What bodies see of the steps around them. */
  around: RunScope;
  settle(outlet: string): { outlet: string; letThrough: boolean };
  /** In a dry run: with the values at hand the run would not have come here. */
  unreached: boolean;
  /** The passes of the node's body. `round` from 1: how often the node has been tried as a whole. */
  passes(context: DurableContext, round: number): OwnedPasses;
}

export interface OwnedPasses extends Passes {
  /** Epoch ms, when the node's time-out comes; undefined: there is none. Known after the first pass was waited for. */
  readonly deadline: number | undefined;
  /** The same of the time that all rounds have together. */
  readonly lastMoment: number | undefined;
  /** Ends the time-out. */
  dispose(): void;
}

export interface ScopeEnd {
  outcome: RunOutcome;
  /** What came of the node that failed, was rejected or ended the flow. */
  cause?: StrandResult;
  /** An `end` node, or an unconnected `rejected` in a body of this scope, ended the flow. */
  ends?: FlowEnd;
  /** Why it was cancelled. */
  reason?: unknown;
}

/** Runs the nodes of a scope to their end. */
export type RunScopeNodes = (
  context: DurableContext,
  run: FlowRun,
  nodes: Flow['nodes'],
  scope: RunScope,
  part?: Part,
) => Awaitable<ScopeEnd>;

/** A node of a pass ended the whole flow: no failure, but nothing here goes on. */
export class FlowEnded extends Error {
  readonly ends: FlowEnd;
  readonly output: Json;
  readonly trust: Trust;

  constructor(ends: FlowEnd, output: Json, trust: Trust) {
    super('The flow was ended');
    this.name = 'FlowEnded';
    this.ends = ends;
    this.output = output;
    this.trust = trust;
  }
}

/** Code of a failure that asks for the run to end, because its flow is about to be changed: nobody handles it on the way out. */
export const RUN_RESTORE = 'RUN_RESTORE';

/** The outlets of passes besides `failure`: the last one, and one with another behind it. */
export const DONE = 'done';
export const AGAIN = 'again';

export function failedPass(error: ErrorData, trust: Trust): StrandResult {
  return { outlet: 'failure', output: null, trust, error };
}
