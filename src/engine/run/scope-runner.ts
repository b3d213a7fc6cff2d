/** Carries out the nodes of one scope (a flow, or one pass of a body): asks the planner what is next, does it, and tells it what came of it. */
import type { Awaitable } from '../awaitable.ts';
import { BelayError, toErrorData } from '../errors.ts';
import type { Flow } from '../format/model.ts';
import type { Arrival, DurableContext, Strand, StrandResult } from './context.ts';
import type { RunOutcome } from './events.ts';
import type { FlowRun, RunNode } from './flow-run.ts';
import { runNode } from './flow-run.ts';
import { isRefusal } from './node-context.ts';
import { performNode } from './node-strand.ts';
import { NodePasses } from './passes.ts';
import { idOf, nodePath } from './paths.ts';
import type { Decision, Part, PlannerState } from './planner.ts';
import { initialState, next, reduce, settleOutlet } from './planner.ts';
import type { RunScope } from './run-scope.ts';
import type { NodeTurn, RunScopeNodes, ScopeEnd } from './turn.ts';
import { RUN_RESTORE } from './turn.ts';
import { Ways } from './ways.ts';

/** Runs to the end of the scope, or throws `RunParked`. What is recorded is taken as it is, so the same call starts and resumes. */
export const runScope: RunScopeNodes = (context, run, nodes, scope, part) => new ScopeRunner(context, run, nodes, scope, part).run();

class ScopeRunner {
  readonly #context: DurableContext;
  readonly #run: FlowRun;
  readonly #nodes: Flow['nodes'];
  readonly #scope: RunScope;
  readonly #strands = new Map<string, Strand>();
  #state: PlannerState;
  #cause: StrandResult | undefined;
  #cancelReason: unknown;
  /** Only in a dry run, which comes to every node. */
  readonly #ways: Ways | undefined;

  constructor(context: DurableContext, run: FlowRun, nodes: Flow['nodes'], scope: RunScope, part?: Part) {
    this.#context = context;
    this.#run = run;
    this.#nodes = nodes;
    this.#scope = scope;
    this.#ways = run.header.dry ? new Ways() : undefined;
    this.#state = initialState({ nodes }, run.catalog, part);
  }

  run(): Awaitable<ScopeEnd> {
    return this.#goOn() ?? this.#wait();
  }

  async #wait(): Promise<ScopeEnd> {
    for (;;) {
      this.#take(await this.#context.first());
      const end = this.#goOn();
      if (end) return end;
    }
  }

  /** As far as it goes without waiting. */
  #goOn(): ScopeEnd | undefined {
    for (;;) {
      const decisions = next(this.#state);
      for (const decision of decisions) {
        if (decision.do === 'end') return this.#ended(decision.outcome);
        this.#act(decision);
      }
      if (!decisions.every((decision) => decision.do === 'cancel')) continue;
      const arrival = this.#context.arrived();
      if (!arrival) return undefined;
      this.#take(arrival);
    }
  }

  #ended(outcome: RunOutcome): ScopeEnd {
    const cause = this.#cause === undefined ? {} : { cause: this.#cause };
    const ends = this.#cause?.ends === undefined ? {} : { ends: this.#cause.ends };
    return { outcome, ...cause, ...ends, ...(outcome === 'cancelled' ? { reason: this.#cancelReason } : {}) };
  }

  #act(decision: Exclude<Decision, { do: 'end' }>): void {
    switch (decision.do) {
      case 'start':
        this.#start(runNode(this.#run, this.#nodes, decision.node));
        break;
      case 'failJoin':
        this.#spawn(decision.node, () => this.#joinFailed(decision));
        break;
      case 'skip':
        if (decision.reason === 'dead' && this.#ways) {
          this.#start(runNode(this.#run, this.#nodes, decision.node));
          break;
        }
        this.#context.record({ type: 'node.skipped', node: nodePath(this.#context.node, decision.node), reason: decision.reason });
        this.#scope.skipped(decision.node);
        this.#ways?.passedThrough(decision.node);
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

  #start(node: RunNode): void {
    const snapshot = this.#scope.snapshot(node.references);
    const settle = (outlet: string) => settleOutlet(this.#state, node.id, outlet);
    const { composite } = node.manifest;
    const turn: NodeTurn = {
      node,
      snapshot,
      around: composite ? this.#scope.frozen() : this.#scope,
      settle,
      unreached: this.#ways?.isReached(node) === false,
      passes: (context, round) => new NodePasses(context, this.#run, turn, round, runScope),
    };
    this.#spawn(node.id, (context) => performNode(context, this.#run, turn), composite || node.instant ? 'patient' : undefined);
  }

  #spawn(id: string, body: (context: DurableContext) => Awaitable<StrandResult>, patient?: 'patient'): void {
    this.#strands.set(id, this.#context.spawn(nodePath(this.#context.node, id), body, patient));
    this.#state = reduce(this.#state, { type: 'nodeStarted', node: id });
  }

  #take(arrival: Arrival): void {
    if (arrival.type === 'cancelRequested') {
      this.#cancel(arrival.reason ?? `${arrival.by} cancelled the run.`);
      return;
    }
    const node = idOf(arrival.strand.node);
    const { end } = arrival;
    this.#strands.delete(node);
    if (!end) {
      this.#state = reduce(this.#state, { type: 'nodeSkipped', node, reason: 'cancelled' });
      return;
    }
    this.#scope.finished(node, end);
    this.#ways?.left(node, end);
    const wasEnding = this.#state.ending;
    const restores = end.error?.code === RUN_RESTORE;
    // Has not failed, and ends the run as cancelled. Further in, every scope on the way out ends with it.
    if (restores && this.#context.node === '') this.#cancel(end.error?.message);
    const ends = end.ends ? { ends: end.ends.outcome } : restores ? { ends: 'failed' as const } : {};
    this.#state = reduce(this.#state, { type: 'nodeFinished', node, outlet: end.outlet, refused: isRefusal(end.error), ...ends });
    if (!wasEnding && this.#state.ending?.cause === node) this.#cause = end;
  }

  #cancel(reason: unknown): void {
    this.#cancelReason ??= reason;
    this.#state = reduce(this.#state, { type: 'cancelRequested' });
  }

  #joinFailed({ node, needed, arrived }: Extract<Decision, { do: 'failJoin' }>): StrandResult {
    const { title, id } = runNode(this.#run, this.#nodes, node);
    const error = new BelayError('JOIN_QUORUM', `The join of "${title}" needs ${needed} of its branches, and only ${arrived} can arrive.`, {
      hint: 'See why the branches before it failed, or lower "atLeast".',
    });
    const { outlet, letThrough } = settleOutlet(this.#state, id, 'failure');
    const failed = letThrough ? { failed: false } : {};
    return {
      outlet,
      output: null,
      trust: 'trusted',
      error: toErrorData(error, nodePath(this.#context.node, id)),
      ...failed,
    };
  }
}
