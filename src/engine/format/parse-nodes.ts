/** The shape of nodes, one by one. How they hang together is `parse-graph.ts`. */

import { hasBody } from './fields.ts';
import { nodeDoor, outletsDoor } from './flow-doors.ts';
import type { Json, JsonObject, JsonPath } from './json.ts';
import { isJsonObject } from './json.ts';
import type { NodeCatalog } from './manifest.ts';
import type { NodeSpec } from './model.ts';
import { NODE_ID, NODE_KEYS } from './model.ts';
import type { ProblemList } from './parse-problems.ts';
import { addUnknownKey, checkShape } from './parse-shape.ts';
import { actual, paramsDoor } from './parse-words.ts';
import { replaceWhole } from './problem.ts';
import { reservedReason } from './reserved.ts';
import { suggest } from './suggest.ts';

/**
 * The nodes of a scope, the bodies in them included, without what does not fit. A node without a usable type has the type `''`.
 */
export function parseNodes(nodes: JsonObject, path: JsonPath, catalog: NodeCatalog, problems: ProblemList): Record<string, NodeSpec> {
  const parsed: [string, NodeSpec][] = [];
  for (const [id, value] of Object.entries(nodes)) {
    const at = [...path, id];
    checkId(id, at, problems);
    if (isJsonObject(value)) parsed.push([id, parseNode(id, value, at, catalog, problems)]);
    else
      problems.add('FLOW_SHAPE', { path: at, node: id }, `A node is an object, not ${actual(value)}.`, 'Write at least { "type": "…" }.');
  }
  return Object.fromEntries(parsed);
}

function checkId(id: string, path: JsonPath, problems: ProblemList): void {
  const where = { path, key: true, node: id };
  if (!NODE_ID.test(id)) {
    problems.add(
      'NODE_ID_INVALID',
      where,
      `${JSON.stringify(id)} cannot be the id of a node: a small letter, then letters, digits and "_".`,
    );
    return;
  }
  const reason = reservedReason(id);
  if (reason)
    problems.add('NODE_ID_RESERVED', where, `"${id}" cannot be the id of a node: it is ${reason}.`, `Use another id, e.g. "${id}Step".`);
}

/** The engine's keys that are checked as they stand, each alone, so that one problem does not hide the rest of the node. */
const PLAIN_KEYS = ['title', 'join', 'disabled', 'gate', 'effect', 'output', 'retry', 'timeout', 'continueOnFailure'] as const;

function parseNode(id: string, value: JsonObject, path: JsonPath, catalog: NodeCatalog, problems: ProblemList): NodeSpec {
  const known = new Set<string>(NODE_KEYS);
  for (const key of Object.keys(value)) {
    if (!known.has(key)) addUnknownKey(problems, { path: [...path, key], node: id }, `node "${id}"`, NODE_KEYS);
  }
  const node: NodeSpec = { type: checkType(id, value, path, catalog, problems) };
  for (const key of PLAIN_KEYS) {
    const found = value[key];
    if (found === undefined) continue;
    const good = checkShape({ door: nodeDoor(key), value: found, path: [...path, key], name: key, node: id }, problems);
    if (good !== undefined) Object.assign(node, { [key]: good });
  }
  if (value.after !== undefined) node.after = parseAfter(id, value.after, [...path, 'after'], problems);
  const params = parseWith(id, node.type, value.with, path, catalog, problems);
  if (params) node.with = params;
  return node;
}

function checkType(id: string, value: JsonObject, path: JsonPath, catalog: NodeCatalog, problems: ProblemList): string {
  const { type } = value;
  if (type === undefined) {
    problems.add('KEY_MISSING', { path, node: id }, `Node "${id}" lacks "type".`, `Known types: ${builtTypes(catalog)}.`);
    return '';
  }
  if (typeof type !== 'string') {
    problems.add(
      'VALUE_INVALID',
      { path: [...path, 'type'], node: id },
      `"type" has to be a text, not ${actual(type)}.`,
      `Known types: ${builtTypes(catalog)}.`,
    );
    return '';
  }
  const manifest = catalog.get(type);
  const where = { path: [...path, 'type'], node: id };
  if (!manifest && !problems.full) {
    const near = suggest(type, catalog.keys());
    const hint = near ? `Did you mean "${near}"?` : `Known types: ${builtTypes(catalog)}.`;
    const fix = near === undefined ? undefined : replaceWhole(where.path, type, near);
    problems.add('NODE_TYPE_UNKNOWN', where, `There is no type of node called ${actual(type)}.`, hint, { fix });
  } else if (manifest && !manifest.built) {
    problems.add('NODE_NOT_BUILT', where, `Nodes of type "${type}" are part of the format, but this version cannot run them yet.`);
  }
  return type;
}

function builtTypes(catalog: NodeCatalog): string {
  return [...catalog.values()]
    .filter((manifest) => manifest.built)
    .map((manifest) => manifest.type)
    .join(', ');
}

function parseAfter(id: string, value: Json, path: JsonPath, problems: ProblemList): NonNullable<NodeSpec['after']> {
  if (!isJsonObject(value)) {
    const hint = 'Write for instance { "draft": "success" }: the id of the node before, and the outlet it leaves by.';
    problems.add('VALUE_INVALID', { path, node: id }, `"after" has to be an object, not ${actual(value)}.`, hint);
    return {};
  }
  const good = Object.entries(value).flatMap(([source, outlets]) => {
    const parsed = checkShape({ door: outletsDoor, value: outlets, path: [...path, source], name: source, node: id }, problems);
    return parsed === undefined ? [] : [[source, parsed] as const];
  });
  return Object.fromEntries(good);
}

/** The parameters as the author wrote them, so that a form can show what is wrong; only a body is replaced by what fits. */
function parseWith(
  id: string,
  type: string,
  value: Json | undefined,
  path: JsonPath,
  catalog: NodeCatalog,
  problems: ProblemList,
): JsonObject | undefined {
  if (value !== undefined && !isJsonObject(value)) {
    problems.add('VALUE_INVALID', { path: [...path, 'with'], node: id }, `"with" has to be an object, not ${actual(value)}.`);
    return undefined;
  }
  const manifest = catalog.get(type);
  const body = value?.nodes !== undefined && isJsonObject(value.nodes) ? value.nodes : undefined;
  const parsedBody = body && (!manifest || hasBody(manifest)) ? parseNodes(body, [...path, 'with', 'nodes'], catalog, problems) : undefined;
  if (manifest) {
    const except = parsedBody && new Set(['nodes']);
    checkShape(
      { door: paramsDoor(manifest), value: value ?? {}, path: [...path, 'with'], name: 'with', node: id, ...(except && { except }) },
      problems,
    );
  }
  if (!value || !parsedBody) return value;
  return { ...value, nodes: parsedBody as unknown as JsonObject };
}
