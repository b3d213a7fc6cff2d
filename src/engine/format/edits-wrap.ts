import type { EditContext, EditProblem } from './edits-plan.ts';
import { locate, refuse, unknownNode } from './edits-plan.ts';
import { referencesTo } from './edits-rename.ts';
import { hasBody } from './fields.ts';
import type { FlowEdit } from './flow-edit.ts';
import { edgesOf, type Scope } from './graph.ts';
import type { JsonObject } from './json.ts';
import { FAILURE, SUCCESS } from './manifest.ts';
import type { Edge, Join } from './model.ts';

type WrapNodes = Extract<FlowEdit, { kind: 'wrapNodes' }>;

/** What wrapping comes to, edit by edit: each is applied to what the ones before it left. */
export function wrapNodes(edit: WrapNodes, context: EditContext): FlowEdit[] | EditProblem {
  const { catalog, flow } = context;
  const manifest = catalog.get(edit.type);
  if (!manifest || !hasBody(manifest))
    return refuse('EDIT_PATH', `A node of the type "${edit.type}" has no body.`, 'Wrap them in a loop or an each.');
  const stranger = edit.nodes.find((id) => !locate(context, id));
  const scope = locate(context, edit.nodes[0] ?? '')?.scope;
  if (!scope || stranger !== undefined) return unknownNode(flow, stranger ?? '');
  if (edit.nodes.some((id) => locate(context, id)?.scope.owner !== scope.owner))
    return refuse('EDIT_BORDER', 'The nodes do not stand in the same body.', 'Wrap nodes of one body at a time.');

  const inner = new Set(edit.nodes);
  const edges = edgesOf(scope.nodes);
  const entering = edges.filter(({ source, target }) => Object.hasOwn(scope.nodes, source) && !inner.has(source) && inner.has(target));
  const leaving = edges.filter(({ source, target }) => inner.has(source) && !inner.has(target));
  const last = lastOf(scope, inner, edges, leaving);
  const { nodes: _body, ...initial } = manifest.initial;
  const joined = joinedAt(scope, entering, edges);
  const node: JsonObject = {
    type: edit.type,
    ...(joined ? { join: joined.join } : {}),
    with: { ...initial, ...(last === undefined ? {} : { result: { $expr: `steps.${last}.output` } }), nodes: {} },
  };
  const behind = Object.keys(scope.nodes).find((id) => inner.has(id));
  return [
    ...references(last, edit.id, inner, context),
    {
      kind: 'addNode',
      id: edit.id,
      node: node as Record<string, never>,
      ...(edit.position ? { position: edit.position } : {}),
      ...(behind === undefined ? {} : { behind }),
    },
    ...(joined ? [{ kind: 'setParam' as const, node: joined.id, path: ['join'] }] : []),
    ...[...entering, ...leaving].map((edge): FlowEdit => ({ kind: 'disconnect', ...edge })),
    ...unique([
      ...entering.map((edge) => ({ ...edge, target: edit.id })),
      ...leaving.map((edge) => ({ ...edge, source: edit.id, outlet: edge.outlet === FAILURE.name ? FAILURE.name : SUCCESS.name })),
    ]).map((edge): FlowEdit => ({ kind: 'connect', ...edge })),
    { kind: 'moveToBody', nodes: edit.nodes, owner: edit.id, positions: edit.positions },
  ];
}

/** The rule for several edges goes with them, where all of them lead to one node. */
function joinedAt({ nodes }: Scope, entering: readonly Edge[], edges: readonly Edge[]): { id: string; join: Join } | undefined {
  const targets = new Set(entering.map(({ target }) => target));
  const [id] = targets;
  const join = id === undefined ? undefined : nodes[id]?.join;
  if (id === undefined || targets.size > 1 || join === undefined) return undefined;
  return edges.filter(({ target }) => target === id).length === entering.length ? { id, join } : undefined;
}

/** The one node whose result is that of all of them; undefined where there are several. */
function lastOf({ nodes }: Scope, inner: ReadonlySet<string>, edges: readonly Edge[], leaving: readonly Edge[]): string | undefined {
  const exits = new Set(leaving.filter(({ outlet }) => outlet !== FAILURE.name).map(({ source }) => source));
  if (exits.size > 0) return exits.size === 1 ? [...exits][0] : undefined;
  const ends = Object.keys(nodes).filter((id) => inner.has(id) && !edges.some(({ source }) => source === id));
  return ends.length === 1 ? ends[0] : undefined;
}

/** What stands outside and reads the last of the nodes reads the new node. */
function references(last: string | undefined, to: string, inner: ReadonlySet<string>, context: EditContext): FlowEdit[] {
  if (last === undefined) return [];
  return referencesTo(last, context)
    .filter(({ around }) => !around.some((id) => inner.has(id)))
    .map(({ path, offset, length }): FlowEdit => ({ kind: 'replaceText', path: [...path], offset, length, text: to }));
}

function unique(edges: readonly Edge[]): Edge[] {
  return [...new Map(edges.map((edge) => [JSON.stringify([edge.source, edge.outlet, edge.target]), edge])).values()];
}
