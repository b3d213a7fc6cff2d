import { describe, expect, it } from 'vitest';
import { catalog } from '../nodes/catalog.ts';
import { planEdits } from './edits.ts';
import { BASE, BODY, BRANCHES, plan } from './testing/edited.ts';

describe('refused edits', () => {
  it.each<[string, string, unknown[], string]>([
    ['no JSON', '{ "version": 1, }', [{ kind: 'removeNode', id: 'a' }], 'EDIT_UNREADABLE'],
    ['no flow', '[]', [{ kind: 'removeNode', id: 'a' }], 'EDIT_UNREADABLE'],
    ['a newer format', '{ "version": 2, "nodes": { "a": {} } }', [{ kind: 'removeNode', id: 'a' }], 'EDIT_READ_ONLY'],
    ['unknown node', BASE, [{ kind: 'removeNode', id: 'drafft' }], 'EDIT_NODE_UNKNOWN'],
    ['unknown node to move', BASE, [{ kind: 'moveNodes', positions: { drafft: { x: 0, y: 0 } } }], 'EDIT_NODE_UNKNOWN'],
    ['inherited names are no nodes', BASE, [{ kind: 'removeNode', id: 'constructor' }], 'EDIT_NODE_UNKNOWN'],
    ['id taken', BASE, [{ kind: 'addNode', id: 'draft', node: { type: 'template' } }], 'EDIT_ID_TAKEN'],
    ['id taken in a body', BODY, [{ kind: 'addNode', id: 'inner', node: { type: 'template' } }], 'EDIT_ID_TAKEN'],
    ['reserved id', BASE, [{ kind: 'renameNode', id: 'draft', to: 'size' }], 'EDIT_ID_INVALID'],
    ['an input that is not there', BASE, [{ kind: 'renameInput', name: 'topic', to: 'subject' }], 'EDIT_INPUT_UNKNOWN'],
    [
      'the name of another input',
      BASE.replace('"nodes"', '"inputs": { "a": {}, "b": {} }, "nodes"'),
      [{ kind: 'renameInput', name: 'a', to: 'b' }],
      'EDIT_INPUT_TAKEN',
    ],
    ['unknown type', BASE, [{ kind: 'addNode', id: 'x', node: { type: 'promt' } }], 'EDIT_TYPE_UNKNOWN'],
    ['unknown neighbour', BASE, [{ kind: 'addNode', id: 'x', node: { type: 'prompt' }, behind: 'y' }], 'EDIT_NODE_UNKNOWN'],
    ['a body for a node that has none', BODY, [{ kind: 'addNode', id: 'x', node: { type: 'prompt' }, owner: 'next' }], 'EDIT_PATH'],
    ['the body of nobody', BODY, [{ kind: 'addNode', id: 'x', node: { type: 'prompt' }, owner: 'agian' }], 'EDIT_NODE_UNKNOWN'],
    [
      'behind a node that is not in that body',
      BODY,
      [{ kind: 'addNode', id: 'x', node: { type: 'prompt' }, owner: 'again', behind: 'next' }],
      'EDIT_BORDER',
    ],
    [
      'an edge to nowhere in a new node',
      BASE,
      [{ kind: 'addNode', id: 'x', node: { type: 'prompt', after: { y: 'success' } } }],
      'EDIT_BREAKS',
    ],
    ['edge exists', BASE, [{ kind: 'connect', source: 'draft', outlet: 'failure', target: 'send' }], 'EDIT_EDGE_EXISTS'],
    ['no such edge', BASE, [{ kind: 'disconnect', source: 'read', outlet: 'success', target: 'send' }], 'EDIT_EDGE_UNKNOWN'],
    ['cycle', BASE, [{ kind: 'connect', source: 'send', outlet: 'approved', target: 'read' }], 'EDIT_CYCLE'],
    ['self', BASE, [{ kind: 'connect', source: 'draft', outlet: 'success', target: 'draft' }], 'EDIT_CYCLE'],
    ['unknown outlet', BASE, [{ kind: 'connect', source: 'read', outlet: 'approved', target: 'send' }], 'EDIT_OUTLET_UNKNOWN'],
    ['across a border', BODY, [{ kind: 'connect', source: 'inner', outlet: 'success', target: 'next' }], 'EDIT_BORDER'],
    ['edges as parameters', BASE, [{ kind: 'setParam', node: 'draft', path: ['after', 'send'], value: 'success' }], 'EDIT_PATH'],
    ['a body as a parameter', BODY, [{ kind: 'setParam', node: 'again', path: ['with', 'nodes'], value: {} }], 'EDIT_PATH'],
    ['a body among the parameters', BODY, [{ kind: 'setParam', node: 'again', path: ['with'], value: {} }], 'EDIT_PATH'],
    ['unknown key of a node', BASE, [{ kind: 'setParam', node: 'draft', path: ['colour'], value: 'red' }], 'EDIT_PATH'],
    ['nodes as a value of the flow', BASE, [{ kind: 'setFlow', path: ['nodes'], value: {} }], 'EDIT_PATH'],
    ['inside a text', BASE, [{ kind: 'setParam', node: 'send', path: ['title', 'x'], value: 1 }], 'EDIT_PATH'],
    ['beyond a list', BRANCHES, [{ kind: 'setParam', node: 'kind', path: ['with', 'cases', 5], value: {} }], 'EDIT_PATH'],
    ['half a character', BASE, [{ kind: 'setParam', node: 'send', path: ['title'], value: 'a\ud83d' }], 'EDIT_BREAKS'],
    ['a prototype', BASE, [{ kind: 'setParam', node: 'draft', path: ['with', '__proto__', 'polluted'], value: true }], 'EDIT_BREAKS'],
    [
      'layout of another kind',
      '{ "version": 1, "nodes": { "a": { "type": "template" } }, "layout": [] }',
      [{ kind: 'moveNodes', positions: { a: { x: 0, y: 0 } } }],
      'EDIT_SHAPE',
    ],
  ])('%s', (_name, text, edits, code) => {
    const planned = plan(text, edits);
    expect(planned.ok ? planned.text : planned.problem.code).toBe(code);
    if (!planned.ok) for (const words of [planned.problem.message, planned.problem.hint]) expect(words).toMatch(/[.?]$/);
  });

  it('one refused edit refuses the gesture', () => {
    expect(
      plan(BASE, [
        { kind: 'removeNode', id: 'send' },
        { kind: 'removeNode', id: 'send' },
      ]).ok,
    ).toBe(false);
  });

  it('refuses what is nested too deep before it is written', () => {
    const value = JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`);
    const planned = planEdits(BASE, [{ kind: 'setParam', node: 'draft', path: ['output'], value: { x: value } }], { catalog });
    expect(planned).toMatchObject({ ok: false, problem: { code: 'EDIT_BREAKS' } });
  });
});
