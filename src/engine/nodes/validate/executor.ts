import { BelayError } from '../../errors.ts';
import type { Json, JsonObject } from '../../format/json.ts';
import { isJsonObject } from '../../format/json.ts';
import type { NodeContext, NodeExecutor } from '../executor.ts';
import type { SchemaProblem } from '../json-schema.ts';
import { checkSchema } from '../json-schema.ts';
import { list, text, textList } from '../params.ts';

export const validateExecutor: NodeExecutor = {
  type: 'validate',
  async run(params, context) {
    const value = params.value ?? null;
    const problems = [
      ...missingTexts(value, textList(params.contains)),
      ...brokenRules(params, context),
      ...(await schemaProblems(params, value)),
    ];
    const valid = problems.length === 0;
    return {
      outlet: valid ? 'valid' : 'invalid',
      output: { valid, problems: problems.map((problem): JsonObject => ({ ...problem })), value },
    };
  },
};

function missingTexts(value: Json, wanted: string[]): SchemaProblem[] {
  const whole = typeof value === 'string' ? value : JSON.stringify(value);
  return wanted.filter((part) => !whole.includes(part)).map((part) => ({ message: `"${part}" is missing` }));
}

function brokenRules(params: JsonObject, context: NodeContext): SchemaProblem[] {
  return list(params.rules)
    .filter(isJsonObject)
    .filter((rule) => {
      const holds = context.evaluate(text(rule.assert, 'assert'));
      if (typeof holds === 'boolean') return !holds;
      throw new BelayError(
        'CONDITION_NOT_BOOLEAN',
        `The rule \`${text(rule.assert, 'assert')}\` gives ${JSON.stringify(holds)}, neither true nor false.`,
        {
          hint: 'Compare the value with something, e.g. `size(steps.list.output.items) > 0`.',
          kind: 'badRequest',
        },
      );
    })
    .map((rule) => ({ message: text(rule.message, 'message') }));
}

async function schemaProblems(params: JsonObject, value: Json): Promise<SchemaProblem[]> {
  const { schema } = params;
  if (typeof schema !== 'boolean' && !isJsonObject(schema)) return [];
  return checkSchema(schema, value, 'The schema of this step');
}
