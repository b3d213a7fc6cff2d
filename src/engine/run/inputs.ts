/** What a run is started with, checked against what the flow asks for. */
import { BelayError } from '../errors.ts';
import type { Json } from '../format/json.ts';
import { isJsonObject } from '../format/json.ts';
import type { FlowInputs, Values } from '../format/model.ts';
import { checkSchema, WHOLE_VALUE } from '../nodes/json-schema.ts';
import { REDACTED } from '../policy/redact.ts';

/** The inputs with the defaults filled in. Throws `INPUT_INVALID` with every problem. */
export async function completeInputs(declared: FlowInputs, given: Values): Promise<Values> {
  const problems: string[] = [];
  const values: Values = {};
  for (const [name, schema] of Object.entries(declared)) {
    const value = Object.hasOwn(given, name) ? given[name] : defaultOf(schema);
    if (value === undefined) {
      problems.push(`"${name}" is missing`);
      continue;
    }
    const found = await checkSchema(schema, value, `The schema of input "${name}"`);
    // A message begins with the place, which here begins with the name.
    problems.push(...found.map(({ path = '', message }) => `"${name}"${path}${message.slice((path === '' ? WHOLE_VALUE : path).length)}`));
    values[name] = value;
  }
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(declared, name)) problems.push(`the flow has no input "${name}"`);
  }
  if (problems.length === 0) return values;
  throw new BelayError('INPUT_INVALID', `The inputs do not fit the flow: ${problems.join('; ')}.`, {
    hint: Object.keys(declared).length === 0 ? 'This flow takes no inputs.' : `It takes: ${Object.keys(declared).join(', ')}.`,
    kind: 'badRequest',
    details: { problems },
  });
}

function defaultOf(schema: FlowInputs[string]): Json | undefined {
  return isJsonObject(schema) ? schema.default : undefined;
}

/** Of what an earlier run was started with: what the flow still takes. Where a secret was taken out, the value has to be given anew. */
export function reusedInputs(declared: FlowInputs, earlier: Json): Values {
  if (!isJsonObject(earlier)) return {};
  return Object.fromEntries(
    Object.entries(earlier).filter(([name, value]) => Object.hasOwn(declared, name) && !JSON.stringify(value).includes(REDACTED)),
  );
}
