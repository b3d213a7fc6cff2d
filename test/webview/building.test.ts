/** Building in the graph: inserting, replacing, copying, arranging; by keyboard alone and by mouse alone. */
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
const search = (editor: Editor) => editor.page.getByRole('combobox', { name: 'Search node types' });
const choose = async (editor: Editor, type: string) => {
  await search(editor).fill(type);
  await press(editor, 'Enter');
};
const selected = (editor: Editor, id: string) => editor.node(id).and(editor.page.locator('.selected')).waitFor();

describe('by keyboard', () => {
  it('adds a node behind the selected one by N', () =>
    small(async (editor) => {
      await editor.node('gamma').focus();
      await press(editor, ' ');
      await press(editor, 'n');
      await choose(editor, 'apvl');
      await editor.expectFlow((flow) => expect(flow.nodes.approval).toMatchObject({ after: { gamma: 'success' } }));
    }));

  it('keeps the whole flow in view while nodes are added to it, as long as it can be read', () =>
    small(async (editor) => {
      await editor.node('gamma').focus();
      await press(editor, ' ');
      for (const [type, id] of [
        ['prompt', 'prompt'],
        ['approval', 'approval'],
        ['file', 'file'],
      ] as const) {
        await press(editor, 'n');
        await choose(editor, type);
        await selected(editor, id);
      }
      const seen = async () => {
        const pane = await editor.page.locator('.canvas').boundingBox();
        const boxes = await Promise.all(
          ['alpha', 'beta', 'gamma', 'prompt', 'approval', 'file'].map((id) => editor.node(id).boundingBox()),
        );
        return boxes.every((box) => box && pane && box.x >= pane.x && box.x + box.width <= pane.x + pane.width && box.y >= pane.y);
      };
      await expect.poll(seen).toBe(true);
    }));

  it('selects an edge, says which, and inserts a node on it; what comes after makes room', () =>
    small(async (editor) => {
      await editor.node('beta').focus();
      await press(editor, ' ');
      await press(editor, 'e');
      await editor.page.locator('[role=status]', { hasText: 'Edge: ' }).waitFor({ state: 'attached' });
      await press(editor, 'Enter');
      await choose(editor, 'template');
      await editor.expectFlow((flow) => {
        expect(flow.nodes.template).toMatchObject({ after: { alpha: 'success' } });
        expect(flow.nodes.beta?.after).toEqual({ template: 'success' });
        expect(flow.layout?.beta?.[0]).toBeGreaterThanOrEqual(600);
      });
      expect(await editor.edits()).toHaveLength(1);
      await selected(editor, 'template');
    }));

  it('replaces the type of a node and says what was dropped', () =>
    small(async (editor) => {
      await editor.node('alpha').focus();
      await press(editor, ' ');
      await press(editor, 'r');
      await choose(editor, 'approval');
      await editor.expectFlow((flow) => {
        expect(flow.nodes.alpha).toMatchObject({ type: 'approval', title: 'Alpha' });
        expect(flow.nodes.beta?.after).toEqual({ alpha: 'approved' });
      });
      await selected(editor, 'alpha');
      expect(await editor.edits()).toHaveLength(1);
    }));

  it('duplicates what is selected as one edit, edges among the copies with them', () =>
    small(async (editor) => {
      await editor.node('alpha').focus();
      await press(editor, ' ');
      await press(editor, 'Control+Shift+ArrowRight');
      await press(editor, 'Control+d');
      await editor.expectFlow((flow) => {
        expect(Object.keys(flow.nodes)).toEqual(['alpha', 'beta', 'alpha2', 'beta2', 'gamma']);
        expect(flow.nodes.beta2?.after).toEqual({ alpha2: 'success' });
        expect(flow.layout?.alpha2?.[0]).toBe(flow.layout?.alpha?.[0]);
      });
      await selected(editor, 'alpha2');
      await selected(editor, 'beta2');
      expect(await editor.edits()).toHaveLength(1);
      // Copies stand where nothing does, so that each can be seen and clicked on; a click on one of several takes that one alone.
      const boxes = await Promise.all(['alpha', 'beta', 'gamma', 'alpha2', 'beta2'].map((id) => editor.node(id).boundingBox()));
      for (const [index, one] of boxes.entries()) {
        for (const other of boxes.slice(index + 1)) {
          const apart =
            one &&
            other &&
            (one.x + one.width <= other.x ||
              other.x + other.width <= one.x ||
              one.y + one.height <= other.y ||
              other.y + other.height <= one.y);
          expect(apart).toBe(true);
        }
      }
      await editor.node('beta2').locator('.card-title').click();
      await expect.poll(() => editor.page.locator('.react-flow__node.selected').count()).toBe(1);
      await selected(editor, 'beta2');
      await editor.page.evaluate(() => window.fakeHost.undo());
      await editor.expectFlow((flow) => expect(Object.keys(flow.nodes)).toEqual(['alpha', 'beta', 'gamma']));
    }));

  it('copies as text that is a flow, cuts, and pastes with the names that are free', () =>
    small(async (editor) => {
      await editor.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      const clipboard = () => editor.page.evaluate(() => navigator.clipboard.readText());
      await editor.node('alpha').focus();
      await press(editor, ' ');
      await press(editor, 'Control+Shift+ArrowRight');
      await press(editor, 'Control+c');
      const copied = JSON.parse(await clipboard());
      expect(Object.keys(copied)).toEqual(['version', 'nodes', 'layout']);
      expect(Object.keys(copied.nodes)).toEqual(['alpha', 'beta']);
      await press(editor, 'Control+v');
      await editor.expectFlow((flow) => expect(flow.nodes.beta2?.after).toEqual({ alpha2: 'success' }));
      await selected(editor, 'alpha2');
      await press(editor, 'Control+x');
      await editor.expectFlow((flow) => expect(Object.keys(flow.nodes)).toEqual(['alpha', 'beta', 'gamma']));
      // Into another file: there the names are free.
      await editor.setText(textOf({ version: 1, nodes: { gamma: SMALL.nodes.gamma } }));
      await editor.node('alpha').waitFor({ state: 'detached' });
      await press(editor, 'Control+v');
      await editor.expectFlow((flow) => expect(flow.nodes.beta2).toMatchObject({ after: { alpha2: 'success' } }));
      await editor.page.evaluate(() => navigator.clipboard.writeText('just words'));
      await press(editor, 'Control+v');
      await editor.page.getByText('There are no nodes or notes in the clipboard').waitFor();
    }));

  it('wraps nodes in a loop in their place, and moves nodes into a body and out again', () =>
    small(async (editor) => {
      await editor.node('beta').focus();
      await press(editor, ' ');
      await press(editor, 'w');
      await search(editor).waitFor();
      expect(await editor.page.getByRole('listbox', { name: 'Node types' }).getByRole('option').count()).toBe(2);
      await choose(editor, 'loop');
      await editor.expectFlow((flow) => {
        expect(flow.nodes.loopStep).toMatchObject({
          type: 'loop',
          after: { alpha: 'success' },
          with: { result: { $expr: 'steps.beta.output' }, nodes: { beta: { title: 'Beta' } } },
        });
      });
      await editor.screenshot('wrapped');
      await editor.node('gamma').focus();
      await press(editor, ' ');
      await press(editor, 'Shift+I');
      await editor.page.getByRole('combobox', { name: 'Search bodies' }).waitFor();
      await press(editor, 'Enter');
      await editor.expectFlow((flow) => expect(flow.nodes.loopStep).toMatchObject({ with: { nodes: { gamma: { title: 'Gamma' } } } }));
      await selected(editor, 'gamma');
      // A key that comes while the node is put into its body reaches nobody; where nothing is around the node it does nothing.
      await expect
        .poll(async () => {
          await press(editor, 'Shift+O');
          return Object.keys((await editor.flow()).nodes);
        })
        .toEqual(['alpha', 'loopStep', 'gamma']);
      expect(await editor.edits()).toHaveLength(3);
    }));

  it('disables and enables, aligns and distributes', () =>
    small(async (editor) => {
      await editor.node('gamma').focus();
      await press(editor, ' ');
      await press(editor, 'd');
      await editor.expectFlow((flow) => expect(flow.nodes.gamma?.disabled).toBe(true));
      await press(editor, 'd');
      await editor.expectFlow((flow) => expect(flow.nodes.gamma).not.toHaveProperty('disabled'));
      await press(editor, 'Control+a');
      await press(editor, 'Alt+ArrowUp');
      await editor.expectFlow((flow) => expect([0, 1, 2].map((it) => Object.values(flow.layout ?? {})[it]?.[1])).toEqual([0, 0, 0]));
    }));

  it('lists its keys, and gives the focus back', () =>
    small(async (editor) => {
      await editor.node('alpha').focus();
      await press(editor, '?');
      const sheet = editor.page.getByRole('dialog', { name: 'Keys of the graph' });
      await sheet.getByText('Insert a node on the selected edge').waitFor();
      expect(await editor.barriers()).toEqual([]);
      await editor.screenshot('keys');
      await press(editor, 'Escape');
      await sheet.waitFor({ state: 'detached' });
      expect(await editor.page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe('alpha');
    }));
});

describe('by mouse', () => {
  it('inserts a node by the plus of an edge', () =>
    small(async (editor) => {
      const { x, y } = await editor.middleOf('alpha|success|beta');
      await editor.page.mouse.move(x, y);
      await editor.action('insert').click();
      await editor.page.getByPlaceholder('Insert a node between “Alpha” and “Beta”').waitFor();
      await editor.page.getByRole('option', { name: 'Approval' }).click();
      await editor.expectFlow((flow) => {
        expect(flow.nodes.approval).toMatchObject({ after: { alpha: 'success' } });
        expect(flow.nodes.beta?.after).toEqual({ approval: 'approved' });
      });
    }));

  it('drags a type out of the palette: onto an edge, and onto the canvas', () =>
    small(async (editor) => {
      await editor.action('add').click();
      await editor.drag(editor.page.getByRole('option', { name: 'Template' }), editor.edge('alpha|success|beta').locator('path').first());
      await editor.expectFlow((flow) => expect(flow.nodes.beta?.after).toEqual({ template: 'success' }));
      await editor.page.keyboard.press('Escape');
      await editor.action('add').click();
      await editor.drag(editor.page.locator('#palette-wait'), editor.page.locator('.react-flow__controls'));
      await editor.expectFlow((flow) => expect(flow.nodes.wait).toMatchObject({ type: 'wait' }));
      expect((await editor.flow()).nodes.wait).not.toHaveProperty('after');
    }));

  it('puts a node that is there onto an edge, unless it is connected already', () =>
    small(async (editor) => {
      const line = editor.edge('alpha|success|beta').locator('path').first();
      await editor.drag(editor.node('gamma').locator('.card-title'), line, async () => {
        await editor.page.locator('.react-flow__edge.dropping').waitFor({ state: 'attached' });
      });
      await editor.expectFlow((flow) => {
        expect(flow.nodes.gamma).toMatchObject({ after: { alpha: 'success' } });
        expect(flow.nodes.beta?.after).toEqual({ gamma: 'success' });
      });
      expect(await editor.edits()).toHaveLength(1);
      await editor.drag(editor.node('beta').locator('.card-title'), editor.edge('alpha|success|gamma').locator('path').first());
      await editor.expectFlow((flow) => expect(flow.layout?.beta).not.toEqual(SMALL.layout.beta));
      expect((await editor.flow()).nodes.beta?.after).toEqual({ gamma: 'success' });
    }));

  it('moves a node into a body by dropping it there, and out by the menu of VS Code', () =>
    withEditor(
      textOf({
        version: 1,
        nodes: {
          alpha: { type: 'template', title: 'Alpha', with: { template: 'A' } },
          each: { type: 'each', after: { alpha: 'success' }, with: { items: { $expr: '[1]' }, nodes: {} } },
        },
        layout: { alpha: [0, 300], each: [0, 0] },
      }),
      async (editor) => {
        await editor.drag(editor.node('alpha').locator('.card-title'), editor.node('each').locator('.frame-well'));
        await editor.expectFlow((flow) => expect(flow.nodes.each).toMatchObject({ with: { nodes: { alpha: { title: 'Alpha' } } } }));
        await editor.page.getByText('Edges do not cross the border of a body').waitFor();
        expect(await editor.edits()).toHaveLength(1);
        await selected(editor, 'alpha');
        await editor.send({ type: 'action', action: 'moveOut' });
        await editor.expectFlow((flow) => expect(Object.keys(flow.nodes)).toEqual(['each', 'alpha']));
      },
    ));

  it('mends a problem by its button', () =>
    withEditor(
      textOf({ ...SMALL, nodes: { ...SMALL.nodes, gamma: { ...SMALL.nodes.gamma, after: { alpa: 'success' } } } }),
      async (editor) => {
        await editor.node('gamma').click();
        await editor.page.locator('#inspector .problem-fix').first().click();
        await editor.expectFlow((flow) => expect(flow.nodes.gamma?.after).toEqual({ alpha: 'success' }));
      },
    ));

  it('tells VS Code which menu is meant, and selects what it is opened on', () =>
    small(async (editor) => {
      const context = () => editor.page.locator('.canvas').getAttribute('data-vscode-context');
      await editor.node('gamma').click({ button: 'right' });
      await selected(editor, 'gamma');
      expect(JSON.parse((await context()) ?? '')).toMatchObject({ graphEditable: true, graphSelected: 1, graphBody: false });
      await editor.node('alpha').focus();
      await press(editor, ' ');
      await press(editor, 'e');
      await press(editor, 'Shift+F10');
      expect(JSON.parse((await context()) ?? '')).toMatchObject({ webviewSection: 'edge', graphSelected: 0 });
      await editor.send({ type: 'action', action: 'delete' });
      await editor.expectFlow((flow) => expect(flow.nodes.beta).not.toHaveProperty('after'));
    }));
});

describe('notes', () => {
  const noted = textOf({
    ...SMALL,
    notes: { plan: { text: '# Plan\n- read **all** of it\n<b>not bold</b>', color: 'blue', at: [0, 220], size: [260, 120], 'x-mine': 1 } },
  });
  const note = (editor: Editor, id: string) => editor.node(`note:${id}`);

  it('are drawn as text, moved, coloured and deleted, each as one edit', () =>
    withEditor(noted, async (editor) => {
      await note(editor, 'plan').getByText('<b>not bold</b>').waitFor();
      await editor.screenshot('note');
      await editor.drag(note(editor, 'plan').locator('.note-heading'), { dx: 20, dy: 30 });
      await editor.expectFlow((flow) => expect(Reflect.get(flow, 'notes')).toMatchObject({ plan: { 'x-mine': 1, size: [260, 120] } }));
      const [moved] = await editor.edits();
      expect(moved).toMatchObject({ label: 'Move note', edits: [{ kind: 'setFlow', path: ['notes', 'plan', 'at'] }] });
      await note(editor, 'plan').getByRole('button', { name: 'Colour: red' }).click();
      await editor.expectFlow((flow) => expect(Reflect.get(flow, 'notes')).toMatchObject({ plan: { color: 'red' } }));
      expect(await editor.barriers()).toEqual([]);
      await note(editor, 'plan').focus();
      await press(editor, 'Delete');
      await editor.expectFlow((flow) => expect(flow).not.toHaveProperty('notes'));
      expect(await editor.edits()).toHaveLength(3);
    }));

  it('are made and written by keyboard alone', () =>
    small(async (editor) => {
      await editor.node('alpha').focus();
      await press(editor, 'm');
      await editor.page.getByLabel('Text of the note').waitFor();
      await editor.page.keyboard.type('Ask Ada first');
      await press(editor, 'Control+Enter');
      await editor.expectFlow((flow) => expect(Reflect.get(flow, 'notes')).toMatchObject({ note: { text: 'Ask Ada first' } }));
      expect(await editor.page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe('note:note');
      await press(editor, 'Enter');
      await editor.page.getByLabel('Text of the note').fill('something else');
      await press(editor, 'Escape');
      await note(editor, 'note').getByText('Ask Ada first').waitFor();
      expect(await editor.edits()).toHaveLength(2);
    }));
});

describe('notes without a mouse', () => {
  it('begin on an empty flow, are resized, copied with nodes, and duplicated', async () => {
    const editor = await harness.open(textOf({ version: 1, nodes: {} }));
    await editor.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const notes = (flow: object) => Reflect.get(flow, 'notes') as Record<string, { text: string; size: [number, number] }>;
    await editor.action('add-first').waitFor();
    await press(editor, 'm');
    await editor.page.getByLabel('Text of the note').waitFor();
    await editor.page.keyboard.type('First things first');
    await press(editor, 'Control+Enter');
    await editor.expectFlow((flow) => expect(notes(flow).note?.text).toBe('First things first'));
    await press(editor, ' ');
    await press(editor, 'Control+ArrowRight');
    await editor.expectFlow((flow) => expect(notes(flow).note?.size).toEqual([264, 120]));
    await expect
      .poll(async () => {
        const box = await editor.node('note:note').boundingBox();
        return box && box.width / box.height;
      })
      .toBeCloseTo(264 / 120, 1);
    await press(editor, 'Control+ArrowUp');
    await editor.expectFlow((flow) => expect(notes(flow).note?.size).toEqual([264, 96]));
    await press(editor, 'Control+d');
    await editor.expectFlow((flow) => expect(Object.keys(notes(flow))).toEqual(['note', 'note2']));
    await selected(editor, 'note:note2');
    await press(editor, 'Control+c');
    await editor.setText(textOf({ version: 1, nodes: {} }));
    await editor.action('add-first').waitFor();
    await press(editor, 'Control+v');
    await editor.expectFlow((flow) => expect(notes(flow).note2?.text).toBe('First things first'));
    await editor.close();
  });
});

describe('looking for nodes', () => {
  it('goes through what is found, marks it, and lists everything when nothing is typed', () =>
    small(async (editor) => {
      await editor.node('alpha').focus();
      await press(editor, 'Control+f');
      const field = editor.page.getByRole('combobox', { name: 'Find nodes' });
      await field.waitFor();
      expect(await editor.page.getByRole('listbox', { name: 'Nodes' }).getByRole('option').count()).toBe(3);
      await field.fill('template');
      expect(await editor.page.locator('.react-flow__node.hit').count()).toBe(2);
      await press(editor, 'Enter');
      await selected(editor, 'alpha');
      await press(editor, 'Enter');
      await selected(editor, 'beta');
      await press(editor, 'Shift+Enter');
      await selected(editor, 'alpha');
      expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
      expect(await editor.barriers()).toEqual([]);
      await editor.screenshot('search');
      await press(editor, 'Escape');
      await field.waitFor({ state: 'detached' });
      expect(await editor.page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe('alpha');
    }));
});
