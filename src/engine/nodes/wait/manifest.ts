import * as z from 'zod';
import { defineManifest, field, SUCCESS } from '../../format/manifest.ts';
import { durationSchema, jsonSchemaSchema } from '../../format/model.ts';
import { readMoment } from '../../format/moment.ts';
import { firstLine } from '../summary.ts';

type Given = { readonly [K in 'for' | 'until' | 'signal' | 'schema' | 'timeout']?: unknown };
const hasOneWay = (it: Given): boolean => [it.for, it.until, it.signal].filter((way) => way !== undefined).length === 1;
const waitsForSignal = (it: Given): boolean => it.signal !== undefined || (it.schema === undefined && it.timeout === undefined);
/** What is rendered is looked at when the node begins. */
const mayBeMoment = (until: unknown): boolean => typeof until !== 'string' || /\{[{%]/.test(until) || readMoment(until) !== undefined;

const params = () =>
  z
    .strictObject({
      for: field(durationSchema(), { title: 'For', description: 'How long.' }, { kind: 'literal', placeholder: '10m' }).optional(),
      until: field(
        z.string().min(1).refine(mayBeMoment, 'expected a moment with its offset, such as 2027-01-31T09:00:00Z'),
        {
          title: 'Until',
          description: 'A moment as ISO 8601 with its offset, e.g. 2027-01-31T09:00:00Z. One that has passed is not waited for.',
        },
        { kind: 'template', placeholder: '{{ inputs.publishAt }}' },
      ).optional(),
      signal: field(
        z.string().min(1),
        {
          title: 'Signal',
          description: 'The name of a signal from outside: the run waits until somebody sends it (belay signal RUN NAME).',
        },
        { kind: 'template', placeholder: 'payment-received' },
      ).optional(),
      schema: field(
        jsonSchemaSchema(),
        { title: 'Payload schema', description: 'A JSON Schema that what comes with the signal has to match; anything else is refused.' },
        { kind: 'literal', control: 'schema', advanced: true },
      ).optional(),
      timeout: field(
        durationSchema(),
        { title: 'Time-out', description: 'How long a signal is waited for. Then the flow goes on by "timedOut".' },
        { kind: 'literal', placeholder: '1d' },
      ).optional(),
    })
    .refine(hasOneWay, {
      message: 'give exactly one of "for", "until" and "signal"',
      path: ['for'],
    })
    .refine(waitsForSignal, {
      message: '"schema" and "timeout" belong to "signal"',
      path: ['timeout'],
    });

export const wait = defineManifest({
  type: 'wait',
  title: 'Wait',
  description: 'Waits for a span of time, until a moment, or for a signal from outside. Costs nothing meanwhile.',
  icon: 'watch',
  category: 'Control',
  params,
  fits: (it) => hasOneWay(it) && waitsForSignal(it) && mayBeMoment(it.until),
  built: true,
  outlets: (it) =>
    it.signal === undefined ? [SUCCESS] : [SUCCESS, { name: 'timedOut', label: 'timed out', tone: 'bad', unconnected: 'fails' }],
  effect: () => 'none',
  lowestEffect: () => 'none',
  resultTrust: 'untrusted',
  summary: (it) => firstLine(it.for) || firstLine(it.until) || firstLine(it.signal),
  output: (it) => ({
    type: 'object',
    properties: {
      at: { type: 'string', description: 'When it went on, as ISO 8601.' },
      value: {
        ...(typeof it.schema === 'object' && it.schema !== null && !Array.isArray(it.schema) ? it.schema : {}),
        description: 'What came with the signal; null otherwise.',
      },
    },
    required: ['at', 'value'],
    additionalProperties: false,
  }),
  initial: { for: '1m' },
  example: { title: 'Cool down', with: { for: '10m' } },
});
