import * as z from 'zod';
import { defineManifest, field, SUCCESS } from '../../format/manifest.ts';
import { durationSchema } from '../../format/model.ts';
import { bodyField, resultField, resultSchema } from '../body-fields.ts';
import { firstLine } from '../summary.ts';

export const loop = defineManifest({
  type: 'loop',
  title: 'Loop',
  description: 'Repeats its body until a condition is true, at most so many times.',
  icon: 'sync',
  category: 'Control',
  params: () =>
    z.strictObject({
      until: field(
        z.string().min(1),
        {
          title: 'Until',
          description:
            'A CEL condition in the scope of the body, checked after each pass: it reads the steps of the pass, "index" (from 0) and "previous" (the result of the pass before).',
        },
        { kind: 'condition', placeholder: 'steps.check.output.valid', scope: 'body' },
      ),
      maxIterations: field(
        z.int().min(1).max(10_000),
        { title: 'Most passes', description: 'After so many passes it goes on by "exhausted".' },
        { kind: 'literal', missing: { code: 'LOOP_UNBOUNDED', value: 10 } },
      ),
      delay: field(
        durationSchema(),
        { title: 'Delay', description: 'The wait between two passes.' },
        { kind: 'literal', placeholder: '30s' },
      ).optional(),
      result: resultField().optional(),
      nodes: bodyField(['index', 'previous']),
    }),
  built: true,
  composite: true,
  outlets: () => [SUCCESS, { name: 'exhausted', label: 'exhausted', tone: 'bad', unconnected: 'fails' }],
  effect: () => 'none',
  lowestEffect: () => 'none',
  resultTrust: 'derived',
  summary: (it) => firstLine(it.until),
  output: resultSchema,
  initial: { until: 'true', maxIterations: 3, nodes: {} },
  example: {
    title: 'Improve until it passes',
    with: {
      until: 'size(steps.draft.output.text) <= 80',
      maxIterations: 3,
      result: { $expr: 'steps.draft.output.text' },
      nodes: {
        draft: { type: 'prompt', with: { prompt: 'Write a headline about {{ inputs.topic }}, shorter than this one: {{ previous }}' } },
      },
    },
  },
});
