import type { Scope } from './graph.ts';
import type { Outcomes } from './lint-outcomes.ts';
import type { LintProblems } from './lint-problems.ts';
import type { FlowReading } from './reading.ts';

/** What every rule of the linter works with. */
export interface LintedFlow {
  reading: FlowReading;
  problems: LintProblems;
  /** Computed once for each scope. */
  outcomesOf(scope: Scope): Outcomes;
}
