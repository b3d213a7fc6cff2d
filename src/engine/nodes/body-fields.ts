/** What the types with a body (`loop`, `each`) have in common. Browser-safe. */
import * as z from 'zod';
import type { JsonObject, JsonSchema } from '../format/json.ts';
import { isJsonObject } from '../format/json.ts';
import { field } from '../format/manifest.ts';
import { nodeSchema } from '../format/model.ts';

export const bodyField = field(
  z.record(z.string(), nodeSchema),
  { title: 'Body', description: 'The nodes that are repeated. Edges never cross the border of a body.' },
  { kind: 'literal', body: true },
);

export const resultField = field(
  z.json(),
  {
    title: 'Result',
    description: 'What the outside sees of a pass: JSON in which {"$expr": "CEL"} is evaluated in the body, when the pass has ended.',
  },
  { kind: 'value', control: 'json', scope: 'body' },
);

/** The schema of one pass's result, as far as it is told by the node itself. */
export function resultSchema({ result }: JsonObject): JsonSchema {
  if (result === undefined) return { type: 'null' };
  if (result === null || typeof result !== 'object') return { const: result };
  return isJsonObject(result) && Object.hasOwn(result, '$expr') ? {} : { type: Array.isArray(result) ? 'array' : 'object' };
}
