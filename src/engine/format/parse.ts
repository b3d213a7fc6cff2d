/** The door of the engine: from the text of a `.flow.json` to a flow and its problems. Nothing behind it checks again. */
import type * as z from 'zod';
import type { Door } from './door.ts';
import { flowDoor } from './flow-doors.ts';
import type { Json, JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';
import type { JsonTree } from './json-tree.ts';
import type { NodeCatalog } from './manifest.ts';
import type { Flow } from './model.ts';
import { FLOW_KEYS, FORMAT_VERSION } from './model.ts';
import { checkGraph } from './parse-graph.ts';
import type { ReadJson } from './parse-json.ts';
import { checkTree, readJson } from './parse-json.ts';
import { parseNodes } from './parse-nodes.ts';
import { ProblemList } from './parse-problems.ts';
import { addUnknownKey, checkShape } from './parse-shape.ts';
import { actual } from './parse-words.ts';
import type { Fix, Problem } from './problem.ts';

export interface ParsedFlow {
  /**
   * What can be drawn. Given whenever the text is JSON and an object; values with problems of their own are left out of it
   * (except in `with`, which is as the author wrote it). It may be run only if no problem is an error.
   */
  flow?: Flow;
  /** Given whenever the text is JSON. */
  tree?: JsonTree;
  /** In the order of the text. */
  problems: Problem[];
}

/**
 * Reads a flow. Never throws, whatever the text. A thousand nodes take some tens of ms, the worst text within the limits about two
 * seconds.
 *
 * @param text the document, as decoded from UTF-8.
 */
export function parseFlow(text: string, catalog: NodeCatalog): ParsedFlow {
  const read = readJson(text);
  return read.ok ? parseRead(read, catalog) : { problems: read.problems };
}

/** `parseFlow` for a text that has been read already and is within the limits of size and depth. */
export function parseFlowTree(tree: JsonTree, catalog: NodeCatalog): ParsedFlow {
  return parseRead(checkTree(tree), catalog);
}

function parseRead({ tree, value, problems }: Extract<ReadJson, { ok: true }>, catalog: NodeCatalog): ParsedFlow {
  if (!isJsonObject(value)) {
    problems.add('FLOW_SHAPE', { path: [] }, `A flow is an object, not ${actual(value)}.`);
    return { tree, problems: problems.all() };
  }
  if (isNewer(value.version)) {
    const message = `This flow has format version ${value.version}; this Belay knows version ${FORMAT_VERSION}. It opens read-only.`;
    const drawable = parseTopLevel(value, catalog, new ProblemList(tree));
    problems.add('FLOW_VERSION_NEWER', { path: ['version'] }, message);
    return { flow: drawable, tree, problems: problems.all() };
  }
  checkVersion(value, problems);
  const flow = parseTopLevel(value, catalog, problems);
  checkGraph(flow, catalog, problems);
  return { flow, tree, problems: problems.all() };
}

/** True if the flow can be looked at and changed but not run. */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}

function isNewer(version: Json | undefined): boolean {
  return typeof version === 'number' && Number.isInteger(version) && version > FORMAT_VERSION;
}

function checkVersion(value: JsonObject, problems: ProblemList): void {
  const { version } = value;
  if (version === FORMAT_VERSION) return;
  if (version === undefined) {
    const fix: Fix = { title: `Add "version": ${FORMAT_VERSION}`, edits: [{ kind: 'setFlow', path: ['version'], value: FORMAT_VERSION }] };
    problems.add('FLOW_VERSION_MISSING', { path: [] }, 'The flow does not say its format version.', undefined, { fix });
  } else problems.add('FLOW_VERSION_INVALID', { path: ['version'] }, `"version" has to be ${FORMAT_VERSION}, not ${actual(version)}.`);
}

function parseTopLevel(value: JsonObject, catalog: NodeCatalog, problems: ProblemList): Flow {
  const known = new Set<string>(FLOW_KEYS);
  for (const key of Object.keys(value)) {
    if (!known.has(key)) addUnknownKey(problems, { path: [key] }, 'the flow', FLOW_KEYS);
  }
  const single = <S extends z.ZodType>(key: string, door: Door<S>): z.infer<S> | undefined => {
    const found = value[key];
    return found === undefined ? undefined : checkShape({ door, value: found, path: [key], name: key }, problems);
  };
  /** If not as a whole, then entry by entry, so that one with a problem does not take the others with it. */
  const entries = <V extends z.ZodType>(
    key: string,
    door: Door<z.ZodRecord<z.core.$ZodRecordKey, V>>,
  ): Record<string, z.infer<V>> | undefined => {
    const found = value[key];
    if (found === undefined) return undefined;
    if (!isJsonObject(found)) {
      problems.add('VALUE_INVALID', { path: [key] }, `"${key}" has to be an object, not ${actual(found)}.`);
      return undefined;
    }
    const whole = door.safeParse(found);
    if (whole.success) return whole.data as Record<string, z.infer<V>>;
    const good = Object.entries(found).flatMap(([name, entry]) => {
      const parsed = checkShape({ door, value: { [name]: entry }, path: [key], name: key }, problems);
      return parsed ? Object.entries(parsed) : [];
    });
    return Object.fromEntries(good) as Record<string, z.infer<V>>;
  };
  const title = single('title', flowDoor('title'));
  const description = single('description', flowDoor('description'));
  const model = single('model', flowDoor('model'));
  const schemaAddress = single('$schema', flowDoor('$schema'));
  const inputs = entries('inputs', flowDoor('inputs'));
  const outputs = entries('outputs', flowDoor('outputs'));
  const triggers = entries('triggers', flowDoor('triggers'));
  const mcpServers = entries('mcpServers', flowDoor('mcpServers'));
  const limits = single('limits', flowDoor('limits'));
  if (limits) reportUnmetered(limits, problems);
  const notes = entries('notes', flowDoor('notes'));
  const layout = entries('layout', flowDoor('layout'));
  reportUnbuilt(value, problems);
  return {
    ...(schemaAddress === undefined ? {} : { $schema: schemaAddress }),
    version: FORMAT_VERSION,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(model === undefined ? {} : { model }),
    ...(inputs && { inputs }),
    ...(outputs && { outputs }),
    ...(triggers && { triggers }),
    ...(mcpServers && { mcpServers }),
    ...(limits && { limits }),
    nodes: topNodes(value, catalog, problems),
    ...(notes && { notes }),
    ...(layout && { layout }),
  };
}

function topNodes(value: JsonObject, catalog: NodeCatalog, problems: ProblemList): Flow['nodes'] {
  const { nodes } = value;
  if (nodes !== undefined && isJsonObject(nodes)) return parseNodes(nodes, ['nodes'], catalog, problems);
  if (nodes === undefined)
    problems.add('KEY_MISSING', { path: [] }, 'The flow lacks "nodes".', 'Add "nodes": {} and the steps in it, by id.');
  else problems.add('FLOW_SHAPE', { path: ['nodes'] }, `"nodes" has to be an object with the nodes by id, not ${actual(nodes)}.`);
  return {};
}

/** A limit that is not kept is dangerous, and what a call costs is known only where the service says so. */
function reportUnmetered({ budget }: NonNullable<Flow['limits']>, problems: ProblemList): void {
  if (budget?.cost === undefined || budget.tokens !== undefined) return;
  problems.add(
    'BUDGET_COST_ALONE',
    { path: ['limits', 'budget', 'cost'], key: true },
    'A budget of cost counts only what services report, and many report none: such calls would never be stopped.',
    'Limit "tokens" too: they are counted everywhere.',
  );
}

/** Keys of format 1 that nothing acts on yet. */
function reportUnbuilt(value: JsonObject, problems: ProblemList): void {
  const used = (key: string) => {
    const found = value[key];
    return found !== undefined && isJsonObject(found) && Object.keys(found).length > 0;
  };
  const at = (key: string) => ({ path: [key], key: true });
  if (used('triggers')) {
    problems.add(
      'KEY_NOT_BUILT',
      at('triggers'),
      'Triggers are not built yet: the flow can be run by hand only.',
      'It runs from the editor and the CLI.',
      { severity: 'warning' },
    );
  }
}
