/** Bodies of loops on the canvas: everything that works on the nodes of the flow works on those of a body. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Editor, type Harness, startHarness, THEMES, type Theme } from './harness/index.ts';
import { BODIES, textOf } from './samples.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
}, 60_000);
afterAll(() => harness?.close());

type Bodied = { with: { nodes: Record<string, { type: string; title?: string; after?: unknown }> } };
const bodyOf = async (editor: Editor, id: string) => ((await editor.flow()).nodes[id] as unknown as Bodied).with.nodes;

async function withBodies(act: (editor: Editor) => Promise<void>, flow: object = BODIES): Promise<void> {
  const editor = await harness.open(textOf(flow), { width: 1600 });
  await editor.node('improve').waitFor();
  await act(editor);
  await editor.close();
}
const expectBody = (editor: Editor, id: string, check: (body: Bodied['with']['nodes']) => void) =>
  editor.expectFlow((flow) => check((flow.nodes[id] as unknown as Bodied).with.nodes));
const press = (editor: Editor, ...keys: string[]) =>
  keys.reduce<Promise<void>>((before, key) => before.then(() => editor.page.keyboard.press(key)), Promise.resolve());
const head = (editor: Editor, id: string) => editor.node(id).locator('.frame-head .card-title');
const pick = async (editor: Editor, words: string) => {
  await editor.page.getByRole('combobox', { name: 'Search node types' }).fill(words);
  await press(editor, 'Enter');
};
/** The same flow with an empty body. */
const EMPTY = {
  version: 1,
  nodes: { improve: { type: 'loop', with: { until: 'true', maxIterations: 2, nodes: {} } } },
};

describe('by mouse', () => {
  it('moves a node of a body: its place counts from the inner area', () =>
    withBodies(async (editor) => {
      await editor.drag(editor.node('check').locator('.card-title'), { dx: 60, dy: 90 });
      await editor.expectFlow((flow) => expect(flow.layout?.check).toBeDefined());
      const { layout } = await editor.flow();
      expect(Object.keys(layout ?? {})).toEqual(['check']);
      expect(layout?.check?.[0]).toBeGreaterThan(300);
      expect(layout?.check?.[1]).toBeGreaterThan(0);
      const [frame, node] = [await editor.node('improve').boundingBox(), await editor.node('check').boundingBox()];
      expect((frame?.y ?? 0) + (frame?.height ?? 0)).toBeGreaterThan((node?.y ?? 0) + (node?.height ?? 0));
      expect((frame?.x ?? 0) + (frame?.width ?? 0)).toBeGreaterThan((node?.x ?? 0) + (node?.width ?? 0));
    }));

  it('keeps a node of a body off the head and the left border of its frame', () =>
    withBodies(async (editor) => {
      await editor.drag(editor.node('check').locator('.card-title'), { dx: -900, dy: -400 });
      await editor.expectFlow((flow) => expect(flow.layout?.check).toEqual([0, 0]));
    }));

  it('moves a frame with everything in it, by its head alone', () =>
    withBodies(async (editor) => {
      const before = [await editor.node('improve').boundingBox(), await editor.node('draft').boundingBox()];
      await editor.drag(head(editor, 'improve'), { dx: 30, dy: 80 });
      await editor.expectFlow((flow) => expect(Object.keys(flow.layout ?? {})).toEqual(['improve']));
      const after = [await editor.node('improve').boundingBox(), await editor.node('draft').boundingBox()];
      const [frame, node] = after.map((box, index) => Math.round((box?.y ?? 0) - (before[index]?.y ?? 0)));
      expect(frame).toBeGreaterThan(50);
      expect(node).toBe(frame);
    }));

  it('connects inside a body', () =>
    withBodies(async (editor) => {
      await editor.drag(editor.handle('draft', 'failure'), editor.entry('check'));
      await expectBody(editor, 'improve', (body) => expect(body.check?.after).toEqual({ draft: ['success', 'failure'] }));
    }));

  it('never connects across a border, and says why', () =>
    withBodies(async (editor) => {
      await editor.drag(editor.handle('check', 'valid'), editor.entry('fix'), async () => {
        const reason = editor.page.locator('.connection-reason');
        await reason.waitFor();
        expect(await reason.textContent()).toContain('Connect “Improve until it passes” itself');
        await editor.screenshot('border');
      });
      expect(await editor.edits()).toEqual([]);
      await editor.drag(editor.handle('check', 'valid'), { dx: 60, dy: 200 });
      await editor.page.locator('.banner', { hasText: "Edges stay on their side of a body's border" }).waitFor();
      expect(await editor.edits()).toEqual([]);
    }));

  it('adds a node inside where a connection is dropped in the body', () =>
    withBodies(async (editor) => {
      await editor.drag(editor.handle('draft', 'failure'), { dx: 20, dy: 30 });
      await pick(editor, 'template');
      await expectBody(editor, 'improve', (body) => expect(body.template).toMatchObject({ after: { draft: 'failure' } }));
      const { layout } = await editor.flow();
      expect(Object.keys(layout ?? {})).toEqual(['template']);
    }));

  it('adds the first node into an empty body', () =>
    withBodies(async (editor) => {
      await editor.screenshot('empty-body');
      await editor.node('improve').locator('[data-action="add-inside"]').click();
      await pick(editor, 'prompt');
      await expectBody(editor, 'improve', (body) => expect(Object.keys(body)).toEqual(['prompt']));
      await editor.node('prompt').waitFor();
      expect((await editor.flow()).layout).toEqual({ prompt: [0, 0] });
    }, EMPTY));

  it('draws a box around nodes of a body without the frame, and around a frame with it', () =>
    withBodies(async (editor) => {
      const box = async (from: { x: number; y: number }, to: { x: number; y: number }) => {
        await editor.page.keyboard.down('Shift');
        await editor.page.mouse.move(from.x, from.y);
        await editor.page.mouse.down();
        await editor.page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 3 });
        await editor.page.mouse.move(to.x, to.y, { steps: 3 });
        await editor.page.mouse.up();
        await editor.page.keyboard.up('Shift');
      };
      const around = await editor.node('improve').boundingBox();
      if (!around) throw new Error('no frame');
      const { x, y, width, height } = around;
      await box({ x: x + 8, y: y + 85 }, { x: x + width - 8, y: y + height - 8 });
      await editor.page.getByText('2 nodes selected').waitFor();
      await box({ x: x - 12, y: y - 12 }, { x: x + width + 12, y: y + height + 12 });
      await editor.page.getByText('3 nodes selected').waitFor();
      await editor.page.getByRole('button', { name: 'Delete nodes' }).click();
      await editor.expectFlow((flow) => expect(Object.keys(flow.nodes)).toEqual(['read', 'fix', 'sorry']));
      expect((await editor.edits()).at(-1)?.edits).toEqual([{ kind: 'removeNode', id: 'improve' }]);
    }));

  it('folds a body away and remembers it, and unfolds it for a problem inside', () =>
    withBodies(async (editor) => {
      await editor.node('draft').click();
      await editor.node('improve').locator('[data-action="fold"]').click();
      await editor.node('draft').waitFor({ state: 'detached' });
      await editor.screenshot('folded');
      expect(await editor.node('improve').locator('[data-action="fold"]').getAttribute('aria-expanded')).toBe('false');
      expect(await editor.edits()).toEqual([]);
      expect(await editor.page.evaluate(() => sessionStorage.getItem('harness-state'))).toContain('"collapsed":["improve"]');
      await editor.send({ type: 'reveal', node: 'check', focus: 'inspector' });
      await editor.node('check').waitFor();
      await editor.page.getByText('Checks a value before', { exact: false }).first().waitFor();
    }));
});

describe('by keyboard', () => {
  it('goes into a body, along it, and out again', () =>
    withBodies(async (editor) => {
      await head(editor, 'read').click();
      await editor.node('read').focus();
      const selected = () => editor.page.locator('.react-flow__node.selected').getAttribute('data-id');
      const way = ['ArrowRight', 'ArrowDown', 'ArrowRight', 'ArrowUp'];
      const seen: (string | null)[] = [];
      for (const key of way) {
        await press(editor, key);
        seen.push(await selected());
      }
      expect(seen).toEqual(['improve', 'draft', 'check', 'improve']);
    }));

  it('adds inside or after a frame', () =>
    withBodies(async (editor) => {
      await head(editor, 'improve').click();
      await press(editor, 'a');
      await editor.page.getByPlaceholder('Add a node inside “Improve until it passes”').waitFor();
      await pick(editor, 'approval');
      await expectBody(editor, 'improve', (body) => expect(Object.keys(body)).toEqual(['draft', 'check', 'approval']));
      await head(editor, 'improve').click();
      await press(editor, 'a');
      await editor.page.getByRole('button', { name: 'After it' }).click();
      await pick(editor, 'file');
      await editor.expectFlow((flow) => expect(flow.nodes.file?.after).toEqual({ improve: 'success' }));
    }));

  it('moves, renames, deletes and folds', () =>
    withBodies(async (editor) => {
      await editor.node('check').click();
      await press(editor, 'Shift+ArrowDown', 'Shift+ArrowUp', 'Shift+ArrowUp');
      await editor.expectFlow((flow) => expect(flow.layout?.check).toEqual([300, 0]));
      await editor.field('Id').fill('sections');
      await press(editor, 'Enter');
      await expectBody(editor, 'improve', (body) => expect(Object.keys(body)).toEqual(['draft', 'sections']));
      await editor.node('sections').focus();
      await press(editor, 'Delete');
      await expectBody(editor, 'improve', (body) => expect(Object.keys(body)).toEqual(['draft']));
      await editor.node('improve').focus();
      await press(editor, 'c');
      await editor.node('draft').waitFor({ state: 'detached' });
      await press(editor, 'c');
      await editor.node('draft').waitFor();
    }));

  it('shows the problem of a node in a body at its field', () =>
    withBodies(async (editor) => {
      await editor.node('draft').click();
      await editor.field('Model').fill(' ');
      await editor.node('check').click();
      await editor.field('Title').waitFor();
      expect(await editor.field('Title').inputValue()).toBe('Check');
      expect(await bodyOf(editor, 'improve')).toHaveProperty('check');
    }));
});

describe.each(Object.keys(THEMES) as Theme[])('in %s', (theme) => {
  it('frames have no barriers', async () => {
    const editor = await harness.open(textOf(BODIES), { theme, width: 1600 });
    await editor.node('check').click();
    await editor.field('Title').waitFor();
    await editor.screenshot(`${theme}-bodies`);
    expect(await editor.barriers()).toEqual([]);
    await editor.close();
  });
});

it.each([
  ['narrow', { width: 400 }],
  ['zoomed', { width: 1600, zoom: 2 }],
])('frames are there when the window is %s', async (name, options) => {
  const editor = await harness.open(textOf(BODIES), options);
  await editor.node('improve').waitFor();
  await editor.screenshot(`${name}-bodies`);
  expect(await editor.barriers()).toEqual([]);
  await editor.close();
});
