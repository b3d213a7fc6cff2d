/** What a flow gives when it has ended. */
import { BelayError } from '../errors.ts';
import type { Json, JsonObject } from '../format/json.ts';
import { isJsonObject } from '../format/json.ts';
import type { Values as Outputs } from '../format/model.ts';
import { valueReferences } from '../format/references.ts';
import { resolveValue } from '../format/resolve.ts';
import { checkSchema } from '../nodes/json-schema.ts';
import type { Trust } from './events.ts';
import type { FlowRun } from './flow-run.ts';
import type { RunScope } from './run-scope.ts';
import type { ScopeEnd } from './turn.ts';

/**
 * The outputs a flow declares; where an `end` node has given some, those instead. Each is checked against the schema declared for it.
 * Throws `OUTPUT_INVALID`, `EXPRESSION_FAILED`.
 */
export async function flowOutputs(
  { flow, values: store }: Pick<FlowRun, 'flow' | 'values'>,
  scope: RunScope,
  given: { outputs: Json; trust: Trust } | undefined,
): Promise<{ values: Outputs; trust: Trust }> {
  const declared = flow.outputs ?? {};
  if (given && isJsonObject(given.outputs)) {
    const outputs = await store.whole(given.outputs);
    for (const [name, value] of Object.entries(outputs as JsonObject)) {
      const schema = Object.hasOwn(declared, name) ? declared[name]?.schema : undefined;
      await check(name, schema, value);
    }
    return { values: outputs as JsonObject, trust: given.trust };
  }
  const references = Object.values(declared).flatMap(({ value }) => valueReferences(value));
  const snapshot = scope.snapshot(references);
  const seen = await store.scope(snapshot.scope, references);
  const values: Outputs = {};
  for (const [name, { value, schema }] of Object.entries(declared)) {
    const output = resolveValue(value, seen, `outputs.${name}`);
    await check(name, schema, output);
    values[name] = output;
  }
  return { values, trust: snapshot.trust };
}

/** What the node that ended the flow gave as its outputs, if it gave any. */
export function givenBy({ ends, cause }: ScopeEnd): { outputs: Json; trust: Trust } | undefined {
  return ends?.outputs === undefined ? undefined : { outputs: ends.outputs, trust: cause?.trust ?? 'untrusted' };
}

async function check(name: string, schema: Json | undefined, value: Json): Promise<void> {
  const problems =
    schema === undefined ? [] : await checkSchema(schema as Parameters<typeof checkSchema>[0], value, `The schema of output "${name}"`);
  if (problems.length === 0) return;
  throw new BelayError(
    'OUTPUT_INVALID',
    `The output "${name}" does not match its schema: ${problems.map((it) => it.message).join('; ')}.`,
    {
      hint: 'Correct the value or the schema under "outputs".',
      kind: 'invalidOutput',
    },
  );
}
