/** A prompt of a flow in an editor of its own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pressUntilShown, screenshot } from '../host/index.ts';
import { expectFile, notification, replaceInText } from './graph.ts';
import { oneWindow, pretty } from './window.ts';

const ask = (prompt: string) => ({ version: 1, title: 'Ask', nodes: { draft: { type: 'prompt', title: 'Draft it', with: { prompt } } } });
const two = {
  version: 1,
  title: 'Two',
  nodes: {
    read: { type: 'template', title: 'Read it', with: { template: 'Snow' } },
    draft: { type: 'prompt', after: { read: 'success' }, with: { prompt: 'Write about ' } },
  },
};
const vscode = oneWindow({
  files: { 'ask.flow.json': ask('Write a poem.\nAbout snow.'), 'other.flow.json': ask('Write a poem.'), 'two.flow.json': two },
});

test('a prompt opens beside the graph, and saving it is one edit of the flow, which is saved too', async () => {
  const graph = await vscode.open('ask.flow.json', 'draft');
  const { page } = graph;
  await graph.node('draft').click();
  await graph.frame.getByRole('button', { name: 'Open Prompt in Editor' }).click();
  await page.locator('.tab', { hasText: 'draft.prompt.md' }).waitFor();
  await page.locator('.editor-instance .view-line', { hasText: 'About snow.' }).click();
  await replaceInText(page, 'snow', 'rain');
  await page.keyboard.press('Control+S');
  await expectFile(vscode.workspace.path('ask.flow.json'), (text) => expect(text).toBe(pretty(ask('Write a poem.\nAbout rain.'))));
  await expect.poll(() => graph.frame.getByLabel('Prompt', { exact: true }).inputValue()).toContain('rain');
  await screenshot(page, 'prompt-in-editor');
});

test('a prompt that was changed in the flow meanwhile is not written over without a word', async () => {
  const graph = await vscode.open('other.flow.json', 'draft');
  const { page } = graph;
  await graph.node('draft').click();
  await graph.frame.getByRole('button', { name: 'Open Prompt in Editor' }).click();
  await page.locator('.editor-instance .view-line', { hasText: 'Write a poem.' }).click();
  await replaceInText(page, 'poem', 'song');
  const file = vscode.workspace.path('other.flow.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('Write a poem.', 'Write a long novel.'));
  await expect.poll(() => graph.frame.getByLabel('Prompt', { exact: true }).inputValue(), { timeout: 20_000 }).toContain('novel');
  await page.keyboard.press('Control+S');
  await notification(page, 'draft.prompt.md');
  await screenshot(page, 'prompt-conflict');
  expect(readFileSync(file, 'utf8')).toContain('long novel');
});

test('references are completed in the tab of a prompt', async () => {
  const graph = await vscode.open('two.flow.json', 'draft');
  const { page } = graph;
  await graph.node('draft').click();
  await graph.frame.getByRole('button', { name: 'Open Prompt in Editor' }).click();
  await page.locator('.editor-instance .view-line', { hasText: 'Write about' }).click();
  await page.keyboard.press('Control+End');
  await page.keyboard.insertText('{{ ste');
  const offered = (label: string) => page.locator('.suggest-widget.visible .monaco-list-row', { hasText: label }).first();
  // Longer than an answer takes: the key closes a list that is there and opens it anew.
  const take = async (label: string) => {
    await pressUntilShown(page, 'Control+Space', offered(label), 5000, 60_000);
    await screenshot(page, `prompt-completion-${label.replace('.', '-')}`);
    await offered(label).click();
  };
  await take('steps.read');
  await page.keyboard.type('.');
  await take('text');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+S');
  await expectFile(vscode.workspace.path('two.flow.json'), (text) =>
    expect(JSON.parse(text).nodes.draft.with.prompt).toMatch(/^Write about \{\{ ?steps\.read\.output\.text ?}}$/),
  );
});
