import { describe, expect, it } from 'vitest';
import { applyTextEdits } from './edits.ts';
import type { FlowEdit } from './flow-edit.ts';
import { plan } from './testing/edited.ts';

const BODY = `{
  "version": 1,
  "nodes": {
    "read": { "type": "file", "with": { "action": "read", "path": "notes.md" } },
    "improve": {
      "type": "loop",
      "after": { "read": "success" },
      "with": {
        "until": "steps.check.output.valid",
        "maxIterations": 3,
        "nodes": {
          "draft": { "type": "prompt", "with": { "prompt": "{{ steps.read.output.text }}" } },
          "check": { "type": "validate", "after": { "draft": "success" }, "with": { "value": { "$expr": "steps.draft.output" } } }
        }
      }
    },
    "done": { "type": "template", "after": { "improve": ["success", "exhausted"] }, "with": { "template": "ok" } }
  },
  "layout": {
    "read": [0, 0],
    "draft": [5, 5]
  }
}
`;
const nodesAfter = (text: string, edits: readonly FlowEdit[]) => {
  const planned = plan(text, edits);
  if (!planned.ok) throw new Error(`${planned.problem.code}: ${planned.problem.message}`);
  expect(applyTextEdits(text, planned.edits)).toBe(planned.text);
  return { ...(JSON.parse(planned.text) as { nodes: Record<string, never>; layout: object }), said: planned.said, text: planned.text };
};

describe('copies of nodes', () => {
  it('are renamed with their bodies; references among them follow, those to others stay', () => {
    const { improve } = (JSON.parse(BODY) as { nodes: Record<string, never> }).nodes;
    const names = { improve: 'improve2', draft: 'draft2', check: 'check2' };
    const { nodes, layout, text } = nodesAfter(BODY, [
      {
        kind: 'pasteNodes',
        nodes: { improve: improve ?? {} },
        names,
        positions: { improve2: { x: 9, y: 9 }, draft2: { x: 5, y: 5 } },
        behind: 'improve',
      },
    ]);
    expect(Object.keys(nodes)).toEqual(['read', 'improve', 'improve2', 'done']);
    expect(nodes.improve2).toEqual({
      type: 'loop',
      after: { read: 'success' },
      with: {
        until: 'steps.check2.output.valid',
        maxIterations: 3,
        nodes: {
          draft2: { type: 'prompt', with: { prompt: '{{ steps.read.output.text }}' } },
          check2: { type: 'validate', after: { draft2: 'success' }, with: { value: { $expr: 'steps.draft2.output' } } },
        },
      },
    });
    expect(layout).toEqual({ read: [0, 0], draft: [5, 5], improve2: [9, 9], draft2: [5, 5] });
    expect(text.startsWith(BODY.slice(0, BODY.indexOf('    "done"')))).toBe(true);
  });

  it('leave out edges that are not possible where they are put, and say so', () => {
    const copied = { late: { type: 'template', after: { gone: 'success', read: ['success', 'approved'] }, with: { template: 'x' } } };
    const { nodes, said } = nodesAfter(BODY, [{ kind: 'pasteNodes', nodes: copied, names: {}, positions: {} }]);
    expect(nodes.late).toMatchObject({ after: { read: 'success' } });
    expect(said.join()).toContain('"gone", "read"');
  });

  it('take no new name for what is not copied', () => {
    const copied = { x: { type: 'template', after: { gone: 'success' }, with: { template: '{{ steps.gone.output.text }}' } } };
    const { nodes } = nodesAfter(BODY, [{ kind: 'pasteNodes', nodes: copied, names: { x: 'fresh', gone: 'fresh' }, positions: {} }]);
    expect(nodes.fresh).toEqual({ type: 'template', with: { template: '{{ steps.gone.output.text }}' } });
  });

  it.each<[string, FlowEdit, string]>([
    ['an id that is taken', { kind: 'pasteNodes', nodes: { read: { type: 'wait' } }, names: {}, positions: {} }, 'EDIT_ID_TAKEN'],
    [
      'the same id twice',
      { kind: 'pasteNodes', nodes: { x: { type: 'wait' }, y: { type: 'wait' } }, names: { x: 'z', y: 'z' }, positions: {} },
      'EDIT_BREAKS',
    ],
    [
      'a body with an id that is taken',
      { kind: 'pasteNodes', nodes: { x: { type: 'loop', with: { nodes: { read: { type: 'wait' } } } } }, names: {}, positions: {} },
      'EDIT_BREAKS',
    ],
    ['a type there is not', { kind: 'pasteNodes', nodes: { x: { type: 'wiat' } }, names: {}, positions: {} }, 'EDIT_TYPE_UNKNOWN'],
  ])('are refused: %s', (_what, edit, code) => expect(plan(BODY, [edit])).toMatchObject({ ok: false, problem: { code } }));
});

describe('another type', () => {
  it('keeps a body that both have, drops what only the old one had, and says it', () => {
    const { nodes, said } = nodesAfter(BODY, [{ kind: 'changeType', node: 'improve', type: 'each' }]);
    expect(nodes.improve).toMatchObject({ type: 'each', after: { read: 'success' }, with: { nodes: { draft: {}, check: {} } } });
    expect(nodes.improve).not.toHaveProperty('with.until');
    expect(nodes.done).toMatchObject({ after: { improve: 'success' } });
    expect(said.join()).toContain('the edge by "exhausted" to "done"');
  });

  it('takes the places of a body along that it cannot have', () => {
    const { nodes, layout } = nodesAfter(BODY, [{ kind: 'changeType', node: 'improve', type: 'prompt' }]);
    expect(nodes.improve).not.toHaveProperty('with.nodes');
    expect(layout).toEqual({ read: [0, 0] });
  });

  it('drops an effect that is too low for it', () => {
    const text = BODY.replace('"type": "file",', '"type": "command", "effect": "read",').replace(
      '"action": "read", "path": "notes.md"',
      '"run": ["ls"]',
    );
    expect(nodesAfter(text, [{ kind: 'changeType', node: 'read', type: 'command' }]).text).toBe(text);
    expect(nodesAfter(text, [{ kind: 'changeType', node: 'read', type: 'file' }]).nodes.read).toMatchObject({ type: 'file' });
  });
});

describe('across the border of a body', () => {
  it('moves blocks, cuts edges, and keeps those among what moves', () => {
    const { nodes, layout, said } = nodesAfter(BODY, [
      { kind: 'moveToBody', nodes: ['draft', 'check'], positions: { draft: { x: 1, y: 1 } } },
    ]);
    expect(Object.keys(nodes)).toEqual(['read', 'improve', 'done', 'draft', 'check']);
    expect(nodes.check).toMatchObject({ after: { draft: 'success' } });
    expect(nodes.improve).toMatchObject({ with: { nodes: {} } });
    expect(layout).toEqual({ read: [0, 0], draft: [1, 1] });
    expect(said).toEqual([]);
    expect(nodesAfter(BODY, [{ kind: 'moveToBody', nodes: ['check'], positions: {} }]).said).toHaveLength(1);
    expect(nodesAfter(BODY, [{ kind: 'moveToBody', nodes: ['done'], owner: 'improve', positions: {} }]).nodes.improve).toMatchObject({
      with: { nodes: { done: { type: 'template', with: { template: 'ok' } } } },
    });
  });

  it.each<[string, FlowEdit]>([
    ['into itself', { kind: 'moveToBody', nodes: ['improve'], owner: 'improve', positions: {} }],
    ['from two bodies at once', { kind: 'moveToBody', nodes: ['read', 'draft'], positions: {} }],
  ])('is refused: %s', (_what, edit) => expect(plan(BODY, [edit])).toMatchObject({ ok: false, problem: { code: 'EDIT_BORDER' } }));
});
