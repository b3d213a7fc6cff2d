/** One node, from its turn to its outlet: resolve, ask, run, check, and once more if the node may be tried again. */
import type { ErrorData } from '../errors.ts';
import { BelayError, toErrorData } from '../errors.ts';
import type { Json, JsonObject } from '../format/json.ts';
import { outletsOf } from '../format/manifest.ts';
import { resolveParams } from '../format/resolve.ts';
import type { NodeResult } from '../nodes/executor.ts';
import { checkSchema } from '../nodes/json-schema.ts';
import type { DurableContext, StrandResult } from './context.ts';
import { StepHappened } from './context.ts';
import type { Trust } from './events.ts';
import type { FlowRun, RunNode, Snapshot } from './flow-run.ts';
import { effectsOf, RunNodeContext } from './node-context.ts';
import { retryDelay, retryPolicy } from './retry.ts';
import { StepFailed } from './step-runner.ts';

type Settle = (outlet: string) => { outlet: string; letThrough: boolean };

export async function performNode(
  context: DurableContext,
  run: FlowRun,
  node: RunNode,
  snapshot: Snapshot,
  settle: Settle,
): Promise<StrandResult> {
  const { trust } = snapshot;
  let params: JsonObject;
  try {
    params = resolveParams(node.manifest, node.source, snapshot.scope).params;
  } catch (error) {
    context.record({ type: 'node.started', node: node.id, trust });
    return failed(toErrorData(error, node.id), null, trust, settle);
  }
  context.record({ type: 'node.started', node: node.id, input: params, trust });
  try {
    const result = await attempts(context, run, node, snapshot, params);
    return leave(node, result, node.manifest.resultTrust === 'derived' ? trust : node.manifest.resultTrust, settle);
  } catch (error) {
    // Stopped from outside, whatever has been made of it on the way here.
    context.cancellation.throwIfAborted();
    // What a failure says (error output, replies, what is wrong with them) comes from outside, whatever the arguments were.
    const quotes = error instanceof StepFailed || node.manifest.resultTrust === 'untrusted';
    return failed(toErrorData(error, node.id), null, quotes ? 'untrusted' : trust, settle);
  }
}

/**
 * Runs the executor. What fails inside a step has been retried there; what fails outside of one (a reply that cannot be mended, a
 * result that does not match) is tried again here, with steps of its own.
 */
async function attempts(context: DurableContext, run: FlowRun, node: RunNode, snapshot: Snapshot, params: JsonObject): Promise<NodeResult> {
  const policy = retryPolicy(node.spec);
  const effects = await effectsOf(run, node, params, snapshot.trust);
  for (let round = 1; ; round += 1) {
    const nodeContext = new RunNodeContext(context, run, node, snapshot, { effects, round });
    try {
      await nodeContext.askBeforehand(params);
      return await checked(node, await performed(nodeContext, node, params));
    } catch (error) {
      if (context.cancellation.aborted || error instanceof StepFailed || nodeContext.changedTheWorld) throw error;
      const delay = retryDelay(policy, round, toErrorData(error, node.id), run.ports.clock.random());
      if (delay === undefined) throw error;
      await context.sleep(`round${round}/wait`, run.ports.clock.now() + delay);
    }
  }
}

async function performed(nodeContext: RunNodeContext, node: RunNode, params: JsonObject): Promise<NodeResult> {
  try {
    return await node.executor.run(params, nodeContext);
  } catch (error) {
    if (error instanceof StepHappened) return { outlet: 'success', output: error.output };
    throw error;
  }
}

/** Nothing invalid reaches the next step: neither an outlet the type does not have nor a result its schema does not allow. */
async function checked(node: RunNode, result: NodeResult): Promise<NodeResult> {
  if (!outletsOf(node.manifest, node.source).some(({ name }) => name === result.outlet)) {
    throw new Error(`A node of type ${node.spec.type} has no outlet "${result.outlet}"`);
  }
  const { output: schema } = node.spec;
  const problems = schema === undefined ? [] : await checkSchema(schema, result.output, `The output schema of "${node.id}"`);
  if (problems.length === 0) return result;
  throw new BelayError(
    'OUTPUT_INVALID',
    `The result does not match the output schema: ${problems.map(({ message }) => message).join('; ')}.`,
    {
      hint: 'Correct the step or its "output" schema.',
      kind: 'invalidOutput',
      details: { problems: problems.map((problem) => ({ ...problem })) },
    },
  );
}

function leave({ id, title }: RunNode, { outlet, output }: NodeResult, trust: Trust, settle: Settle): StrandResult {
  if (settle(outlet).outlet === outlet) return { how: 'finished', outlet, output, trust };
  const error = new BelayError('OUTLET_UNCONNECTED', `"${title}" left by "${outlet}", and nothing is connected to it.`, {
    hint: `Connect "${outlet}" to what is to happen then, or "failure" to handle it.`,
    kind: outlet === 'timedOut' ? 'timeout' : 'invalidOutput',
    details: { outlet, output },
  });
  return failed(toErrorData(error, id), output, trust, settle);
}

function failed(error: ErrorData, output: Json, trust: Trust, settle: Settle): StrandResult {
  const { outlet, letThrough } = settle('failure');
  return letThrough
    ? { how: 'finished', outlet, output: null, trust, error, failed: false }
    : { how: 'finished', outlet, output, trust, error };
}
