/** What an expression came out as in a run: for people who are writing it. Nothing of a run depends on this. */
import {
  type CompiledTemplate,
  compileCondition,
  compileTemplate,
  ExpressionFault,
  type Reference,
  type Scope,
} from '../format/expressions/index.ts';
import type { ExpressionField } from '../format/fields.ts';
import { locateNode } from '../format/graph.ts';
import { isJsonObject, type Json, type JsonObject } from '../format/json.ts';
import type { Flow } from '../format/model.ts';
import { type Nesting, nestingOf } from './nesting.ts';
import { nodePath } from './paths.ts';
import type { NodeView, RunView } from './view.ts';

/** Where an expression stands in its flow: plain data, so that only whoever read the flow has to have it. */
export interface PreviewPlace {
  /** Ids of the nodes of the flow itself. */
  nodes: readonly string[];
  /** The bodies around it, the outermost first: whose they are, and the ids of their nodes. */
  bodies: readonly { owner: string; nodes: readonly string[] }[];
}

/** `none`: why there is no value, as a sentence. */
export type PreviewResult = { value: Json } | { none: string };

/** What stands for a secret, whose value is never shown. */
const HIDDEN = '•••';

/** @param inBody the expression is computed in the scope of the node's own body */
export function previewPlaceOf(flow: Flow, node: string, inBody: boolean): PreviewPlace {
  const owners = inBody ? [node] : [];
  for (let at = locateNode(flow, node)?.scope.owner; at !== undefined; at = locateNode(flow, at)?.scope.owner) owners.unshift(at);
  const bodies = owners.map((owner) => {
    const body = locateNode(flow, owner)?.node.with?.nodes ?? null;
    return { owner, nodes: isJsonObject(body) ? Object.keys(body) : [] };
  });
  return { nodes: Object.keys(flow.nodes), bodies };
}

/**
 * @param whole puts in what stands beside the journal; may throw where that is too large.
 */
export async function previewOf(
  { kind, text }: Pick<ExpressionField, 'kind' | 'text'>,
  place: PreviewPlace,
  { view, whole }: { view: RunView; whole(value: Json): Promise<Json> },
): Promise<PreviewResult> {
  const compiled = compile(kind, text);
  if (!compiled) return { none: 'There is no value yet: the expression is not complete.' };
  const scope = scopeInRun(view, place);
  const seen = only(scope, compiled.references);
  try {
    const complete = await whole(seen);
    return { value: compiled.compute(isJsonObject(complete) ? complete : seen) };
  } catch (thrown) {
    const missing = withoutResult(scope, compiled.references);
    if (missing.length > 0) return { none: `In that run there is no result of ${missing.map((id) => `“${id}”`).join(', ')}.` };
    if (thrown instanceof ExpressionFault) return { none: `With the values of that run it fails: ${thrown.message}` };
    return { none: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

interface Computable {
  references: readonly Reference[];
  compute(scope: Scope): Json;
}

function compile(kind: ExpressionField['kind'], text: string): Computable | undefined {
  if (kind === 'template') {
    const compiled = compileTemplate(text);
    if (!compiled.ok) return undefined;
    const { template } = compiled;
    return { references: template.references, compute: (scope) => template.render({ ...scope, secrets: hidden(template) }) };
  }
  const compiled = compileCondition(text);
  return compiled.ok ? { references: compiled.condition.references, compute: (scope) => compiled.condition.evaluate(scope) } : undefined;
}

function hidden({ references }: CompiledTemplate): JsonObject {
  return Object.fromEntries(references.filter(({ root }) => root === 'secrets').map(({ path }) => [String(path[0]), HIDDEN]));
}

/** Of the steps only those that are read: there may be a thousand others. */
function only(scope: JsonObject, references: readonly Reference[]): JsonObject {
  const ids = references.filter(({ root }) => root === 'steps').map(({ path }) => path[0]);
  const { steps } = scope;
  if (!isJsonObject(steps ?? null) || ids.some((id) => typeof id !== 'string')) return scope;
  const all = steps as JsonObject;
  return { ...scope, steps: Object.fromEntries(ids.flatMap((id) => (Object.hasOwn(all, String(id)) ? [[id, all[String(id)]]] : []))) };
}

function withoutResult(scope: JsonObject, references: readonly Reference[]): string[] {
  const steps = (scope.steps ?? {}) as JsonObject;
  const ids = references.filter(({ root, path }) => root === 'steps' && typeof path[0] === 'string').map(({ path }) => String(path[0]));
  return [...new Set(ids)].filter((id) => {
    const step = Object.hasOwn(steps, id) ? steps[id] : undefined;
    return step === undefined || (isJsonObject(step) && step.state === 'pending');
  });
}

/** What is read there, in the newest pass of each body around it. */
function scopeInRun(view: RunView, { nodes, bodies }: PreviewPlace): JsonObject {
  const run = { id: view.id, flow: view.flow, title: view.title, startedAt: new Date(view.createdAt).toISOString() };
  const nesting = nestingOf(view);
  const steps: JsonObject = {};
  let roots: JsonObject = {};
  let pass = '';
  for (const id of nodes) steps[id] = stepOf(view.nodes[nodePath(pass, id)]);
  for (const { owner, nodes: inside } of bodies) {
    const path = nodePath(pass, owner);
    const newest = nesting.passes.get(path)?.at(-1);
    if (newest) {
      pass = newest.path;
      roots = { ...roots, ...rootsOf(view, nesting, path, newest.index) };
    }
    for (const id of inside) steps[id] = newest ? stepOf(view.nodes[nodePath(pass, id)]) : stepOf(undefined);
  }
  return { inputs: view.inputs, run, ...roots, steps };
}

function rootsOf(view: RunView, nesting: Nesting, owner: string, index: number): JsonObject {
  const input = view.nodes[owner]?.input;
  const items = input !== undefined && isJsonObject(input) ? input.items : undefined;
  const before = nesting.passes.get(owner)?.findLast((pass) => pass.index === index - 1);
  return {
    index,
    previous: (before && view.nodes[before.path]?.output) ?? null,
    ...(Array.isArray(items) && index < items.length ? { item: items[index] ?? null } : {}),
  };
}

function stepOf(view: NodeView | undefined): JsonObject {
  const ended = view?.state === 'succeeded' || view?.state === 'failed' || view?.state === 'skipped';
  if (!view || !ended) return { state: 'pending', output: null, error: null };
  return { state: view.state, output: view.output ?? null, error: view.error ? { ...view.error } : null };
}
