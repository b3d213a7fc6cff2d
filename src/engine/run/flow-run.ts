/** What the strands of one run share: the frozen flow and the host. A sub-flow has its own, made from that of the flow around it. */
import type { Reference } from '../format/expressions/index.ts';
import { expressionFields } from '../format/fields.ts';
import type { JsonObject } from '../format/json.ts';
import type { NodeCatalog, NodeManifest } from '../format/manifest.ts';
import type { Flow, NodeSpec } from '../format/model.ts';
import { nodeReferences } from '../format/references.ts';
import { type ParamField, paramFields } from '../format/resolve.ts';
import { spoken } from '../format/spoken.ts';
import type { NodeExecutor } from '../nodes/executor.ts';
import type { EnginePorts } from '../ports.ts';
import type { Allowance } from './budget.ts';
import type { LiveEvent, RunHeader, RunMode } from './events.ts';
import type { GivenResult } from './given.ts';
import type { Values } from './values.ts';

export type Executors = ReadonlyMap<string, NodeExecutor>;

export interface FlowRun {
  /** Of the run; in a sub-flow with its flow, title and inputs. */
  readonly header: RunHeader;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly flow: Flow;
  /** What is known of its nodes. */
  readonly nodes: WeakMap<NodeSpec, RunNode>;
  /** Sub-flows that have been read, by their path from the journal root. */
  readonly flows: Map<string, Pick<FlowRun, 'flow' | 'nodes'>>;
  /** The flow that was started, and the nodes on the way from it to this one: `fix/`. */
  readonly started: { flow: string; way: string };
  /** How many flows stand around it. */
  readonly depth: number;
  readonly values: Values;
  /** The text of a frozen file, by its path relative to the flow. */
  file(path: string): string | undefined;
  readonly catalog: NodeCatalog;
  readonly executors: Executors;
  readonly ports: EnginePorts;
  /** Results that stand in for running a node, by its path. */
  readonly given: ReadonlyMap<string, GivenResult>;
  mode(): { mode: RunMode; model: string | undefined };
  setMode(mode: RunMode, model: string | undefined, by: string): void;
  emit(event: LiveEvent): void;
  /** Absent: the run may use up what it likes. */
  readonly allowance?: Allowance;
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
  /** Everything it reads when its turn comes. */
  readonly references: readonly Reference[];
  /** What is computed of its parameters. */
  readonly fields: readonly ParamField[];
  /** It ends in the moment it begins: it asks nobody, waits for nothing and is not tried again. */
  readonly instant: boolean;
}

type Nodes = Readonly<Record<string, NodeSpec>>;

const shared = new WeakMap<Executors, WeakMap<Flow, FlowRun['nodes']>>();

/** Where what is known of a flow's nodes is kept: by all its runs, unless they may have different files beside the same text. */
export function nodesOf({
  flow,
  executors,
  files,
}: Pick<FlowRun, 'flow' | 'executors'> & { files: ReadonlyMap<string, string> }): FlowRun['nodes'] {
  if (files.size > 0) return new WeakMap();
  const flows = shared.get(executors) ?? new WeakMap<Flow, FlowRun['nodes']>();
  shared.set(executors, flows);
  const nodes = flows.get(flow) ?? new WeakMap();
  flows.set(flow, nodes);
  return nodes;
}

/** Made once for each node of a frozen flow, however often its turn comes. */
export function runNode(run: FlowRun, nodes: Nodes, id: string): RunNode {
  const spec = nodes[id];
  const earlier = spec && run.nodes.get(spec);
  if (earlier) return earlier;
  const manifest = spec && run.catalog.get(spec.type);
  const executor = spec && run.executors.get(spec.type);
  if (!spec || !manifest || !executor) throw new Error(`The flow has no node ${id} that can be run`);
  const source = spec.with ?? {};
  const expressions = expressionFields(manifest, source);
  const references = nodeReferences(manifest, spec, (path) => run.file(path), expressions);
  const fields = paramFields(expressions);
  const instant = manifest.instant === true && spec.gate === undefined && spec.retry === undefined;
  const node: RunNode = { id, spec, title: spec.title ?? spoken(id), source, manifest, executor, references, fields, instant };
  run.nodes.set(spec, node);
  return node;
}
