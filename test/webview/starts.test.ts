/** A flow without steps teaches how to begin. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Harness, type OpenOptions, startHarness } from './harness/index.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
}, 60_000);
afterAll(() => harness?.close());

const about = 'One step after the other: a model drafts, a check looks at the draft, a person agrees, the file is written.';
const starts = [
  ...['Pipeline', 'Branch and merge', 'Loop until done', 'Classify and dispatch', 'Schedule and report'].map((title) => ({
    id: title.toLowerCase().replaceAll(' ', '-'),
    kind: 'pattern' as const,
    icon: 'sync',
    title,
    about,
  })),
  { id: 'hello', kind: 'example' as const, icon: 'smiley', title: 'Hello', about: 'The smallest flow that asks a person.' },
];

it.each<[string, OpenOptions]>([
  ['dark', {}],
  ['highContrast', { theme: 'highContrast' }],
  ['narrow', { width: 400, height: 700, theme: 'light' }],
])(
  '%s: offers patterns and examples',
  async (name, options) => {
    // What it can start from is asked for once, when a flow is first seen to be empty.
    const editor = await harness.open('{ "version": 1, "nodes": { "stop": { "type": "end" } } }', options);
    await editor.answer({ starts });
    await editor.setText('{ "version": 1, "title": "New flow", "nodes": {} }');
    await editor.action('start-pipeline').waitFor();
    await editor.screenshot(`starts-${name}`);
    expect(await editor.barriers()).toEqual([]);
    expect(await editor.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
    await editor.action('start-pipeline').click();
    expect((await editor.sent()).at(-1)).toEqual({ type: 'startFrom', id: 'pipeline' });
    await editor.close();
  },
  60_000,
);

it('a file without any text begins as one without steps', async () => {
  // What it can start from is asked for at once.
  const editor = await harness.open('{');
  await editor.answer({ starts });
  await editor.setText(' \n');
  await editor.action('start-pipeline').waitFor();
  expect(await editor.page.locator('.banner').count(), 'it is no error').toBe(0);
  await editor.action('add-first').click();
  expect((await editor.sent()).at(-1)).toEqual({ type: 'startFrom', id: 'blank' });
  await editor.setText('{ "version": 1, "nodes": {} }');
  await editor.page.getByRole('combobox', { name: 'Search node types' }).fill('prompt');
  await editor.page.keyboard.press('Enter');
  await editor.expectFlow((flow) => expect(Object.keys(flow.nodes)).toEqual(['prompt']));
  await editor.close();
});
