import * as z from 'zod';
import type { JsonSchema } from '../../format/json.ts';
import { defineManifest, field, SUCCESS } from '../../format/manifest.ts';
import { bodyField, resultField, resultSchema } from '../body-fields.ts';
import { valueLine } from '../summary.ts';

/** An item's result where `onItemFailure` is `collect`. */
function collected(result: JsonSchema): JsonSchema {
  return {
    type: 'object',
    properties: { output: { anyOf: [result, { type: 'null' }] }, error: { type: ['object', 'null'] } },
    required: ['output', 'error'],
    additionalProperties: false,
  };
}

export const each = defineManifest({
  type: 'each',
  title: 'Each',
  description: 'Runs its body for every item of a list, several at a time, and gives the list of results in the order of the items.',
  icon: 'list-ordered',
  category: 'Control',
  params: () =>
    z.strictObject({
      items: field(
        z.json(),
        { title: 'Items', description: 'The list: JSON in which {"$expr": "CEL"} is evaluated. In the body: "item" and "index" (from 0).' },
        { kind: 'value', control: 'json', of: { type: 'array' } },
      ),
      concurrency: field(
        z.int().min(1).max(100),
        { title: 'At a time', description: 'How many items are worked on at once. Default: 1.' },
        { kind: 'literal' },
      ).optional(),
      onItemFailure: field(
        z.enum(['stop', 'continue', 'collect']),
        {
          title: 'When an item fails',
          description:
            'stop (default): the others are cancelled and the node fails; continue: its result is null; collect: every result is {"output": …, "error": …}.',
        },
        { kind: 'literal' },
      ).optional(),
      result: resultField().optional(),
      nodes: bodyField(['item', 'index']),
    }),
  built: true,
  composite: true,
  outlets: () => [SUCCESS],
  effect: () => 'none',
  lowestEffect: () => 'none',
  resultTrust: 'derived',
  summary: (it) => valueLine(it.items),
  output: (it) => {
    const result = resultSchema(it);
    if (it.onItemFailure === 'collect') return { type: 'array', items: collected(result) };
    return { type: 'array', items: it.onItemFailure === 'continue' ? { anyOf: [result, { type: 'null' }] } : result };
  },
  initial: { items: [], nodes: {} },
  example: {
    title: 'Summarise every article',
    with: {
      items: { $expr: 'inputs.articles' },
      concurrency: 3,
      result: { $expr: 'steps.summary.output.text' },
      nodes: { summary: { type: 'prompt', with: { prompt: 'Summarise:\n\n{{ item.text }}' } } },
    },
  },
});
