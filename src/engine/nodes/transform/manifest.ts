import * as z from 'zod';
import { defineManifest, field, SUCCESS, valueOfParam } from '../../format/manifest.ts';
import { valueLine } from '../summary.ts';

export const transform = defineManifest({
  type: 'transform',
  title: 'Transform',
  description: 'Makes new data out of earlier results: picks, counts, compares, regroups.',
  icon: 'symbol-operator',
  category: 'Data',
  params: () =>
    z.strictObject({
      value: field(
        z.json(),
        { title: 'Value', description: 'The result: JSON in which {"$expr": "CEL"} is evaluated.' },
        { kind: 'value', control: 'json' },
      ),
    }),
  built: true,
  instant: true,
  outlets: () => [SUCCESS],
  effect: () => 'none',
  lowestEffect: () => 'none',
  resultTrust: 'derived',
  summary: (it) => valueLine(it.value),
  output: () => valueOfParam('value'),
  initial: { value: null },
  example: { title: 'Totals', with: { value: { count: { $expr: 'size(inputs.items)' } } } },
});
