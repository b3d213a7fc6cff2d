/** Carries out a flow: asks the planner what is next, does it, and tells the planner what came of it. */
import type { ErrorData } from '../errors.ts';
import { BelayError, toErrorData } from '../errors.ts';
import { isJsonObject } from '../format/json.ts';
import type { Values } from '../format/model.ts';
import { nodeReferences } from '../format/references.ts';
import { resolveValue } from '../format/resolve.ts';
import { checkSchema } from '../nodes/json-schema.ts';
import type { DurableContext, Mark, Strand, StrandResult } from './context.ts';
import type { RunOutcome } from './events.ts';
import type { FlowRun } from './flow-run.ts';
import { RunScope, runNode } from './flow-run.ts';
import { GATE_REJECTED } from './node-context.ts';
import { performNode } from './node-strand.ts';
import type { Decision, PlannerState } from './planner.ts';
import { initialState, next, reduce, settleOutlet } from './planner.ts';

/** Code of an executor that asks for the run to end, because its flow is about to be changed. */
const RUN_RESTORE = 'RUN_RESTORE';

type Ended = Extract<Mark, { type: 'run.finished' }>;

/** Runs the flow to its end, or throws `RunParked`. Everything recorded is taken as it is, so the same call starts and resumes. */
export function runFlow(context: DurableContext, run: FlowRun): Promise<RunOutcome> {
  return new Runner(context, run).run();
}

class Runner {
  readonly #context: DurableContext;
  readonly #run: FlowRun;
  readonly #scope: RunScope;
  readonly #strands = new Map<string, Strand>();
  readonly #results = new Map<string, StrandResult>();
  #state: PlannerState;
  #cancelReason: string | undefined;

  constructor(context: DurableContext, run: FlowRun) {
    this.#context = context;
    this.#run = run;
    this.#scope = new RunScope(run);
    this.#state = initialState(run.flow, run.catalog);
  }

  async run(): Promise<RunOutcome> {
    for (;;) {
      const decisions = next(this.#state);
      for (const decision of decisions) {
        if (decision.do === 'end') return this.#finish(decision);
        this.#act(decision);
      }
      if (decisions.every((decision) => decision.do === 'cancel')) await this.#nextArrival();
    }
  }

  #act(decision: Exclude<Decision, { do: 'end' }>): void {
    switch (decision.do) {
      case 'start': {
        const node = runNode(this.#run, decision.node);
        const snapshot = this.#scope.snapshot(nodeReferences(node.manifest, node.spec, (path) => this.#run.files.get(path)));
        const settle = (outlet: string) => settleOutlet(this.#state, node.id, outlet);
        this.#spawn(decision.node, (context) => performNode(context, this.#run, node, snapshot, settle));
        break;
      }
      case 'failJoin':
        this.#spawn(decision.node, async () => this.#joinFailed(decision));
        break;
      case 'skip':
        this.#context.record({ type: 'node.skipped', node: decision.node, reason: decision.reason });
        this.#scope.skipped(decision.node);
        this.#state = reduce(this.#state, { type: 'nodeSkipped', node: decision.node, reason: decision.reason });
        break;
      case 'cancel':
        for (const node of decision.nodes) {
          const strand = this.#strands.get(node);
          if (strand) this.#context.cancel(strand, this.#cancelReason ?? 'The run is ending.');
        }
        break;
      default:
        decision satisfies never;
    }
  }

  #spawn(node: string, body: (context: DurableContext) => Promise<StrandResult>): void {
    this.#strands.set(node, this.#context.spawn(node, body));
    this.#state = reduce(this.#state, { type: 'nodeStarted', node });
  }

  async #nextArrival(): Promise<void> {
    const arrival = await this.#context.first([...this.#strands.values()]);
    if (arrival.type === 'cancelRequested') {
      this.#cancel(arrival.reason ?? `${arrival.by} cancelled the run.`);
      return;
    }
    const { node } = arrival.strand;
    const { end } = arrival;
    this.#strands.delete(node);
    if (end.how === 'cancelled') {
      this.#state = reduce(this.#state, { type: 'nodeSkipped', node, reason: 'cancelled' });
      return;
    }
    this.#results.set(node, end);
    this.#scope.finished(node, end);
    // A step that asks for the run to be stopped (to put a recorded prompt back) has not failed.
    if (end.error?.code === RUN_RESTORE) this.#cancel(end.error.message);
    this.#state = reduce(this.#state, { type: 'nodeFinished', node, outlet: end.outlet, refused: end.error?.code === GATE_REJECTED });
  }

  #cancel(reason: string): void {
    this.#cancelReason ??= reason;
    this.#state = reduce(this.#state, { type: 'cancelRequested' });
  }

  #joinFailed({ node, needed, arrived }: Extract<Decision, { do: 'failJoin' }>): StrandResult {
    const { title, id } = runNode(this.#run, node);
    const error = new BelayError('JOIN_QUORUM', `The join of "${title}" needs ${needed} of its branches, and only ${arrived} can arrive.`, {
      hint: 'See why the branches before it failed, or lower "atLeast".',
    });
    const { outlet, letThrough } = settleOutlet(this.#state, id, 'failure');
    const failed = letThrough ? { failed: false } : {};
    return { how: 'finished', outlet, output: null, trust: 'trusted', error: toErrorData(error, id), ...failed };
  }

  async #finish(decision: Extract<Decision, { do: 'end' }>): Promise<RunOutcome> {
    const ended = await this.#ended(decision);
    this.#context.record(ended);
    return ended.outcome;
  }

  async #ended({ outcome, cause }: Extract<Decision, { do: 'end' }>): Promise<Ended> {
    const result = cause === undefined ? undefined : this.#results.get(cause);
    switch (outcome) {
      case 'succeeded':
        return this.#succeeded();
      case 'failed':
        return { type: 'run.finished', outcome, ...(result?.error ? { error: result.error } : {}) };
      case 'rejected':
        return { type: 'run.finished', outcome, ...reasonOf(result) };
      case 'cancelled':
        return { type: 'run.finished', outcome, ...(this.#cancelReason === undefined ? {} : { reason: this.#cancelReason }) };
      default:
        return outcome satisfies never;
    }
  }

  async #succeeded(): Promise<Ended> {
    try {
      return { type: 'run.finished', outcome: 'succeeded', outputs: await this.#outputs() };
    } catch (error) {
      return { type: 'run.finished', outcome: 'failed', error: toErrorData(error) };
    }
  }

  async #outputs(): Promise<Values> {
    const scope = this.#scope.whole();
    const values: Values = {};
    for (const [name, { value, schema }] of Object.entries(this.#run.flow.outputs ?? {})) {
      const resolved = resolveValue(value, scope, `outputs.${name}`);
      const problems = schema === undefined ? [] : await checkSchema(schema, resolved, `The schema of output "${name}"`);
      if (problems.length > 0) {
        throw new BelayError(
          'OUTPUT_INVALID',
          `The output "${name}" does not match its schema: ${problems.map((it) => it.message).join('; ')}.`,
          {
            hint: 'Correct the value or the schema under "outputs".',
            kind: 'invalidOutput',
          },
        );
      }
      values[name] = resolved;
    }
    return values;
  }
}

/** What the person who said no gave as the reason: an approval has it in its output, a gate in its error. */
function reasonOf(result: StrandResult | undefined): { reason?: string; error?: ErrorData } {
  const said = result?.error ? result.error.details : result?.output;
  const reason = said !== undefined && isJsonObject(said) && typeof said.reason === 'string' ? { reason: said.reason } : {};
  return { ...reason, ...(result?.error ? { error: result.error } : {}) };
}
