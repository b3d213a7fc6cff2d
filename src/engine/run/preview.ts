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

/** Where the expression stands. `inBody`: it is computed in the scope of the node's body. */
export interface PreviewPlace {
  node: string;
  inBody?: boolean;
}

/** `none`: why there is no value, as a sentence. */
export type PreviewResult = { value: Json } | { none: string };

/** What stands for a secret, whose value is never shown. */
const HIDDEN = '•••';

/**
 * @param whole puts in what stands beside the journal; may throw where that is too large.
 */
export async function previewOf(
  { kind, text }: Pick<ExpressionField, 'kind' | 'text'>,
  place: PreviewPlace,
  { flow, view, whole }: { flow: Flow; view: RunView; whole(value: Json): Promise<Json> },
): Promise<PreviewResult> {
  const compiled = compile(kind, text);
  if (!compiled) return { none: 'There is no value yet: the expression is not complete.' };
  const scope = scopeInRun(flow, view, place);
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

/** What the node reads, from its place in the newest pass of each body around it. */
function scopeInRun(flow: Flow, view: RunView, { node, inBody }: PreviewPlace): JsonObject {
  const run = { id: view.id, flow: view.flow, title: view.title, startedAt: new Date(view.createdAt).toISOString() };
  const nesting = nestingOf(view);
  const owners = ownersOf(flow, node);
  if (inBody) owners.push(node);
  const steps: JsonObject = {};
  let roots: JsonObject = {};
  let pass = '';
  const read = (ids: Iterable<string>): void => {
    for (const id of ids) steps[id] = stepOf(view.nodes[nodePath(pass, id)]);
  };
  read(Object.keys(flow.nodes));
  for (const owner of owners) {
    const path = nodePath(pass, owner);
    const newest = nesting.passes.get(path)?.at(-1);
    const body = locateNode(flow, owner)?.node.with?.nodes;
    if (newest) {
      pass = newest.path;
      roots = { ...roots, ...rootsOf(view, nesting, path, newest.index) };
    }
    if (isJsonObject(body ?? null)) {
      for (const id of Object.keys(body as JsonObject)) steps[id] = newest ? stepOf(view.nodes[nodePath(pass, id)]) : stepOf(undefined);
    }
  }
  return { inputs: view.inputs, run, ...roots, steps };
}

/** The nodes in whose bodies a node stands, the outermost first. */
function ownersOf(flow: Flow, id: string): string[] {
  const owners: string[] = [];
  for (let at = locateNode(flow, id)?.scope.owner; at !== undefined; at = locateNode(flow, at)?.scope.owner) owners.unshift(at);
  return owners;
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
