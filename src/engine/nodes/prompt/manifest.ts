import * as z from 'zod';
import { defineManifest, field, SUCCESS } from '../../format/manifest.ts';
import { firstLine } from '../summary.ts';

export const EFFORTS = ['low', 'medium', 'high'] as const;

/** The text stands here or in a file. */
const hasOneSource = (it: { prompt?: unknown; file?: unknown }): boolean => (it.prompt === undefined) !== (it.file === undefined);

const params = () =>
  z
    .strictObject({
      prompt: field(
        z.string().min(1),
        { title: 'Prompt', description: 'What the model is asked: a template that may use inputs and the results of earlier steps.' },
        { kind: 'template', control: 'multiline', placeholder: 'Summarise {{ steps.read.output.text }} in three sentences.' },
      ).optional(),
      file: field(
        z.string().min(1),
        { title: 'Prompt file', description: 'A *.prompt.md file beside the flow, instead of an inline prompt. Its body is a template.' },
        { kind: 'literal', control: 'file', placeholder: 'prompts/summary.prompt.md' },
      ).optional(),
      system: field(
        z.string().min(1),
        { title: 'System message', description: 'Who the model is and what rules it keeps, apart from the question itself.' },
        { kind: 'template', control: 'multiline' },
      ).optional(),
      images: field(
        z.array(z.string().min(1)).min(1).max(20),
        {
          title: 'Images',
          description:
            'Image files (PNG, JPEG, GIF, WebP) that the model sees with the prompt: paths relative to the flow, templates. Not every model takes images.',
        },
        { kind: 'template', control: 'list', placeholder: 'shots/login.png' },
      ).optional(),
      model: field(
        z.string().min(1),
        {
          title: 'Model',
          description: 'An alias such as "fast" or "smart", or connection/model. Default: the model of the flow, else that of the run.',
        },
        { kind: 'literal', control: 'model', names: 'model' },
      ).optional(),
      fallback: field(
        z.array(z.string().min(1)).min(1).max(5),
        {
          title: 'Fallback models',
          description:
            'Asked one after the other where the model has failed, with all its repairs and attempts: aliases, or connection/model.',
        },
        { kind: 'literal', control: 'list', placeholder: 'smart', names: 'model' },
      ).optional(),
      temperature: field(
        z.number().min(0).max(2),
        { title: 'Temperature', description: 'From 0 (steady) to 2 (varied). Default: whatever the service uses.' },
        { kind: 'literal', advanced: true },
      ).optional(),
      effort: field(
        z.enum(EFFORTS),
        {
          title: 'Effort',
          description:
            'How much a model that thinks is to think before it answers. Other models do without. Default: whatever the service uses.',
        },
        { kind: 'literal', advanced: true },
      ).optional(),
      maxOutputTokens: field(
        z.int().min(1),
        { title: 'Longest reply', description: 'In tokens. A reply that is cut off there fails.' },
        { kind: 'literal', advanced: true },
      ).optional(),
    })
    .refine(hasOneSource, {
      message: 'give exactly one of "prompt" and "file"',
      path: ['prompt'],
    });

/** `steps.ID.output` is the text and the model that wrote it; with an `output` schema on the node, the parsed object itself. */
export const prompt = defineManifest({
  type: 'prompt',
  title: 'Prompt',
  description: 'Asks a language model and passes on its reply. With an output schema the reply is parsed, checked and repaired.',
  icon: 'sparkle',
  category: 'Models',
  params,
  fits: hasOneSource,
  built: true,
  outlets: () => [SUCCESS],
  effect: () => 'read',
  lowestEffect: () => 'read',
  resultTrust: 'untrusted',
  summary: (it) => firstLine(it.prompt) || firstLine(it.file),
  output: () => ({
    type: 'object',
    properties: {
      text: { type: 'string', description: 'The whole reply.' },
      model: { type: 'string', description: 'The model that wrote it, or "by hand".' },
    },
    required: ['text', 'model'],
    additionalProperties: false,
  }),
  initial: { prompt: 'Write one sentence about the weather.' },
  example: {
    title: 'Summarise the article',
    with: { system: 'You write for busy people.', prompt: 'Summarise this in three sentences:\n\n{{ inputs.article }}' },
  },
});
