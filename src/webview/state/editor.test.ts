/** The editor without a browser: what it asks of the host, and what it makes of the answers. */
import { describe, expect, it } from 'vitest';
import { arrange } from '../../engine/format/arrange.ts';
import { planEdits } from '../../engine/format/edits.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import type { HostMessage, WebviewMessage } from '../protocol/messages.ts';
import { createEditor } from './editor.ts';
import type { Hold } from './editor-api.ts';
import { selectedNode } from './state.ts';

const TEXT = JSON.stringify({
  version: 1,
  nodes: { a: { type: 'template', with: { template: 'x' } }, b: { type: 'template', after: { a: 'success' }, with: { template: 'y' } } },
  layout: { a: [0, 0], b: [300, 0] },
});

function start(saved = {}) {
  const sent: WebviewMessage[] = [];
  const frames: (() => void)[] = [];
  const editor = createEditor({
    catalog,
    host: { post: (message) => sent.push(message), saved, save: () => {} },
    nextFrame: (callback) => frames.push(callback),
    arrange: async (problem) => arrange(problem),
  });
  let text = TEXT;
  let version = 1;
  const tell = (more: Partial<Extract<HostMessage, { type: 'document' }>> = {}, hold?: Hold) =>
    editor.receive({ type: 'document', text, version, fileName: 'x.flow.json', readonly: false, ...more }, hold);
  /** Does what the host does with the newest edit. */
  const apply = (hold?: Hold) => {
    const edit = sent.filter((message) => message.type === 'edit').at(-1);
    if (!edit) throw new Error('no edit');
    const plan = planEdits(text, edit.edits, { catalog });
    if (!plan.ok) throw new Error(plan.problem.message);
    text = plan.text;
    version += 1;
    tell({}, hold);
  };
  tell();
  return { editor, sent, tell, apply, frames, state: () => editor.store.getState(), text: () => text };
}

describe('editing', () => {
  it('asks with the version the gesture was made on', () => {
    const { editor, sent, tell } = start();
    tell({ version: 7 });
    editor.connect({ source: 'a', outlet: 'failure', target: 'b' });
    expect(sent).toEqual([
      {
        type: 'edit',
        id: 1,
        baseVersion: 7,
        label: 'Connect nodes',
        edits: [{ kind: 'connect', source: 'a', outlet: 'failure', target: 'b' }],
      },
    ]);
  });

  it('adds behind a node, and selects it as soon as it is there', () => {
    const { editor, apply, state } = start();
    editor.add('prompt', { source: { id: 'b', outlet: 'success' } }, { x: 0, y: 0 });
    expect(selectedNode(state())).toBeUndefined();
    apply();
    expect(selectedNode(state())).toBe('prompt');
    expect(state().nodes.find((node) => node.id === 'prompt')?.position).toEqual({ x: 600, y: 0 });
    expect(state().reveal).toEqual({ node: 'prompt', focus: 'canvas', isNew: true });
  });

  it('leaves what has no place where it is drawn when another node gets one', () => {
    const { editor, sent, tell, state } = start();
    const text = JSON.stringify({
      version: 1,
      nodes: {
        a: { type: 'template' },
        b: { type: 'template', after: { a: 'success' } },
        c: { type: 'template' },
        d: { type: 'template', after: { c: 'success' } },
      },
    });
    tell({ text });
    const drawn = () => Object.fromEntries(state().nodes.map(({ id, position }) => [id, position]));
    const before = drawn();
    editor.add('prompt', { source: { id: 'd', outlet: 'success' } }, { x: 0, y: 0 });
    const edits = sent.flatMap((message) => (message.type === 'edit' ? message.edits : []));
    expect(edits[0]).toEqual({ kind: 'moveNodes', positions: before });
    // As the host would: on this text.
    const plan = planEdits(text, edits, { catalog });
    tell({ text: plan.ok ? plan.text : '', version: 3 });
    expect(drawn()).toMatchObject(before);
    expect(drawn().prompt?.x).toBeGreaterThan(before.d?.x ?? Number.NaN);
    // From now on all have one.
    editor.perform({ label: 'Move', edits: [{ kind: 'moveNodes', positions: { a: { x: 5, y: 5 } } }] });
    expect(sent.flatMap((message) => (message.type === 'edit' ? message.edits : [])).at(-1)).toMatchObject({
      positions: { a: { x: 5, y: 5 } },
    });
    expect(sent.filter(({ type }) => type === 'edit')).toHaveLength(2);
  });

  it('makes a note larger with every key, also while the host has not answered the one before', () => {
    const { editor, sent, apply, tell } = start();
    editor.addNote({ x: 0, y: 0 });
    apply();
    editor.receive({ type: 'editResult', id: 1, ok: true });
    editor.select(['note:note']);
    const asked = () => sent.flatMap((message) => (message.type === 'edit' ? message.edits : [])).at(-1);
    const size = (width: number, height: number) => ({ kind: 'setFlow', path: ['notes', 'note', 'size'], value: [width, height] });
    for (let pressed = 0; pressed < 3; pressed += 1) editor.growNotes({ x: 40, y: 0 });
    expect(asked()).toEqual(size(360, 120));
    // The answer to the first is no answer to the others.
    tell();
    editor.receive({ type: 'editResult', id: 2, ok: true });
    editor.growNotes({ x: 0, y: 20 });
    expect(asked()).toEqual(size(360, 140));
    apply();
    for (const id of [3, 4, 5]) editor.receive({ type: 'editResult', id, ok: true });
    editor.growNotes({ x: 40, y: 0 });
    expect(asked()).toEqual(size(400, 140));
  });

  it('follows a node that is renamed', () => {
    const { editor, apply, state } = start();
    editor.select(['a']);
    editor.rename('a', 'start');
    apply();
    expect(selectedNode(state())).toBe('start');
  });

  it('says why it does not connect', () => {
    const { editor, sent, state } = start();
    editor.connect({ source: 'b', outlet: 'success', target: 'a' });
    expect(sent).toEqual([]);
    expect(state().notice?.text).toContain('circle');
  });

  it.each([
    ['read-only', { readonly: true }],
    ['broken', { text: '{' }],
  ])('asks for nothing while the document is %s', (_name, more) => {
    const { editor, sent, tell, state } = start();
    tell(more);
    editor.select(['a']);
    editor.removeSelection();
    editor.connect({ source: 'a', outlet: 'failure', target: 'b' });
    editor.openPalette({});
    expect(sent).toEqual([]);
    expect(state().palette).toBeNull();
    expect(state().nodes).toHaveLength(2);
    expect(state().nodes.every((node) => node.draggable === false)).toBe(true);
  });

  it('puts nodes back when an edit is refused', () => {
    const { editor, state } = start();
    editor.nodesChanged([{ type: 'position', id: 'a', position: { x: 50, y: 50 } }]);
    editor.receive({ type: 'editResult', id: 1, ok: false, message: 'No.' });
    expect(state().nodes[0]?.position).toEqual({ x: 0, y: 0 });
    expect(state().notice?.text).toBe('No.');
  });

  it('lets nodes lie where they are being dragged when problems arrive', () => {
    const { editor, state } = start();
    editor.nodesChanged([{ type: 'position', id: 'a', position: { x: 50, y: 50 } }]);
    editor.receive({ type: 'problems', version: 1, problems: [], untrusted: [] });
    expect(state().nodes[0]?.position).toEqual({ x: 50, y: 50 });
  });

  it('selects again what was selected in its earlier life', () => {
    expect(selectedNode(start({ selection: ['b'] }).state())).toBe('b');
    expect(start({ selection: ['gone'] }).state().selection).toEqual([]);
  });
});

describe('arranging', () => {
  it('is one edit of what moves, in the direction that is remembered', async () => {
    const { editor, sent, apply, state } = start();
    await editor.arrange();
    expect(sent).toEqual([]);
    await editor.arrange('down');
    expect(sent).toMatchObject([{ label: 'Arrange flow', edits: [{ kind: 'moveNodes', positions: { b: { x: 0, y: 184 } } }] }]);
    expect(state()).toMatchObject({ direction: 'down', arranging: true, fitRequests: 1 });
    apply();
    expect(state()).toMatchObject({ arranging: false, fitRequests: 2, announcement: 'Flow arranged' });
    await editor.arrange();
    expect(sent).toHaveLength(1);
  });

  it('draws what comes of it in another task than it reads it in, where what follows can wait', async () => {
    const { editor, apply, state } = start();
    await editor.arrange('down');
    const held: Promise<void>[] = [];
    apply((until) => held.push(until));
    expect(state()).toMatchObject({ arranging: true, document: { version: 1 } });
    editor.select(['b']);
    await Promise.all(held);
    expect(state()).toMatchObject({ arranging: false, document: { version: 2 }, selection: ['b'], announcement: 'Flow arranged' });
  });

  it('begins in the direction the flow was laid out in, or that of the last time', () => {
    expect(start().state().direction).toBe('right');
    expect(start({ direction: 'down' }).state().direction).toBe('down');
  });
});

describe('streaming', () => {
  it('draws once for many messages', () => {
    const { editor, frames, state } = start();
    const created = {
      seq: 0,
      t: 0,
      type: 'run.created',
      run: { id: 'r', flow: '', title: '', bundle: '', inputs: {}, mode: 'live', startedBy: 'test', belay: '' },
    } as const;
    editor.receive({ type: 'run', run: { id: 'r', events: [created], interrupted: false, flowText: '', sameFlow: true } });
    for (const text of ['a', 'b', 'c'])
      editor.receive({ type: 'runEvents', runId: 'r', events: [], live: [{ type: 'live.text', node: 'a', text }] });
    expect(frames).toHaveLength(1);
    expect(state().live).toEqual({});
    frames[0]?.();
    expect(state().live.a?.text).toBe('abc');
  });

  it('ignores events of a run that is not shown', () => {
    const { editor, state } = start();
    editor.receive({ type: 'runEvents', runId: 'other', events: [{ seq: 0, t: 0, type: 'node.started', node: 'a' }], live: [] });
    expect(state().run).toBeNull();
  });
});
