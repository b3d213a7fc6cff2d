/** What a run takes from an earlier one and from pins, and how its header says so. */
import { BelayError } from '../errors.ts';
import { ancestorsOf, bodyOf, nodeIn, scopesOf } from '../format/graph.ts';
import type { Json } from '../format/json.ts';
import type { NodeCatalog } from '../format/manifest.ts';
import type { Flow } from '../format/model.ts';
import { nodeReferences } from '../format/references.ts';
import type { RunStore } from '../ports.ts';
import type { StartRequest } from './api.ts';
import { consentsOf } from './consent.ts';
import type { RunEvent, RunHeader } from './events.ts';
import type { Given, GivenResult } from './given.ts';
import { checkGiven, resultsOf, topNode, withDescendants, yesPinned } from './given.ts';

interface Rerun {
  given: Given;
  header: Pick<RunHeader, 'rerunOf' | 'rerunFrom' | 'only' | 'to' | 'pinned' | 'dry' | 'inputsTrust'>;
}

interface RerunTools {
  catalog: NodeCatalog;
  runs: RunStore;
  /** The frozen files, by path relative to the flow. */
  files: Readonly<Record<string, string>>;
  /** A recorded value with its large parts. */
  whole(runId: string, value: Json): Promise<Json>;
}

type RerunRequest = Pick<StartRequest, 'flowPath' | 'rerunOf' | 'from' | 'only' | 'to' | 'pinned' | 'dry'>;

interface Part {
  from: string | undefined;
  only: string | undefined;
  dry: boolean | undefined;
}

interface Earlier {
  id: string;
  events: readonly RunEvent[];
  results: Map<string, GivenResult>;
  inputsTrust: 'untrusted' | undefined;
}

/**
 * Throws `RERUN_OTHER_FLOW`, `RERUN_NO_EARLIER`, `RERUN_NO_RESULT` where a node that is run alone reads what no run has made,
 * `NODE_UNKNOWN`, `NODE_DISABLED`, `GIVEN_REFUSED`, `GIVEN_INVALID`, and what reading a run throws.
 */
export async function planRerun(request: RerunRequest, flow: Flow, tools: RerunTools): Promise<Rerun> {
  const { dry } = request;
  const from = request.from === undefined ? undefined : topNode(flow, request.from);
  const only = request.only === undefined ? undefined : topNode(flow, request.only);
  const to = request.to === undefined || only !== undefined ? undefined : topNode(flow, request.to);
  const chosen = only ?? from;
  const disabled = [chosen, to].find((id) => id !== undefined && nodeIn(flow.nodes, id)?.disabled);
  if (disabled !== undefined) {
    throw new BelayError('NODE_DISABLED', `"${disabled}" is disabled, so it cannot be run.`, {
      hint: 'Enable it first.',
      kind: 'badRequest',
    });
  }
  if (from !== undefined && request.rerunOf === undefined) {
    throw new BelayError('RERUN_NO_EARLIER', `There is no earlier run whose results "${from}" could go on with.`, {
      hint: 'Run the flow from its start first.',
      kind: 'badRequest',
    });
  }
  const earlier = request.rerunOf === undefined ? undefined : await readEarlier(request.rerunOf, request.flowPath, flow, tools);
  const isConsent = consentsOf(flow, { catalog: tools.catalog, readFile: async (path) => tools.files[path] });
  const pinned = pinnedResults(request.pinned ?? {}, flow, [chosen, to], only ?? to);
  for (const id of Object.keys(pinned)) if (await isConsent(id)) throw yesPinned(id, flow);
  const given: Record<string, GivenResult> = {};
  if (earlier && (chosen !== undefined || dry)) {
    const isKept = keeps(flow, { from, only, dry });
    for (const [id, result] of earlier.results) {
      if (!isKept(id) || Object.hasOwn(pinned, id)) continue;
      // A yes is never kept for what comes after it; a node that is run alone only reads it.
      if (only === undefined && (await isConsent(id))) continue;
      given[id] = { ...result, output: await tools.whole(earlier.id, result.output) };
    }
  }
  Object.assign(given, pinned);
  if (only !== undefined && !dry) refuseUnread(only, flow, given, earlier, tools);
  await checkGiven(given, flow, tools.catalog);
  return {
    given,
    header: {
      ...(request.rerunOf === undefined ? {} : { rerunOf: request.rerunOf }),
      ...(from === undefined || only !== undefined ? {} : { rerunFrom: from }),
      ...(only === undefined ? {} : { only }),
      ...(to === undefined ? {} : { to }),
      ...(Object.keys(pinned).length === 0 ? {} : { pinned: Object.keys(pinned) }),
      ...(dry ? { dry: true } : {}),
      ...(earlier?.inputsTrust === undefined ? {} : { inputsTrust: earlier.inputsTrust }),
    },
  };
}

/**
 * What of that is still given to a run which goes on with another version of its flow, where nodes may be gone or ask for a yes now.
 * Throws as `checkGiven` for a result that has not been taken yet.
 */
export async function stillGiven(
  given: Given,
  events: readonly RunEvent[],
  flow: Flow,
  { catalog, files, only }: Pick<RerunTools, 'catalog' | 'files'> & Partial<Pick<Part, 'only'>>,
): Promise<Given> {
  const isConsent = consentsOf(flow, { catalog, readFile: async (path) => files[path] });
  const taken = new Set(events.flatMap((event) => (event.type === 'node.finished' ? [event.node] : [])));
  const still: Record<string, GivenResult> = {};
  for (const [id, result] of Object.entries(given)) {
    const isRead = only !== undefined && result.how === 'kept';
    if (nodeIn(flow.nodes, id) && (isRead || !(await isConsent(id)))) still[id] = result;
  }
  await checkGiven(Object.fromEntries(Object.entries(still).filter(([id]) => !taken.has(id))), flow, catalog);
  return still;
}

/** Whether a node is none of those that are made anew. */
function keeps(flow: Flow, { from, only, dry }: Part): (id: string) => boolean {
  const ancestors = only === undefined ? undefined : ancestorsOf(flow.nodes, only);
  if (ancestors) return (id) => ancestors.has(id);
  const anew = from === undefined ? undefined : withDescendants(flow.nodes, from);
  return (id) => dry === true || anew?.has(id) === false;
}

function pinnedResults(
  pins: NonNullable<StartRequest['pinned']>,
  flow: Flow,
  chosen: readonly (string | undefined)[],
  last: string | undefined,
): Record<string, GivenResult> {
  const results: Record<string, GivenResult> = {};
  for (const [id, { outlet, output, trust }] of Object.entries(pins)) {
    // Who asks for a node to be run wants it to be run.
    if (chosen.includes(id)) continue;
    if (last !== undefined && !ancestorsOf(flow.nodes, last).has(id)) continue;
    results[id] = { how: 'pinned', outlet, output, trust };
  }
  return results;
}

async function readEarlier(runId: string, flowPath: string, flow: Flow, { catalog, runs }: RerunTools): Promise<Earlier> {
  const { events, local } = await runs.read(runId);
  const header = events.find((event) => event.type === 'run.created')?.run;
  if (header?.flow !== flowPath) {
    throw new BelayError('RERUN_OTHER_FLOW', `Run ${runId} is one of ${header?.flow ?? 'an unknown flow'}, not of ${flowPath}.`, {
      hint: 'Name a run of this flow.',
      kind: 'badRequest',
    });
  }
  // What a dry run made up is no result of anything.
  const results = header.dry ? new Map<string, GivenResult>() : resultsOf(events, flow, catalog, local);
  return { id: runId, events, results, inputsTrust: local ? (header.inputsTrust === 'untrusted' ? 'untrusted' : undefined) : 'untrusted' };
}

/** A node that was skipped gives null, as always; one that never had its turn gives nothing to work with. */
function refuseUnread(only: string, flow: Flow, given: Given, earlier: Earlier | undefined, { catalog, files }: RerunTools): void {
  const skipped = new Set((earlier?.events ?? []).flatMap((event) => (event.type === 'node.skipped' ? [event.node] : [])));
  const ancestors = ancestorsOf(flow.nodes, only);
  const missing = [...stepsReadBy(only, flow, catalog, files)].filter(
    (id) => ancestors.has(id) && !Object.hasOwn(given, id) && !skipped.has(id) && flow.nodes[id]?.disabled !== true,
  );
  if (missing.length === 0) return;
  throw new BelayError(
    'RERUN_NO_RESULT',
    `"${only}" reads ${missing.map((id) => `"${id}"`).join(', ')}, and there is no result of ${missing.length === 1 ? 'it' : 'them'}.`,
    {
      hint: 'Run the flow first, or pin a result.',
      kind: 'badRequest',
      details: { missing },
    },
  );
}

/** By the node itself and by what stands in its body. */
function stepsReadBy(id: string, flow: Flow, catalog: NodeCatalog, files: Readonly<Record<string, string>>): Set<string> {
  const node = flow.nodes[id];
  const steps = new Set<string>();
  if (!node) return steps;
  const scopes = [{ [id]: node }, ...scopesOf({ nodes: bodyOf(node) ?? {} }).map(({ nodes }) => nodes)];
  for (const nodes of scopes) {
    for (const spec of Object.values(nodes)) {
      const manifest = catalog.get(spec.type);
      if (!manifest) continue;
      for (const { root, path } of nodeReferences(manifest, spec, (file) => files[file])) {
        if (root === 'steps' && typeof path[0] === 'string') steps.add(path[0]);
      }
    }
  }
  return steps;
}
