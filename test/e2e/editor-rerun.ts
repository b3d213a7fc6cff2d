import { existsSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { screenshot } from '../host/index.ts';
import { expectFile, type Graph } from './graph.ts';
import { oneWindow } from './window.ts';

const notes = {
  version: 1,
  title: 'Notes',
  nodes: {
    note: { type: 'file', title: 'Note it', with: { action: 'append', path: 'log.txt', content: 'noted\n' } },
    join: { type: 'template', title: 'Write it', after: { note: 'success' }, with: { template: 'after {{ steps.note.output.bytes }}' } },
    store: {
      type: 'file',
      title: 'Store it',
      after: { join: 'success' },
      with: { action: 'write', path: 'out.txt', content: '{{ steps.join.output.text }}' },
    },
    tell: {
      type: 'command',
      title: 'Tell them',
      after: { store: 'failure' },
      with: { run: ['touch', 'told {{ steps.join.output.text }}'] },
    },
  },
};

const vscode = oneWindow({ files: { 'notes.flow.json': notes } });
const path = (name: string) => vscode.workspace.path(name);

async function choose(graph: Graph, label: string): Promise<void> {
  await graph.action('run-more').click();
  await graph.page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first().click();
}

test('a dry run shows what every node would do and does nothing; a run from a node keeps the results before it', async () => {
  const graph = await vscode.open('notes.flow.json', 'note');
  const { page } = graph;
  await choose(graph, 'Dry Run');
  await graph.phase('Succeeded');
  await graph.frame.locator('.run-banner', { hasText: 'nothing was done' }).waitFor();
  await graph.node('tell').locator('.pill', { hasText: 'not reached' }).waitFor();
  expect(['log.txt', 'out.txt'].filter((name) => existsSync(path(name)))).toEqual([]);
  await graph.node('tell').click();
  await graph.frame.getByRole('tab', { name: 'Run' }).click();
  await graph.frame.locator('.inspector', { hasText: 'Would do' }).waitFor();
  await screenshot(page, 'dry-run');

  await graph.action('run').click();
  await graph.phase('Succeeded');
  await expectFile(path('log.txt'), (text) => expect(text).toBe('noted\n'));
  writeFileSync(path('out.txt'), '');
  await graph.node('join').click();
  await choose(graph, 'Run from Here');
  await graph.node('note').locator('.pill', { hasText: 'kept' }).waitFor();
  await graph.phase('Succeeded');
  await expectFile(path('out.txt'), (text) => expect(text).toMatch(/^after \d+$/));
  await expectFile(path('log.txt'), (text) => expect(text).toBe('noted\n'));
  await screenshot(page, 'run-from-here');
});

test('a run to a node ends with it; its result is compared with that of the run before, and the run is looked back at', async () => {
  const graph = await vscode.open('notes.flow.json', 'note');
  const { page } = graph;
  await graph.action('run').click();
  await graph.phase('Succeeded');
  await graph.node('join').click();
  await choose(graph, 'Run to Here');
  await graph.frame.locator('.run-banner', { hasText: 'up to join' }).waitFor();
  await graph.phase('Succeeded');
  await graph.state('store', 'pending');
  await graph.action('timeline').click();
  await graph.frame.getByRole('slider', { name: 'Moment of the run' }).press('Home');
  await graph.state('join', 'pending');
  await screenshot(page, 'timeline');
  await graph.action('present').click();
  await graph.action('compare').click();
  await page.locator('.quick-input-list .monaco-list-row').first().click();
  await page.locator('.tab', { hasText: 'shown run' }).waitFor();
  await page.locator('.monaco-diff-editor').waitFor();
  await screenshot(page, 'compare-output');
});

test('the menu of a node pins its output, which the next run takes', async () => {
  const graph = await vscode.open('notes.flow.json', 'note');
  const { page } = graph;
  await graph.action('run').click();
  await graph.phase('Succeeded');
  await graph.node('note').locator('.card-title').click({ button: 'right' });
  await page.locator('.monaco-menu .action-item', { hasText: /^Pin Output/ }).waitFor();
  await screenshot(page, 'node-menu');
  await page.locator('.monaco-menu .action-item', { hasText: /^Pin Output/ }).click();
  await graph.action('run').click();
  await graph.node('note').locator('.pill', { hasText: 'pinned' }).waitFor();
  await graph.phase('Succeeded');
  await graph.frame.locator('.run-banner', { hasText: '1 pinned' }).waitFor();
  await screenshot(page, 'pinned');
});
