/** What an executor can ask of the run: steps that wait for their yes, questions, expressions, the mode. */

import type { ErrorData } from '../errors.ts';
import { BelayError, toErrorData } from '../errors.ts';
import { compareEffects, maxEffect } from '../format/effect-rules.ts';
import { folderOf } from '../format/file-paths.ts';
import type { Json, JsonObject, JsonSchema } from '../format/json.ts';
import type { Effect } from '../format/model.ts';
import { evaluateExpression, renderTemplate } from '../format/resolve.ts';
import type { LiveUpdate, NodeContext, Passes, StepInfo, StepOptions } from '../nodes/executor.ts';
import { effectiveEffect } from '../policy/effects.ts';
import { gateFor } from '../policy/gates.ts';
import { hashJson } from '../policy/hash.ts';
import type { EnginePorts } from '../ports.ts';
import { type DurableContext, StepHappened } from './context.ts';
import type { LiveEvent, RunMode, SignalReply, SignalRequest, Trust } from './events.ts';
import type { FlowRun, RunNode } from './flow-run.ts';
import { BEFOREHAND, keyOf } from './history.ts';
import { retryDelay, retryPolicy, timeouts } from './retry.ts';
import { StepFailed } from './step-runner.ts';
import type { NodeTurn, OwnedPasses } from './turn.ts';

/** Code of a failure that is a person's no. Unhandled, it ends the run as rejected. */
const GATE_REJECTED = 'GATE_REJECTED';
/** The same, said in a sub-flow. */
export const FLOW_REJECTED = 'FLOW_REJECTED';

interface NodeEffects {
  /** What the type says of these arguments. */
  byType: Effect;
  /** As the engine treats it: raised or lowered by the flow, within policy. */
  effect: Effect;
}

async function effectsOf(run: FlowRun, { manifest, executor, spec }: RunNode, params: JsonObject, trust: Trust): Promise<NodeEffects> {
  const actual = await executor.effect?.(params, run.ports, folderOf(run.header.flow));
  return { byType: actual ?? manifest.effect(params), effect: effectiveEffect(manifest, params, { stated: spec.effect, actual, trust }) };
}

/** Whether an unhandled failure ends the run as rejected: somebody said no. */
export function isRefusal(error: ErrorData | undefined): boolean {
  return error?.code === GATE_REJECTED || error?.code === FLOW_REJECTED;
}

export interface NodeRound {
  /** Resolved. */
  params: JsonObject;
  /** From 1: how often the whole node has been tried. */
  round: number;
}

/** What a person is shown before a step. */
interface AskedStep {
  name: string;
  title: string;
  effect: Effect;
  args: Json;
  argsHash: string;
  trust: Trust;
}

/** A yes given beforehand has seen no values: it stands for those the person knew, and not for what came from outside since. */
function standing({ effect, trust }: AskedStep): boolean {
  return effect !== 'irreversible' || trust === 'trusted';
}

export class RunNodeContext implements NodeContext {
  /** A step that cannot be taken back has been done: the node must not be tried again as a whole. */
  changedTheWorld = false;
  readonly #context: DurableContext;
  readonly #run: FlowRun;
  readonly #turn: NodeTurn;
  readonly #round: NodeRound;
  #passes: OwnedPasses | undefined;
  /** The yes that the flow asks for was given, to something that only reads: the same node may go on reading. */
  #mayRead = false;
  #names: Set<string> | undefined;
  #effects: Promise<NodeEffects> | undefined;

  constructor(context: DurableContext, run: FlowRun, turn: NodeTurn, round: NodeRound) {
    this.#context = context;
    this.#run = run;
    this.#turn = turn;
    this.#round = round;
  }

  get node(): string {
    return this.#context.node;
  }

  get id(): string {
    return this.#turn.node.id;
  }

  get title(): string {
    return this.#turn.node.title;
  }

  get runId(): string {
    return this.#run.header.id;
  }

  get flowPath(): string {
    return this.#run.header.flow;
  }

  get flowDir(): string {
    return folderOf(this.#run.header.flow);
  }

  get recordedAs(): { flow: string; node: string } {
    const { flow, way } = this.#run.started;
    return { flow, node: way + this.id };
  }

  get flowModel(): string | undefined {
    return this.#run.flow.model;
  }

  get mcpServers(): JsonObject | undefined {
    return this.#run.flow.mcpServers as JsonObject | undefined;
  }

  get outputSchema(): JsonSchema | undefined {
    return this.#turn.node.spec.output;
  }

  get source(): JsonObject {
    return this.#turn.node.source;
  }

  get trust(): Trust {
    return this.#turn.snapshot.trust;
  }

  get ports(): EnginePorts {
    return this.#run.ports;
  }

  get signal(): AbortSignal {
    return this.#context.cancellation;
  }

  mode(): RunMode {
    return this.#run.mode().mode;
  }

  model(): string | undefined {
    return this.#run.mode().model;
  }

  setMode(mode: RunMode, model: string | undefined, by: string): void {
    const now = this.#run.mode();
    if (now.mode !== mode || now.model !== model) this.#run.setMode(mode, model, by);
  }

  evaluate(expression: string): Json {
    return evaluateExpression(expression, this.#turn.snapshot.scope);
  }

  render(template: string): string {
    return renderTemplate(template, this.#turn.snapshot.scope);
  }

  bundled(path: string): string | undefined {
    return this.#run.file(path);
  }

  hash(value: Json): string {
    return hashJson(value);
  }

  live(event: LiveUpdate): void {
    this.#run.emit({ ...event, node: this.node } as LiveEvent);
  }

  /** The gate of a node that has no step to hang it on: asked before it does anything, showing its parameters. */
  async askBeforehand(): Promise<void> {
    const { params } = this.#round;
    if (!this.#turn.node.manifest.composite && (await this.#nodeEffects()).effect !== 'none') return;
    const { title, trust } = this;
    await this.#gate('gate', { name: 'gate', title, effect: 'none', args: params, argsHash: hashJson(params), trust }, 'declared');
  }

  async step<T extends Json>(name: string, options: StepOptions, perform: (info: StepInfo) => Promise<T>): Promise<T> {
    this.#claim(name);
    const { args, reconcile } = options;
    if (options.asksModel) await this.#run.allowance?.modelCall(this.node, this.#name(name), this.signal);
    const effects = await this.#nodeEffects();
    const effect = options.own ? options.effect : this.#effectOf(options.effect, effects);
    // Trust only decreases.
    const trust = this.trust === 'untrusted' ? 'untrusted' : (options.trust ?? this.trust);
    const asked: AskedStep = { name, title: options.title ?? this.title, effect, args, argsHash: hashJson(args), trust };
    await this.#askFor(asked);
    const { attempt, total } = timeouts(this.#turn.node.spec);
    const spec = {
      title: asked.title,
      effect,
      args,
      argsHash: asked.argsHash,
      trust,
      retry: retryPolicy(this.#turn.node.spec),
      attemptTimeout: attempt,
      totalTimeout: total,
      reconcile,
    };
    if (effect === 'write' || effect === 'irreversible') this.changedTheWorld = true;
    try {
      // A step gives back what was recorded of it: JSON, of the shape that `perform` returned.
      return (await this.#context.step(this.#name(name), spec, perform)) as T;
    } catch (error) {
      if (error instanceof StepHappened && options.happened) return options.happened(error.output) as T;
      throw error;
    }
  }

  isRetried(error: BelayError): boolean {
    if (error instanceof StepFailed || this.changedTheWorld) return false;
    return retryDelay(retryPolicy(this.#turn.node.spec), this.#round.round, toErrorData(error), 0) !== undefined;
  }

  async ask(name: string, request: SignalRequest, timeoutMs?: number): Promise<SignalReply | undefined> {
    this.#claim(name);
    const { attempt, total } = timeouts(this.#turn.node.spec);
    const timeout = timeoutMs ?? (request.kind === 'approval' ? (total ?? attempt) : undefined);
    return this.#context.signal(this.#name(name), request, {
      ...(timeout === undefined ? {} : { timeout }),
      ...(request.kind === 'approval' ? this.#givenBeforehand() : {}),
    });
  }

  async sleep(name: string, until: number): Promise<void> {
    this.#claim(name);
    await this.#context.sleep(this.#name(name), Math.min(until, this.#passes?.deadline ?? Infinity));
  }

  async now(name: string): Promise<number> {
    this.#claim(name);
    return this.#context.now(this.#name(name));
  }

  get passes(): Passes {
    this.#passes ??= this.#turn.passes(this.#context, this.#round.round);
    return this.#passes;
  }

  /** Epoch ms: when the time of the node is over, that of its further rounds too. Undefined: there is no such limit, or no body. */
  get lastMoment(): number | undefined {
    return this.#passes?.lastMoment;
  }

  dispose(): void {
    this.#passes?.dispose();
  }

  #nodeEffects(): Promise<NodeEffects> {
    this.#effects ??= effectsOf(this.#run, this.#turn.node, this.#round.params, this.trust);
    return this.#effects;
  }

  /** A part of the node's work that does less than the whole keeps its own effect; the main work has that of the node. */
  #effectOf(step: Effect, { byType, effect }: NodeEffects): Effect {
    if (compareEffects(step, byType) < 0) return step;
    return compareEffects(step, byType) > 0 ? maxEffect(step, effect) : effect;
  }

  async #askFor(step: AskedStep): Promise<void> {
    const { name, effect, argsHash } = step;
    const declared = this.#turn.node.spec.gate !== undefined && effect !== 'none' && !(effect === 'read' && this.#mayRead);
    // By its arguments, not by the round: a yes binds exactly these, also when the node is tried again.
    const key = `${name}/gate/${argsHash.slice(0, 32)}`;
    // Only what cannot be taken back can have been agreed to before.
    const covered = effect === 'irreversible' && !declared ? this.#run.agreedTo(this.node) : new Set<string>();
    const gate = gateFor({ declared, effect, argsHash, covered });
    // Asked once, the answer stands, whatever has been agreed to since.
    if (gate.needed || this.#run.asked(keyOf(this.node, key))) {
      await this.#gate(key, step, gate.needed ? gate.why : 'demanded');
    }
    if (declared && effect === 'read') this.#mayRead = true;
  }

  async #gate(key: string, step: AskedStep, why: 'declared' | 'demanded'): Promise<void> {
    const { title, effect, args, argsHash } = step;
    const untrusted = step.trust === 'untrusted';
    const request: SignalRequest = {
      kind: 'gate',
      title,
      message: this.#gateMessage(why, step),
      effect,
      args,
      argsHash,
      untrusted,
      why,
    };
    const reply = await this.#context.signal(key, request, standing(step) ? this.#givenBeforehand() : {});
    if (reply?.decision === 'approved') return;
    const by = reply?.by ?? 'Somebody';
    const reason = reply?.reason === undefined ? '' : `: ${reply.reason}`;
    throw new BelayError(GATE_REJECTED, `${by} did not allow "${title}"${reason}.`, {
      hint: 'Change what the step would do and run the flow again, or connect its failure outlet.',
      kind: 'permission',
      details: { by, reason: reply?.reason ?? null },
    });
  }

  #gateMessage(why: 'declared' | 'demanded', { title, trust }: AskedStep): string {
    const { gate } = this.#turn.node.spec;
    if (typeof gate === 'object') return renderTemplate(gate.message, this.#turn.snapshot.scope, 'gate.message');
    if (why === 'declared') return `May "${title}" go on?`;
    return trust === 'untrusted'
      ? `"${title}" cannot be taken back, and uses values that come from outside. May it go on?`
      : `"${title}" cannot be taken back. May it go on?`;
  }

  #givenBeforehand(): { answer?: SignalReply } {
    if (!this.#run.header.approved?.includes(this.id)) return {};
    return { answer: { decision: 'approved', by: BEFOREHAND, at: this.ports.clock.now() } };
  }

  /** Two things of one name would be taken for one: the second would be given the result of the first. */
  #claim(name: string): void {
    this.#names ??= new Set();
    if (this.#names.has(name)) throw new Error(`"${this.node}" uses the name "${name}" twice`);
    this.#names.add(name);
  }

  #name(name: string): string {
    return this.#round.round === 1 ? name : `round${this.#round.round}/${name}`;
  }
}
