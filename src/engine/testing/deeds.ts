/** What tests of runs say again and again: edges, answers, and steps that fail or never end. */
import { BelayError } from '../errors.ts';
import type { NodeSpec } from '../format/model.ts';
import type { SignalReply } from '../run/events.ts';
import type { Deed } from './harness.ts';

export const success = (...sources: string[]): NodeSpec['after'] => Object.fromEntries(sources.map((source) => [source, 'success']));

export const fails =
  (kind: BelayError['kind'] = 'network', details?: BelayError['details']): Deed =>
  () => {
    throw new BelayError('BROKEN', 'It broke.', { hint: 'Mend it.', kind, ...(details === undefined ? {} : { details }) });
  };

export const yes = (more: Partial<SignalReply> = {}): SignalReply => ({ decision: 'approved', by: 'ada, test', at: 1, ...more });

/** Ends only when it is told to. */
export const forever: Deed = ({ signal }) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
