/** One node, from its turn to its outlet: resolve, ask, run, check, and once more if the node may be tried again. */
import { type Awaitable, after, attempt } from '../awaitable.ts';
import type { ErrorData } from '../errors.ts';
import { BelayError, toErrorData } from '../errors.ts';
import type { Scope } from '../format/expressions/index.ts';
import type { Json, JsonObject, JsonSchema } from '../format/json.ts';
import { outletsOf } from '../format/manifest.ts';
import { resolveParams } from '../format/resolve.ts';
import type { NodeResult } from '../nodes/executor.ts';
import { checkSchema } from '../nodes/json-schema.ts';
import type { DurableContext, StrandResult } from './context.ts';
import { StepHappened } from './context.ts';
import { NotPerformed } from './dry-run.ts';
import type { Trust } from './events.ts';
import type { FlowRun, RunNode } from './flow-run.ts';
import type { GivenResult } from './given.ts';
import { givenEnd } from './given.ts';
import { RunNodeContext } from './node-context.ts';
import { retryDelay, retryPolicy } from './retry.ts';
import { sampleOf } from './sample.ts';
import { StepFailed } from './step-runner.ts';
import type { NodeTurn } from './turn.ts';
import { FlowEnded, RUN_RESTORE } from './turn.ts';

type Settle = NodeTurn['settle'];

export function performNode(context: DurableContext, run: FlowRun, turn: NodeTurn): Awaitable<StrandResult> {
  const given = run.given.get(context.node);
  if (run.header.dry) return after(carriedOut(context, run, turn), (result) => rehearsed(turn, given, result));
  return given ? givenEnd(given) : carriedOut(context, run, turn);
}

/** Of a dry run: whatever came of the node the run goes on, and says of a value that was not made where it comes from. */
function rehearsed(turn: NodeTurn, given: GivenResult | undefined, result: StrandResult): StrandResult {
  const { input, error } = result;
  const made = result.error === undefined && result.given === undefined && turn.node.manifest.composite !== true;
  const stands = given && (given.how === 'pinned' || !made) ? givenEnd(given) : made ? result : assumed(turn, result);
  const { ends: _ends, ...end } = stands;
  return {
    ...end,
    ...(input === undefined ? {} : { input }),
    ...(error === undefined ? {} : { error }),
    ...(turn.unreached ? { unreached: true as const } : {}),
  };
}

/** What the node would have left behind if all had gone well: the result of its body where it has one, else a sample. */
function assumed({ node }: NodeTurn, result: StrandResult): StrandResult {
  if (node.manifest.composite && result.error === undefined) return { ...result, given: 'sample' };
  const { outlets, output } = node.manifest;
  const names = outlets(node.source).map(({ name }) => name);
  return {
    outlet: names.includes('success') ? 'success' : (names[0] ?? 'success'),
    output: sampleOf(node.spec.output ?? output(node.source), node.id),
    trust: result.trust,
    given: 'sample',
  };
}

function carriedOut(context: DurableContext, run: FlowRun, turn: NodeTurn): Awaitable<StrandResult> {
  return after(prepared(context, run, turn), (ready) => ('end' in ready ? ready.end : begun(context, run, turn, ready.params)));
}

type Prepared = { params: JsonObject } | { end: StrandResult };

/** Lets the node begin, and resolves its parameters. `end`: it has failed before it could begin. */
function prepared(context: DurableContext, run: FlowRun, turn: NodeTurn): Awaitable<Prepared> {
  const { node, settle } = turn;
  const { trust } = turn.snapshot;
  const resolve = (scope: Scope): { params: JsonObject } => {
    turn.snapshot = { scope, trust };
    return { params: resolveParams(node.source, node.fields, scope) };
  };
  return attempt<Prepared>(
    () => {
      const allowed = run.allowance?.node(context.node, context);
      return after(allowed, () => after(run.values.scope(turn.snapshot.scope, node.references), resolve));
    },
    (error) => {
      context.cancellation.throwIfAborted();
      return { end: failed(toErrorData(error, context.node), null, trust, settle) };
    },
  );
}

function begun(context: DurableContext, run: FlowRun, turn: NodeTurn, params: JsonObject): Awaitable<StrandResult> {
  const { node, settle } = turn;
  const { trust } = turn.snapshot;
  // Of what is over as soon as it begins, the end alone is recorded.
  const input = node.instant ? { input: inputOf(params) } : {};
  if (!node.instant) context.record({ type: 'node.started', node: context.node, input: inputOf(params), trust });
  const end = (result: NodeResult): StrandResult => {
    const label = result.trust ?? (node.manifest.resultTrust === 'derived' ? trust : node.manifest.resultTrust);
    return { ...leave(context.node, node, result, label, settle), ...input };
  };
  return attempt(
    () => after(node.instant ? once(context, run, turn, params) : attempts(context, run, turn, params), end),
    (error) => {
      // Stopped from outside, whatever has been made of it on the way here.
      context.cancellation.throwIfAborted();
      if (error instanceof FlowEnded) return { outlet: 'success', output: error.output, trust: error.trust, ends: error.ends };
      if (error instanceof NotPerformed) {
        const label = node.manifest.resultTrust === 'derived' ? trust : node.manifest.resultTrust;
        return { outlet: 'success', output: null, trust: label, given: 'sample', ...input };
      }
      // What a failure says (error output, replies, what is wrong with them) comes from outside, whatever the arguments were.
      const quotes = error instanceof StepFailed || node.manifest.composite === true || node.manifest.resultTrust === 'untrusted';
      const data = toErrorData(error, context.node);
      return { ...failed(data, null, quotes ? 'untrusted' : trust, settle), ...input };
    },
  );
}

/** Runs the executor of a node that is not tried again. */
function once(context: DurableContext, run: FlowRun, turn: NodeTurn, params: JsonObject): Awaitable<NodeResult> {
  const nodeContext = new RunNodeContext(context, run, turn, { params, round: 1 });
  return after(turn.node.executor.run(params, nodeContext), (result) => checked(run, turn.node, result));
}

/** The nodes of a body are shown by themselves. */
function inputOf(params: JsonObject): JsonObject {
  if (!Object.hasOwn(params, 'nodes')) return params;
  const { nodes: _nodes, ...rest } = params;
  return rest;
}

/**
 * Runs the executor. What fails inside a step has been retried there; what fails outside of one (a reply that cannot be mended, a
 * result that does not match) is tried again here, with steps of its own.
 */
async function attempts(context: DurableContext, run: FlowRun, turn: NodeTurn, params: JsonObject): Promise<NodeResult> {
  const { node } = turn;
  const policy = retryPolicy(node.spec);
  for (let round = 1; ; round += 1) {
    const nodeContext = new RunNodeContext(context, run, turn, { params, round });
    try {
      if (node.spec.gate !== undefined) await nodeContext.askBeforehand();
      return await checked(run, node, await performed(nodeContext, node, params));
    } catch (error) {
      const pause = `round${round}/wait`;
      // Decided before, whatever has been begun since.
      if (!context.cancellation.aborted && context.hasSlept(pause)) {
        await context.sleep(pause, 0);
        continue;
      }
      if (context.cancellation.aborted || error instanceof StepFailed || nodeContext.changedTheWorld) throw error;
      if (error instanceof FlowEnded || error instanceof NotPerformed || context.changedTheWorld()) throw error;
      const data = toErrorData(error, context.node);
      if (data.code === RUN_RESTORE) throw error;
      const delay = retryDelay(policy, round, data, run.ports.clock.random());
      const again = run.ports.clock.now() + (delay ?? 0);
      if (delay === undefined || again >= (nodeContext.lastMoment ?? Infinity)) throw error;
      await context.sleep(pause, again);
    } finally {
      nodeContext.dispose();
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
function checked(run: FlowRun, node: RunNode, result: NodeResult): Awaitable<NodeResult> {
  if (!result.ends && !outletsOf(node.manifest, node.source).some(({ name }) => name === result.outlet)) {
    throw new Error(`A node of type ${node.spec.type} has no outlet "${result.outlet}"`);
  }
  const { output: schema } = node.spec;
  return schema === undefined ? result : matching(run, node, result, schema);
}

async function matching(run: FlowRun, node: RunNode, result: NodeResult, schema: JsonSchema): Promise<NodeResult> {
  const problems = await checkSchema(schema, await run.values.whole(result.output), `The output schema of "${node.id}"`);
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

function leave(path: string, { title }: RunNode, { outlet, output, ends }: NodeResult, trust: Trust, settle: Settle): StrandResult {
  if (ends) return { outlet, output, trust, ends: { outcome: 'succeeded', ...ends } };
  if (settle(outlet).outlet === outlet) return { outlet, output, trust };
  const error = new BelayError('OUTLET_UNCONNECTED', `"${title}" left by "${outlet}", and nothing is connected to it.`, {
    hint: `Connect "${outlet}" to what is to happen then, or "failure" to handle it.`,
    kind: outlet === 'timedOut' ? 'timeout' : 'invalidOutput',
    details: { outlet },
  });
  return failed(toErrorData(error, path), output, trust, settle);
}

function failed(error: ErrorData, output: Json, trust: Trust, settle: Settle): StrandResult {
  const { outlet, letThrough } = settle('failure');
  return letThrough ? { outlet, output: null, trust, error, failed: false } : { outlet, output, trust, error };
}
