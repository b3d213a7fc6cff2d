import * as z from 'zod';
import { defineManifest, field } from '../../format/manifest.ts';
import { firstLine } from '../summary.ts';

const params = () =>
  z.strictObject({
    message: field(
      z.string().min(1),
      { title: 'Question', description: 'What the person is asked to agree to.' },
      { kind: 'template', control: 'multiline', placeholder: 'Send this to {{ inputs.customer }}?' },
    ),
    show: field(
      z.json(),
      {
        title: 'What is approved',
        description: 'Shown in full with the question; the yes covers exactly this. JSON in which {"$expr": "CEL"} is evaluated.',
      },
      { kind: 'value', control: 'json', placeholder: '{ "$expr": "steps.draft.output.text" }' },
    ).optional(),
  });

export const approval = defineManifest({
  type: 'approval',
  title: 'Approval',
  description: 'Waits for a person to approve or reject. With a time-out on the node it goes on by "timedOut".',
  icon: 'person',
  category: 'People',
  params,
  built: true,
  outlets: () => [
    { name: 'approved', label: 'approved', tone: 'good', unconnected: 'ends' },
    { name: 'rejected', label: 'rejected', tone: 'bad', unconnected: 'rejects' },
    { name: 'timedOut', label: 'timed out', tone: 'bad', unconnected: 'fails' },
  ],
  effect: () => 'none',
  lowestEffect: () => 'none',
  resultTrust: 'trusted',
  summary: (it) => firstLine(it.message),
  output: () => ({
    type: 'object',
    properties: {
      decision: { enum: ['approved', 'rejected', 'timedOut'] },
      by: { type: 'string', description: 'Who decided, and where.' },
      reason: { type: ['string', 'null'], description: 'Why, if they said so.' },
    },
    required: ['decision', 'by', 'reason'],
    additionalProperties: false,
  }),
  initial: { message: 'May this go on?' },
  example: {
    title: 'Send it?',
    timeout: '2d',
    with: { message: 'May this go to {{ inputs.customer }}?', show: { $expr: 'inputs.letter' } },
  },
});
