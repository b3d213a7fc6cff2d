/** What is wrong or doubtful in a flow that parses: expressions, references, types, effects, secrets. Loads LiquidJS and CEL. */
import type { Scope } from './graph.ts';
import { lintAgents } from './lint-agents.ts';
import { lintFailures } from './lint-failures.ts';
import { lintLoops } from './lint-loops.ts';
import { type Outcomes, outcomesOf } from './lint-outcomes.ts';
import { LintProblems } from './lint-problems.ts';
import { lintReferences } from './lint-references.ts';
import { lintSchemas } from './lint-schemas.ts';
import { lintSecrets } from './lint-secrets.ts';
import { lintSteps } from './lint-steps.ts';
import { lintSubFlows } from './lint-subflows.ts';
import { Labels } from './lint-trust.ts';
import { lintValues } from './lint-types.ts';
import { lintUnused } from './lint-unused.ts';
import type { NodeCatalog } from './manifest.ts';
import type { ParsedFlow } from './parse.ts';
import type { Problem } from './problem.ts';
import { FlowReading, type LintFiles } from './reading.ts';

export type { LintFiles } from './reading.ts';

/**
 * Lints a parsed flow; nothing is said about texts that are no flow, or one of a newer version. Never throws.
 *
 * @param files access to the files a flow names. Without it they are taken to be there and right.
 * @returns the problems besides those of the parser, in the order of the text.
 */
export function lintFlow(parsed: ParsedFlow, catalog: NodeCatalog, files?: LintFiles): Problem[] {
  return judgeFlow(parsed, catalog, files).problems;
}

export interface Judgement {
  problems: Problem[];
  /** The steps whose results are not to be trusted: what comes from outside, and all that is made of it. */
  untrusted: string[];
}

/** What `lintFlow` says, and what it knows besides. */
export function judgeFlow(parsed: ParsedFlow, catalog: NodeCatalog, files?: LintFiles): Judgement {
  const { flow, tree } = parsed;
  if (!flow || !tree || parsed.problems.some(({ code }) => code === 'FLOW_VERSION_NEWER')) return { problems: [], untrusted: [] };
  const problems = new LintProblems(tree);
  const outcomes = new Map<Scope, Outcomes>();
  const linted = {
    reading: new FlowReading(flow, catalog, files),
    problems,
    outcomesOf(scope: Scope): Outcomes {
      const known = outcomes.get(scope) ?? outcomesOf(scope.nodes, catalog);
      outcomes.set(scope, known);
      return known;
    },
  };
  lintReferences(linted);
  lintValues(linted);
  lintSchemas(linted);
  lintSubFlows(linted, files?.self);
  lintAgents(linted, files);
  const labels = new Labels(linted.reading);
  lintSteps(linted, labels);
  lintLoops(linted);
  lintFailures(linted);
  lintUnused(linted);
  lintSecrets(tree, problems);
  return { problems: problems.all(), untrusted: labels.untrusted() };
}
