import * as z from 'zod';
import { defineManifest, field, SUCCESS } from '../../format/manifest.ts';
import { firstLine } from '../summary.ts';

/** The text stands here or in a file. */
const hasOneSource = (it: { template?: unknown; file?: unknown }): boolean => (it.template === undefined) !== (it.file === undefined);

const params = () =>
  z
    .strictObject({
      template: field(
        z.string(),
        { title: 'Template', description: 'A Liquid template over inputs and the results of earlier steps.' },
        { kind: 'template', control: 'multiline', placeholder: 'Hello {{ inputs.name }}!' },
      ).optional(),
      file: field(
        z.string().min(1),
        { title: 'Template file', description: 'A file beside the flow that holds the template, instead of an inline one.' },
        { kind: 'literal', control: 'file', placeholder: 'templates/report.md' },
      ).optional(),
    })
    .refine(hasOneSource, {
      message: 'give exactly one of "template" and "file"',
      path: ['template'],
    });

export const template = defineManifest({
  type: 'template',
  title: 'Template',
  description: 'Puts a text together from inputs and earlier results. Needs no model.',
  icon: 'symbol-string',
  category: 'Data',
  params,
  fits: hasOneSource,
  built: true,
  instant: true,
  outlets: () => [SUCCESS],
  effect: () => 'none',
  lowestEffect: () => 'none',
  resultTrust: 'derived',
  summary: (it) => firstLine(it.template) || firstLine(it.file),
  output: () => ({
    type: 'object',
    properties: { text: { type: 'string', description: 'The rendered text.' } },
    required: ['text'],
    additionalProperties: false,
  }),
  initial: { template: 'Hello!' },
  example: { title: 'Greeting', with: { template: 'Dear {{ inputs.name }},\n\nwelcome on board.' } },
});
