import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalog } from '../nodes/catalog.ts';
import { planEdits } from './edits.ts';
import type { Flow } from './model.ts';
import { parseFlow } from './parse.ts';
import { rereadLayout } from './reread.ts';

const node = (template: string) => ({ type: 'template', with: { template } });
const flowText = (nodes: object, layout: object | undefined, space?: number) =>
  JSON.stringify({ version: 1, nodes, ...(layout ? { layout } : {}) }, null, space);

function read(text: string): Flow {
  const { flow } = parseFlow(text, catalog);
  if (!flow) throw new Error(`Cannot be read: ${text}`);
  return flow;
}

const TEXT = flowText({ a: node('x'), b: node('y') }, { a: [0, 0], b: [300, 0] }, 2);

describe('reading a layout anew', () => {
  it('gives what reading the whole text gives, whatever was moved, and keeps the identity of the nodes', () => {
    const name = fc.constantFrom('a', 'b', 'layout', 'version');
    const place = fc.tuple(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: -9999, max: 9999 }));
    const texts = fc.constantFrom('x', '"layout": {', '\\"layout\\": {}}', '}', 'ü\n');
    fc.assert(
      fc.property(
        fc.dictionary(name, texts),
        fc.dictionary(name, place),
        fc.dictionary(name, place),
        fc.integer({ min: 0, max: 3 }),
        (ids, from, to, space) => {
          const nodes = Object.fromEntries(Object.entries(ids).map(([id, template]) => [id, node(template)]));
          const before = flowText(nodes, from, space);
          const after = flowText(nodes, to, space);
          const flow = read(before);
          const again = rereadLayout({ text: before, flow }, after);
          // A node of this name ends the text as a flow does: then the whole is read.
          if (again === undefined) return;
          expect(again).toEqual(read(after));
          expect(again.nodes).toBe(flow.nodes);
        },
      ),
    );
  });

  it('takes what moving nodes makes of a text', () => {
    const flow = read(TEXT);
    const plan = planEdits(TEXT, [{ kind: 'moveNodes', positions: { b: { x: 20, y: -40 } } }], { catalog });
    expect(plan.ok && rereadLayout({ text: TEXT, flow }, plan.text)?.layout).toEqual({ a: [0, 0], b: [20, -40] });
  });

  it.each<[string, string, string]>([
    ['a node changed', TEXT, TEXT.replace('"x"', '"z"')],
    ['a node changed with the layout', TEXT, TEXT.replace('"x"', '"z"').replace('300', '400')],
    ['the text before had no layout', flowText({ a: node('x') }, undefined), flowText({ a: node('x') }, { a: [0, 0] })],
    ['the layout is gone', TEXT, flowText({ a: node('x'), b: node('y') }, undefined, 2)],
    ['what is there is no JSON', TEXT, TEXT.replace('300', '30x')],
    ['a place is no place', TEXT, TEXT.replace('300', '"left"')],
    ['a node has two places', TEXT, TEXT.replace('"b": [', '"a": [')],
    ['something follows the layout', TEXT, TEXT.replace(/\}\s*\}\s*$/, '}, "title": "T" }')],
    ['something follows the flow', TEXT, `${TEXT} }`],
  ])('leaves it to reading the whole when %s', (_what, before, after) => {
    expect(rereadLayout({ text: before, flow: read(before) }, after)).toBeUndefined();
  });

  it('never takes the layout of something else for that of the flow', () => {
    const before = `{ "version": 1, "nodes": {}, "layout": {}, "other": { "layout": { "a": [1, 2] } } }`;
    expect(rereadLayout({ text: before, flow: read(before) }, before.replace('[1, 2]', '[3, 4]'))).toBeUndefined();
  });
});
