/** What a flow may do to the world, for whoever is asked whether it may run. Pure. */
import { compareEffects, declaredEffect } from '../../engine/format/effect-rules.ts';
import { scopesOf } from '../../engine/format/graph.ts';
import { isJsonObject } from '../../engine/format/json.ts';
import type { NodeCatalog } from '../../engine/format/manifest.ts';
import type { Effect, Flow } from '../../engine/format/model.ts';

export interface StepOfEffect {
  /** The title of the node, else its id. */
  title: string;
  type: string;
  effect: Effect;
}

/** Sub-flows are looked into so deep. */
const DEEPEST = 8;

/**
 * The steps that do something to the world, the gravest first; those of sub-flows too.
 *
 * @param sub a flow by its path relative to `flow`, and how to find those that it names; undefined where it cannot be read.
 */
export function stepsWithEffect(
  flow: Flow,
  catalog: NodeCatalog,
  sub: (path: string) => { flow: Flow; sub: Sub } | undefined,
  depth = 0,
): StepOfEffect[] {
  const steps = scopesOf(flow)
    .flatMap(({ nodes }) => Object.entries(nodes))
    .filter(([, { disabled }]) => disabled !== true)
    .flatMap(([id, node]): StepOfEffect[] => {
      const manifest = catalog.get(node.type);
      const params = isJsonObject(node.with) ? node.with : {};
      if (!manifest) return [];
      if (node.type === 'flow' && typeof params.flow === 'string') {
        const inner = depth < DEEPEST ? sub(params.flow) : undefined;
        return inner
          ? stepsWithEffect(inner.flow, catalog, inner.sub, depth + 1)
          : [{ title: node.title ?? id, type: node.type, effect: 'irreversible' }];
      }
      if (manifest.composite) return [];
      return [{ title: node.title ?? id, type: node.type, effect: declaredEffect(manifest, params, node.effect).effect }];
    });
  return steps.filter(({ effect }) => effect !== 'none').sort((a, b) => compareEffects(b.effect, a.effect));
}

type Sub = Parameters<typeof stepsWithEffect>[2];
