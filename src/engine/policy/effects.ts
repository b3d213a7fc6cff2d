/** What a step does to the world, as the engine treats it. Deterministic: no model has a say. */
import { compareEffects, declaredEffect, maxEffect } from '../format/effect-rules.ts';
import type { JsonObject } from '../format/json.ts';
import type { NodeManifest } from '../format/manifest.ts';
import type { Effect } from '../format/model.ts';
import type { Trust } from '../run/events.ts';

export interface StepEffect {
  /** The `effect` key of the node. */
  stated?: Effect | undefined;
  /** What the executor says of these very arguments (a protected path). Absent: what the manifest says. */
  actual?: Effect | undefined;
  /** The label of the resolved arguments. */
  trust: Trust;
}

/**
 * The effect a step is treated by.
 *
 * - Raising it is always honoured.
 * - Lowering it is honoured as far as the type allows, and only while everything it is done with is trusted: an author who calls
 *   a command harmless has not seen the arguments that a web page chose.
 * - What the executor finds graver than its manifest says cannot be lowered at all.
 *
 * @param params resolved parameters.
 */
export function effectiveEffect(manifest: NodeManifest, params: JsonObject, step: StepEffect): Effect {
  const declared = declaredEffect(manifest, params, step.stated);
  const isLowered = compareEffects(declared.effect, declared.default) < 0;
  const honoured = isLowered && step.trust === 'untrusted' ? declared.default : declared.effect;
  const isGraver = step.actual !== undefined && compareEffects(step.actual, declared.default) > 0;
  return isGraver && step.actual !== undefined ? maxEffect(honoured, step.actual) : honoured;
}
