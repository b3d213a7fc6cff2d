import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { applyTextEdits } from './edits.ts';
import type { FlowEdit } from './flow-edit.ts';
import { BASE, BODY, BRANCHES, plan } from './testing/edited.ts';

function check(before: string, edits: readonly FlowEdit[], after: string): void {
  const planned = plan(before, edits);
  if (!planned.ok) throw new Error(`${planned.problem.code}: ${planned.problem.message}`);
  expect(planned.text).toBe(after);
  expect(applyTextEdits(before, planned.edits)).toBe(after);
}

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

  it('a broken node does not keep others from being edited', () => {
    const broken = BASE.replace('"type": "file"', '"type": "fil"');
    check(
      broken,
      [{ kind: 'disconnect', source: 'draft', outlet: 'failure', target: 'send' }],
      broken.replace('["success", "failure"]', '"success"'),
    );
  });
});

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
