/**
 * What a property test compares: a flow whose steps are scripted, and what came of running it. A scripted step is a node of the type
 * `work` with one step `do`; how long it takes and how it ends is written beside the flow, by the node's id.
 */
import type { Json, JsonObject } from '../../src/engine/format/json.ts';
import type { ErrorKind, NodeSpec } from '../../src/engine/format/model.ts';

/** The part of a flow document that runs are about. */
export interface FlowDocument {
  version: 1;
  inputs?: Record<string, JsonObject>;
  outputs?: Record<string, { value: Json }>;
  nodes: Record<string, NodeSpec>;
}

/** `success` and `other` are outlets; anything else is the kind of the failure. */
export type Ending = 'success' | 'other' | ErrorKind;

/**
 * How a `work` node behaves. Its k-th performance (from 0) takes `takes + 13 * k` ms and ends by `ends[k % ends.length]`; k adds up
 * the attempts and, inside of bodies, the passes and rounds its path names.
 */
export interface Script {
  takes: number;
  ends: Ending[];
}

/** What a person says to an approval or a gate of a node, and where its step is in doubt, and how many ms after it was asked. */
export interface Answer {
  after: number;
  decision: 'approved' | 'rejected';
  doubt: Doubt;
}

/** What is said the first time; a second `retry` would go on for ever, so later questions about the same node are answered by `abort`. */
export type Doubt = 'happened' | 'retry' | 'abort';

export interface Scenario {
  flow: FlowDocument;
  /** Sub-flows by their path relative to the flow. */
  files: Record<string, FlowDocument>;
  /** By node id, which is unique over all documents. */
  scripts: Record<string, Script>;
  answers: Record<string, Answer>;
}

/** A scripted step begins with its resolved arguments, or ends (`aborted` where it was cut off). Times are ms from the start of the run. */
export interface Effect {
  t: number;
  what: 'start' | 'end';
  path: string;
  attempt: number;
  value: Json;
}

/** What became of a node or a pass: outlet, `skipped REASON`, or outlet and error code. */
export interface Fate {
  t: number;
  is: string;
}

export interface Trace {
  effects: Effect[];
  fates: Record<string, Fate>;
  outcome: string;
  /** Code of the error the run ended with. */
  error: string | null;
  outputs: Json;
}

/** How the performance number `attempt` (from 1) of the node at `path` goes. */
export function performance(scenario: Scenario, path: string, attempt: number): { takes: number; ends: Ending } {
  const script = scenario.scripts[idOf(path)];
  if (!script) throw new Error(`no script for ${path}`);
  const passes = [...path.matchAll(/\[(\d+)\]/g)].reduce((sum, [, index]) => sum + Number(index), 0);
  const rounds = [...path.matchAll(/~(\d+)/g)].reduce((sum, [, round]) => sum + Number(round) - 1, 0);
  const k = passes + rounds + attempt - 1;
  return { takes: script.takes + 13 * k, ends: script.ends[k % script.ends.length] ?? 'success' };
}

/** The id of the node at a path: `improve[2]/draft` → `draft`. */
export function idOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/[[~].*$/, '');
}
