import { describe, expect, it } from 'vitest';
import { catalog } from '../nodes/catalog.ts';
import { planEdits } from './edits.ts';
import type { FlowEdit } from './flow-edit.ts';
import { parseFlow } from './parse.ts';
import { scanReferences } from './references.ts';

const FLOW = {
  version: 1,
  nodes: {
    sites: { type: 'transform', with: { value: ['a', 'b'] } },
    read: {
      type: 'http',
      join: 'any',
      after: { sites: ['success', 'failure'] },
      with: { url: 'https://example.org/{{ steps.sites.output }}' },
    },
    sum: { type: 'template', after: { read: 'success' }, with: { template: '{{ steps.read.output.text }} {{ steps.sum.state }}' } },
    done: {
      type: 'template',
      after: { sum: 'success', read: 'failure' },
      with: { template: '{{ steps.sum.output.text }} and {{ steps.sum.output.text | upcase }}' },
    },
  },
  outputs: { all: { value: { $expr: 'steps.sum.output.text' } } },
  layout: { sites: [0, 0], read: [300, 0], sum: [600, 0], done: [900, 0] },
};

const wrap = (more: Partial<Extract<FlowEdit, { kind: 'wrapNodes' }>> = {}): FlowEdit => ({
  kind: 'wrapNodes',
  nodes: ['read', 'sum'],
  id: 'repeat',
  type: 'loop',
  position: { x: 300, y: 0 },
  positions: { read: { x: 0, y: 0 }, sum: { x: 300, y: 0 } },
  ...more,
});
const plan = (edit: FlowEdit, flow: object = FLOW) =>
  planEdits(`${JSON.stringify(flow, null, 2)}\n`, [edit], { catalog, scan: scanReferences });

describe('wrapping nodes in a body', () => {
  it('puts the new node in their place: edges, the rule for them, places, and what others read of the last of them', () => {
    const planned = plan(wrap());
    if (!planned.ok) throw new Error(planned.problem.message);
    const { nodes, layout, outputs } = JSON.parse(planned.text);
    expect(Object.keys(nodes)).toEqual(['sites', 'repeat', 'done']);
    expect(nodes.repeat).toMatchObject({
      type: 'loop',
      join: 'any',
      after: { sites: ['success', 'failure'] },
      with: { maxIterations: 3, result: { $expr: 'steps.sum.output' } },
    });
    expect(nodes.repeat.with.nodes).toEqual({
      read: { type: 'http', with: FLOW.nodes.read.with },
      sum: FLOW.nodes.sum,
    });
    expect(nodes.done.after).toEqual({ repeat: ['success', 'failure'] });
    expect(nodes.done.with.template).toBe('{{ steps.repeat.output.text }} and {{ steps.repeat.output.text | upcase }}');
    expect(outputs.all.value).toEqual({ $expr: 'steps.repeat.output.text' });
    expect(layout).toEqual({ sites: [0, 0], repeat: [300, 0], read: [0, 0], sum: [300, 0], done: [900, 0] });
    expect(parseFlow(planned.text, catalog).problems.map(({ code }) => code)).toEqual([]);
    expect(planned.said).toEqual([]);
  });

  it('asks for no result where several nodes are the last', () => {
    const { nodes } = FLOW;
    const flow = { version: 1, nodes: { read: { ...nodes.sum, after: undefined }, sum: { ...nodes.sum, after: undefined } } };
    const planned = plan(wrap({ type: 'each', id: 'each' }), flow);
    if (!planned.ok) throw new Error(planned.problem.message);
    expect(JSON.parse(planned.text).nodes.each.with).toEqual({ items: [], nodes: { read: expect.anything(), sum: expect.anything() } });
  });

  it.each([
    ['a type without a body', wrap({ type: 'template' }), 'EDIT_PATH'],
    ['a node that is not there', wrap({ nodes: ['read', 'nobody'] }), 'EDIT_NODE_UNKNOWN'],
    ['an id that is taken', wrap({ id: 'done' }), 'EDIT_ID_TAKEN'],
    ['what would go round in a circle', wrap({ nodes: ['sites', 'sum'] }), 'EDIT_CYCLE'],
  ])('refuses %s', (_what, edit, code) => {
    const planned = plan(edit);
    expect(planned.ok ? 'ok' : planned.problem.code).toBe(code);
  });
});
