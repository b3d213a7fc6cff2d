/** What a run has recorded so far, by key: read at every decision, so that going on and starting over take the same way. */
import type { ErrorData } from '../errors.ts';
import { isJsonObject } from '../format/json.ts';
import type { RunEvent, RunMode, SignalReply, SignalRequest } from './events.ts';
import { isPass, parentOf } from './paths.ts';

type Of<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

export interface StepHistory {
  /** How often it was begun. */
  starts: number;
  /** How often it was refused with the time to come back. */
  refusals: number;
  last: Of<'step.started'>;
  /** The end of the last attempt; undefined: none is recorded. */
  finished: Of<'step.finished'> | undefined;
}

export interface SignalHistory {
  node: string;
  request: SignalRequest;
  until: number | undefined;
  reply: SignalReply | undefined;
}

/** What is recorded of a node once, whatever becomes of it. */
type NodeMark = { type: 'node.started' | 'node.skipped' | 'flow.started'; node: string };

export type Ending = Of<'node.finished'> | Of<'node.skipped'>;

export class RunHistory {
  readonly steps = new Map<string, StepHistory>();
  readonly signals = new Map<string, SignalHistory>();
  readonly timers = new Map<string, { node: string; until: number; fired: boolean }>();
  /** Ends of strands: finished, or cancelled. */
  readonly endings = new Map<string, Ending>();
  /** The same by who waits for them, in recorded order: the path of a pass or a node, empty for the run itself. */
  readonly arrivals = new Map<string, Ending[]>();
  /** Steps by node, to be forgotten with it. */
  readonly #stepsOf = new Map<string, string[]>();
  /** Nodes in whose bodies something was begun that changes the world. */
  readonly #changed = new Set<string>();
  readonly #marks: { readonly [type in NodeMark['type']]: Set<string> } = {
    'node.started': new Set(),
    'node.skipped': new Set(),
    'flow.started': new Set(),
  };
  #finished = false;
  cancelRequested: Of<'run.cancelRequested'> | undefined;
  mode: RunMode = 'live';
  model: string | undefined;
  createdAt = 0;

  add(event: RunEvent): void {
    switch (event.type) {
      case 'run.created':
        this.mode = event.run.mode;
        this.model = event.run.model;
        this.createdAt = event.t;
        break;
      case 'run.mode':
        this.mode = event.mode;
        this.model = event.model;
        break;
      case 'node.started':
      case 'flow.started':
        this.#marks[event.type].add(event.node);
        break;
      case 'node.skipped':
        if (event.reason === 'cancelled') this.#end(event);
        else this.#marks[event.type].add(event.node);
        break;
      case 'node.finished':
        this.#end(event);
        break;
      case 'step.started': {
        const past = this.steps.get(event.step);
        const { starts = 0, refusals = 0 } = past ?? {};
        this.steps.set(event.step, { starts: starts + 1, refusals, last: event, finished: undefined });
        if (!past) listOf(this.#stepsOf, event.node).push(event.step);
        if (event.effect === 'write' || event.effect === 'irreversible') {
          for (let at = parentOf(event.node); at !== ''; at = parentOf(at)) this.#changed.add(at);
        }
        break;
      }
      case 'step.finished': {
        const past = this.steps.get(event.step);
        if (!past) break;
        past.finished = event;
        if (event.error && isRefusal(event.error as ErrorData)) past.refusals += 1;
        break;
      }
      case 'timer.set':
        this.timers.set(event.key, { node: event.node, until: event.until, fired: false });
        break;
      case 'timer.fired': {
        const timer = this.timers.get(event.key);
        if (timer) timer.fired = true;
        break;
      }
      case 'signal.requested':
        this.signals.set(event.key, { node: event.node, request: event.request, until: event.until, reply: undefined });
        break;
      case 'signal.received': {
        const signal = this.signals.get(event.key);
        if (signal) signal.reply ??= event.reply;
        break;
      }
      case 'run.cancelRequested':
        this.cancelRequested ??= event;
        break;
      case 'run.finished':
        this.#finished = true;
        break;
      case 'run.queued':
      case 'run.admitted':
      case 'run.moved':
      case 'segment.opened':
      case 'segment.closed':
        break;
      default:
        event satisfies never;
    }
  }

  #end(event: Ending): void {
    this.endings.set(event.node, event);
    listOf(this.arrivals, parentOf(event.node)).push(event);
    if (isPass(event.node)) this.#forget(event.node);
  }

  /** What stands in a pass that has ended is not asked for again: a loop costs the memory of one pass. */
  #forget(scope: string): void {
    for (const { node } of this.arrivals.get(scope) ?? []) {
      for (const step of this.#stepsOf.get(node) ?? []) this.steps.delete(step);
      this.#stepsOf.delete(node);
      this.endings.delete(node);
      this.#marks['node.started'].delete(node);
      this.#forget(node);
    }
    this.arrivals.delete(scope);
    this.#changed.delete(scope);
  }

  /** The node has ended, or something around it. */
  isOver(node: string): boolean {
    for (let at = node; at !== ''; at = parentOf(at)) if (this.endings.has(at)) return true;
    return false;
  }

  /** Whether a step that changes the world was begun in a body of the node. */
  changedTheWorld(node: string): boolean {
    return this.#changed.has(node);
  }

  has(mark: NodeMark | { type: 'run.finished' }): boolean {
    return mark.type === 'run.finished' ? this.#finished : this.#marks[mark.type].has(mark.node);
  }

  openSignals(): number {
    let open = 0;
    for (const signal of this.signals.values()) if (signal.reply === undefined && !this.isOver(signal.node)) open += 1;
    return open;
  }
}

function listOf<T>(map: Map<string, T[]>, key: string): T[] {
  const known = map.get(key);
  if (known) return known;
  const fresh: T[] = [];
  map.set(key, fresh);
  return fresh;
}

/** The decision recorded where the time-out of a question came first. */
export const TIMED_OUT = 'timedOut';

/** What a question is answered by when its time is up. `at`: Unix time in ms. */
export function timedOutReply(at: number): SignalReply {
  return { decision: TIMED_OUT, by: 'time-out', at };
}

/** Who answered what was answered when the run was started. */
export const BEFOREHAND = '--approve';

/** The key of what a node calls `name`: unique in the run. */
export function keyOf(node: string, name: string): string {
  return node === '' ? name : `${node}/${name}`;
}

/** A service said when to come back. Coming back then is what it asked for, and not one attempt less. */
export function isRefusal({ kind, details }: Pick<ErrorData, 'kind' | 'details'>): boolean {
  return (kind === 'rateLimit' || kind === 'overloaded') && details !== undefined && isJsonObject(details) && 'retryAfterMs' in details;
}
