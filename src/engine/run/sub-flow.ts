/** A flow that runs in another: its own inputs, steps and outputs, in the journal of the run. */

import { BelayError, toErrorData } from '../errors.ts';
import { folderOf, joinPath, rootPath } from '../format/file-paths.ts';
import type { JsonObject } from '../format/json.ts';
import { runnableFlow } from './bundle.ts';
import type { DurableContext, StrandResult } from './context.ts';
import type { Trust } from './events.ts';
import { flowOutputs, givenBy } from './flow-outputs.ts';
import type { FlowRun } from './flow-run.ts';
import { completeInputs } from './inputs.ts';
import { FLOW_REJECTED } from './node-context.ts';
import { idOf, parentOf } from './paths.ts';
import { RunScope } from './run-scope.ts';
import type { RunScopeNodes, ScopeEnd } from './turn.ts';
import { failedPass } from './turn.ts';

/** A flow may call itself, as long as it stops somewhere. */
const MOST_FLOWS = 16;

export interface SubFlow {
  /** Relative to the flow that names it. */
  path: string;
  inputs: JsonObject;
  /** Label of the inputs. */
  trust: Trust;
}

/** `context` is that of the pass. Never throws but for a cancellation. */
export async function runSubFlow(context: DurableContext, run: FlowRun, sub: SubFlow, runScope: RunScopeNodes): Promise<StrandResult> {
  let child: FlowRun;
  try {
    child = await childOf(context.node, run, sub);
  } catch (error) {
    return failedPass(toErrorData(error, context.node), sub.trust);
  }
  const { header, flow } = child;
  const { flow: path, title, inputs } = header;
  context.record({ type: 'flow.started', node: context.node, flow: path, title, inputs, trust: sub.trust });
  const scope = RunScope.ofFlow(child);
  const end = await runScope(context, child, flow.nodes, scope);
  if (end.outcome === 'cancelled') throw end.reason;
  if (end.outcome !== 'succeeded') return failedPass(failureOf(end, context.node, title), 'untrusted');
  try {
    const { values, trust } = await flowOutputs(child, scope, givenBy(end));
    return { outlet: 'done', output: values, trust };
  } catch (error) {
    return failedPass(toErrorData(error, context.node), 'untrusted');
  }
}

function failureOf({ outcome, cause }: ScopeEnd, node: string, title: string): ReturnType<typeof toErrorData> {
  if (outcome === 'failed' && cause?.error) return cause.error;
  const rejected = new BelayError(FLOW_REJECTED, `The sub-flow "${title}" was rejected${cause?.error ? `: ${cause.error.message}` : '.'}`, {
    hint: 'Connect the failure outlet of the step if the flow is to go on then.',
    kind: 'permission',
    details: cause?.error?.details ?? cause?.output ?? null,
  });
  return toErrorData(rejected, cause?.error?.node ?? node);
}

async function childOf(within: string, run: FlowRun, { path, inputs, trust }: SubFlow): Promise<FlowRun> {
  const depth = run.depth + 1;
  if (depth > MOST_FLOWS) {
    throw new BelayError('FLOW_TOO_DEEP', `"${path}" would be the ${depth}th flow inside of one another.`, {
      hint: 'Give the flow that calls itself a condition under which it stops.',
      kind: 'badRequest',
    });
  }
  const text = run.file(path);
  if (text === undefined) {
    throw new BelayError('FILE_MISSING', `The flow "${path}" is not there.`, {
      hint: 'The path is relative to this flow.',
      kind: 'notFound',
    });
  }
  const full = rootPath(folderOf(run.header.flow), path);
  const known = run.flows.get(full) ?? { flow: runnableFlow(text, run.catalog, run.executors), nodes: new WeakMap() };
  run.flows.set(full, known);
  const { flow, nodes } = known;
  const folder = folderOf(path);
  const { approved: _approved, ...header } = run.header;
  return {
    ...run,
    depth,
    started: { flow: run.started.flow, way: `${run.started.way}${ownerOf(within)}/` },
    flow,
    nodes,
    file: (inner) => run.file(joinPath(folder, inner)),
    header: {
      ...header,
      flow: full,
      title: flow.title ?? path,
      inputs: await completeInputs(flow.inputs ?? {}, inputs),
      inputsTrust: trust,
      ...approvedIn(run, within),
    },
  };
}

/** The node whose pass it is. */
function ownerOf(pass: string): string {
  return idOf(parentOf(pass));
}

/** `fix/publish` given for the flow is `publish` in the sub-flow at `fix`. */
function approvedIn(run: FlowRun, within: string): { approved?: string[] } {
  const id = ownerOf(within);
  const inside = (run.header.approved ?? []).flatMap((name) => (name.startsWith(`${id}/`) ? [name.slice(id.length + 1)] : []));
  return inside.length === 0 ? {} : { approved: inside };
}
