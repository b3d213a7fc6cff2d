import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/lib/paths.mjs';
import { runCommand, screenshot } from '../host/index.ts';
import { replaceInText } from './graph.ts';
import { oneWindow } from './window.ts';

const hostile = join(root, 'test', 'fixtures', 'hostile');
const expected: Record<string, string[]> = JSON.parse(readFileSync(join(hostile, 'expected.json'), 'utf8'));
const textOf = (name: string) => readFileSync(join(hostile, name), 'utf8');

const wrong = {
  version: 1,
  title: 'Wrong',
  nodes: { a: { type: 'template', with: { template: '{{ steps.nobody.output }}' } }, b: { type: 'template', with: { template: 'B' } } },
};

const vscode = oneWindow({
  files: { 'wrong.flow.json': wrong, ...Object.fromEntries(Object.keys(expected).map((name) => [name, textOf(name)])) },
});

test('an error stands on its node and in the Problems panel; mending the text takes it away from both', async () => {
  const graph = await vscode.open('wrong.flow.json', 'a');
  const { page } = graph;
  const badge = (node: string) => graph.node(node).locator('.badge.problem.error');
  await badge('a').waitFor();
  expect(await badge('b').count()).toBe(0);
  await graph.action('problems').click();
  const rows = page.locator('.markers-panel .monaco-list-row', { hasText: 'nobody' });
  await rows.first().waitFor();
  await screenshot(page, 'problems');

  await runCommand(page, 'Belay: Open Text to the Side');
  const line = page.locator('.editor-instance .monaco-editor .view-line', { hasText: 'steps.nobody' });
  await line.click();
  await replaceInText(page, '{{ steps.nobody.output }}', 'A');
  await badge('a').waitFor({ state: 'detached' });
  await rows.first().waitFor({ state: 'detached' });
  await graph.action('problems').waitFor({ state: 'detached' });
});

test.for(Object.entries(expected))('%s: opened as a graph it is told in place, and stays as it is', async ([name, problems]) => {
  const text = textOf(name);
  const { nodes } = JSON.parse(text) as { nodes: object };
  const { page } = await vscode.open(name, Object.keys(nodes)[0] ?? '');
  await runCommand(page, 'Problems: Focus on Problems View');
  for (const problem of problems) {
    const [code = '', place = ''] = problem.split(' ');
    const [line, column] = place.split(':');
    await page
      .locator('.markers-panel .monaco-list-row', { hasText: code })
      .and(page.locator('.markers-panel .monaco-list-row', { hasText: `[Ln ${line}, Col ${column}]` }))
      .first()
      .waitFor();
  }
  expect(await page.locator('.tab.dirty').count()).toBe(0);
  expect(readFileSync(vscode.workspace.path(name), 'utf8')).toBe(text);
});
