import { BelayError } from '../../errors.ts';
import { isJsonObject } from '../../format/json.ts';
import type { NodeExecutor } from '../executor.ts';
import { list, text } from '../params.ts';

export const branchExecutor: NodeExecutor = {
  type: 'branch',
  run(params, context) {
    for (const item of list(params.cases)) {
      if (!isJsonObject(item)) continue;
      const name = text(item.name, 'name');
      const holds = context.evaluate(text(item.when, 'when'));
      if (typeof holds !== 'boolean') {
        throw new BelayError(
          'CONDITION_NOT_BOOLEAN',
          `The condition of case "${name}" gives ${JSON.stringify(holds)}, neither true nor false.`,
          {
            hint: 'Compare the value with something, e.g. `steps.classify.output.kind == "bug"`.',
            kind: 'badRequest',
          },
        );
      }
      if (holds) return { outlet: `case:${name}`, output: { case: name } };
    }
    return { outlet: 'else', output: { case: 'else' } };
  },
};
