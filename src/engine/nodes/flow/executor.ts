import { isJsonObject } from '../../format/json.ts';
import type { NodeExecutor } from '../executor.ts';
import { text } from '../params.ts';
import { passFailed } from '../pass-failed.ts';

export const flowExecutor: NodeExecutor = {
  type: 'flow',
  reaches: ({ flow }) => (typeof flow === 'string' ? [{ path: flow, at: ['flow'], flow: true }] : []),
  async run(params, context) {
    const inputs = params.inputs !== undefined && isJsonObject(params.inputs) ? params.inputs : {};
    context.passes.begin({ index: 0, flow: { path: text(params.flow, 'flow'), inputs } });
    const end = await context.passes.next();
    if (end.how !== 'finished') throw passFailed(end);
    return { outlet: 'success', output: end.output, trust: end.trust };
  },
};
