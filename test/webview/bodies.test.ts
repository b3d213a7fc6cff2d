/** Bodies of loops on the canvas: everything that works on the nodes of the flow works on those of a body. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Editor, type Harness, startHarness, THEMES, type Theme } from './harness/index.ts';
import { BODIES, runOfBodies, stamp, textOf } from './samples.ts';

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
      const before = await editor.node('draft').boundingBox();
      await editor.drag(editor.node('check').locator('.card-title'), { dx: 60, dy: 90 });
      await editor.expectFlow((flow) => expect(flow.layout?.check).toBeDefined());
      // What nobody moved stands where it stood.
      expect(await editor.node('draft').boundingBox()).toEqual(before);
      const { layout } = await editor.flow();
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
      // What comes behind it stays, and so has a place now, too.
      await editor.expectFlow((flow) => expect(flow.layout).toHaveProperty('improve'));
      expect((await editor.flow()).layout).not.toHaveProperty('draft');
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
      expect((await editor.flow()).layout).toHaveProperty('template');
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

const running = async (editor: Editor, upTo?: number) => {
  const events = stamp(runOfBodies().slice(0, upTo), Date.now() - 40_000);
  await editor.send({ type: 'run', run: { id: 'run-1', events, interrupted: false, flowText: '', sameFlow: true } });
  await editor.page.locator('.run-banner').waitFor();
  return events;
};
const card = (editor: Editor, node: string, state: string) => editor.node(node).locator(`.card.is-${state}`);
const stepper = (editor: Editor, node: string) => editor.node(node).locator('.stepper');
const inspector = (editor: Editor) => editor.page.locator('#inspector');

describe('in a run', () => {
  it('follows the newest pass, live', () =>
    withBodies(async (editor) => {
      const shown = 16;
      await running(editor, shown);
      await stepper(editor, 'improve').getByText('Pass 1 of 1').waitFor();
      await card(editor, 'draft', 'running').waitFor();
      const rest = stamp(runOfBodies().slice(shown, shown + 4), Date.now(), shown);
      await editor.send({
        type: 'runEvents',
        runId: 'run-1',
        events: rest,
        live: [{ type: 'live.text', node: 'improve[1]/draft', text: 'Once upon' }],
      });
      await stepper(editor, 'improve').getByText('Pass 2 of 2').waitFor();
      await card(editor, 'check', 'pending').waitFor();
      await editor.node('draft').click();
      await inspector(editor).getByText('Once upon').waitFor();
    }));

  it('steps from pass to pass; the inspector shows that pass', () =>
    withBodies(async (editor) => {
      await running(editor);
      await editor.node('draft').click();
      await inspector(editor).getByText('The second draft').waitFor();
      await stepper(editor, 'improve').locator('[data-action="pass-before"]').click();
      await stepper(editor, 'improve').getByText('Pass 1 of 2').waitFor();
      await inspector(editor).getByText('The first draft').waitFor();
      expect(await editor.node('check').locator('.outlet.taken').getAttribute('data-outlet')).toBe('invalid');
      expect(await editor.node('check').getAttribute('aria-label')).toMatch(/^Validate "Check", in "Improve until it passes", succeeded/);
    }));

  it('lists the items of a list with what became of them', () =>
    withBodies(async (editor) => {
      await running(editor);
      await stepper(editor, 'read').getByText('Item 3 of 3').waitFor();
      await stepper(editor, 'read').getByText('1 failed').waitFor();
      await head(editor, 'read').click();
      const items = inspector(editor).getByRole('region', { name: 'Items' });
      await items.getByText('3 of 3 ended').waitFor();
      await items.getByRole('button', { name: 'Item 2' }).click();
      await card(editor, 'fetch', 'failed').waitFor();
      await card(editor, 'sum', 'pending').waitFor();
      await editor.screenshot('items');
      expect(await editor.barriers()).toEqual([]);
    }));

  it('shows a sub-flow: its steps, its questions, its file', () =>
    withBodies(async (editor) => {
      await running(editor);
      await card(editor, 'fix', 'awaiting').waitFor();
      await editor.page.locator('.run-banner', { hasText: 'Waiting for you' }).waitFor();
      await editor.node('fix').locator('[data-action="answer"]').click();
      await inspector(editor).getByText('Publish a brief').waitFor();
      await editor.screenshot('sub-flow');
      expect(await editor.barriers()).toEqual([]);
      await inspector(editor).getByText('format').click();
      await inspector(editor).getByText('# Brief').waitFor();
      await inspector(editor).locator('[data-action="open-sub-flow"]').click();
      expect((await editor.sent()).at(-1)).toEqual({ type: 'openSubFlow', flow: 'publish.flow.json', pass: 'fix[0]' });
      await inspector(editor).locator('[data-action="approve"]').click();
      expect((await editor.sent()).at(-1)).toMatchObject({ type: 'run.decide', key: 'fix[0]/approve/ask', decision: 'approved' });
    }));

  it('goes to a question in a body that is folded away', () =>
    withBodies(async (editor) => {
      const events = runOfBodies().slice(0, 16);
      const request = { kind: 'approval', title: 'Good?', message: '', argsHash: 'h', untrusted: false } as const;
      const asked = { type: 'signal.requested', node: 'improve[0]/draft', key: 'k', request } as const;
      await editor.send({
        type: 'run',
        run: { id: 'run-1', events: stamp([...events, asked], Date.now() - 20_000), interrupted: false, flowText: '', sameFlow: true },
      });
      await card(editor, 'improve', 'awaiting').waitFor();
      await editor.node('improve').locator('[data-action="fold"]').click();
      await editor.node('improve').locator('[data-action="answer"]').click();
      await editor.node('draft').locator('[data-action="approve"]').waitFor();
      await inspector(editor).getByText('Good?').waitFor();
    }));
});

describe.each(Object.keys(THEMES) as Theme[])('in %s', (theme) => {
  it('frames have no barriers', async () => {
    const editor = await harness.open(textOf(BODIES), { theme, width: 1600 });
    await editor.node('check').click();
    await editor.field('Title').waitFor();
    await editor.screenshot(`${theme}-bodies`);
    expect(await editor.barriers()).toEqual([]);
    await running(editor);
    await editor.node('check').click();
    await stepper(editor, 'read').waitFor();
    await editor.screenshot(`${theme}-bodies-run`);
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
