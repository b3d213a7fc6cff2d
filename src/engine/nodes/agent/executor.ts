import { reachedAgent } from '../../agents/reached.ts';
import type { NodeExecutor, Reached } from '../executor.ts';

export const agentExecutor: NodeExecutor = {
  type: 'agent',
  reaches({ agent }): Reached[] {
    if (typeof agent !== 'string') return [];
    const { path, agent: name } = reachedAgent(agent);
    return [{ path, at: ['agent'], agent: name }];
  },
  run: async (params, context) => (await import('./work.ts')).runAgent(params, context),
};
