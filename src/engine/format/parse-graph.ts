/** How the nodes of a flow hang together: unique ids, edges, cycles, joins, layout. */
import type { Scope } from './graph.ts';
import { cyclesOf, nodeIn, scopesOf } from './graph.ts';
import type { JsonPath } from './json.ts';
import type { NodeCatalog } from './manifest.ts';
import { outletsOf } from './manifest.ts';
import type { Flow, NodeSpec } from './model.ts';
import { edgesInto } from './model.ts';
import type { ProblemList } from './parse-problems.ts';
import { type Fix, replaceWhole } from './problem.ts';
import { listed, suggest } from './suggest.ts';

export function checkGraph(flow: Flow, catalog: NodeCatalog, problems: ProblemList): void {
  const scopes = scopesOf(flow);
  const owners = checkUnique(scopes, problems);
  for (const scope of scopes) {
    const outlets = outletsIn(catalog);
    for (const [id, node] of Object.entries(scope.nodes)) {
      checkEdges(id, node, scope, owners, outlets, problems);
      checkJoin(id, node, scope, problems);
    }
    for (const cycle of cyclesOf(scope.nodes)) reportCycle(cycle, scope, problems);
  }
  for (const id of Object.keys(flow.layout ?? {})) {
    if (owners.has(id) || problems.full) continue;
    const near = suggest(id, owners.keys());
    problems.add(
      'LAYOUT_NODE_UNKNOWN',
      { path: ['layout', id], key: true },
      `The layout has a place for ${JSON.stringify(id)}, which does not exist.`,
      near && `Did you mean "${near}"? If not, remove the line.`,
      { fix: { title: 'Remove the line', edits: [{ kind: 'remove', path: ['layout', id] }] } },
    );
  }
}

/** The outlets of each node, by its id; undefined where its type is unknown. Computed when asked for, once. */
type Outlets = (id: string, node: NodeSpec) => ReadonlySet<string> | undefined;

function outletsIn(catalog: NodeCatalog): Outlets {
  const known = new Map<string, ReadonlySet<string>>();
  return (id, node) => {
    const manifest = catalog.get(node.type);
    if (!manifest) return undefined;
    const outlets = known.get(id) ?? new Set(outletsOf(manifest, node.with ?? {}).map((outlet) => outlet.name));
    known.set(id, outlets);
    return outlets;
  };
}

/** @returns where each id stands, the first time. */
function checkUnique(scopes: readonly Scope[], problems: ProblemList): Map<string, Scope> {
  const places = new Map<string, Scope>();
  for (const scope of scopes) {
    for (const id of Object.keys(scope.nodes)) {
      const other = places.get(id);
      if (!other) places.set(id, scope);
      else {
        const where = { path: [...scope.path, id], key: true, node: id };
        problems.add(
          'NODE_ID_TAKEN',
          where,
          `There is another node "${id}" ${other.owner === undefined ? 'in the flow' : `in the body of "${other.owner}"`}.`,
          'Ids are unique in the whole file: rename one of the two.',
        );
      }
    }
  }
  return places;
}

function checkEdges(
  id: string,
  node: NodeSpec,
  scope: Scope,
  places: ReadonlyMap<string, Scope>,
  outletsFrom: Outlets,
  problems: ProblemList,
): void {
  const after = [...scope.path, id, 'after'];
  for (const [source, outlets] of Object.entries(node.after ?? {})) {
    if (problems.full) return;
    const where = { path: [...after, source], key: true, node: id };
    const from = nodeIn(scope.nodes, source);
    if (source === id) {
      const fix: Fix = { title: 'Remove the edge', edits: [{ kind: 'remove', path: [...where.path] }] };
      problems.add('EDGE_SELF', where, `Node "${id}" stands in its own "after".`, undefined, { fix });
    } else if (from) checkOutlets({ source, type: from.type, known: outletsFrom(source, from), outlets, where }, problems);
    else if (places.has(source)) {
      problems.add('EDGE_BORDER', where, `The edge from "${source}" to "${id}" crosses the border of a body.`);
    } else {
      const near = suggest(source, Object.keys(scope.nodes));
      const message = `"${id}" comes after ${JSON.stringify(source)}, which does not exist.`;
      const isFree = near !== undefined && near !== id && !Object.hasOwn(node.after ?? {}, near);
      const fix: Fix | undefined = isFree
        ? { title: `Change to "${near}"`, edits: [{ kind: 'renameKey', path: [...where.path], to: near }] }
        : undefined;
      problems.add('EDGE_SOURCE_UNKNOWN', where, message, near && `Did you mean "${near}"?`, { fix });
    }
  }
}

interface Leaving {
  source: string;
  type: string;
  /** What the source has. */
  known: ReadonlySet<string> | undefined;
  /** What the edges leave by. */
  outlets: string | readonly string[];
  where: { path: JsonPath; node: string };
}

function checkOutlets({ source, type, known, outlets, where }: Leaving, problems: ProblemList): void {
  const seen = new Set<string>();
  for (const [index, outlet] of (typeof outlets === 'string' ? [outlets] : outlets).entries()) {
    if (problems.full) return;
    const at = { path: typeof outlets === 'string' ? where.path : [...where.path, index], node: where.node };
    if (seen.has(outlet)) {
      const fix: Fix = { title: 'Remove the second one', edits: [{ kind: 'remove', path: [...at.path] }] };
      problems.add('EDGE_DUPLICATE', at, `The edge from "${source}" by "${outlet}" is declared twice.`, undefined, { fix });
    }
    seen.add(outlet);
    if (!known || known.has(outlet)) continue;
    const near = suggest(outlet, known);
    const hint = `${near ? `Did you mean "${near}"? ` : ''}Its outlets: ${listed([...known], 20)}.`;
    const fix = near === undefined ? undefined : replaceWhole(at.path, outlet, near);
    problems.add('EDGE_OUTLET_UNKNOWN', at, `"${source}" (${type}) has no outlet ${JSON.stringify(outlet)}.`, hint, { fix });
  }
}

function checkJoin(id: string, node: NodeSpec, scope: Scope, problems: ProblemList): void {
  if (typeof node.join !== 'object') return;
  const count = edgesInto(id, node).length;
  if (node.join.atLeast <= count) return;
  const leads = count === 1 ? 'only 1 edge leads' : `${count === 0 ? 'no' : `only ${count}`} edges lead`;
  problems.add(
    'JOIN_IMPOSSIBLE',
    { path: [...scope.path, id, 'join', 'atLeast'], node: id },
    `"${id}" waits for ${node.join.atLeast} edges, but ${leads} to it.`,
    undefined,
    { fix: count === 0 ? removeJoin(id) : { title: `Wait for ${count}`, edits: [setJoin(id, count)] } },
  );
}

function removeJoin(node: string): Fix {
  return { title: 'Remove "join"', edits: [{ kind: 'setParam', node, path: ['join'] }] };
}

function setJoin(node: string, atLeast: number): Fix['edits'][number] {
  return { kind: 'setParam', node, path: ['join', 'atLeast'], value: atLeast };
}

/** Shown at the edge that closes the circle: the one into its first node in the file. A node that is its own source is `EDGE_SELF`. */
function reportCycle(cycle: readonly string[], scope: Scope, problems: ProblemList): void {
  const [first] = cycle;
  const last = cycle.at(-1);
  if (cycle.length < 2 || first === undefined || last === undefined) return;
  const shown = cycle.length > 12 ? [...cycle.slice(0, 11), '…'] : cycle;
  const where = { path: [...scope.path, first, 'after', last], key: true, node: first };
  problems.add('GRAPH_CYCLE', where, `Edges go in a circle: ${[...shown, first].join(' → ')}.`);
}
