/** Whether a step has to wait for a person's yes before it does anything. */
import type { Effect } from '../format/model.ts';

export interface GatedStep {
  /** The node has a `gate`. */
  declared: boolean;
  effect: Effect;
  /** `hashJson` of the resolved arguments. */
  argsHash: string;
  /** Hashes of what people said yes to in this run: the values that approvals and gates showed. */
  covered: ReadonlySet<string>;
}

/** `declared` by the flow, or `demanded` by the engine: the words of a gate's request in the journal. */
export type Gate = { needed: false } | { needed: true; why: 'declared' | 'demanded' };

/**
 * A declared gate is always asked: its author wanted a person at this very place. An irreversible step without one is asked for
 * by the engine, unless somebody already said yes to exactly these arguments.
 */
export function gateFor(step: GatedStep): Gate {
  if (step.declared) return { needed: true, why: 'declared' };
  if (step.effect !== 'irreversible' || step.covered.has(step.argsHash)) return { needed: false };
  return { needed: true, why: 'demanded' };
}
