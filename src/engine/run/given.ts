/** Results that a run is given instead of making them: kept from an earlier run, or pinned by a person. */
import * as z from 'zod';
import type { ErrorData } from '../errors.ts';
import { BelayError } from '../errors.ts';
import { edgesOf, locateNode, nodeIn } from '../format/graph.ts';
import type { Json } from '../format/json.ts';
import { lazily } from '../format/lazily.ts';
import type { NodeCatalog } from '../format/manifest.ts';
import { outletsOf } from '../format/manifest.ts';
import type { Flow } from '../format/model.ts';
import { checkSchema } from '../nodes/json-schema.ts';
import type { PinnedResult } from './api.ts';
import { consentsOf } from './consent.ts';
import type { StrandResult } from './context.ts';
import type { RunEvent, Trust } from './events.ts';
import { errorDataSchema, trustSchema } from './events.ts';
import type { RunView } from './view.ts';

export const givenResultSchema = lazily(() =>
  z.object({
    how: z.enum(['kept', 'pinned']),
    outlet: z.string(),
    output: z.json(),
    /** As it was labelled where it was made, or by who pinned it. */
    trust: trustSchema(),
    error: errorDataSchema().exactOptional(),
    /** False where a failure was let through by `continueOnFailure`. */
    failed: z.boolean().exactOptional(),
  }),
);
export type GivenResult = z.infer<ReturnType<typeof givenResultSchema>>;

/** By path of the node; so far only nodes of the flow's own scope, whose path is their id. */
export type Given = Readonly<Record<string, GivenResult>>;

export function givenEnd({ how, outlet, output, trust, error, failed }: GivenResult): StrandResult {
  return {
    outlet,
    output,
    trust,
    given: how,
    ...(error === undefined ? {} : { error: error as ErrorData }),
    ...(failed === undefined ? {} : { failed }),
  };
}

/** The node of the flow's own scope in which a node stands: itself, or the owner of the body around it. Throws `NODE_UNKNOWN`. */
export function topNode(flow: Flow, id: string): string {
  let at = id;
  for (;;) {
    const located = locateNode(flow, at);
    if (!located) {
      throw new BelayError('NODE_UNKNOWN', `The flow has no node "${id}".`, {
        hint: `Its nodes are: ${Object.keys(flow.nodes).join(', ')}.`,
        kind: 'badRequest',
      });
    }
    if (located.scope.owner === undefined) return at;
    at = located.scope.owner;
  }
}

/** The node and everything that edges lead to from it. */
export function withDescendants(nodes: Flow['nodes'], id: string): ReadonlySet<string> {
  const targets = new Map<string, string[]>();
  for (const { source, target } of edgesOf(nodes)) {
    const known = targets.get(source);
    if (known) known.push(target);
    else targets.set(source, [target]);
  }
  const found = new Set([id]);
  for (const at of found) for (const target of targets.get(at) ?? []) found.add(target);
  return found;
}

/**
 * What an earlier run has to give to a flow as it stands now: of each node of its own scope the result, where there is one that can
 * still be used. An `end` is not: it would end the new run. Neither is a failure that nothing handles.
 *
 * @param local false for the journal of another machine, whose labels prove nothing.
 */
export function resultsOf(events: readonly RunEvent[], flow: Flow, catalog: NodeCatalog, local: boolean): Map<string, GivenResult> {
  const results = new Map<string, GivenResult>();
  const handled = new Set(edgesOf(flow.nodes).flatMap(({ source, outlet }) => (outlet === 'failure' ? [source] : [])));
  for (const event of events) {
    if (event.type !== 'node.finished' || event.ends !== undefined || event.given === 'sample') continue;
    const { node: id, outlet, output, error, failed } = event;
    const spec = nodeIn(flow.nodes, id);
    const manifest = spec && catalog.get(spec.type);
    if (!manifest || !outletsOf(manifest, spec.with ?? {}).some(({ name }) => name === outlet)) continue;
    if (outlet === 'failure' && !handled.has(id)) continue;
    const trust: Trust = local ? event.trust : 'untrusted';
    const more = { ...(error === undefined ? {} : { error }), ...(failed === undefined ? {} : { failed }) };
    results.set(id, { how: 'kept', outlet, output, trust, ...more });
  }
  return results;
}

/**
 * Whether a result may be pinned to a node of a flow as it stands; `readFile`: by path relative to it. Throws as `checkGiven`, and
 * `GIVEN_REFUSED` for a yes.
 */
export async function checkPin(
  id: string,
  result: Omit<GivenResult, 'how'>,
  flow: Flow,
  tools: { catalog: NodeCatalog; readFile(path: string): Promise<string | undefined> },
): Promise<void> {
  const owner = topNode(flow, id);
  if (owner !== id) {
    throw new BelayError('GIVEN_REFUSED', `"${id}" stands in the body of "${owner}": what it gives depends on the pass.`, {
      hint: `Pin "${owner}" instead.`,
      kind: 'badRequest',
    });
  }
  const spec = nodeIn(flow.nodes, id);
  const manifest = spec && tools.catalog.get(spec.type);
  const outlets = manifest ? outletsOf(manifest, spec.with ?? {}).map(({ name }) => name) : [];
  if (manifest && !outlets.includes(result.outlet)) {
    throw new BelayError('GIVEN_REFUSED', `"${id}" has no outlet "${result.outlet}" to leave by.`, {
      hint: `Its outlets are: ${outlets.join(', ')}.`,
      kind: 'badRequest',
    });
  }
  if (await consentsOf(flow, tools)(id)) throw yesPinned(id, flow);
  await checkGiven({ [id]: { ...result, how: 'pinned' } }, flow, tools.catalog);
}

/** What a node gave in a run. Throws `PIN_NONE`. `local` false: labels of another machine prove nothing. */
export async function resultToPin(
  { id, nodes }: Pick<RunView, 'id' | 'nodes'>,
  node: string,
  local: boolean,
  whole: (value: Json) => Promise<Json>,
): Promise<PinnedResult> {
  const found = Object.hasOwn(nodes, node) ? nodes[node] : undefined;
  if (found?.state !== 'succeeded' || found.outlet === undefined) {
    throw new BelayError('PIN_NONE', `"${node}" has no result in run ${id}.`, {
      hint: 'Name a run in which the node ended well, or give a value.',
      kind: 'badRequest',
    });
  }
  return { outlet: found.outlet, output: await whole(found.output ?? null), trust: local ? (found.trust ?? 'untrusted') : 'untrusted' };
}

export function yesPinned(id: string, flow: Flow): BelayError {
  const what = nodeIn(flow.nodes, id)?.type === 'approval' ? 'is an approval' : 'asks for a yes inside';
  return new BelayError('GIVEN_REFUSED', `"${id}" ${what}: a yes cannot be pinned.`, {
    hint: 'Say yes beforehand with `--approve`, and remove the pin if there is one.',
    kind: 'badRequest',
  });
}

/** Throws `NODE_UNKNOWN`, `GIVEN_REFUSED`, and `GIVEN_INVALID` where a result does not match the node's schema. */
export async function checkGiven(given: Given, flow: Flow, catalog: NodeCatalog): Promise<void> {
  for (const [id, result] of Object.entries(given)) {
    const spec = nodeIn(flow.nodes, id);
    const manifest = spec && catalog.get(spec.type);
    const title = spec?.title ?? id;
    if (!manifest) {
      throw new BelayError('NODE_UNKNOWN', `The flow has no node "${id}" of its own, for which there is a ${result.how} result.`, {
        hint: 'Remove the pin. Nodes in the body of another cannot be pinned; pin that one.',
        kind: 'badRequest',
      });
    }
    if (!outletsOf(manifest, spec.with ?? {}).some(({ name }) => name === result.outlet)) {
      throw new BelayError('GIVEN_REFUSED', `"${title}" cannot leave by "${result.outlet}", as its ${result.how} result does.`, {
        hint: 'Pin it anew, or remove the pin.',
        kind: 'badRequest',
      });
    }
    if (spec.output === undefined || result.error !== undefined) continue;
    const problems = await checkSchema(spec.output, result.output, `The output schema of "${id}"`);
    if (problems.length === 0) continue;
    throw new BelayError(
      'GIVEN_INVALID',
      `The ${result.how} result of "${title}" does not match its output schema: ${problems.map(({ message }) => message).join('; ')}.`,
      {
        hint: result.how === 'pinned' ? 'Pin it anew, or remove the pin.' : 'Run again from this node, or from the start.',
        kind: 'invalidOutput',
        details: { node: id },
      },
    );
  }
}
