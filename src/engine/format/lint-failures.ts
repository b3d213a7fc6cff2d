/** Steps that can run out of time where nobody provides for it. */
import type { Scope } from './graph.ts';
import type { LintedFlow } from './lint-flow.ts';
import { isHandledByJoins } from './lint-outcomes.ts';
import { outletsOf } from './manifest.ts';
import { type Edge, edgesInto, type NodeSpec } from './model.ts';
import type { FlowReading } from './reading.ts';

export function lintFailures({ reading, problems }: LintedFlow): void {
  const outgoing = edgesOut(reading);
  for (const scope of reading.scopes) {
    for (const [id, node] of Object.entries(scope.nodes)) {
      const limit = limitOf(id, node, reading);
      if (!limit || node.disabled || isProvidedFor(id, limit.outlet, scope, reading, outgoing)) continue;
      const message = `"${id}" may run out of time, and then the flow fails: nothing is connected to "${limit.outlet}".`;
      problems.add('TIMEOUT_UNHANDLED', { path: [...scope.path, id, ...limit.path], node: id, key: true }, message);
    }
  }
}

/** What limits the time of a step, and the outlet it leaves by then. */
function limitOf(id: string, node: NodeSpec, reading: FlowReading): { path: string[]; outlet: string } | undefined {
  const manifest = reading.manifestOf(id);
  if (!manifest) return undefined;
  const hasOutlet = outletsOf(manifest, node.with ?? {}).some(({ name }) => name === TIMED_OUT);
  if (hasOutlet && node.with?.timeout !== undefined) return { path: ['with', 'timeout'], outlet: TIMED_OUT };
  const { timeout } = node;
  if (timeout === undefined || (typeof timeout === 'object' && timeout.attempt === undefined && timeout.total === undefined))
    return undefined;
  return { path: ['timeout'], outlet: hasOutlet ? TIMED_OUT : 'failure' };
}

const TIMED_OUT = 'timedOut';

function isProvidedFor(
  id: string,
  outlet: string,
  scope: Scope,
  reading: FlowReading,
  outgoing: ReadonlyMap<string, readonly Edge[]>,
): boolean {
  const node = scope.nodes[id];
  const edges = outgoing.get(id) ?? [];
  if (node?.continueOnFailure || edges.some((edge) => edge.outlet === outlet || edge.outlet === 'failure')) return true;
  if (isHandledByJoins(edges, scope.nodes)) return true;
  // What fails in a body fails its owner, or one item of it.
  const owner = scope.owner === undefined ? undefined : reading.node(scope.owner);
  const home = scope.owner === undefined ? undefined : reading.homeOf(scope.owner);
  if (!owner || !home || scope.owner === undefined) return false;
  if (owner.with?.onItemFailure === 'continue' || owner.with?.onItemFailure === 'collect') return true;
  return isProvidedFor(scope.owner, 'failure', home, reading, outgoing);
}

function edgesOut(reading: FlowReading): Map<string, Edge[]> {
  const outgoing = new Map<string, Edge[]>();
  for (const scope of reading.scopes) {
    for (const [target, node] of Object.entries(scope.nodes)) {
      for (const edge of edgesInto(target, node)) {
        const known = outgoing.get(edge.source);
        if (known) known.push(edge);
        else outgoing.set(edge.source, [edge]);
      }
    }
  }
  return outgoing;
}
