import { BelayError } from '../../errors.ts';
import type { Json } from '../../format/json.ts';
import type { Trust } from '../../run/events.ts';
import type { NodeExecutor, PassEnd } from '../executor.ts';
import { optionalNumber } from '../params.ts';
import { passFailed } from '../pass-failed.ts';

type Failed = Extract<PassEnd, { how: 'failed' }>;

export const eachExecutor: NodeExecutor = {
  type: 'each',
  async run(params, context) {
    const { items, result } = params;
    if (!Array.isArray(items)) {
      throw new BelayError('EACH_NOT_A_LIST', `The items are no list but ${items === null ? 'null' : typeof items}.`, {
        hint: 'Let "items" give a list, e.g. { "$expr": "steps.search.output.results" }.',
        kind: 'badRequest',
      });
    }
    const { passes } = context;
    const outputs: Json[] = new Array(items.length).fill(null);
    let trust: Trust = context.trust;
    let begun = 0;
    let failure: Failed | undefined;
    const concurrency = Math.min(optionalNumber(params.concurrency) ?? 1, items.length);
    const beginNext = (): void => {
      const item = items[begun] ?? null;
      passes.begin({ index: begun, item, itemTrust: context.trust, ...(result === undefined ? {} : { result }) });
      begun += 1;
    };
    while (begun < concurrency) beginNext();
    for (let ended = 0; ended < begun; ended += 1) {
      const end = await passes.next();
      if (end.how === 'cancelled') continue;
      if (end.trust === 'untrusted') trust = 'untrusted';
      if (end.how === 'failed' && params.onItemFailure !== 'continue' && params.onItemFailure !== 'collect') {
        if (!failure) passes.cancel(`Item ${end.index} failed.`);
        failure ??= end;
      }
      outputs[end.index] = params.onItemFailure === 'collect' ? collected(end) : end.how === 'finished' ? end.output : null;
      if (!failure && begun < items.length) beginNext();
    }
    if (failure) throw passFailed(failure);
    return { outlet: 'success', output: outputs, trust };
  },
};

function collected(end: Exclude<PassEnd, { how: 'cancelled' }>): Json {
  if (end.how === 'finished') return { output: end.output, error: null };
  const { code, kind, message, hint } = end.error;
  return { output: null, error: { code, kind, message, hint } };
}
