import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { catalog } from '../nodes/catalog.ts';
import { applyTextEdits, planEdits } from './edits.ts';
import type { FlowEdit } from './flow-edit.ts';
import { flowEditSchema } from './flow-edit.ts';
import { scanReferences } from './references.ts';

/** Edits as they come through the door. */
const plan = (text: string, edits: readonly unknown[]) =>
  planEdits(
    text,
    edits.map((edit) => flowEditSchema.parse(edit)),
    { catalog, scan: scanReferences },
  );

function check(before: string, edits: readonly FlowEdit[], after: string): void {
  const planned = plan(before, edits);
  if (!planned.ok) throw new Error(`${planned.problem.code}: ${planned.problem.message}`);
  expect(planned.text).toBe(after);
  expect(applyTextEdits(before, planned.edits)).toBe(after);
}

const BASE = `{
  "version": 1,
  "nodes": {
    "read": { "type": "file", "with": { "action": "read", "path": "notes.md" } },
    "draft": {
      "type": "prompt",
      "after": { "read": "success" },
      "x-mine": [ 1,2 ],
      "with": {
        "prompt": "Sum up:\\n{{ steps.read.output.text }}"
      }
    },
    "send": {
      "type": "approval",
      "title": "Send?",
      "after": { "draft": ["success", "failure"], "read": "failure" },
      "with": { "message": "\\u007b{ steps.draft.output.text | default: \\"draft\\" }}" }
    }
  },
  "layout": {
    "read": [0, 0],
    "draft": [300, 0],
    "send": [600, 0]
  }
}
`;

const line = (number: number) => BASE.split('\n')[number - 1] ?? '';
const replaced = (...pairs: [string, string][]) => pairs.reduce((text, [from, to]) => text.replace(from, () => to), BASE);

describe('planned edits', () => {
  it.each<[string, FlowEdit[], string]>([
    ['move: one number, one line', [{ kind: 'moveNodes', positions: { draft: { x: 320, y: 0 } } }], replaced(['[300, 0]', '[320, 0]'])],
    ['move to where it is: nothing', [{ kind: 'moveNodes', positions: { draft: { x: 300, y: 0 } } }], BASE],
    [
      'add behind a node: its block and its line',
      [
        {
          kind: 'addNode',
          id: 'check',
          node: { type: 'branch', after: { draft: 'success' }, with: { cases: [{ name: 'ok', when: 'true' }] } },
          behind: 'draft',
          position: { x: 1, y: -2 },
        },
      ],
      replaced(
        [
          '    "send": {\n',
          `    "check": {
      "type": "branch",
      "after": { "draft": "success" },
      "with": {
        "cases": [
          { "name": "ok", "when": "true" }
        ]
      }
    },
    "send": {\n`,
        ],
        ['    "send": [600, 0]', '    "check": [1, -2],\n    "send": [600, 0]'],
      ),
    ],
    [
      'add at the end: the comma of the neighbour, and a line of the layout before the last',
      [{ kind: 'addNode', id: 'done', node: { type: 'template', with: { template: '' } }, position: { x: 9, y: 9 } }],
      replaced(
        [
          '}}" }\n    }\n  },',
          '}}" }\n    },\n    "done": {\n      "type": "template",\n      "with": {\n        "template": ""\n      }\n    }\n  },',
        ],
        ['    "send": [600, 0]', '    "done": [9, 9],\n    "send": [600, 0]'],
      ),
    ],
    [
      'remove: its block, its line and the edges from it',
      [{ kind: 'removeNode', id: 'draft' }],
      replaced(
        [line(5) + BASE.slice(BASE.indexOf(line(5)) + line(5).length, BASE.indexOf('    "send": {')), ''],
        ['"draft": ["success", "failure"], ', ''],
        ['    "draft": [300, 0],\n', ''],
      ),
    ],
    [
      'connect: another source',
      [{ kind: 'connect', source: 'read', outlet: 'failure', target: 'draft' }],
      replaced(['{ "read": "success" }', '{ "read": ["success", "failure"] }']),
    ],
    [
      'connect a root: after type, before the rest',
      [
        { kind: 'removeNode', id: 'read' },
        { kind: 'addNode', id: 'start', node: { type: 'template', with: { template: 'x' } } },
        { kind: 'connect', source: 'start', outlet: 'success', target: 'draft' },
        { kind: 'removeNode', id: 'start' },
      ],
      replaced(
        [`${line(4)}\n`, ''],
        ['      "after": { "read": "success" },\n', ''],
        [', "read": "failure"', ''],
        ['    "read": [0, 0],\n', ''],
      ),
    ],
    [
      'disconnect: a list of one is a text again',
      [{ kind: 'disconnect', source: 'draft', outlet: 'failure', target: 'send' }],
      replaced(['["success", "failure"]', '"success"']),
    ],
    [
      'disconnect the last edge: no empty after',
      [{ kind: 'disconnect', source: 'read', outlet: 'success', target: 'draft' }],
      replaced(['      "after": { "read": "success" },\n', '']),
    ],
    [
      'set: only the value',
      [{ kind: 'setParam', node: 'send', path: ['title'], value: 'Send “it”?' }],
      replaced(['"Send?"', '"Send “it”?"']),
    ],
    [
      'set: makes what leads to it, in the usual order',
      [{ kind: 'setParam', node: 'draft', path: ['retry', 'attempts'], value: 3 }],
      replaced(['[ 1,2 ],\n', '[ 1,2 ],\n']).replace(
        '      "after": { "read": "success" },\n',
        '      "after": { "read": "success" },\n      "retry": { "attempts": 3 },\n',
      ),
    ],
    [
      'set: a field of the type, in the order of its form',
      [{ kind: 'setParam', node: 'draft', path: ['with', 'temperature'], value: 0 }],
      replaced(['text }}"\n', 'text }}",\n        "temperature": 0\n']),
    ],
    [
      'set: removes, and leaves the emptied object',
      [{ kind: 'setParam', node: 'draft', path: ['with', 'prompt'] }],
      replaced(['{\n        "prompt": "Sum up:\\n{{ steps.read.output.text }}"\n      }', '{}']),
    ],
    ['set: removing what is not there changes nothing', [{ kind: 'setParam', node: 'draft', path: ['retry', 'attempts'] }], BASE],
    [
      'set: an unknown key can be removed',
      [{ kind: 'setParam', node: 'draft', path: ['x-mine'] }],
      replaced(['      "x-mine": [ 1,2 ],\n', '']),
    ],
    [
      'the flow itself: before nodes, never behind the layout',
      [
        { kind: 'setFlow', path: ['inputs', 'topic'], value: { type: 'string' } },
        { kind: 'setFlow', path: ['title'], value: 'Notes' },
      ],
      replaced(['"version": 1,\n', '"version": 1,\n  "title": "Notes",\n  "inputs": {\n    "topic": { "type": "string" }\n  },\n']),
    ],
    [
      'rename: key, edges, layout and references, not words that look alike',
      [{ kind: 'renameNode', id: 'draft', to: 'summary' }],
      replaced(
        ['    "draft": {', '    "summary": {'],
        ['"draft": ["success"', '"summary": ["success"'],
        ['steps.draft.output', 'steps.summary.output'],
        ['"draft": [300', '"summary": [300'],
      ),
    ],
    [
      'rename an input: its key, templates, conditions, outputs, broken ones too; not words that look alike',
      [
        { kind: 'setFlow', path: ['inputs', 'topic'], value: { type: 'string' } },
        { kind: 'setParam', node: 'draft', path: ['with', 'prompt'], value: 'inputs.topic: {{ inputs.topic }} {{ inputs["topic"] | ' },
        { kind: 'setFlow', path: ['outputs', 'it'], value: { value: { $expr: 'inputs.topic + inputs.topics' } } },
        { kind: 'renameInput', name: 'topic', to: 'subject' },
      ],
      replaced(
        [
          '"version": 1,\n',
          '"version": 1,\n  "inputs": {\n    "subject": { "type": "string" }\n  },\n  "outputs": {\n    "it": {\n      "value": { "$expr": "inputs.subject + inputs.topics" }\n    }\n  },\n',
        ],
        ['Sum up:\\n{{ steps.read.output.text }}', 'inputs.topic: {{ inputs.subject }} {{ inputs[\\"subject\\"] | '],
      ),
    ],
    [
      'rename: in a text with escapes',
      [{ kind: 'renameNode', id: 'read', to: 'r' }],
      BASE.replaceAll('"read":', '"r":').replace('steps.read', 'steps.r'),
    ],
  ])('%s', (_name, edits, after) => check(BASE, edits, after));

  it.each<[string, string, FlowEdit[], string]>([
    [
      'an empty flow',
      '{"version":1}',
      [{ kind: 'addNode', id: 'a', node: { type: 'template' }, position: { x: 1, y: 2 } }],
      '{"version":1,"nodes":{"a":{"type":"template"}},"layout":{"a":[1,2]}}',
    ],
    [
      'no nodes yet',
      '{\n\t"version": 1,\n\t"nodes": {}\n}\n',
      [{ kind: 'addNode', id: 'a', node: { type: 'template' } }],
      '{\n\t"version": 1,\n\t"nodes": {\n\t\t"a": {\n\t\t\t"type": "template"\n\t\t}\n\t}\n}\n',
    ],
    [
      'CRLF',
      '{\r\n    "version": 1,\r\n    "nodes": {\r\n        "a": { "type": "template" }\r\n    }\r\n}',
      [{ kind: 'moveNodes', positions: { a: { x: 1, y: 2 } } }],
      '{\r\n    "version": 1,\r\n    "nodes": {\r\n        "a": { "type": "template" }\r\n    },\r\n    "layout": {\r\n        "a": [1, 2]\r\n    }\r\n}',
    ],
    [
      'a byte order mark',
      '\uFEFF{ "version": 1, "nodes": {} }',
      [{ kind: 'setFlow', path: ['title'], value: 'x' }],
      '\uFEFF{ "version": 1, "title": "x", "nodes": {} }',
    ],
    [
      'a place spread by a formatter',
      '{\n  "version": 1,\n  "nodes": { "a": { "type": "template" } },\n  "layout": {\n    "a": [\n      1,\n      2\n    ]\n  }\n}',
      [{ kind: 'moveNodes', positions: { a: { x: 3, y: 2 } } }],
      '{\n  "version": 1,\n  "nodes": { "a": { "type": "template" } },\n  "layout": {\n    "a": [3, 2]\n  }\n}',
    ],
    [
      'places in the order of the file',
      '{\n  "version": 1,\n  "nodes": {\n    "a": { "type": "template" },\n    "b": { "type": "template" }\n  }\n}',
      [{ kind: 'moveNodes', positions: { b: { x: 3, y: 2 }, a: { x: 0, y: 0 } } }],
      '{\n  "version": 1,\n  "nodes": {\n    "a": { "type": "template" },\n    "b": { "type": "template" }\n  },\n  "layout": {\n    "a": [0, 0],\n    "b": [3, 2]\n  }\n}',
    ],
  ])('follows the document: %s', (_name, before, edits, after) => check(before, edits, after));
});

const BRANCHES = `{
  "version": 1,
  "nodes": {
    "kind": {
      "type": "branch",
      "with": {
        "cases": [
          { "name": "bug", "when": "inputs.kind == 'bug'" },
          { "name": "task", "when": "true" }
        ]
      }
    },
    "fix": { "type": "template", "after": { "kind": ["case:bug", "else"] }, "with": { "template": "" } },
    "plan": { "type": "template", "after": { "kind": "case:task" }, "with": { "template": "" } }
  }
}
`;

describe('cases of a branch', () => {
  const bug = { name: 'bug', when: "inputs.kind == 'bug'" };
  const task = { name: 'task', when: 'true' };
  it.each<[string, unknown, (text: string) => string]>([
    [
      'a name that changes takes its edges along',
      [bug, { ...task, name: 'chore' }],
      (text) => text.replace('"task"', '"chore"').replace('case:task', 'case:chore'),
    ],
    [
      'in lists of outlets too',
      [{ ...bug, name: 'defect' }, task],
      (text) => text.replace('"bug"', '"defect"').replace('case:bug', 'case:defect'),
    ],
    [
      'one more is one more line',
      [bug, task, { name: 'idea', when: 'false' }],
      (text) => text.replace('"true" }\n', '"true" },\n          { "name": "idea", "when": "false" }\n'),
    ],
    ['one removed leaves its edge to be seen', [task], (text) => text.replace(/ {10}\{ "name": "bug".*\n/, '')],
    [
      'one in between touches neither neighbour',
      [bug, { name: 'idea', when: 'false' }, task],
      (text) => text.replace('          { "name": "task"', '          { "name": "idea", "when": "false" },\n          { "name": "task"'),
    ],
  ])('%s', (_name, value, after) =>
    check(BRANCHES, [{ kind: 'setParam', node: 'kind', path: ['with', 'cases'], value } as FlowEdit], after(BRANCHES)),
  );
});

const BODY = `{
  "version": 1,
  "nodes": {
    "again": {
      "type": "loop",
      "with": {
        "until": "steps.inner.output.text != ''",
        "maxIterations": 3,
        "nodes": {
          "inner": { "type": "template", "with": { "template": "x" } }
        }
      }
    },
    "next": { "type": "template", "after": { "again": "success" }, "with": { "template": "y" } }
  },
  "layout": {
    "again": [0, 0],
    "inner": [20, 40],
    "next": [300, 0]
  }
}
`;

describe('bodies', () => {
  it('a node added behind one in a body stands in the body', () => {
    check(
      BODY,
      [{ kind: 'addNode', id: 'more', node: { type: 'template' }, behind: 'inner', position: { x: 1, y: 1 } }],
      BODY.replace('"x" } }\n', '"x" } },\n          "more": {\n            "type": "template"\n          }\n').replace(
        '[20, 40],\n',
        '[20, 40],\n    "more": [1, 1],\n',
      ),
    );
  });
  it('a node added to a body stands at its end', () => {
    check(
      BODY,
      [{ kind: 'addNode', id: 'more', node: { type: 'template' }, owner: 'again', position: { x: 1, y: 1 } }],
      BODY.replace('"x" } }\n', '"x" } },\n          "more": {\n            "type": "template"\n          }\n').replace(
        '[20, 40],\n',
        '[20, 40],\n    "more": [1, 1],\n',
      ),
    );
  });
  it.each([
    '{ "type": "loop" }',
    '{ "type": "loop", "with": { "until": "true" } }',
    '{ "type": "loop", "with": { "until": "true", "nodes": {} } }',
  ])('makes the body that is missing in %s', (before) => {
    const planned = plan(`{ "version": 1, "nodes": { "again": ${before} } }`, [
      { kind: 'addNode', id: 'a', node: { type: 'template' }, owner: 'again' },
    ]);
    if (!planned.ok) throw new Error(planned.problem.message);
    expect(JSON.parse(planned.text)).toMatchObject({ nodes: { again: { with: { nodes: { a: { type: 'template' } } } } } });
  });
  it('a node takes its body and all places along', () => {
    check(
      BODY,
      [{ kind: 'removeNode', id: 'again' }],
      '{\n  "version": 1,\n  "nodes": {\n    "next": { "type": "template", "with": { "template": "y" } }\n  },\n  "layout": {\n    "next": [300, 0]\n  }\n}\n',
    );
  });
  it('a rename mends what refers to the body from its owner', () => {
    check(
      BODY,
      [{ kind: 'renameNode', id: 'inner', to: 'core' }],
      BODY.replaceAll('"inner"', '"core"').replace('steps.inner', 'steps.core'),
    );
  });
});

describe('large flows', () => {
  it('moves all nodes in a time that grows with their number', () => {
    const cost = (count: number): number => {
      const ids = Array.from({ length: count }, (_, index) => `n${index}`);
      const of = <T>(value: (index: number) => T) => Object.fromEntries(ids.map((id, index) => [id, value(index)]));
      const text = JSON.stringify({ version: 1, nodes: of(() => ({ type: 'template' })), layout: of((index) => [index, 0]) });
      const began = process.cpuUsage();
      expect(plan(text, [{ kind: 'moveNodes', positions: of((index) => ({ x: index, y: 1 })) }])).toMatchObject({ ok: true });
      const { user, system } = process.cpuUsage(began);
      return user + system;
    };
    cost(500);
    // Eight times as many: a time that grows with the square is 64 times as long.
    expect(cost(4000) / cost(500)).toBeLessThan(30);
  });
});

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

  it('a broken node does not keep others from being edited', () => {
    const broken = BASE.replace('"type": "file"', '"type": "fil"');
    check(
      broken,
      [{ kind: 'disconnect', source: 'draft', outlet: 'failure', target: 'send' }],
      broken.replace('["success", "failure"]', '"success"'),
    );
  });
});
