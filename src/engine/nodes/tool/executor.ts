import { fromRoot } from '../../format/file-paths.ts';
import { FLOW_TOOL } from '../../format/tool-names.ts';
import type { NodeExecutor } from '../executor.ts';

export const toolExecutor: NodeExecutor = {
  type: 'tool',
  reaches: ({ tool }) =>
    typeof tool === 'string' && tool.startsWith(FLOW_TOOL)
      ? [{ path: fromRoot(tool.slice(FLOW_TOOL.length)), at: ['tool'], flow: true }]
      : [],
  effect: async (params, ports) => (await import('./work.ts')).effectOfCall(params, ports),
  run: async (params, context) => (await import('./work.ts')).runTool(params, context),
};
