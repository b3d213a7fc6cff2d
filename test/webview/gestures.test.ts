/** Everything a person does to a flow, by mouse and by keyboard, as it arrives in the file. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Editor, type Harness, startHarness } from './harness/index.ts';
import { SMALL, textOf } from './samples.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
}, 60_000);
afterAll(() => harness?.close());

async function withEditor(text: string, act: (editor: Editor) => Promise<void>, first = 'alpha'): Promise<void> {
  const editor = await harness.open(text);
  await editor.node(first).waitFor();
  await act(editor);
  await editor.close();
}
const small = (act: (editor: Editor) => Promise<void>) => withEditor(textOf(SMALL), act);
const press = (editor: Editor, key: string) => editor.page.keyboard.press(key);

describe('by mouse', () => {
  it('moves a node: one edit, one line, whole numbers', () =>
    small(async (editor) => {
      const before = await editor.text();
      await editor.drag(editor.node('gamma').locator('.card-title'), { dx: 33, dy: 57 });
      await editor.expectFlow((flow) => expect(flow.layout?.gamma).not.toEqual([300, 200]));
      expect(await editor.edits()).toHaveLength(1);
      const [moved] = await editor.edits();
      expect(moved?.edits).toMatchObject([{ kind: 'moveNodes' }]);
      const after = (await editor.text()).split('\n');
      expect(before.split('\n').filter((line, index) => line !== after[index]).length).toBe(1);
    }));

  it('moves several nodes together', () =>
    small(async (editor) => {
      await editor.node('alpha').click();
      await editor.page.keyboard.down('Shift');
      await editor.node('beta').click();
      await editor.page.keyboard.up('Shift');
      await editor.drag(editor.node('beta').locator('.card-title'), { dx: 40, dy: 40 });
      await editor.expectFlow((flow) => expect(flow.layout?.alpha?.[1]).toBeGreaterThan(0));
      const [moved, ...more] = await editor.edits();
      expect(more).toEqual([]);
      const { layout } = await editor.flow();
      expect(moved?.label).toBe('Move nodes');
      expect((layout?.beta?.[0] ?? 0) - (layout?.alpha?.[0] ?? 0)).toBe(300);
    }));

  it('connects by dragging from an outlet to a node', () =>
    small(async (editor) => {
      await editor.drag(editor.handle('beta', 'failure'), editor.entry('gamma'));
      await editor.expectFlow((flow) => expect(flow.nodes.gamma?.after).toEqual({ beta: 'failure' }));
    }));

  it('connects by dropping anywhere on a card', () =>
    small(async (editor) => {
      await editor.drag(editor.handle('alpha', 'failure'), editor.node('gamma').locator('.card-summary'));
      await editor.expectFlow((flow) => expect(flow.nodes.gamma?.after).toEqual({ alpha: 'failure' }));
    }));

  it('refuses a circle while dragging, and says why', () =>
    small(async (editor) => {
      await editor.drag(editor.handle('beta', 'success'), editor.entry('alpha'), async () => {
        const reason = editor.page.locator('.connection-reason');
        await reason.waitFor();
        expect(await reason.textContent()).toBe('This would make a circle: Alpha → Beta → Alpha.');
        await editor.screenshot('refused');
      });
      expect(await editor.edits()).toEqual([]);
    }));

  it('disconnects by dragging the end of an edge away', () =>
    small(async (editor) => {
      await editor.drag(editor.endOf('alpha|success|beta'), { dx: -40, dy: -120 });
      await editor.expectFlow((flow) => expect(flow.nodes.beta).not.toHaveProperty('after'));
    }));

  it('moves the end of an edge to another node: one edit', () =>
    small(async (editor) => {
      await editor.drag(editor.endOf('alpha|success|beta'), editor.entry('gamma'));
      await editor.expectFlow((flow) => {
        expect(flow.nodes.beta).not.toHaveProperty('after');
        expect(flow.nodes.gamma?.after).toEqual({ alpha: 'success' });
      });
      expect(await editor.edits()).toHaveLength(1);
    }));

  it('opens the palette where a connection is dropped on nothing', () =>
    small(async (editor) => {
      await editor.drag(editor.handle('gamma', 'success'), { dx: 60, dy: 60 });
      await editor.page.getByRole('option', { name: 'Approval' }).click();
      await editor.expectFlow((flow) => expect(flow.nodes.approval).toMatchObject({ type: 'approval', after: { gamma: 'success' } }));
    }));

  it('selects an edge and deletes it', () =>
    small(async (editor) => {
      await editor.clickEdge('alpha|success|beta');
      await press(editor, 'Delete');
      await editor.expectFlow((flow) => expect(flow.nodes.beta).not.toHaveProperty('after'));
    }));

  it('opens the inspector by a double click', () =>
    small(async (editor) => {
      await editor.action('inspector').click();
      await editor.page.locator('#inspector').waitFor({ state: 'detached' });
      await editor.node('gamma').dblclick();
      await editor.field('Title').waitFor();
      expect(await editor.field('Title').inputValue()).toBe('Gamma');
    }));

  it('puts a refused edit back', () =>
    small(async (editor) => {
      await editor.send({ type: 'editResult', id: 1, ok: false, message: 'Somebody else was faster.' });
      await editor.page.getByText('Somebody else was faster.').waitFor();
    }));
});

describe('by keyboard', () => {
  it('adds a node behind the selected one', () =>
    small(async (editor) => {
      await editor.node('beta').click();
      await press(editor, 'a');
      await editor.page.getByRole('combobox', { name: 'Search node types' }).fill('appr');
      await press(editor, 'Enter');
      await editor.expectFlow((flow) => expect(flow.nodes.approval).toMatchObject({ type: 'approval', after: { beta: 'success' } }));
      await editor.node('approval').and(editor.page.locator('.selected')).waitFor();
      expect(await editor.page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe('approval');
      const ids = Object.keys((await editor.flow()).nodes);
      expect(ids).toEqual(['alpha', 'beta', 'approval', 'gamma']);
    }));

  it('gives new nodes ids of their own', () =>
    small(async (editor) => {
      for (const expected of ['template', 'template2']) {
        await editor.page.locator('.react-flow__pane').click({ position: { x: 5, y: 5 } });
        await editor.action('add').click();
        await editor.page.getByRole('combobox', { name: 'Search node types' }).fill('template');
        await press(editor, 'Enter');
        await editor.node(expected).waitFor();
      }
    }));

  it('walks along the edges, moves, and deletes', () =>
    small(async (editor) => {
      await editor.node('alpha').focus();
      await press(editor, 'ArrowRight');
      await editor.node('beta').and(editor.page.locator('.selected')).waitFor();
      await press(editor, 'ArrowDown');
      await editor.node('gamma').and(editor.page.locator('.selected')).waitFor();
      await editor.page.keyboard.down('Shift');
      await editor.page.keyboard.down('ArrowDown');
      await editor.page.keyboard.down('ArrowDown');
      await editor.page.keyboard.up('ArrowDown');
      await editor.page.keyboard.up('Shift');
      await editor.expectFlow((flow) => expect(flow.layout?.gamma).toEqual([300, 220]));
      expect(await editor.edits()).toHaveLength(1);
      await press(editor, 'Delete');
      await editor.expectFlow((flow) => expect(Object.keys(flow.nodes)).toEqual(['alpha', 'beta']));
    }));

  it('deletes several nodes as one edit, their edges with them', () =>
    small(async (editor) => {
      await editor.node('alpha').click();
      await editor.page.keyboard.down('Shift');
      await editor.node('gamma').click();
      await editor.page.keyboard.up('Shift');
      await press(editor, 'Backspace');
      await editor.expectFlow((flow) => {
        expect(Object.keys(flow.nodes)).toEqual(['beta']);
        expect(flow.nodes.beta).not.toHaveProperty('after');
      });
      expect(await editor.edits()).toHaveLength(1);
    }));

  it('connects and disconnects in the inspector', () =>
    small(async (editor) => {
      await editor.node('beta').focus();
      await press(editor, 'Enter');
      const inspector = editor.page.locator('#inspector');
      const target = inspector.getByRole('combobox', { name: 'Connect success to' });
      await target.focus();
      await press(editor, 'ArrowDown');
      await press(editor, 'Tab');
      await press(editor, 'Enter');
      await editor.expectFlow((flow) => expect(flow.nodes.gamma?.after).toEqual({ beta: 'success' }));
      await inspector.getByRole('button', { name: 'Disconnect success from Gamma' }).press('Enter');
      await editor.expectFlow((flow) => expect(flow.nodes.gamma).not.toHaveProperty('after'));
    }));

  it('has one tab stop for the whole graph', () =>
    small(async (editor) => {
      const stops = await editor.page.locator('.react-flow__node[tabindex="0"]').count();
      expect(stops).toBe(1);
    }));
});

describe('the document from elsewhere', () => {
  it('keeps the last good graph, greyed and read-only, while the text is broken', () =>
    small(async (editor) => {
      await editor.setText('{ "version": 1, "nodes": { ');
      await editor.page.getByText('The graph below is the last one that could be read').waitFor();
      await editor.page.locator('.canvas.stale').waitFor();
      await editor.screenshot('broken');
      await editor.node('gamma').click();
      await press(editor, 'Delete');
      await editor.drag(editor.node('gamma').locator('.card-title'), { dx: 40, dy: 40 });
      expect(await editor.edits()).toEqual([]);
      await editor.action('mend').click();
      expect((await editor.sent()).at(-1)).toMatchObject({ type: 'openAsText' });
      await editor.setText(textOf(SMALL));
      await editor.page.locator('.canvas:not(.stale)').waitFor();
    }));

  it('shows a document that cannot be read at all', async () => {
    const editor = await harness.open('this is not JSON');
    await editor.page.getByText('Line 1, column 1').waitFor();
    await editor.screenshot('unreadable');
    await editor.close();
  });

  it('offers the first node of an empty flow', async () => {
    const editor = await harness.open(textOf({ version: 1, title: 'New', nodes: {} }));
    await editor.action('add-first').waitFor();
    await editor.screenshot('empty');
    const palette = editor.page.getByRole('dialog', { name: 'Add a node' });
    await press(editor, 'a');
    await palette.waitFor();
    await press(editor, 'Escape');
    await palette.waitFor({ state: 'detached' });
    await editor.action('add-first').click();
    await press(editor, 'Enter');
    await editor.node('prompt').waitFor();
    expect(await editor.barriers()).toEqual([]);
    await editor.close();
  });

  it('says why it is read-only and changes nothing', async () => {
    const editor = await harness.open(textOf(SMALL), { readonly: true, readonlyReason: 'This file was written by a newer Belay.' });
    await editor.page.getByText('This file was written by a newer Belay.').waitFor();
    await editor.node('gamma').click();
    await press(editor, 'Delete');
    await editor.drag(editor.node('gamma').locator('.card-title'), { dx: 40, dy: 40 });
    expect(await editor.edits()).toEqual([]);
    await editor.close();
  });

  it('opens a flow of a newer version read-only', async () => {
    const editor = await harness.open(textOf({ ...SMALL, version: 2 }));
    await editor.page.getByText('It opens read-only').first().waitFor();
    await editor.node('gamma').click();
    await press(editor, 'Delete');
    expect(await editor.edits()).toEqual([]);
    await editor.close();
  });

  it('follows undo, and reveals a node', () =>
    small(async (editor) => {
      await editor.node('gamma').click();
      await press(editor, 'Delete');
      await editor.node('gamma').waitFor({ state: 'detached' });
      await editor.page.evaluate(() => window.fakeHost.undo());
      await editor.node('gamma').waitFor();
      await editor.send({ type: 'reveal', node: 'gamma', focus: 'inspector' });
      await expect.poll(() => editor.field('Title').inputValue()).toBe('Gamma');
    }));
});
