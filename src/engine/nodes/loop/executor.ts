import type { Json } from '../../format/json.ts';
import { durationMs } from '../../format/model.ts';
import type { Trust } from '../../run/events.ts';
import type { NodeExecutor } from '../executor.ts';
import { optionalNumber, optionalText, text } from '../params.ts';
import { passFailed } from '../pass-failed.ts';

export const loopExecutor: NodeExecutor = {
  type: 'loop',
  async run(params, context) {
    const most = optionalNumber(params.maxIterations) ?? 1;
    const delay = optionalText(params.delay);
    const { result } = params;
    const until = text(params.until, 'until');
    const past = context.passes.lastRecorded(most);
    let previous: Json = past?.output ?? null;
    let previousTrust: Trust = past?.trust ?? 'trusted';
    for (let index = past === undefined ? 0 : past.index + 1; index < most; index += 1) {
      if (index > 0 && delay !== undefined) {
        await context.sleep(`delay/${index}`, (await context.now(`ended/${index}`)) + durationMs(delay));
      }
      context.passes.begin({ index, previous, previousTrust, until, ...(result === undefined ? {} : { result }) });
      const end = await context.passes.next();
      if (end.how !== 'finished') throw passFailed(end);
      if (end.done) return { outlet: 'success', output: end.output, trust: end.trust };
      previous = end.output;
      previousTrust = end.trust;
    }
    return { outlet: 'exhausted', output: previous, trust: previousTrust };
  },
};
