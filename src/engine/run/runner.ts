/** Carries out a run from its beginning, or from where it was left, to its end. */
import type { ErrorData } from '../errors.ts';
import { toErrorData } from '../errors.ts';
import { ancestorsOf } from '../format/graph.ts';
import { isJsonObject } from '../format/json.ts';
import type { DurableContext, Mark, StrandResult } from './context.ts';
import type { RunOutcome } from './events.ts';
import { flowOutputs, givenBy } from './flow-outputs.ts';
import type { FlowRun } from './flow-run.ts';
import { givenEnd } from './given.ts';
import type { Part } from './planner.ts';
import { RunScope } from './run-scope.ts';
import { runScope } from './scope-runner.ts';
import type { ScopeEnd } from './turn.ts';

type Ended = Extract<Mark, { type: 'run.finished' }>;

/** Runs the flow to its end, or throws `RunParked`. Everything recorded is taken as it is, so the same call starts and resumes. */
export async function runFlow(context: DurableContext, run: FlowRun): Promise<RunOutcome> {
  const scope = RunScope.ofFlow(run);
  const { only, to } = run.header;
  const { nodes } = run.flow;
  const end =
    only === undefined
      ? await runScope(context, run, nodes, scope, to === undefined ? undefined : upTo(nodes, to))
      : await runAlone(context, run, scope, only);
  const ended = await endOf(run, scope, end);
  context.record(ended);
  return ended.outcome;
}

function upTo(nodes: FlowRun['flow']['nodes'], id: string): Part {
  return { upTo: id, before: ancestorsOf(nodes, id) };
}

/** One node by itself: what it reads is given, and nothing follows from its end. */
async function runAlone(context: DurableContext, run: FlowRun, scope: RunScope, id: string): Promise<ScopeEnd> {
  const { [id]: spec, ...others } = run.flow.nodes;
  if (!spec) throw new Error(`The flow has no node ${id}`);
  for (const other of Object.keys(others)) {
    const given = run.given.get(other);
    if (given) scope.finished(other, givenEnd(given));
    else scope.skipped(other);
  }
  const { after: _after, join: _join, ...alone } = spec;
  return runScope(context, run, { [id]: { ...alone, disabled: false } }, scope, 'lone');
}

async function endOf(run: FlowRun, scope: RunScope, end: ScopeEnd): Promise<Ended> {
  const { outcome, cause, reason } = end;
  switch (outcome) {
    case 'succeeded':
      // What a flow gives comes of the whole of it.
      if (run.header.only !== undefined || run.header.to !== undefined) return { type: 'run.finished', outcome };
      try {
        const { values } = await flowOutputs(run, scope, givenBy(end));
        return { type: 'run.finished', outcome, outputs: values };
      } catch (error) {
        // Made-up values need not do for them.
        if (run.header.dry) return { type: 'run.finished', outcome };
        return { type: 'run.finished', outcome: 'failed', error: toErrorData(error) };
      }
    case 'failed':
      return { type: 'run.finished', outcome, ...(cause?.error ? { error: cause.error } : {}) };
    case 'rejected':
      return { type: 'run.finished', outcome, ...reasonOf(cause) };
    case 'cancelled':
      return { type: 'run.finished', outcome, ...(typeof reason === 'string' ? { reason } : {}) };
    default:
      return outcome satisfies never;
  }
}

/** What the person who said no gave as the reason: an approval has it in its output, a gate in its error. */
function reasonOf(result: StrandResult | undefined): { reason?: string; error?: ErrorData } {
  const said = result?.error ? result.error.details : result?.output;
  const reason = said !== undefined && isJsonObject(said) && typeof said.reason === 'string' ? { reason: said.reason } : {};
  return { ...reason, ...(result?.error ? { error: result.error } : {}) };
}
