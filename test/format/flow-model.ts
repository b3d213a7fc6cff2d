/** What edits mean, on plain data: a second, simple implementation that the real one is compared with. */
import type { FlowEdit } from '../../src/engine/format/flow-edit.ts';
import type { Json, JsonObject } from '../../src/engine/format/json.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';

type NodeData = JsonObject & { type: string; after?: Record<string, string | string[]>; with: JsonObject };
type FlowData = JsonObject & { nodes: Record<string, NodeData>; layout?: Record<string, Json> };

/** The data after the edit, or undefined if it has to be refused. */
export function applied(before: JsonObject, edit: FlowEdit): JsonObject | undefined {
  // Not structuredClone: it would keep values that two nodes share one value.
  const flow = JSON.parse(JSON.stringify(before)) as FlowData;
  const { nodes } = flow;
  switch (edit.kind) {
    case 'addNode': {
      if (nodes[edit.id] || (edit.behind !== undefined && !nodes[edit.behind])) return undefined;
      const entries = Object.entries(nodes);
      const at = edit.behind === undefined ? entries.length : entries.findIndex(([id]) => id === edit.behind) + 1;
      flow.nodes = Object.fromEntries(entries.toSpliced(at, 0, [edit.id, edit.node as NodeData]));
      if (edit.position) flow.layout = { ...flow.layout, [edit.id]: [edit.position.x, edit.position.y] };
      return flow;
    }
    case 'pasteNodes': {
      const name = (id: string) => (edit.nodes[id] && edit.names[id]) ?? id;
      const copies = Object.entries(edit.nodes).map(([id, node]) => [name(id), JSON.parse(JSON.stringify(node)) as NodeData] as const);
      const taken = new Set([...Object.keys(nodes), ...copies.map(([id]) => id)]);
      if (copies.length === 0 || taken.size < Object.keys(nodes).length + copies.length) return undefined;
      if (edit.owner !== undefined || (edit.behind !== undefined && !nodes[edit.behind])) return undefined;
      for (const [, node] of copies) {
        renameInExpressions(node, (text) => text.replaceAll(REFERENCE, (_, id: string) => `steps.${name(id)}`));
        const after = Object.entries(node.after ?? {}).flatMap(([id, outlet]): [string, string | string[]][] => {
          const source = (edit.nodes[id] as NodeData | undefined) ?? nodes[id];
          const kept = [outlet].flat().filter((it) => source && outlets(source).includes(it));
          return kept.length === 0 ? [] : [[name(id), kept.length === 1 ? kept[0]! : kept]];
        });
        if (after.length > 0) node.after = Object.fromEntries(after);
        else delete node.after;
      }
      const entries = Object.entries(nodes);
      const at = edit.behind === undefined ? entries.length : entries.findIndex(([id]) => id === edit.behind) + 1;
      flow.nodes = Object.fromEntries(entries.toSpliced(at, 0, ...copies.map(([id, node]): [string, NodeData] => [id, node])));
      if (copies.some(([id]) => closes(flow.nodes, id))) return undefined;
      for (const [id, { x, y }] of Object.entries(edit.positions)) flow.layout = { ...flow.layout, [id]: [x, y] };
      return flow;
    }
    case 'changeType': {
      const node = nodes[edit.node];
      if (!node || !catalog.has(edit.type)) return undefined;
      if (node.type === edit.type) return flow;
      const before = outlets(node);
      // The types of random flows have no parameter in common.
      node.with = JSON.parse(JSON.stringify(catalog.get(edit.type)?.initial)) as JsonObject;
      node.type = edit.type;
      const now = outlets(node);
      for (const other of Object.values(nodes)) {
        const known = [other.after?.[edit.node] ?? []].flat();
        if (known.length === 0) continue;
        const left = [...new Set(known.map((it) => (now.includes(it) ? it : it === before[0] ? now[0]! : '')))].filter((it) => it !== '');
        if (left.length > 0) other.after = { ...other.after, [edit.node]: left.length === 1 ? left[0]! : left };
        else cut(other, edit.node, () => false);
      }
      return flow;
    }
    case 'moveToBody':
      // Random flows have no bodies: there is only the flow's own.
      return edit.owner === undefined && edit.nodes.every((id) => nodes[id]) ? flow : undefined;
    case 'wrapNodes':
      // Comes down to the others, each of which is compared by itself; random flows have no bodies to compare it in.
      throw new Error('Not among the random edits');
    case 'removeNode':
      if (!nodes[edit.id]) return undefined;
      delete nodes[edit.id];
      for (const node of Object.values(nodes)) cut(node, edit.id, () => false);
      if (flow.layout) delete flow.layout[edit.id];
      return flow;
    case 'moveNodes':
      if (Object.keys(edit.positions).some((id) => !nodes[id])) return undefined;
      for (const [id, { x, y }] of Object.entries(edit.positions)) flow.layout = { ...flow.layout, [id]: [x, y] };
      return flow;
    case 'connect': {
      const { source, outlet, target } = edit;
      const node = nodes[target];
      if (!node || !nodes[source] || !outlets(nodes[source]).includes(outlet) || reaches(nodes, target, source)) return undefined;
      const known = [node.after?.[source] ?? []].flat();
      if (known.includes(outlet)) return undefined;
      node.after = { ...node.after, [source]: known.length === 0 ? outlet : [...known, outlet] };
      return flow;
    }
    case 'disconnect': {
      const node = nodes[edit.target];
      if (!node || ![node.after?.[edit.source] ?? []].flat().includes(edit.outlet)) return undefined;
      cut(node, edit.source, (outlet) => outlet !== edit.outlet);
      return flow;
    }
    case 'setParam': {
      const node = nodes[edit.node];
      if (!node) return undefined;
      set(node, edit.path, edit.value);
      return flow;
    }
    case 'setFlow':
      set(flow, edit.path, edit.value);
      return flow;
    case 'renameInput': {
      const inputs = (flow as { inputs?: JsonObject }).inputs;
      if (!inputs || !Object.hasOwn(inputs, edit.name)) return undefined;
      if (edit.to === edit.name) return flow;
      if (Object.hasOwn(inputs, edit.to)) return undefined;
      flow.inputs = Object.fromEntries(Object.entries(inputs).map(([name, it]) => [name === edit.name ? edit.to : name, it]));
      for (const node of Object.values(nodes)) {
        renameInExpressions(node, (text) =>
          text.replaceAll(INPUT_REFERENCE, (found, name: string) => (name === edit.name ? `inputs.${edit.to}` : found)),
        );
      }
      return flow;
    }
    case 'renameNode': {
      if (!nodes[edit.id] || (nodes[edit.to] && edit.to !== edit.id)) return undefined;
      const rename = <T>(map: Record<string, T>) =>
        Object.fromEntries(Object.entries(map).map(([id, it]) => [id === edit.id ? edit.to : id, it]));
      flow.nodes = rename(nodes);
      if (flow.layout) flow.layout = rename(flow.layout);
      for (const node of Object.values(flow.nodes)) {
        if (node.after) node.after = rename(node.after);
        renameInExpressions(node, (text) =>
          text.replaceAll(REFERENCE, (found, id: string) => (id === edit.id ? `steps.${edit.to}` : found)),
        );
      }
      return flow;
    }
    case 'replaceText': {
      const holder = at(flow, edit.path.slice(0, -1));
      const last = edit.path.at(-1) as string;
      const text = holder?.[last];
      if (!holder || typeof text !== 'string') return undefined;
      holder[last] = text.slice(0, edit.offset) + edit.text + text.slice(edit.offset + edit.length);
      return flow;
    }
    case 'renameKey': {
      const holder = at(flow, edit.path.slice(0, -1));
      const last = String(edit.path.at(-1));
      if (!holder || !Object.hasOwn(holder, last) || Object.hasOwn(holder, edit.to)) return undefined;
      const entries = Object.entries(holder);
      for (const key of Object.keys(holder)) delete holder[key];
      for (const [key, value] of entries) holder[key === last ? edit.to : key] = value;
      return flow;
    }
    case 'add': {
      const holder = at(flow, edit.path.slice(0, -1));
      const last = String(edit.path.at(-1));
      if (!holder || Object.hasOwn(holder, last)) return undefined;
      holder[last] = edit.value;
      return flow;
    }
    case 'remove': {
      const holder = at(flow, edit.path.slice(0, -1));
      const last = String(edit.path.at(-1));
      if (!holder || !Object.hasOwn(holder, last)) return undefined;
      delete holder[last];
      return flow;
    }
    default:
      return edit satisfies never;
  }
}

/** The object at a path. */
function at(root: JsonObject, path: readonly (string | number)[]): JsonObject | undefined {
  return path.reduce<JsonObject | undefined>((found, step) => found?.[step] as JsonObject | undefined, root);
}

/** How the expressions of random flows refer to steps. */
export const REFERENCE = /steps\.([a-z]\w*)/g;
export const INPUT_REFERENCE = /inputs\.([a-z]\w*)/g;

function renameInExpressions(node: NodeData, rename: (text: string) => string): void {
  const { gate, with: params } = node as { gate?: { message: string }; with: Record<string, Json> };
  if (gate) gate.message = rename(gate.message);
  for (const key of ['template', 'prompt', 'message']) if (typeof params[key] === 'string') params[key] = rename(params[key]);
  for (const branch of (params.cases ?? []) as { when: string }[]) branch.when = rename(branch.when);
}

function outlets(node: NodeData): string[] {
  switch (node.type) {
    case 'approval':
      return ['approved', 'rejected', 'timedOut', 'failure'];
    case 'branch':
      return [...(node.with.cases as { name: string }[]).map(({ name }) => `case:${name}`), 'else', 'failure'];
    default:
      return ['success', 'failure'];
  }
}

function reaches(nodes: FlowData['nodes'], from: string, to: string): boolean {
  return from === to || Object.entries(nodes).some(([id, node]) => Object.keys(node.after ?? {}).includes(from) && reaches(nodes, id, to));
}

/** Whether a way along the edges leads from a node back to it. */
function closes(nodes: FlowData['nodes'], id: string): boolean {
  const seen = new Set<string>();
  const open = Object.keys(nodes[id]?.after ?? {});
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === id) return true;
    if (!seen.has(at)) open.push(...Object.keys(nodes[at]?.after ?? {}));
    seen.add(at);
  }
  return false;
}

function cut(node: NodeData, source: string, keep: (outlet: string) => boolean): void {
  if (!node.after?.[source]) return;
  const left = [node.after[source]].flat().filter(keep);
  if (left.length > 0) node.after[source] = left.length === 1 ? left[0]! : left;
  else delete node.after[source];
  if (Object.keys(node.after).length === 0) delete node.after;
}

function set(root: JsonObject, path: readonly (string | number)[], value: Json | undefined): void {
  const [head, ...rest] = path as [string, ...string[]];
  if (rest.length === 0) {
    if (value === undefined) delete root[head];
    else root[head] = value;
  } else if (value !== undefined || root[head] !== undefined) {
    root[head] ??= {};
    set(root[head] as JsonObject, rest, value);
  }
}
