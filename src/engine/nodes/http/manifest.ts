import * as z from 'zod';
import { defineManifest, field, SUCCESS } from '../../format/manifest.ts';
import { firstLine } from '../summary.ts';

const reads = (it: { method?: unknown }): boolean => it.method === undefined || it.method === 'GET' || it.method === 'HEAD';

/** What only reads is asked without a body. */
const hasFittingBody = (it: { method?: unknown; body?: unknown }): boolean => it.body === undefined || !reads(it);

const params = () =>
  z
    .strictObject({
      method: field(
        z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']),
        { title: 'Method', description: 'Default: GET. Any other method but HEAD cannot be taken back, and needs a yes.' },
        { kind: 'literal' },
      ).optional(),
      url: field(
        z.string().min(1),
        {
          title: 'Address',
          description: 'http or https. What is put into the path or the query is best encoded: {{ inputs.city | url_encode }}.',
        },
        { kind: 'template', placeholder: 'https://example.org/api' },
      ),
      query: field(
        z.record(z.string(), field(z.string(), { title: 'Value', description: 'Encoded as needed.' }, { kind: 'template' })),
        { title: 'Query', description: 'Added to the address.' },
        { kind: 'template', control: 'keyValue' },
      ).optional(),
      headers: field(
        z.record(
          z.string(),
          field(z.string(), { title: 'Value', description: 'Secrets may be referred to here.' }, { kind: 'template', secrets: true }),
        ),
        { title: 'Headers', description: 'Sent with the request, to this origin and to no other.' },
        { kind: 'template', control: 'keyValue' },
      ).optional(),
      body: field(
        z.json(),
        { title: 'Body', description: 'A text is sent as it is, anything else as JSON; {"$expr": "CEL"} is evaluated.' },
        { kind: 'value', control: 'json' },
      ).optional(),
      allowedStatus: field(
        z.array(z.int().min(100).max(599)).min(1),
        { title: 'Statuses that are fine', description: 'Any other one is a failure. Default: 200 to 299.' },
        { kind: 'literal', control: 'list', advanced: true },
      ).optional(),
    })
    .refine(hasFittingBody, {
      message: 'a request that only reads has no body',
      path: ['body'],
    });

export const http = defineManifest({
  type: 'http',
  title: 'HTTP',
  description: 'Sends a request to a web service or reads a page, and gives its status, headers and body.',
  icon: 'globe',
  category: 'Tools',
  params,
  fits: hasFittingBody,
  built: true,
  outlets: () => [SUCCESS],
  effect: (it) => (reads(it) ? 'read' : 'irreversible'),
  lowestEffect: () => 'read',
  resultTrust: 'untrusted',
  summary: (it) => `${firstLine(it.method) || 'GET'} ${firstLine(it.url)}`,
  output: () => ({
    type: 'object',
    properties: {
      url: { type: 'string', description: 'Where the answer came from, after redirects.' },
      status: { type: 'integer' },
      headers: { type: 'object', additionalProperties: { type: 'string' }, description: 'By name in lower case.' },
      body: { description: 'JSON as data, anything else as text; null where there is none.' },
    },
    required: ['url', 'status', 'headers', 'body'],
    additionalProperties: false,
  }),
  initial: { url: 'https://example.org' },
  example: { title: 'Weather', with: { url: 'https://example.org/weather', query: { city: '{{ inputs.city }}' } } },
});
