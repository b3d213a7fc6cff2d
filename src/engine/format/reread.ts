/** Reads what has changed of a text alone: a letter in one of a thousand nodes, or where they stand. */
import { flowDoor } from './flow-doors.ts';
import { isJsonObject, type Json, type JsonObject, sameJson } from './json.ts';
import type { NodeCatalog } from './manifest.ts';
import type { Flow } from './model.ts';
import { FORMAT_VERSION } from './model.ts';
import { parseFlow } from './parse.ts';
import { isSpace, plainJson } from './plain-json.ts';

/** What texts say whose flows are about to be read anew: letters come one after the other. */
const values = new WeakMap<Flow, JsonObject>();

/**
 * The flow of a text that differs from an earlier one in nodes and places alone; nodes that are the same keep their identity. Nothing
 * is said about problems.
 *
 * @param before a text without a syntax problem, and the flow that was read from it
 * @returns undefined: the whole text has to be read
 */
export function rereadFlow(before: { text: string; flow: Flow }, text: string, catalog: NodeCatalog): Flow | undefined {
  const was = values.get(before.flow) ?? dataIn(before.text);
  if (!was) return undefined;
  const places = placesIn(before.text, text);
  const now = places ? { ...was, layout: places } : dataIn(text);
  if (!now) return undefined;
  const { nodes: rawBefore = null, layout: layoutBefore, ...rest } = was;
  const { nodes: raw = null, layout, ...restNow } = now;
  if (!isJsonObject(rawBefore) || !isJsonObject(raw) || !(places || sameJson(rest, restNow, 'ordered'))) return undefined;
  const nodes = places ? before.flow.nodes : rereadNodes({ raw: rawBefore, read: before.flow.nodes }, raw, catalog);
  if (!nodes) return undefined;
  let flow = { ...before.flow, nodes };
  if (layout === undefined) {
    const { layout: _, ...without } = flow;
    flow = without;
  } else if (layoutBefore === undefined || !sameJson(layoutBefore, layout, 'ordered')) {
    if (!flowDoor('layout').surelyFits(layout)) return undefined;
    flow = { ...flow, layout: layout as NonNullable<Flow['layout']> };
  }
  values.set(flow, now);
  return flow;
}

/**
 * The layout of a text that differs from an earlier one in nothing else, read without the rest; undefined: it may differ in more.
 *
 * @param before JSON in which no key is doubled
 */
function placesIn(before: string, text: string): Json | undefined {
  const at = text.lastIndexOf('"layout"');
  if (at < 0 || before.lastIndexOf('"layout"') !== at || !before.startsWith(text.slice(0, at))) return undefined;
  let ahead = at - 1;
  while (isSpace(text.charAt(ahead))) ahead -= 1;
  // Anywhere else it is the end of a string, and no key.
  if (!'{,'.includes(text.charAt(ahead))) return undefined;
  // Only the last key of the whole leaves nothing open, and nothing else.
  const [was, now] = [dataIn(`{${before.slice(at)}`), dataIn(`{${text.slice(at)}`)];
  return was && now && Object.keys(was).length === 1 && Object.keys(now).length === 1 ? now.layout : undefined;
}

function rereadNodes(before: { raw: JsonObject; read: Flow['nodes'] }, now: JsonObject, catalog: NodeCatalog): Flow['nodes'] | undefined {
  const changed = Object.entries(now).filter(([id, node]) => !Object.hasOwn(before.raw, id) || !sameJson(before.raw[id], node, 'ordered'));
  const ids = Object.keys(now);
  if (changed.length === 0 && sameJson(Object.keys(before.raw), ids)) return before.read;
  const some = parseFlow(JSON.stringify({ version: FORMAT_VERSION, nodes: Object.fromEntries(changed) }), catalog).flow?.nodes;
  if (!some) return undefined;
  const anew = new Set(changed.map(([id]) => id));
  return Object.fromEntries(
    ids.flatMap((id) => {
      const from = anew.has(id) ? some : before.read;
      const node = Object.hasOwn(from, id) ? from[id] : undefined;
      return node ? [[id, node] as const] : [];
    }),
  );
}

function dataIn(text: string): JsonObject | undefined {
  const value = plainJson(text);
  return isJsonObject(value) ? value : undefined;
}
