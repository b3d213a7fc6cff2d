/** What the types with a body (`loop`, `each`) have in common. Browser-safe. */
import * as z from 'zod';
import type { JsonObject } from '../format/json.ts';
import { lazily } from '../format/lazily.ts';
import type { BodyRoot } from '../format/manifest.ts';
import { field, valueOfParam } from '../format/manifest.ts';
import { nodeSchema } from '../format/model.ts';

/** `gives`: what only the nodes of the body can read. */
export function bodyField(gives: readonly BodyRoot[]) {
  return field(
    z.record(z.string(), nodeSchema()),
    { title: 'Body', description: 'The nodes that are repeated. Edges never cross the border of a body.' },
    { kind: 'literal', body: true, gives },
  );
}

export const resultField = lazily(() =>
  field(
    z.json(),
    {
      title: 'Result',
      description: 'What the outside sees of a pass: JSON in which {"$expr": "CEL"} is evaluated in the body, when the pass has ended.',
    },
    { kind: 'value', control: 'json', scope: 'body' },
  ),
);

/** The schema of one pass's result. */
export function resultSchema({ result }: JsonObject): JsonObject {
  return result === undefined ? { type: 'null' } : valueOfParam('result');
}
