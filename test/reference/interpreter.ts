/**
 * What a flow does, told a second time and as plainly as possible: written from docs/format.md alone, without the engine's planner,
 * journal or concurrency. Time is virtual, every step is scripted, so there is one right answer, or (`open`) the documents leave it open.
 */
import type { Json, JsonObject } from '../../src/engine/format/json.ts';
import type { NodeSpec } from '../../src/engine/format/model.ts';
import { durationMs } from '../../src/engine/format/model.ts';
import type { Answer, Doubt, Effect, FlowDocument, Scenario, Trace } from './scenario.ts';
import { performance } from './scenario.ts';
import type { Begin, Failure, Leaving, Over, World } from './scope.ts';
import { Scope } from './scope.ts';
import type { Lookup } from './values.ts';
import { evaluate, resolve } from './values.ts';
import { VirtualTime } from './virtual-time.ts';

export interface Verdict {
  trace: Trace;
  /** The documents do not say which of two things at the same moment comes first, and it matters: nothing is to be compared. */
  open: boolean;
  /** Whether something at this moment and path was cut off as it happened, so that it may be missing or not. */
  isVague(path: string, t: number): boolean;
}

type Node = Parameters<Begin>[0];
type With = Record<string, Json | undefined>;
/** What the values of a scope come from besides its steps. */
type Roots = Record<'inputs' | 'item' | 'index' | 'previous', Json>;

/** Kinds that are tried again where `retry` does not say. */
const RETRIED: readonly string[] = ['rateLimit', 'overloaded', 'network', 'timeout', 'exit', 'invalidOutput'];

/** Kinds of failure after which nobody knows whether an irreversible step has happened. */
const UNSURE: readonly string[] = ['timeout', 'network'];

/** Failures that mean a person's no: where nobody handles them, the flow ends as rejected. */
const NOES: readonly string[] = ['GATE_REJECTED', 'FLOW_REJECTED'];

export function interpret(scenario: Scenario): Verdict {
  const run = new Run(scenario);
  return run.verdict();
}

class Run {
  readonly #scenario: Scenario;
  readonly #time = new VirtualTime();
  readonly #trace: Trace = { effects: [], fates: {}, outcome: 'stuck', error: null, outputs: null };
  readonly #cutOff: { prefix: string; t: number }[] = [];
  readonly #roots = new Map<Scope, Roots>();
  /** Paths of steps that changed something. */
  readonly #writes: string[] = [];
  readonly #world: World;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#world = {
      time: this.#time,
      open: false,
      fate: (path, is) => {
        this.#trace.fates[path] = { t: this.#time.now, is };
      },
      cutOff: (prefix) => void this.#cutOff.push({ prefix, t: this.#time.now }),
    };
  }

  verdict(): Verdict {
    const { flow } = this.#scenario;
    this.#scope(flow.nodes, '', undefined, { inputs: defaults(flow), item: null, index: null, previous: null }, new Set(), (how, scope) => {
      const over = atRoot(how);
      this.#trace.outcome = { done: 'succeeded', ended: 'succeeded', failed: 'failed', rejected: 'rejected' }[over.is];
      if (over.is === 'failed') this.#trace.error = over.failure.code;
      if (over.is === 'ended') this.#trace.outputs = over.outputs;
      if (over.is === 'done') this.#trace.outputs = this.#outputs(flow, scope);
    });
    this.#time.pass();
    return {
      trace: this.#trace,
      open: this.#world.open || this.#time.tied,
      isVague: (path, t) => this.#cutOff.some((cut) => cut.t === t && path.startsWith(cut.prefix)),
    };
  }

  #scope(
    nodes: Record<string, NodeSpec>,
    prefix: string,
    parent: Scope | undefined,
    roots: Roots,
    causes: ReadonlySet<string>,
    onOver: (over: Over, scope: Scope) => void,
  ): Scope {
    const scope: Scope = new Scope(
      nodes,
      { prefix, parent, causes },
      { world: this.#world, begin: (node) => this.#begin(node), onOver: (over) => onOver(over, scope) },
    );
    this.#roots.set(scope, roots);
    scope.start();
    return scope;
  }

  #lookup(scope: Scope, causes?: ReadonlySet<string>): Lookup {
    return ([root = '', name = '', field = '']) => {
      if (root !== 'steps') {
        const value = this.#roots.get(scope)?.[root as keyof Roots] ?? null;
        return root === 'inputs' ? ((value as JsonObject)[name] ?? null) : value;
      }
      const final = scope.read(name, causes ?? new Set([...scope.finals.keys()].map((id) => scope.prefix + id)));
      if (field === 'output') return final?.output ?? null;
      if (!final) this.#world.open = true;
      return final?.state ?? null;
    };
  }

  #outputs(flow: FlowDocument, scope: Scope): Json {
    const values = Object.entries(flow.outputs ?? {}).map(([name, { value }]) => [name, resolve(value, this.#lookup(scope))]);
    return Object.fromEntries(values) as Json;
  }

  /** Resolves, asks where there is a gate, and does what the node is there for, again where `retry` says so. */
  #begin(node: Node): () => void {
    const lookup = this.#lookup(node.scope, node.causes);
    const params = resolvedFirst(node.spec, lookup);
    let cut: () => void = () => undefined;
    const go = (): void => {
      cut = this.#rounds(node, params, lookup);
    };
    if (node.spec.gate === undefined && !isIrreversible(node.spec)) go();
    else {
      cut = this.#ask(node.id, 'gate', undefined, (decision) => {
        if (decision === 'approved') go();
        else node.scope.leave(node.id, { failure: { code: 'GATE_REJECTED', kind: 'permission' } });
      });
    }
    return () => cut();
  }

  #rounds(node: Node, params: With, lookup: Lookup): () => void {
    const { spec, scope, id } = node;
    const { time } = this.#world;
    const limits = typeof spec.timeout === 'string' ? { attempt: spec.timeout } : (spec.timeout ?? {});
    let cutPiece: () => void = () => undefined;
    let cutLimit: () => void = () => undefined;
    let cutTotal: () => void = () => undefined;
    let waiting = false;
    let doubts = 0;
    const stop = (): void => {
      cutLimit();
      cutTotal();
      cutPiece();
    };
    const timedOut: Failure = { code: 'STEP_TIMEOUT', kind: 'timeout' };
    const attempt = (n: number): void => {
      waiting = false;
      let left = false;
      const leave = (leaving: Leaving): void => {
        left = true;
        cutLimit();
        if (isIrreversible(spec) && 'failure' in leaving && UNSURE.includes(leaving.failure.kind)) {
          waiting = true;
          cutPiece = this.#ask(id, 'doubt', undefined, (decision) => {
            doubts += 1;
            if (decision === 'retry' && doubts === 1) attempt(n + 1);
            else {
              cutTotal();
              const aborted: Failure = { code: 'STEP_ABORTED', kind: 'unknown' };
              scope.leave(id, decision === 'happened' && doubts === 1 ? { outlet: 'success', output: null } : { failure: aborted });
            }
          });
          return;
        }
        const again = 'failure' in leaving ? this.#again(node, n, leaving.failure) : undefined;
        if (again !== undefined) {
          waiting = true;
          cutPiece = time.after(again, () => attempt(n + 1));
          return;
        }
        cutTotal();
        scope.leave(id, this.#unconnected(node, leaving));
      };
      if (limits.attempt !== undefined && spec.type !== 'approval') {
        cutLimit = time.after(durationMs(limits.attempt), () => {
          cutPiece();
          leave({ failure: timedOut });
        });
      }
      const cut = this.#perform(node, params, lookup, n, leave);
      if (!left) cutPiece = cut;
    };
    if (limits.total !== undefined) {
      cutTotal = time.after(durationMs(limits.total), () => {
        // Whether a wait that would outlast the limit is waited for at all is not said.
        if (waiting || isIrreversible(spec)) this.#world.open = true;
        cutLimit();
        cutPiece();
        scope.leave(id, { failure: timedOut });
      });
    }
    attempt(1);
    return stop;
  }

  /** The wait before the next attempt, if there is one. */
  #again({ spec, path }: Node, attempt: number, { kind }: Failure): number | undefined {
    const { retry, type } = spec;
    if (!retry || attempt >= retry.attempts || !(retry.on ?? RETRIED).includes(kind as never)) return undefined;
    if (type !== 'work') {
      const round = path + rounds(attempt);
      if (this.#writes.some((step) => step.startsWith(round))) return undefined;
      // Whether what was cut off in this very moment had begun to write is not said.
      const cutNow = this.#cutOff.some((cut) => cut.t === this.#world.time.now && cut.prefix.startsWith(round));
      if (cutNow && this.#mayWrite(spec)) this.#world.open = true;
    }
    const delay = durationMs(retry.delay ?? '1s');
    return Math.min(retry.backoff === 'constant' ? delay : delay * 2 ** (attempt - 1), durationMs(retry.maxDelay ?? '1m'));
  }

  #mayWrite({ type, with: params = {} }: NodeSpec): boolean {
    if (type === 'work') return params.effect === 'write' || params.effect === 'irreversible';
    const body =
      type === 'flow' ? this.#scenario.files[String(params.flow)]?.nodes : (params.nodes as Record<string, NodeSpec> | undefined);
    return Object.values(body ?? {}).some((inner) => this.#mayWrite(inner));
  }

  /** Leaving by an outlet that must not be left unconnected is a failure. */
  #unconnected({ id, scope }: Node, leaving: Leaving): Leaving {
    if (!('outlet' in leaving) || scope.isConnected(id, leaving.outlet)) return leaving;
    if (!['invalid', 'exhausted', 'timedOut'].includes(leaving.outlet)) return leaving;
    return {
      failure: { code: 'OUTLET_UNCONNECTED', kind: leaving.outlet === 'timedOut' ? 'timeout' : 'invalidOutput' },
      output: leaving.output,
    };
  }

  #ask(
    id: string,
    what: 'gate' | 'doubt',
    timeout: string | undefined,
    answered: (decision: Answer['decision'] | Doubt | 'timedOut') => void,
  ): () => void {
    const answer = this.#scenario.answers[id];
    if (!answer) throw new Error(`no answer for ${id}`);
    const limit = timeout === undefined ? Number.POSITIVE_INFINITY : durationMs(timeout);
    if (limit === answer.after) this.#world.open = true;
    const decision = limit < answer.after ? 'timedOut' : what === 'gate' ? answer.decision : answer.doubt;
    return this.#time.after(Math.min(limit, answer.after), () => answered(decision));
  }

  /** One attempt (of a composite: one round). Calls `leave` once, at once or later; returns how it is cut off. */
  #perform(node: Node, params: With, lookup: Lookup, attempt: number, leave: (leaving: Leaving) => void): () => void {
    const nothing = (): void => undefined;
    const { spec, scope, id } = node;
    switch (spec.type) {
      case 'work':
        return this.#work(node, params, attempt, leave);
      case 'transform':
        leave({ outlet: 'success', output: params.value ?? null });
        return nothing;
      case 'branch': {
        const taken = (params.cases as { name: string; when: string }[]).find(({ when }) => evaluate(when, lookup) === true);
        leave({ outlet: taken ? `case:${taken.name}` : 'else', output: { case: taken?.name ?? 'else' } });
        return nothing;
      }
      case 'validate': {
        const valid = Number.isInteger(params.value) && Number(params.value) <= Number((params.schema as JsonObject).maximum);
        leave({ outlet: valid ? 'valid' : 'invalid', output: { valid, value: params.value ?? null } });
        return nothing;
      }
      case 'approval': {
        const timeout = typeof spec.timeout === 'string' ? spec.timeout : undefined;
        return this.#ask(id, 'gate', timeout, (decision) => {
          if (decision === 'rejected' && !scope.isConnected(id, 'rejected')) scope.finish({ is: 'rejected' });
          else leave({ outlet: decision, output: { decision } });
        });
      }
      case 'end':
        scope.finish({ is: 'ended', outputs: (params.outputs ?? {}) as Json });
        return nothing;
      case 'wait':
        return this.#time.after(durationMs(String(params.for)), () => leave({ outlet: 'success', output: { value: null } }));
      case 'loop':
        return this.#loop(node, params, attempt, leave);
      case 'each':
        return this.#each(node, params, attempt, leave);
      case 'flow':
        return this.#flow(node, params, attempt, leave);
      default:
        throw new Error(`the interpreter knows no ${spec.type}`);
    }
  }

  #work({ path, spec }: Node, params: With, attempt: number, leave: (leaving: Leaving) => void): () => void {
    const { takes, ends } = performance(this.#scenario, path, attempt);
    const said = params.say ?? null;
    const effect = (what: Effect['what'], value: Json): void => {
      this.#trace.effects.push({ t: this.#time.now, what, path, attempt, value });
    };
    if (spec.with?.effect === 'write' || isIrreversible(spec)) this.#writes.push(path);
    effect('start', said);
    const cut = this.#time.after(takes, () => {
      effect('end', ends);
      if (ends === 'success' || ends === 'other') leave({ outlet: ends, output: said });
      else leave({ failure: { code: 'SCRIPTED', kind: ends } });
    });
    return () => {
      cut();
      effect('end', 'aborted');
    };
  }

  #loop(node: Node, params: With, attempt: number, leave: (leaving: Leaving) => void): () => void {
    let cut: () => void = () => undefined;
    const pass = (index: number, previous: Json): void => {
      const name = `${node.path}${rounds(attempt)}[${index}]`;
      const roots: Roots = { inputs: this.#roots.get(node.scope)?.inputs ?? {}, item: null, index, previous };
      let over = false;
      const scope = this.#scope(params.nodes as never, `${name}/`, node.scope, roots, node.causes, (how, inner) => {
        over = true;
        if (this.#passed(node, name, how, leave)) return;
        const result = resolve((params.result as Json | undefined) ?? null, this.#lookup(inner));
        if (evaluate(String(params.until), this.#lookup(inner)) === true) leave({ outlet: 'success', output: result });
        else if (index + 1 >= Number(params.maxIterations)) leave({ outlet: 'exhausted', output: result });
        else if (params.delay === undefined) pass(index + 1, result);
        else cut = this.#time.after(durationMs(String(params.delay)), () => pass(index + 1, result));
      });
      if (!over) cut = () => scope.cancel();
    };
    pass(0, null);
    return () => cut();
  }

  #each(node: Node, params: With, attempt: number, leave: (leaving: Leaving) => void): () => void {
    const items = params.items as Json[];
    const mode = String(params.onItemFailure ?? 'stop');
    const results: Json[] = items.map(() => null);
    const running = new Map<number, Scope>();
    const begun = this.#time.now;
    let [next, left, over] = [0, items.length, false];
    const stop = (): void => {
      over = true;
      for (const scope of running.values()) scope.cancel();
      this.#world.cutOff(`${node.path}${rounds(attempt)}[`);
    };
    const fill = (): void => {
      while (!over && running.size < Number(params.concurrency ?? 1) && next < items.length) begin(next++);
      if (!over && left === 0) {
        over = true;
        leave({ outlet: 'success', output: results });
      }
    };
    const begin = (index: number): void => {
      const name = `${node.path}${rounds(attempt)}[${index}]`;
      const roots: Roots = { inputs: this.#roots.get(node.scope)?.inputs ?? {}, item: items[index] ?? null, index, previous: null };
      let done = false;
      const scope = this.#scope(params.nodes as never, `${name}/`, node.scope, roots, node.causes, (how, inner) => {
        done = true;
        running.delete(index);
        left -= 1;
        const failure = how.is === 'failed' ? how.failure : undefined;
        if ((how.is !== 'done' && !failure) || (failure && mode === 'stop')) {
          // Those that begin at the same moment might have failed first.
          if (begun === this.#time.now && Number(params.concurrency ?? 1) > 1) this.#world.open = true;
          stop();
          this.#passed(node, name, how, leave);
          return;
        }
        this.#world.fate(name, failure ? 'failure' : 'done');
        const output = failure ? null : resolve((params.result as Json | undefined) ?? null, this.#lookup(inner));
        const error = failure ? { ...failure, message: '', hint: '' } : null;
        results[index] = mode === 'collect' ? { output, error } : output;
        fill();
      });
      if (!done) running.set(index, scope);
    };
    fill();
    return stop;
  }

  #flow(node: Node, params: With, attempt: number, leave: (leaving: Leaving) => void): () => void {
    const flow = this.#scenario.files[String(params.flow)];
    if (!flow) throw new Error(`no flow ${String(params.flow)}`);
    const name = `${node.path}${rounds(attempt)}[0]`;
    const inputs = { ...defaults(flow), ...((params.inputs ?? {}) as JsonObject) };
    const scope = this.#scope(
      flow.nodes,
      `${name}/`,
      undefined,
      { inputs, item: null, index: null, previous: null },
      node.causes,
      (over, inner) => {
        const how = atRoot(over);
        this.#world.fate(name, how.is === 'failed' || how.is === 'rejected' ? 'failure' : 'done');
        if (how.is === 'failed') leave({ failure: how.failure });
        else if (how.is === 'rejected') leave({ failure: { code: 'FLOW_REJECTED', kind: 'permission' } });
        else leave({ outlet: 'success', output: how.is === 'ended' ? how.outputs : this.#outputs(flow, inner) });
      },
    );
    return () => scope.cancel();
  }

  /** Ends the node where a pass did not simply come to its end; true if so. */
  #passed(node: Node, name: string, how: Over, leave: (leaving: Leaving) => void): boolean {
    if (how.is === 'failed') {
      this.#world.fate(name, 'failure');
      leave({ failure: how.failure });
    } else if (how.is === 'done') this.#world.fate(name, 'done');
    else node.scope.finish(how);
    return how.is !== 'done';
  }
}

function atRoot(over: Over): Over {
  return over.is === 'failed' && NOES.includes(over.failure.code) ? { is: 'rejected' } : over;
}

function isIrreversible({ type, with: params }: NodeSpec): boolean {
  return type === 'work' && params?.effect === 'irreversible';
}

/** Paths of the passes of a later round name it. */
function rounds(attempt: number): string {
  return attempt === 1 ? '' : `~${attempt}`;
}

function defaults(flow: FlowDocument): JsonObject {
  return Object.fromEntries(Object.entries(flow.inputs ?? {}).map(([name, schema]) => [name, schema.default ?? null]));
}

/** The fields of `with` that are resolved before the node begins; bodies, results and conditions are read later. */
function resolvedFirst({ with: params = {} }: NodeSpec, lookup: Lookup): With {
  const later = ['nodes', 'result', 'until', 'cases'];
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [key, later.includes(key) ? value : resolve(value, lookup)]));
}
