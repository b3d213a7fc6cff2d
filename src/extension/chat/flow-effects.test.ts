import { expect, test } from 'vitest';
import type { Flow } from '../../engine/format/model.ts';
import { parseFlow } from '../../engine/format/parse.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import { stepsWithEffect } from './flow-effects.ts';

const flowOf = (nodes: object): Flow => {
  const { flow } = parseFlow(JSON.stringify({ version: 1, nodes }), catalog);
  if (!flow) throw new Error('no flow');
  return flow;
};
const inner = flowOf({ pay: { type: 'command', title: 'Pay', with: { run: ['pay'] } } });
const flow = flowOf({
  think: { type: 'template', with: { template: 'x' } },
  look: { type: 'file', with: { action: 'read', path: 'a' } },
  each: {
    type: 'each',
    with: { items: [1], nodes: { save: { type: 'file', title: 'Save', with: { action: 'write', path: 'a', content: 'b' } } } },
  },
  off: { type: 'command', disabled: true, with: { run: ['rm'] } },
  quiet: { type: 'command', effect: 'read', with: { run: ['ls'] } },
  sub: { type: 'flow', title: 'Sub', with: { flow: 'inner.flow.json' } },
});

test('the steps that do something, the gravest first, through bodies and sub-flows', () => {
  const steps = stepsWithEffect(flow, catalog, () => ({ flow: inner, sub: () => undefined }));
  expect(steps.map(({ title, effect }) => `${title} ${effect}`)).toEqual(['Pay irreversible', 'Save write', 'look read', 'quiet read']);
});

test('a sub-flow that cannot be read may do anything', () => {
  expect(stepsWithEffect(flow, catalog, () => undefined)[0]).toEqual({ title: 'Sub', type: 'flow', effect: 'irreversible' });
});
