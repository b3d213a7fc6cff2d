import { isJsonObject } from '../../format/json.ts';
import type { NodeExecutor } from '../executor.ts';

export const endExecutor: NodeExecutor = {
  type: 'end',
  run({ outputs }) {
    const given = outputs !== undefined && isJsonObject(outputs) ? outputs : undefined;
    return { outlet: 'success', output: given ?? {}, ends: given === undefined ? {} : { outputs: given } };
  },
};
