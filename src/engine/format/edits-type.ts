import type { Draft } from './edits-draft.ts';
import { removeEdge } from './edits-edges.ts';
import { idsInBody, typeProblem } from './edits-nodes.ts';
import type { EditContext, EditProblem } from './edits-plan.ts';
import { keyBefore, locate, unknownNode } from './edits-plan.ts';
import { declaredEffect } from './effect-rules.ts';
import type { FlowEdit } from './flow-edit.ts';
import type { LocatedNode } from './graph.ts';
import type { JsonObject } from './json.ts';
import { keyOf, propertiesOf } from './json-tree.ts';
import { type NodeManifest, outletsOf } from './manifest.ts';
import { edgesInto, NODE_KEYS } from './model.ts';
import { knownKeys, paramsSchema, schemaAt } from './parse-words.ts';

/** Gives a node another type. Its id, title and place stay, what the engine does around it, and of the rest what both types have. */
export function changeType(edit: Extract<FlowEdit, { kind: 'changeType' }>, context: EditContext): EditProblem | undefined {
  const { draft, catalog } = context;
  const located = locate(context, edit.node);
  if (!located) return unknownNode(context.flow, edit.node);
  const refused = typeProblem(edit.type, catalog);
  const to = catalog.get(edit.type);
  if (refused || !to || located.node.type === edit.type) return refused;
  const from = catalog.get(located.node.type);
  const before = located.node.with ?? {};
  const params = commonParams(to, before);
  const dropped = Object.keys(before).filter((key) => !Object.hasOwn(params.kept, key) && before[key] !== from?.initial[key]);

  draft.setValue([...located.path, 'type'], edit.type);
  setParams(located, params.all, draft);
  if (Object.hasOwn(before, 'nodes') && !Object.hasOwn(params.kept, 'nodes')) {
    for (const id of idsInBody(edit.node, located.node)) draft.removeProperty(draft.at(['layout']), id);
  }
  if (located.node.effect !== undefined && declaredEffect(to, params.all, located.node.effect).tooLow) {
    draft.removeProperty(draft.at(located.path), 'effect');
    dropped.push('effect');
  }
  const edges = mendEdges(edit.node, located, { from, to, params: params.all }, context);
  const lost = [...dropped.map((key) => `"${key}"`), ...edges];
  if (lost.length > 0) context.say(`"${edit.node}" is a ${to.title} now. Dropped: ${lost.join(', ')}.`);
  return undefined;
}

/** `kept`: what the new type has as well, and takes. `all`: with what it cannot do without. */
function commonParams(to: NodeManifest, before: JsonObject): { kept: JsonObject; all: JsonObject } {
  const known = knownKeys(schemaAt(paramsSchema(to), []));
  const fits = (key: string) => {
    const checked = to.params.safeParse({ ...to.initial, [key]: before[key] });
    return checked.success || !checked.error.issues.some((issue) => issue.path[0] === key);
  };
  const kept = Object.fromEntries(Object.entries(before).filter(([key]) => known.includes(key) && fits(key)));
  const all = { ...kept, ...Object.fromEntries(Object.entries(to.initial).filter(([key]) => !Object.hasOwn(kept, key))) };
  // One of two that exclude each other may have come from the initial ones.
  return { kept, all: !to.params.safeParse(all).success && to.params.safeParse(kept).success ? kept : all };
}

function setParams({ path, node }: LocatedNode, params: JsonObject, draft: Draft): void {
  const at = draft.at(path);
  if (node.with !== undefined) draft.setValue([...path, 'with'], params);
  else if (at && Object.keys(params).length > 0) {
    draft.addProperty(at, 'with', params, keyBefore('with', propertiesOf(at).map(keyOf), NODE_KEYS));
  }
}

/**
 * Edges by an outlet of the same name stay; those by the way the flow normally goes on lead there still.
 *
 * @returns what became of the others, in words.
 */
function mendEdges(
  id: string,
  { scope }: LocatedNode,
  { from, to, params }: { from: NodeManifest | undefined; to: NodeManifest; params: JsonObject },
  { draft }: EditContext,
): string[] {
  const names = outletsOf(to, params).map(({ name }) => name);
  const lost: string[] = [];
  const main = names[0];
  const mainBefore = from && outletsOf(from, scope.nodes[id]?.with ?? {})[0]?.name;
  for (const [target, node] of Object.entries(scope.nodes)) {
    const outlets = edgesInto(target, node)
      .filter(({ source }) => source === id)
      .map(({ outlet }) => outlet);
    const left = new Set<string>();
    for (const outlet of outlets) {
      const now = names.includes(outlet) ? outlet : outlet === mainBefore && main !== undefined && main !== 'failure' ? main : undefined;
      if (now === undefined) lost.push(`the edge by "${outlet}" to "${target}"`);
      else left.add(now);
    }
    const path = [...scope.path, target];
    const kept = [...left];
    const [only] = kept;
    if (kept.join() === outlets.join()) continue;
    if (only === undefined) removeEdge(path, id, undefined, draft);
    else draft.setValue([...path, 'after', id], kept.length === 1 ? only : kept);
  }
  return lost;
}
