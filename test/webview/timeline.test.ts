/** A run that is over, laid out in time and looked back at. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Editor, type Harness, type OpenOptions, startHarness } from './harness/index.ts';
import { RELEASE_NOTES, runAfterApproval, runToApproval, stamp, textOf } from './samples.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
}, 60_000);
afterAll(() => harness?.close());

async function opened(options: OpenOptions = {}): Promise<Editor> {
  const editor = await harness.open(textOf(RELEASE_NOTES), options);
  const events = stamp([...runToApproval(), ...runAfterApproval()], Date.now() - 60_000);
  await editor.node('draft').waitFor();
  await editor.send({ type: 'run', run: { id: 'run-1', events, interrupted: false, flowText: '', sameFlow: true } });
  await editor.action('timeline').click();
  await editor.page.locator('.timeline').waitFor();
  return editor;
}
const slider = (editor: Editor) => editor.page.getByRole('slider', { name: 'Moment of the run' });
const card = (editor: Editor, node: string, state: string) => editor.node(node).locator(`.card.is-${state}`);

it('shows the run as it stood at a moment, by keyboard, step by step', async () => {
  const editor = await opened();
  await editor.page.locator('.bar-line', { hasText: 'Draft the notes' }).waitFor();
  await slider(editor).focus();
  await editor.page.keyboard.press('Home');
  await editor.page.locator('.run-banner', { hasText: 'Looking back' }).waitFor();
  await card(editor, 'publish', 'pending').waitFor();
  for (let step = 0; step < 6; step += 1) await editor.page.keyboard.press('ArrowRight');
  await card(editor, 'changes', 'succeeded').waitFor();
  await card(editor, 'draft', 'running').waitFor();
  expect(await slider(editor).getAttribute('aria-valuetext')).toMatch(/ of .*; 1 step at work$/);
  // Nothing of the past can be answered or stopped.
  expect(await editor.page.locator('[data-action="approve"], [data-action="stop"], [data-action="cancel-run"]').count()).toBe(0);
  await editor.screenshot('timeline');
  expect(await editor.barriers()).toEqual([]);
  await editor.page.locator('.bar-line', { hasText: 'Draft the notes' }).getByRole('button').click();
  await expect.poll(() => editor.node('draft').getAttribute('class')).toContain('selected');
  await editor.action('present').click();
  await card(editor, 'publish', 'succeeded').waitFor();
  await editor.action('play').click();
  await editor.page.locator('.run-banner', { hasText: 'Looking back' }).waitFor();
  await editor.action('close-timeline').click();
  await editor.page.locator('.run-banner', { hasText: 'Succeeded' }).waitFor();
  await editor.close();
});

it('asks for a comparison with an earlier run', async () => {
  const editor = await opened();
  await editor.node('draft').click({ force: true });
  await editor.page.getByRole('button', { name: 'Compare “Output” with an earlier run' }).click();
  expect((await editor.sent()).at(-1)).toEqual({ type: 'compareOutput', runId: 'run-1', node: 'draft' });
  await editor.close();
});

it.each<[string, OpenOptions]>([
  ['light', { theme: 'light' }],
  ['highContrast', { theme: 'highContrast' }],
  ['narrow', { width: 400, height: 800 }],
  ['zoomed', { zoom: 2 }],
])(
  '%s: without barriers',
  async (name, options) => {
    const editor = await opened(options);
    await slider(editor).fill('9000');
    await editor.page.locator('.run-banner', { hasText: 'Looking back' }).waitFor();
    await editor.screenshot(`timeline-${name}`);
    expect(await editor.barriers()).toEqual([]);
    expect(await editor.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
    await editor.close();
  },
  60_000,
);
