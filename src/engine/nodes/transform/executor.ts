import type { NodeExecutor } from '../executor.ts';

/** All the work is done by the resolver. */
export const transformExecutor: NodeExecutor = {
  type: 'transform',
  run(params) {
    return { outlet: 'success', output: params.value ?? null };
  },
};
