/** What has come of the nodes so far, as expressions see it: in a flow, and in each pass of a body. */
import type { ErrorData } from '../errors.ts';
import type { Reference, Scope } from '../format/expressions/index.ts';
import type { Json, JsonObject } from '../format/json.ts';
import type { Flow } from '../format/model.ts';
import { type TrustLabels, trustOf } from '../format/resolve.ts';
import type { StrandResult } from './context.ts';
import type { Trust } from './events.ts';
import type { FlowRun } from './flow-run.ts';

/** What the expressions of one node see: the run as it was when the node's turn came, so that they see the same after a restart. */
export interface Snapshot {
  readonly scope: Scope;
  /** Joined over everything they refer to. */
  readonly trust: Trust;
}

/** What only the nodes of a body see. */
export interface PassRoots {
  item?: Json;
  itemTrust?: Trust;
  index: number;
  previous: Json;
  previousTrust?: Trust;
}

type Nodes = Flow['nodes'];

interface RootTrust {
  inputs: Trust;
  item: Trust;
  previous: Trust;
}

export class RunScope {
  readonly #nodes: Nodes;
  readonly #roots: Readonly<Record<string, Json>>;
  readonly #steps = new Map<string, { value: JsonObject; trust: Trust }>();
  readonly #rootTrust: RootTrust;
  readonly #outer: RunScope | undefined;
  #labels: TrustLabels | undefined;

  private constructor(nodes: Nodes, roots: Readonly<Record<string, Json>>, trust: RootTrust, outer: RunScope | undefined) {
    this.#nodes = nodes;
    this.#roots = roots;
    this.#rootTrust = trust;
    this.#outer = outer;
  }

  static ofFlow({ header, createdAt, flow }: Pick<FlowRun, 'header' | 'createdAt' | 'flow'>): RunScope {
    const run = { id: header.id, flow: header.flow, title: header.title, startedAt: new Date(createdAt).toISOString() };
    const trust = { inputs: header.inputsTrust ?? 'trusted', item: 'trusted', previous: 'trusted' } as const;
    return new RunScope(flow.nodes, { inputs: header.inputs, run }, trust, undefined);
  }

  /** The scope of one pass of a body. What stands around it is as it is now, whatever else ends meanwhile. */
  pass(nodes: Nodes, { item, itemTrust, index, previous, previousTrust }: PassRoots): RunScope {
    const roots = { ...this.#roots, index, previous, ...(item === undefined ? {} : { item }) };
    const trust = {
      inputs: this.#rootTrust.inputs,
      item: item === undefined ? this.#rootTrust.item : (itemTrust ?? 'untrusted'),
      previous: previousTrust ?? 'trusted',
    };
    return new RunScope(nodes, roots, trust, this);
  }

  /** A copy that stays as it is. */
  frozen(): RunScope {
    const copy = new RunScope(this.#nodes, this.#roots, this.#rootTrust, this.#outer);
    for (const [id, step] of this.#steps) copy.#steps.set(id, step);
    return copy;
  }

  skipped(id: string): void {
    this.#steps.set(id, { value: stepValue('skipped'), trust: 'trusted' });
  }

  finished(id: string, { output, error, trust, failed }: StrandResult): void {
    this.#steps.set(id, { value: stepValue(error && failed !== false ? 'failed' : 'succeeded', output, error), trust });
  }

  /** For a node: of the steps only those it refers to, because a long flow has a thousand of them for each of a thousand nodes. */
  snapshot(references: readonly Reference[]): Snapshot {
    const steps: Record<string, Json> = {};
    for (const { root, path } of references) {
      if (root !== 'steps') continue;
      const [id] = path;
      // Computed, so any step may be meant.
      if (typeof id !== 'string') return { scope: this.whole(), trust: this.trustOf(references) };
      steps[id] = this.#stepOf(id);
    }
    return { scope: { ...this.#roots, steps }, trust: this.trustOf(references) };
  }

  trustOf(references: readonly Pick<Reference, 'root' | 'path'>[]): Trust {
    this.#labels ??= { steps: { get: (id) => this.#labelOf(id) }, ...this.#rootTrust };
    return trustOf(references, this.#labels);
  }

  whole(): Scope {
    return { ...this.#roots, steps: this.#all() };
  }

  #all(): Record<string, Json> {
    const steps = this.#outer ? this.#outer.#all() : {};
    for (const id of Object.keys(this.#nodes)) steps[id] = this.#steps.get(id)?.value ?? PENDING;
    return steps;
  }

  #stepOf(id: string): JsonObject {
    return this.#steps.get(id)?.value ?? (this.#outer ? this.#outer.#stepOf(id) : PENDING);
  }

  #labelOf(id: string): Trust | undefined {
    return this.#steps.get(id)?.trust ?? (this.#outer ? this.#outer.#labelOf(id) : undefined);
  }
}

function stepValue(state: 'pending' | 'skipped' | 'succeeded' | 'failed', output: Json = null, error?: ErrorData): JsonObject {
  return { state, output, error: error ? { ...error } : null };
}

const PENDING = stepValue('pending');
