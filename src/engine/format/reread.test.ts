import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalog } from '../nodes/catalog.ts';
import { planEdits } from './edits.ts';
import type { Flow } from './model.ts';
import { parseFlow } from './parse.ts';
import { rereadFlow } from './reread.ts';

const node = (template: string, after?: object) => ({ type: 'template', ...(after && { after }), with: { template } });
const flowText = (nodes: object, layout: object | undefined, space?: number) =>
  JSON.stringify({ version: 1, nodes, ...(layout ? { layout } : {}) }, null, space);

function read(text: string): Flow {
  const { flow } = parseFlow(text, catalog);
  if (!flow) throw new Error(`Cannot be read: ${text}`);
  return flow;
}

const reread = (before: string, after: string, flow = read(before)) => rereadFlow({ text: before, flow }, after, catalog);

const TEXT = flowText({ a: node('x'), b: node('y', { a: 'success' }) }, { a: [0, 0], b: [300, 0] }, 2);

/** The layout is not the last key. */
const FOLLOWED = '{"version":1,"nodes":{},"layout":{},"title":"T"}';
const LAYOUT_IN = { type: 'template', with: { template: 'x', layout: { a: [0, 0] } } };

describe('reading a changed text anew', () => {
  it('gives what reading the whole text gives, whatever was changed, and keeps the identity of nodes that were not', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'layout', 'version', '7', 'not an id');
    const place = fc.tuple(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: -9999, max: 9999 }));
    const texts = fc.constantFrom('x', '"layout": {', '\\"layout\\": {}}', '}', 'ü\n', '\\', 'a": ', '\ud800');
    const body = fc.dictionary(name, texts).map((ids) => ({
      type: 'loop',
      with: { maxIterations: 2, nodes: Object.fromEntries(Object.entries(ids).map(([id, text]) => [id, node(text)])) },
    }));
    const some = fc.oneof(
      texts.map((template) => node(template)),
      texts.map((template) => node(template, { a: 'success' })),
      body,
      fc.constant({ type: 'nothing', titel: 3, with: { until: 1 } }),
      fc.constant('no node'),
      fc.constant({ type: 'transform', with: { value: { $expr: 'inputs.x' } }, retry: 'often' }),
    );
    let anew = 0;
    fc.assert(
      fc.property(
        fc.dictionary(name, some),
        fc.array(fc.tuple(fc.dictionary(name, some), fc.option(fc.dictionary(name, place), { nil: undefined })), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.integer({ min: 0, max: 3 }),
        (first, steps, space) => {
          let [text, nodes] = [flowText(first, undefined, space), first];
          let flow = read(text);
          for (const [changes, layout] of steps) {
            const next = { ...nodes, ...changes };
            const after = flowText(next, layout, space);
            const again = reread(text, after, flow);
            const whole = read(after);
            if (again) {
              anew += 1;
              expect(again).toEqual(whole);
              expect(Object.keys(again.nodes)).toEqual(Object.keys(whole.nodes));
              for (const id of Object.keys(nodes)) if (!Object.hasOwn(changes, id)) expect(again.nodes[id]).toBe(flow.nodes[id]);
            }
            [text, nodes, flow] = [after, next, again ?? whole];
          }
        },
      ),
    );
    expect(anew).toBeGreaterThan(50);
  });

  it('takes what moving nodes makes of a text, with all nodes as they were', () => {
    const flow = read(TEXT);
    const plan = planEdits(TEXT, [{ kind: 'moveNodes', positions: { b: { x: 20, y: -40 } } }], { catalog });
    const again = plan.ok ? reread(TEXT, plan.text, flow) : undefined;
    expect(again?.layout).toEqual({ a: [0, 0], b: [20, -40] });
    expect(again?.nodes).toBe(flow.nodes);
  });

  it.each<[string, string, string]>([
    ['a letter in a node', TEXT, TEXT.replace('"x"', '"xz"')],
    ['a node and the layout', TEXT, TEXT.replace('"x"', '"z"').replace('300', '400')],
    ['a node is gone', TEXT, flowText({ a: node('x') }, { a: [0, 0] })],
    ['a node is renamed', TEXT, TEXT.replaceAll('"b"', '"c"')],
    ['the order of nodes', TEXT, flowText({ b: node('y', { a: 'success' }), a: node('x') }, { a: [0, 0], b: [300, 0] }, 2)],
    ['the text before had no layout', flowText({ a: node('x') }, undefined), flowText({ a: node('x') }, { a: [0, 0] })],
    ['the layout is gone', TEXT, flowText({ a: node('x'), b: node('y', { a: 'success' }) }, undefined, 2)],
    ['a node with a layout of its own, at the end', flowText({ a: LAYOUT_IN }, undefined), flowText({ a: LAYOUT_IN }, undefined, 1)],
    [
      'a string that ends like the key',
      '{"version":1,"layout":{"a":[0,0]},"nodes":{},"\\"layout":{}}',
      '{"version":1,"layout":{"a":[0,0]},"nodes":{},"\\"layout":{} }',
    ],
    ['spaces alone', TEXT, JSON.stringify(JSON.parse(TEXT))],
  ])('takes %s', (_what, before, after) => {
    const again = reread(before, after);
    expect(again).toEqual(read(after));
    expect(Object.keys(again?.nodes ?? {})).toEqual(Object.keys(read(after).nodes));
  });

  it.each<[string, string, string]>([
    ['what is there is no JSON', TEXT, TEXT.replace('300', '30x')],
    ['it has a comment', TEXT, `${TEXT} // end`],
    ['something follows the flow', TEXT, `${TEXT} }`],
    ['a place is no place', TEXT, TEXT.replace('300', '"left"')],
    ['a part behind the layout changed', FOLLOWED, FOLLOWED.replace('"T"', '"U"')],
    ['a part behind the layout is gone', FOLLOWED, FOLLOWED.replace(',"title":"T"', '')],
    ['a part came behind the layout', FOLLOWED.replace(',"title":"T"', ''), FOLLOWED],
    ['a node has two places', TEXT, TEXT.replace('"b": [', '"a": [')],
    ['a node is there twice', TEXT, TEXT.replace('"b": {', '"a": {')],
    ['a key of a node is there twice', TEXT, TEXT.replace('"template": "y"', '"template": "y", "template": "z"')],
    ['a number has no end', TEXT, TEXT.replace('"template": "y"', '"template": 1e999')],
    ['another part of the flow changed', TEXT, TEXT.replace('"version": 1,', '"version": 1, "title": "T",')],
    ['its version is another one', TEXT, TEXT.replace('"version": 1', '"version": 2')],
    ['nodes are no object', TEXT, '{ "version": 1, "nodes": [] }'],
    ['it is too deep', TEXT, TEXT.replace('"y"', `${'['.repeat(101)}${']'.repeat(101)}`)],
  ])('leaves it to reading the whole when %s', (_what, before, after) => {
    expect(reread(before, after)).toBeUndefined();
  });
});
