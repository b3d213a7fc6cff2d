import * as z from 'zod';
import { defineManifest, field, valueOfParam } from '../../format/manifest.ts';
import { jsonSchemaSchema } from '../../format/model.ts';
import { valueLine } from '../summary.ts';

/** There is something to check. */
const checksSomething = (it: { schema?: unknown; contains?: unknown; rules?: unknown }): boolean =>
  it.schema !== undefined || it.contains !== undefined || it.rules !== undefined;

const params = () =>
  z
    .strictObject({
      value: field(
        z.json(),
        { title: 'Value', description: 'What is checked: JSON in which {"$expr": "CEL"} is evaluated.' },
        { kind: 'value', control: 'json', placeholder: '{ "$expr": "steps.draft.output.text" }' },
      ),
      contains: field(
        z
          .array(
            field(z.string().min(1), { title: 'Text', description: 'Has to occur in the value, letter for letter.' }, { kind: 'template' }),
          )
          .min(1),
        { title: 'Has to contain', description: 'Each of these texts has to occur in the value (in its JSON, if it is no text).' },
        { kind: 'template', control: 'list', placeholder: '## Summary' },
      ).optional(),
      rules: field(
        z
          .array(
            z.strictObject({
              assert: field(
                z.string().min(1),
                { title: 'Condition', description: 'A CEL condition that has to be true.' },
                { kind: 'condition', placeholder: 'size(steps.draft.output.text) < 5000' },
              ),
              message: field(z.string().min(1), { title: 'Message', description: 'What is wrong if it is not true.' }, { kind: 'literal' }),
            }),
          )
          .min(1),
        { title: 'Rules', description: 'Conditions that have to be true, each with the message for when it is not.' },
        { kind: 'literal', control: 'json' },
      ).optional(),
      schema: field(
        jsonSchemaSchema(),
        { title: 'JSON Schema', description: 'The value has to match this JSON Schema (2020-12).' },
        { kind: 'literal', control: 'schema' },
      ).optional(),
    })
    .refine(checksSomething, {
      message: 'say what to check: "contains", "rules" or "schema"',
      path: ['contains'],
    });

export const validate = defineManifest({
  type: 'validate',
  title: 'Validate',
  description: 'Checks a value before the next step relies on it: required texts, rules, a JSON Schema.',
  icon: 'checklist',
  category: 'Control',
  params,
  fits: checksSomething,
  built: true,
  instant: true,
  outlets: () => [
    { name: 'valid', label: 'valid', tone: 'good', unconnected: 'ends' },
    { name: 'invalid', label: 'invalid', tone: 'bad', unconnected: 'fails' },
  ],
  effect: () => 'none',
  lowestEffect: () => 'none',
  resultTrust: 'derived',
  summary: (it) => valueLine(it.value),
  output: () => ({
    type: 'object',
    properties: {
      valid: { type: 'boolean' },
      problems: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            message: { type: 'string' },
            path: { type: 'string', description: 'JSON Pointer into the value, where the problem has a place.' },
          },
          required: ['message'],
          additionalProperties: false,
        },
      },
      value: valueOfParam('value', { description: 'The value that was checked.' }),
    },
    required: ['valid', 'problems', 'value'],
    additionalProperties: false,
  }),
  initial: { value: '', schema: { type: 'string', minLength: 1 } },
  example: {
    title: 'Is it complete?',
    with: { value: { $expr: 'inputs.report' }, contains: ['## Summary', '## Next steps'] },
  },
});
