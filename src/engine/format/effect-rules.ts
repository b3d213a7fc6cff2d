/** Effects as an order, and how far a flow may lower them. What trust has to say about it: policy/effects.ts. */
import type { JsonObject } from './json.ts';
import type { NodeManifest } from './manifest.ts';
import type { Effect } from './model.ts';

const ORDER: readonly Effect[] = ['none', 'read', 'write', 'irreversible'];

/** Negative: `a` does less to the world than `b`. */
export function compareEffects(a: Effect, b: Effect): number {
  return ORDER.indexOf(a) - ORDER.indexOf(b);
}

export function maxEffect(a: Effect, b: Effect): Effect {
  return compareEffects(a, b) < 0 ? b : a;
}

export interface DeclaredEffect {
  /** What the type says of itself with these parameters. */
  default: Effect;
  /** What the flow says of the step: its `effect`, but never less than the type's `lowestEffect`. */
  effect: Effect;
  /** The flow asks for less than is allowed. */
  tooLow: boolean;
}

/** `stated`: the node's `effect` key. Raising is always allowed, lowering as far as the type says. */
export function declaredEffect(manifest: NodeManifest, params: JsonObject, stated: Effect | undefined): DeclaredEffect {
  const byType = manifest.effect(params);
  const lowest = manifest.lowestEffect(params);
  const effect = stated ?? byType;
  const tooLow = compareEffects(effect, byType) < 0 && compareEffects(effect, lowest) < 0;
  return { default: byType, effect: tooLow ? byType : effect, tooLow };
}
