/** Some nodes of a flow become a flow of their own: in their place stands a `flow` node that runs it. */

import { type EditOptions, type EditPlan, newBreakage } from './edits.ts';
import { Draft } from './edits-draft.ts';
import { removeEdge } from './edits-edges.ts';
import { setPlaces } from './edits-layout.ts';
import { idsInBody } from './edits-nodes.ts';
import { type EditProblem, refuse } from './edits-plan.ts';
import { styleOf, write } from './edits-style.ts';
import { borderOf, type Rewriting } from './extract-border.ts';
import { locateNode, type Scope, wouldCycle } from './graph.ts';
import type { Json, JsonObject } from './json.ts';
import { dataOf, nodeAt, propertiesOf } from './json-tree.ts';
import { place } from './layout.ts';
import { type NodeCatalog, outletsOf } from './manifest.ts';
import { type Edge, edgesInto, FORMAT_VERSION, NODE_ID, type NodeSpec } from './model.ts';
import { parseFlow, parseFlowTree } from './parse.ts';
import { FlowReading } from './reading.ts';
import { reservedReason } from './reserved.ts';
import { rangeInString } from './string-offsets.ts';

export interface ExtractRequest {
  /** Nodes of one scope. */
  nodes: readonly string[];
  /** The new file, as the `flow` node names it: relative to the flow. */
  file: string;
  title: string;
}

/** `content`: the text of the new file; `id`: the node that stands for the extracted ones. */
export type ExtractPlan = (Extract<EditPlan, { ok: true }> & { content: string; id: string }) | Extract<EditPlan, { ok: false }>;

const failed = (problem: EditProblem): ExtractPlan => ({ ok: false, problem });

/**
 * Plans the extraction: the edits of this flow, and the text of the new one.
 *
 * @param readPrompt text of a file by its path relative to the flow.
 */
export function planExtract(
  text: string,
  request: ExtractRequest,
  { catalog, readPrompt }: Pick<EditOptions, 'catalog'> & { readPrompt?: (path: string) => string | undefined },
): ExtractPlan {
  const parsed = parseFlow(text, catalog);
  const { flow, tree } = parsed;
  if (!flow || !tree) return failed(refuse('EDIT_UNREADABLE', 'The document is not a flow.', 'Correct the text first.'));
  const scope = locateNode(flow, request.nodes[0] ?? '')?.scope;
  const ids = new Set(request.nodes);
  if (!scope || ![...ids].every((id) => Object.hasOwn(scope.nodes, id))) {
    return failed(refuse('EDIT_BORDER', 'The nodes do not stand in the same body.', 'Select nodes of one body.'));
  }
  const reading = new FlowReading(flow, catalog, readPrompt && { readPrompt });
  const id = freshId(request.title, new Set(reading.ids));
  const border = borderOf(reading, scope, ids, id);
  if ('code' in border) return failed(border);
  const edges = crossing(scope, ids, catalog);
  if ('code' in edges) return failed(edges);

  const draft = new Draft(tree);
  const said: string[] = [];
  const boxes = place(flow, catalog);
  const inner = [...ids].flatMap((it) => [it, ...idsInBody(it, scope.nodes[it] ?? { type: '' })]);
  const corner = {
    x: Math.min(...[...ids].map((it) => boxes[it]?.x ?? 0)),
    y: Math.min(...[...ids].map((it) => boxes[it]?.y ?? 0)),
  };

  // The new flow, from the data as they stand.
  const nodes = Object.fromEntries(
    Object.entries(scope.nodes)
      .filter(([it]) => ids.has(it))
      .map(([it]) => [it, dataOf(nodeAt(tree.root, [...scope.path, it]) ?? tree.root)]),
  );
  for (const rewriting of fromBehind(border.inside)) replaceIn(nodes, rewriting, scope.path.length);
  for (const node of Object.values(nodes)) leaveOut(node as JsonObject, ids, said);
  const layout = Object.fromEntries(
    inner.flatMap((it): [string, Json][] => {
      const box = boxes[it];
      const by = ids.has(it) ? corner : { x: 0, y: 0 };
      return box ? [[it, [Math.round(box.x - by.x), Math.round(box.y - by.y)]]] : [];
    }),
  );
  const content = write(
    {
      version: FORMAT_VERSION,
      title: request.title,
      ...(flow.model === undefined ? {} : { model: flow.model }),
      ...(border.inputs.size > 0 ? { inputs: Object.fromEntries([...border.inputs].map(([name, { schema }]) => [name, schema])) } : {}),
      ...(border.outputs.size > 0
        ? {
            outputs: Object.fromEntries(
              [...border.outputs].map(([name, { value, schema }]) => [name, { value: { $expr: value }, schema }]),
            ),
          }
        : {}),
      nodes,
      layout,
    },
    { ...styleOf(tree), multiline: true },
    '',
    true,
  );

  // What stays.
  draft.replace(
    border.outside.flatMap(({ path, text: newText, ...range }) => {
      const literal = draft.at(path);
      return literal?.type === 'string' ? [{ ...rangeInString(draft.text, literal, range), newText }] : [];
    }),
  );
  const spec: JsonObject = { type: 'flow', title: request.title };
  const after: Record<string, string[]> = {};
  for (const { source, outlet } of edges.into) after[source] = [...new Set([...(after[source] ?? []), outlet])];
  if (edges.into.length > 0) spec.after = Object.fromEntries(Object.entries(after).map(([source, all]) => [source, oneOrAll(all)]));
  const entries = new Set(edges.into.map(({ target }) => target));
  const [entry] = entries;
  const join = entries.size === 1 && entry !== undefined ? scope.nodes[entry]?.join : undefined;
  if (join !== undefined && edges.into.length > 1) spec.join = join as Json;
  if (entries.size > 1) said.push(`It starts when everything has arrived that "${[...entries].join('", "')}" waited for.`);
  spec.with = {
    flow: request.file,
    ...(border.inputs.size > 0
      ? { inputs: Object.fromEntries([...border.inputs].map(([name, { value }]) => [name, { $expr: value }])) }
      : {}),
  };
  const home = draft.at(scope.path);
  if (home) draft.addProperty(home, id, spec, request.nodes[0], { open: true });
  for (const target of new Set(edges.out.map((edge) => edge.target))) moveEdges(target, id, edges.out, scope, draft);
  for (const it of ids) draft.removeProperty(draft.at(scope.path), it);
  for (const it of inner) draft.removeProperty(draft.at(['layout']), it);
  const refused = setPlaces({ [id]: { x: Math.round(corner.x), y: Math.round(corner.y) } }, draft);
  if (refused) return failed(refused);
  const broken = newBreakage(parsed, parseFlowTree(draft.tree, catalog));
  return broken ? failed(broken) : { ok: true, edits: draft.edits(), text: draft.text, said, content, id };
}

/** Edges into the nodes, and out of them with the outlet of the `flow` node that means the same. */
function crossing(scope: Scope, ids: ReadonlySet<string>, catalog: NodeCatalog): { into: Edge[]; out: Edge[] } | EditProblem {
  const all = Object.entries(scope.nodes).flatMap(([target, node]) => edgesInto(target, node));
  const into = all.filter(({ source, target }) => !ids.has(source) && ids.has(target));
  const out: Edge[] = [];
  for (const edge of all.filter(({ source, target }) => ids.has(source) && !ids.has(target))) {
    const node = scope.nodes[edge.source];
    const manifest = node && catalog.get(node.type);
    const main = manifest && outletsOf(manifest, node.with ?? {})[0];
    if (edge.outlet === 'else' || edge.outlet.startsWith('case:')) {
      return refuse(
        'EDIT_BORDER',
        `"${edge.source}" decides whether "${edge.target}" comes next, and a sub-flow has no way out for that.`,
        `Select "${edge.target}" too, or leave "${edge.source}" out.`,
      );
    }
    out.push({ ...edge, outlet: edge.outlet === main?.name ? 'success' : 'failure' });
  }
  const sources = new Set(into.map(({ source }) => source));
  const last = [...new Set(out.map(({ target }) => target))].find((target) =>
    [...sources].some((source) => target === source || wouldCycle(scope.nodes, source, target)),
  );
  if (last === undefined) return { into, out };
  return refuse('EDIT_CYCLE', `The flow leaves the selection to "${last}" and comes back into it.`, 'Select the nodes between as well.');
}

/** The edges of one target that came from the extracted nodes come from the node that stands for them. */
function moveEdges(target: string, id: string, out: readonly Edge[], scope: Scope, draft: Draft): void {
  const path = [...scope.path, target];
  const mine = out.filter((edge) => edge.target === target);
  const outlets = oneOrAll([...new Set(mine.map(({ outlet }) => outlet))]);
  const after = draft.at([...path, 'after']);
  if (after) draft.addProperty(after, id, outlets);
  for (const source of new Set(mine.map((edge) => edge.source))) removeEdge(path, source, undefined, draft);
  dropJoin(scope.nodes[target], propertiesOf(draft.at([...path, 'after'])).length, () => draft.removeProperty(draft.at(path), 'join'));
}

/** A rule for several edges has no meaning for one, and a quorum has to be possible. */
function dropJoin(node: NodeSpec | undefined, left: number, drop: () => void): void {
  const join = node?.join;
  if (join === undefined) return;
  if (left < 2 || (typeof join === 'object' && join.atLeast > left)) drop();
}

/** Takes the edges from outside out of a node of the new flow. */
function leaveOut(node: JsonObject, ids: ReadonlySet<string>, said: string[]): void {
  const before = edgesInto('', node as NodeSpec);
  const after = Object.fromEntries(Object.entries((node.after ?? {}) as JsonObject).filter(([source]) => ids.has(source)));
  const left = edgesInto('', { after } as NodeSpec).length;
  if (left === before.length) return;
  if (left > 0) node.after = after;
  else delete node.after;
  if (left > 0 && node.join !== undefined && node.join !== 'all')
    said.push('Where several edges met, some come from outside now: look at the joins in the new flow.');
  dropJoin(node as NodeSpec, left, () => delete node.join);
}

function oneOrAll(outlets: readonly string[]): Json {
  const [only] = outlets;
  return outlets.length === 1 && only !== undefined ? only : [...outlets];
}

function fromBehind(rewritings: readonly Rewriting[]): Rewriting[] {
  return rewritings.toSorted((a, b) => b.offset - a.offset);
}

/** `skip`: how much of the path leads to the nodes. */
function replaceIn(nodes: JsonObject, { path, offset, length, text }: Rewriting, skip: number): void {
  let at: Json | undefined = nodes;
  const steps = path.slice(skip);
  for (const step of steps.slice(0, -1)) at = (at as JsonObject | undefined)?.[step];
  const last = steps.at(-1);
  const old = last === undefined ? undefined : (at as JsonObject | undefined)?.[last];
  if (last !== undefined && typeof old === 'string') (at as JsonObject)[last] = old.slice(0, offset) + text + old.slice(offset + length);
}

/** `Read every site` → `readEverySite`. */
function freshId(title: string, taken: ReadonlySet<string>): string {
  const words = title.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const joined = words
    .map((word, index) => (index === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1))
    .join('');
  const base = NODE_ID.test(joined) && reservedReason(joined) === undefined ? joined : 'subFlow';
  let id = base;
  for (let number = 2; taken.has(id); number += 1) id = `${base}${number}`;
  return id;
}
