import { expect, test } from 'vitest';
import { catalog } from '../../engine/nodes/catalog.ts';
import { changedText } from './change.ts';

const before = `{
  "version": 1,
  "nodes": {
    "ask": { "type": "prompt",
      "with": { "prompt": "Name a colour." } },
    "list": { "type": "command", "after": {"ask": "success"}, "with": { "run": ["ls",   "-l"] } }
  }
}
`;
type Edited = { title?: string; nodes: Record<string, { with?: Record<string, unknown>; after?: object }> };
const after = (edit: (flow: Edited) => void): string => {
  const flow = JSON.parse(before);
  edit(flow);
  return JSON.stringify(flow);
};

test.each([
  ['nothing', after(() => undefined), before],
  [
    'a text',
    after(({ nodes }) => Object.assign(nodes.ask!.with!, { prompt: 'Name a "fruit".' })),
    before.replace('a colour.', 'a \\"fruit\\".'),
  ],
  ['an entry of a list', after(({ nodes }) => Object.assign(nodes.list!.with!, { run: ['ls', '-a'] })), before.replace('-l', '-a')],
  [
    'a list of another length',
    after(({ nodes }) => Object.assign(nodes.list!.with!, { run: ['ls'] })),
    before.replace('["ls",   "-l"]', '["ls"]'),
  ],
])('%s is changed, and nothing else', (_, wanted, text) => expect(changedText(before, wanted, catalog)).toBe(text));

test('what is new is added and what is gone is removed; the rest stays as it was written', () => {
  const wanted = after((flow) => {
    flow.title = 'Colours';
    flow.nodes.say = { ...flow.nodes.ask, after: { ask: 'success' } };
    delete flow.nodes.list;
  });
  const text = changedText(before, wanted, catalog);
  expect(JSON.parse(text)).toEqual(JSON.parse(wanted));
  expect(text).toContain('"ask": { "type": "prompt",\n      "with": { "prompt": "Name a colour." } }');
});
