/** What the strands of one run share: the frozen flow, the host, and what has come of the nodes so far. */
import type { ErrorData } from '../errors.ts';
import type { Reference, Scope } from '../format/expressions/index.ts';
import type { Json, JsonObject } from '../format/json.ts';
import type { NodeCatalog, NodeManifest } from '../format/manifest.ts';
import type { Flow, NodeSpec } from '../format/model.ts';
import { trustOf } from '../format/resolve.ts';
import type { NodeExecutor } from '../nodes/executor.ts';
import type { EnginePorts } from '../ports.ts';
import type { StrandResult } from './context.ts';
import type { LiveEvent, RunHeader, RunMode, Trust } from './events.ts';

export type Executors = ReadonlyMap<string, NodeExecutor>;

export interface FlowRun {
  readonly header: RunHeader;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly flow: Flow;
  /** The frozen files, by path relative to the flow. */
  readonly files: ReadonlyMap<string, string>;
  readonly catalog: NodeCatalog;
  readonly executors: Executors;
  readonly ports: EnginePorts;
  mode(): { mode: RunMode; model: string | undefined };
  setMode(mode: RunMode, model: string | undefined, by: string): void;
  emit(event: LiveEvent): void;
  /** Whether a question with this key has been asked. */
  asked(key: string): boolean;
  /** Hashes of what people said yes to: what approvals showed, and what gates of this node showed. */
  agreedTo(node: string): ReadonlySet<string>;
}

/** A node with everything its type knows of it. The flow was checked before the run began, so all of it is there. */
export interface RunNode {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly title: string;
  readonly source: JsonObject;
  readonly manifest: NodeManifest;
  readonly executor: NodeExecutor;
}

export function runNode(run: FlowRun, id: string): RunNode {
  const spec = run.flow.nodes[id];
  const manifest = spec && run.catalog.get(spec.type);
  const executor = spec && run.executors.get(spec.type);
  if (!spec || !manifest || !executor) throw new Error(`The flow has no node ${id} that can be run`);
  return { id, spec, title: spec.title ?? id, source: spec.with ?? {}, manifest, executor };
}

/** The folder of a path with forward slashes; empty for the root. */
export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

/** What the expressions of one node see: the run as it was when the node's turn came, so that they see the same after a restart. */
export interface Snapshot {
  readonly scope: Scope;
  /** Joined over everything they refer to. */
  readonly trust: Trust;
}

/** What has come of the nodes so far, as expressions see it. */
export class RunScope {
  readonly #roots: { inputs: JsonObject; run: JsonObject };
  readonly #steps: Record<string, Json>;
  readonly #labels = new Map<string, Trust>();
  readonly #inputsTrust: Trust;

  constructor({ header, createdAt, flow }: Pick<FlowRun, 'header' | 'createdAt' | 'flow'>) {
    const startedAt = new Date(createdAt).toISOString();
    this.#roots = { inputs: header.inputs, run: { id: header.id, flow: header.flow, title: header.title, startedAt } };
    this.#inputsTrust = header.inputsTrust ?? 'trusted';
    this.#steps = Object.fromEntries(Object.keys(flow.nodes).map((id) => [id, stepValue('pending')]));
  }

  skipped(id: string): void {
    this.#steps[id] = stepValue('skipped');
    this.#labels.set(id, 'trusted');
  }

  finished(id: string, { output, error, trust, failed }: StrandResult): void {
    this.#steps[id] = stepValue(error && failed !== false ? 'failed' : 'succeeded', output, error);
    this.#labels.set(id, trust);
  }

  /** For a node: of the steps only those it refers to, because a long flow has a thousand of them for each of a thousand nodes. */
  snapshot(references: readonly Reference[]): Snapshot {
    const steps: Record<string, Json> = {};
    for (const { root, path } of references) {
      if (root !== 'steps') continue;
      const [id] = path;
      // Computed, so any step may be meant.
      if (typeof id !== 'string') return { scope: this.whole(), trust: this.#trustOf(references) };
      steps[id] = this.#steps[id] ?? null;
    }
    return { scope: { ...this.#roots, steps }, trust: this.#trustOf(references) };
  }

  #trustOf(references: readonly Reference[]): Trust {
    return trustOf(references, { steps: this.#labels, inputs: this.#inputsTrust });
  }

  whole(): Scope {
    return { ...this.#roots, steps: { ...this.#steps } };
  }
}

function stepValue(state: 'pending' | 'skipped' | 'succeeded' | 'failed', output: Json = null, error?: ErrorData): JsonObject {
  return { state, output, error: error ? { ...error } : null };
}
