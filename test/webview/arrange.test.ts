/** Auto-layout: by toolbar, key and command; one edit, one undo step, computed beside the page. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Editor, type Harness, startHarness } from './harness/index.ts';
import { RELEASE_NOTES, textOf } from './samples.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
}, 60_000);
afterAll(() => harness?.close());

/** Everything in one heap. */
const heap = () =>
  textOf({ ...RELEASE_NOTES, layout: Object.fromEntries(Object.keys(RELEASE_NOTES.nodes).map((id, at) => [id, [at * 7, at * 5]])) });

const placesOf = async (editor: Editor) => (await editor.flow()).layout ?? {};

describe('arranging', () => {
  it('lays out a heap by one edit, and the same again changes nothing', async () => {
    const editor = await harness.open(heap());
    await editor.action('arrange').click();
    await editor.expectFlow(({ layout }) => expect(layout?.tell?.[0]).toBeGreaterThan(1000));
    expect(await editor.edits()).toMatchObject([{ label: 'Arrange flow', edits: [{ kind: 'moveNodes' }] }]);
    const after = await editor.text();
    await editor.page.locator('.canvas').focus();
    await editor.page.keyboard.press('l');
    await editor.page.getByRole('status').getByText('Nothing to arrange').waitFor({ state: 'attached' });
    expect(await editor.text()).toBe(after);
    await editor.screenshot('arranged-right');
    await editor.page.evaluate(() => window.fakeHost.undo());
    expect(await editor.text()).toBe(heap());
    await editor.close();
  });

  it('leads down when it is asked to, and remembers it with the view', async () => {
    const editor = await harness.open(heap());
    await editor.action('direction').click();
    await editor.expectFlow(({ layout }) => expect(layout?.tell?.[1]).toBeGreaterThan(600));
    await editor.node('draft').locator('.react-flow__handle-top').waitFor();
    await editor.screenshot('arranged-down');
    expect(await editor.page.evaluate(() => JSON.parse(sessionStorage.getItem('harness-state') ?? '{}').direction)).toBe('down');
    await editor.send({ type: 'command', command: 'arrangeRight' });
    await editor.expectFlow(({ layout }) => expect(layout?.tell?.[0]).toBeGreaterThan(1000));
    await editor.close();
  });

  it('moves what is selected and nothing else', async () => {
    const editor = await harness.open(heap());
    const before = await placesOf(editor);
    await editor.page.evaluate(() => window.fakeHost.send({ type: 'reveal', node: 'changes', focus: 'canvas' }));
    await editor.page.keyboard.down('Shift');
    await editor.node('sorry').click({ position: { x: 230, y: 100 } });
    await editor.page.keyboard.up('Shift');
    await editor.send({ type: 'command', command: 'arrange' });
    await editor.expectFlow(({ layout }) => expect(layout?.sorry).not.toEqual(before.sorry));
    const { changes: _changes, sorry: _sorry, ...others } = await placesOf(editor);
    expect(before).toMatchObject(others);
    await editor.close();
  });
});
