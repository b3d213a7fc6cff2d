/** Where a person is asked. A yes belongs to the values it was given for: it is neither kept nor pinned, but asked for anew. */
import { folderOf, joinPath } from '../format/file-paths.ts';
import { bodyOf, nodeIn, scopesOf } from '../format/graph.ts';
import type { NodeCatalog } from '../format/manifest.ts';
import type { Flow, NodeSpec } from '../format/model.ts';
import { parseFlow } from '../format/parse.ts';

interface ConsentTools {
  catalog: NodeCatalog;
  /** By path relative to the flow. */
  readFile(path: string): Promise<string | undefined>;
}

/** Files of sub-flows that are looked at; of a flow that reaches more, every sub-flow is taken to ask. */
const MOST_FILES = 200;

/**
 * Answers of a node of the flow's own scope whether its result is, or was made with, a person's yes: it is an approval, or has one or a
 * node with a gate in its body or in its sub-flow, however deep. A sub-flow that cannot be read asks nobody, and cannot be run either.
 */
export function consentsOf(flow: Flow, tools: ConsentTools): (id: string) => Promise<boolean> {
  const parsed = new Map<string, Promise<Flow | undefined>>();
  const flowAt = (path: string): Promise<Flow | undefined> => {
    const known =
      parsed.get(path) ?? tools.readFile(path).then((text) => (text === undefined ? undefined : parseFlow(text, tools.catalog).flow));
    parsed.set(path, known);
    return known;
  };
  return async (id) => {
    const node = nodeIn(flow.nodes, id);
    if (!node) return false;
    if (node.type === 'approval') return true;
    const open = [{ nodes: [node, ...within(bodyOf(node))], folder: '' }];
    const seen = new Set<string>();
    for (const { nodes, folder } of open) {
      if (nodes.some((inner) => inner !== node && asks(inner))) return true;
      for (const path of nodes.flatMap(({ type, with: params }) =>
        type === 'flow' && typeof params?.flow === 'string' ? [params.flow] : [],
      )) {
        const full = joinPath(folder, path);
        if (seen.has(full)) continue;
        if (seen.size >= MOST_FILES) return true;
        seen.add(full);
        const sub = await flowAt(full);
        if (sub) open.push({ nodes: within(sub.nodes), folder: folderOf(full) });
      }
    }
    return false;
  };
}

function within(nodes: Flow['nodes'] | undefined): NodeSpec[] {
  return nodes === undefined ? [] : scopesOf({ nodes }).flatMap((scope) => Object.values(scope.nodes));
}

function asks({ type, gate }: NodeSpec): boolean {
  return type === 'approval' || gate !== undefined;
}
