import { NestedFailure } from '../errors.ts';
import type { PassEnd } from './executor.ts';

/** Why a node whose pass did not finish fails: because of what failed in the pass. */
export function passFailed(end: Exclude<PassEnd, { how: 'finished' }>): Error {
  return end.how === 'failed' ? new NestedFailure(end.error) : new Error('A pass was cancelled that nobody wanted cancelled');
}
