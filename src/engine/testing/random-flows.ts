/** Flows for property tests: valid, small, and with every way of joining. */
import type { JsonObject } from '../format/json.ts';
import type { NodeSpec } from '../format/model.ts';
import { fc } from './fast-check.ts';

export interface RandomKind {
  type: string;
  with: JsonObject;
  /** What edges may leave by; one named twice is drawn twice as often. */
  outlets: readonly string[];
}

/** Nodes `n0`, `n1`, …; edges go from earlier nodes to later ones only, by outlets the earlier one has. */
export function randomFlows(joins: readonly NodeSpec['join'][], kinds: readonly RandomKind[]): fc.Arbitrary<Record<string, NodeSpec>> {
  const node = fc.record({
    kind: fc.constantFrom(...kinds),
    sources: fc.uniqueArray(fc.record({ source: fc.nat(11), outlet: fc.nat(11) }), { maxLength: 4, selector: ({ source }) => source }),
    join: fc.constantFrom(...joins),
    disabled: fc.integer({ min: 0, max: 9 }),
    continueOnFailure: fc.integer({ min: 0, max: 9 }),
  });
  return fc.array(node, { minLength: 1, maxLength: 12 }).map((drawn) =>
    Object.fromEntries(
      drawn.map(({ kind, sources, join, disabled, continueOnFailure }, i) => {
        const edges = sources.flatMap(({ source, outlet }): [string, string][] => {
          const outlets = source < i ? (drawn[source]?.kind.outlets ?? []) : [];
          return outlets.length === 0 ? [] : [[`n${source}`, outlets[outlet % outlets.length] ?? 'success']];
        });
        const spec: NodeSpec = { type: kind.type, with: kind.with };
        if (edges.length > 0) spec.after = Object.fromEntries(edges);
        if (edges.length > 0) spec.join = typeof join === 'object' ? { atLeast: Math.min(join.atLeast, edges.length) } : join;
        if (disabled === 0) spec.disabled = true;
        if (continueOnFailure === 0) spec.continueOnFailure = true;
        return [`n${i}`, spec];
      }),
    ),
  );
}
