import * as z from 'zod';
import { defineManifest, field, outputsOfParam, SUCCESS } from '../../format/manifest.ts';
import { firstLine } from '../summary.ts';

export const flow = defineManifest({
  type: 'flow',
  title: 'Sub-flow',
  description: 'Runs another flow with inputs of its own and gives its outputs.',
  icon: 'type-hierarchy-sub',
  category: 'Control',
  params: () =>
    z.strictObject({
      flow: field(
        z.string().min(1),
        { title: 'Flow', description: 'A *.flow.json file, relative to this one.' },
        { kind: 'literal', control: 'flow', placeholder: 'triage.flow.json' },
      ),
      inputs: field(
        z.record(z.string(), z.json()),
        { title: 'Inputs', description: 'By name: JSON in which {"$expr": "CEL"} is evaluated.' },
        { kind: 'value', control: 'json' },
      ).optional(),
    }),
  built: true,
  composite: true,
  outlets: () => [SUCCESS],
  effect: () => 'none',
  lowestEffect: () => 'none',
  resultTrust: 'derived',
  summary: (it) => firstLine(it.flow),
  output: () => outputsOfParam('flow'),
  initial: { flow: 'other.flow.json' },
  example: { title: 'Handle the bug', with: { flow: 'bug.flow.json', inputs: { text: { $expr: 'inputs.text' } } } },
});
