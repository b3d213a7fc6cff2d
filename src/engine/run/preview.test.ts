import { describe, expect, test } from 'vitest';
import type { Json } from '../format/json.ts';
import type { NodeSpec } from '../format/model.ts';
import { testWorld } from '../testing/harness.ts';
import { previewOf, previewPlaceOf } from './preview.ts';

const body = { inner: { type: 'work' }, end1: { type: 'work', after: { inner: 'success' } } } as unknown as Json;
const nodes: Record<string, Partial<NodeSpec>> = {
  a: {},
  never: { after: { a: 'failure' } },
  list: {
    type: 'each',
    after: { a: 'success' },
    with: { items: { $expr: '["x", "y"]' }, nodes: body, result: { $expr: 'steps.end1.output' } },
  },
  open: { after: { list: 'success' } },
};

async function preview(kind: 'template' | 'condition', text: string, node: string, inBody = false) {
  const world = testWorld({
    nodes,
    deeds: { a: () => ({ text: 'first' }), 'list[0]/inner': () => 'i0', 'list[1]/inner': () => 'i1', 'list[1]/end1': () => 'l1' },
  });
  const run = await world.start();
  await run.done;
  const flow = { version: 1, nodes } as unknown as Parameters<typeof previewPlaceOf>[0];
  return previewOf({ kind, text }, previewPlaceOf(flow, node, inBody), { view: run.view(), whole: async (value) => value });
}

describe('the value of an expression in the run before', () => {
  test.each<[string, Parameters<typeof preview>, unknown]>([
    ['a template', ['template', 'So: {{ steps.a.output.text }}', 'open'], { value: 'So: first' }],
    ['a condition', ['condition', 'steps.a.output.text == "first"', 'open'], { value: true }],
    ['a state', ['condition', 'steps.never.state', 'open'], { value: 'skipped' }],
    ['a secret stays one', ['template', 'Bearer {{ secrets.KEY }}', 'open'], { value: 'Bearer •••' }],
    ['the newest pass', ['template', '{{ item }} {{ index }} {{ steps.inner.output }}', 'end1'], { value: 'y 1 i1' }],
    ['the pass before', ['condition', 'previous', 'inner'], { value: 'list[0]/end1' }],
    ['at the end of a pass', ['condition', 'steps.end1.output', 'list', true], { value: 'l1' }],
    ['half typed', ['template', '{{ steps.a.', 'open'], { none: 'There is no value yet: the expression is not complete.' }],
    ['what was never made', ['template', '{{ steps.gone.output.text }}', 'open'], { none: 'In that run there is no result of “gone”.' }],
    [
      'a field that is not there',
      ['template', '{{ steps.a.output.other }}', 'open'],
      { none: expect.stringContaining('With the values of that run it fails') },
    ],
  ])('%s', async (_what, args, result) => expect(await preview(...args)).toEqual(result));
});
