import type { Field } from '../../src/providers/mcp/elicitation.ts';

/** What a person answers who takes everything as it is suggested. */
export function defaultsOf(fields: readonly Field[]): Record<string, string | number | boolean | string[]> {
  return Object.fromEntries(
    fields.flatMap(({ name, initial }) => (initial === undefined ? [] : [[name, initial as string | number | boolean | string[]]])),
  );
}
