/** Runs of a node's body, or of the flow it names: each a strand of its own, with a scope of its own. */
import { type Awaitable, after, attempt } from '../awaitable.ts';
import { BelayError, NestedFailure, toErrorData } from '../errors.ts';
import type { Reference } from '../format/expressions/index.ts';
import { EXPRESSION_KEY } from '../format/fields.ts';
import type { Json } from '../format/json.ts';
import type { Flow } from '../format/model.ts';
import { valueReferences } from '../format/references.ts';
import { evaluateExpression, resolveValue } from '../format/resolve.ts';
import type { PassEnd, PassRequest } from '../nodes/executor.ts';
import type { DurableContext, Strand, StrandResult } from './context.ts';
import type { FlowRun } from './flow-run.ts';
import { passPath } from './paths.ts';
import { OVER, outOfTime, timeouts } from './retry.ts';
import type { RunScope } from './run-scope.ts';
import { runSubFlow } from './sub-flow.ts';
import type { NodeTurn, OwnedPasses, RunScopeNodes, ScopeEnd } from './turn.ts';
import { AGAIN, DONE, FlowEnded, failedPass, RUN_RESTORE } from './turn.ts';

export class NodePasses implements OwnedPasses {
  readonly #context: DurableContext;
  readonly #run: FlowRun;
  readonly #turn: NodeTurn;
  readonly #round: number;
  readonly #underWay = new Map<string, { strand: Strand; index: number }>();
  readonly #runScope: RunScopeNodes;
  readonly #over = new AbortController();
  #read: { inResult: readonly Reference[]; all: readonly Reference[] } | undefined;
  #armed = false;
  #timedOut: BelayError | undefined;
  deadline: number | undefined;
  lastMoment: number | undefined;

  constructor(context: DurableContext, run: FlowRun, turn: NodeTurn, round: number, runScope: RunScopeNodes) {
    this.#runScope = runScope;
    this.#context = context;
    this.#run = run;
    this.#turn = turn;
    this.#round = round;
  }

  dispose(): void {
    this.#over.abort(OVER);
  }

  lastRecorded(most: number): ReturnType<OwnedPasses['lastRecorded']> {
    const path = (index: number): string => passPath(this.#context.node, this.#round, index);
    const past = this.#context.skipEnded(most, path, ({ outlet, error, ends }) => outlet === AGAIN && !error && !ends);
    return past && { index: past.index, output: past.end.output, trust: past.end.trust };
  }

  begin(request: PassRequest): void {
    if (this.#timedOut) throw this.#timedOut;
    const path = passPath(this.#context.node, this.#round, request.index);
    const strand = this.#context.spawn(path, (context) => this.#perform(context, request), 'patient');
    this.#underWay.set(path, { strand, index: request.index });
  }

  cancel(reason: unknown): void {
    for (const { strand } of this.#underWay.values()) this.#context.cancel(strand, reason);
  }

  async next(): Promise<PassEnd> {
    if (!this.#armed) this.#armTimeout();
    this.#armed = true;
    const arrival = this.#context.arrived() ?? (await this.#context.first());
    if (arrival.type === 'cancelRequested') {
      await this.#allEnded(arrival.reason);
      throw this.#context.cancellation.reason;
    }
    const { node } = arrival.strand;
    const { end } = arrival;
    const index = this.#underWay.get(node)?.index ?? 0;
    this.#underWay.delete(node);
    if (this.#timedOut && !end) {
      await this.#allEnded(this.#timedOut);
      throw this.#timedOut;
    }
    if (!end) return { index, how: 'cancelled' };
    if (end.ends) {
      await this.#allEnded('The flow is ending.');
      throw new FlowEnded(end.ends, end.output, end.trust);
    }
    if (end.error?.code === RUN_RESTORE) {
      await this.#allEnded('The run is ending.');
      throw new NestedFailure(end.error);
    }
    if (end.error) return { index, how: 'failed', error: end.error, trust: end.trust };
    // Nothing that is made up would ever end a loop: a dry run shows one pass.
    const done = end.outlet === DONE || this.#run.header.dry === true;
    return { index, how: 'finished', output: end.output, trust: end.trust, done };
  }

  /** Stops what is under way and waits until it has stopped: nothing may be recorded in a node that has ended. */
  async #allEnded(reason: unknown): Promise<void> {
    this.cancel(reason);
    while (this.#underWay.size > 0) {
      const arrival = await this.#context.first();
      if (arrival.type === 'ended') this.#underWay.delete(arrival.strand.node);
    }
  }

  /** The node's time-out holds for all its passes together, and a restart does not give it more time. */
  #armTimeout(): void {
    const { attempt, total } = timeouts(this.#turn.node.spec);
    const { clock } = this.#run.ports;
    const { signal } = this.#over;
    if (total !== undefined) this.lastMoment = this.#context.deadline('limit', total, signal);
    const limits = this.lastMoment === undefined ? [] : [this.lastMoment];
    if (attempt !== undefined) limits.push(this.#context.deadline(`round${this.#round}/limit`, attempt, signal));
    if (limits.length === 0) return;
    const until = Math.min(...limits);
    this.deadline = until;
    const isTotal = total !== undefined && until === this.lastMoment;
    const stop = (): void => {
      this.#timedOut = outOfTime(`"${this.#turn.node.title}"`, isTotal ? total : (attempt ?? 0));
      this.cancel(this.#timedOut);
    };
    // Over while nobody had the run: nothing in it is begun any more.
    if (until <= clock.now()) stop();
    else clock.sleep(until - clock.now(), signal).then(stop, () => undefined);
  }

  #perform(context: DurableContext, request: PassRequest): Awaitable<StrandResult> {
    const { around, node, snapshot } = this.#turn;
    if (request.flow) return runSubFlow(context, this.#run, { trust: snapshot.trust, ...request.flow }, this.#runScope);
    const body = (node.source.nodes ?? {}) as Flow['nodes'];
    const { item, itemTrust, index, previous, previousTrust } = request;
    const scope = around.pass(body, {
      index,
      previous: previous ?? null,
      ...(item === undefined ? {} : { item }),
      ...(itemTrust === undefined ? {} : { itemTrust }),
      ...(previousTrust === undefined ? {} : { previousTrust }),
    });
    return after(this.#runScope(context, this.#run, body, scope), (end) => this.#ended(context, request, scope, end));
  }

  #ended(context: DurableContext, request: PassRequest, scope: RunScope, end: ScopeEnd): Awaitable<StrandResult> {
    const { outcome, cause, ends, reason } = end;
    if (outcome === 'cancelled') throw reason;
    if (cause && (ends || (outcome === 'rejected' && !cause.error))) {
      const { outlet, output, trust } = cause;
      // The body came to no result; what the `end` gives are outputs of the flow. A no goes out with its reason.
      return { outlet, output: ends?.outcome === 'succeeded' ? null : output, trust, ends: ends ?? { outcome: 'rejected' } };
    }
    if (outcome !== 'succeeded')
      return failedPass(cause?.error ?? toErrorData(new Error('The body failed without a reason'), context.node), 'untrusted');
    const { result, until } = request;
    const { inResult, all } = this.#references(request);
    // The label is that of the result; the condition decides, and passes nothing on.
    const trust = scope.trustOf(inResult);
    return attempt<StrandResult>(
      () =>
        after(this.#run.values.scope(scope.snapshot(all).scope, all), (seen) => {
          const output = result === undefined ? null : resolveValue(result, seen, 'result');
          const done = until === undefined ? true : holds(evaluateExpression(until, seen, 'until'), until);
          return { outlet: done ? DONE : AGAIN, output, trust };
        }),
      (error) => failedPass(toErrorData(error, this.#context.node), trust),
    );
  }

  /** What `result` and `until` read; they are the same for all passes. */
  #references({ result, until }: PassRequest): { inResult: readonly Reference[]; all: readonly Reference[] } {
    if (this.#read) return this.#read;
    const inResult = result === undefined ? [] : valueReferences(result);
    const inUntil = until === undefined ? [] : valueReferences({ [EXPRESSION_KEY]: until });
    this.#read = { inResult, all: [...inResult, ...inUntil] };
    return this.#read;
  }
}

function holds(value: Json, text: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new BelayError('CONDITION_NOT_BOOLEAN', `The condition \`${text}\` gives ${JSON.stringify(value)}, neither true nor false.`, {
    hint: 'Compare the value with something, e.g. `size(steps.list.output.items) > 0`.',
    kind: 'badRequest',
  });
}
