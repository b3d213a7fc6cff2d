import * as z from 'zod';
import { isJsonObject } from '../../format/json.ts';
import { defineManifest, field } from '../../format/manifest.ts';

export const end = defineManifest({
  type: 'end',
  title: 'End',
  description: 'Ends the whole flow here, with these outputs. What still runs is cancelled.',
  icon: 'debug-stop',
  category: 'Control',
  params: () =>
    z.strictObject({
      outputs: field(
        z.record(z.string(), z.json()),
        {
          title: 'Outputs',
          description: 'By name: JSON in which {"$expr": "CEL"} is evaluated. Left out: the outputs of the flow, as at any other end.',
        },
        { kind: 'value', control: 'json' },
      ).optional(),
    }),
  built: true,
  instant: true,
  outlets: () => [],
  effect: () => 'none',
  lowestEffect: () => 'none',
  resultTrust: 'derived',
  summary: (it) => (it.outputs !== undefined && isJsonObject(it.outputs) ? Object.keys(it.outputs).join(', ') : ''),
  output: () => ({ type: 'object' }),
  initial: {},
  example: { title: 'Nothing to do', with: { outputs: { changed: false } } },
});
