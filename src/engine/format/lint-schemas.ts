/** JSON Schemas that cannot be used, and defaults that do not fit theirs: a run would find out only when it comes to them. */
import { misfitOf, typeOfJson, typeOfSchema } from './expressions/types.ts';
import { isJsonObject, type JsonPath, type JsonSchema } from './json.ts';
import type { LintedFlow } from './lint-flow.ts';
import { misfitText } from './lint-types.ts';
import type { Fix } from './problem.ts';
import { schemaFaults } from './schema-faults.ts';

/** Types with a JSON Schema in their `with`. */
const IN_WITH = new Set(['validate', 'wait']);

export function lintSchemas(linted: LintedFlow): void {
  const { reading, problems } = linted;
  const { inputs = {}, outputs = {} } = reading.flow;
  for (const [name, schema] of Object.entries(inputs)) {
    lintSchema(schema, ['inputs', name], linted);
    if (!isJsonObject(schema) || schema.default === undefined) continue;
    const misfit = misfitOf(typeOfJson(schema.default), typeOfSchema(schema));
    if (!misfit) continue;
    const message = `The default of the input "${name}" does not fit it: ${misfitText(misfit)}.`;
    problems.add('TYPE_MISMATCH', { path: ['inputs', name, 'default'] }, message, { hint: 'Correct the default or the schema around it.' });
  }
  for (const [name, { schema }] of Object.entries(outputs)) lintSchema(schema, ['outputs', name, 'schema'], linted);
  for (const scope of reading.scopes) {
    for (const [id, node] of Object.entries(scope.nodes)) {
      if (reading.homeOf(id) !== scope) continue;
      lintSchema(node.output, [...scope.path, id, 'output'], linted, { id, below: ['output'] });
      const schema = IN_WITH.has(node.type) ? (node.with?.schema as JsonSchema | undefined) : undefined;
      lintSchema(schema, [...scope.path, id, 'with', 'schema'], linted, { id, below: ['with', 'schema'] });
    }
  }
}

/** `node`: whose schema it is, and where it stands in it. */
function lintSchema(
  schema: JsonSchema | undefined,
  path: JsonPath,
  { problems }: LintedFlow,
  node?: { id: string; below: readonly string[] },
): void {
  // What is no schema at all has been told by the parser.
  if (schema === undefined || !(typeof schema === 'boolean' || isJsonObject(schema))) return;
  for (const fault of schemaFaults(schema)) {
    const { meant, message } = fault;
    const fix: Fix | undefined =
      node && meant !== undefined
        ? {
            title: `Replace by "${meant}"`,
            edits: [{ kind: 'setParam', node: node.id, path: [...node.below, ...fault.path], value: meant }],
          }
        : undefined;
    const hint = meant === undefined ? undefined : `Did you mean "${meant}"?`;
    problems.add('SCHEMA_INVALID', { path: [...path, ...fault.path], node: node?.id }, message, { hint, fix });
  }
}
