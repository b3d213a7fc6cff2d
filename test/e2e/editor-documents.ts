import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { flowFrame, openFile, runCommand, screenshot } from '../host/index.ts';
import { expectFile, Graph, replaceInText } from './graph.ts';
import { oneWindow, pretty } from './window.ts';

const committed = { version: 1, title: 'Committed', nodes: { a: { type: 'template', with: { template: 'A' } } } };

const pair = {
  version: 1,
  title: 'Pair',
  nodes: {
    a: { type: 'template', with: { template: 'A' } },
    b: { type: 'template', after: { a: 'success' }, with: { template: 'B' } },
  },
  layout: { a: [0, 0], b: [300, 0] },
};

const rename = {
  version: 1,
  title: 'Rename',
  nodes: {
    a: { type: 'template', with: { template: 'A' } },
    b: { type: 'template', after: { a: 'success' }, with: { template: '{{ steps.a.output.text | upcase }} and {{steps.a.output.text}}' } },
    c: {
      type: 'branch',
      after: { b: 'success' },
      with: { cases: [{ name: 'long', when: 'steps.a.output.text.size() > 3 && steps.b.output.text != "steps.a"' }] },
    },
    d: { type: 'validate', after: { c: 'else' }, with: { value: { $expr: 'steps.a.output.text' }, schema: { type: 'string' } } },
  },
  layout: { a: [0, 0], b: [300, 0], c: [600, 0], d: [900, 0] },
};

const asks = {
  version: 1,
  title: 'Asks',
  inputs: { topic: { type: 'string', default: 'Snow' } },
  nodes: {
    a: { type: 'template', with: { template: '{{ inputs.topic }}' } },
    b: { type: 'prompt', after: { a: 'success' }, with: { file: 'asks.prompt.md' } },
  },
};

const newer = pretty({ ...pair, version: 99, nodes: { ...pair.nodes, b: { ...pair.nodes.b, novelty: true } } });

const vscode = oneWindow({
  // Long enough to begin typing after the change that an auto save writes.
  settings: { 'files.autoSaveDelay': 6000 },
  files: {
    'committed.flow.json': committed,
    'pair.flow.json': pair,
    'flush.flow.json': pair,
    'half.flow.json': pair,
    'rename.flow.json': rename,
    'asks.flow.json': asks,
    'asks.prompt.md': 'About {{ inputs.topic }}: {{ steps.a.output.text }}',
    'newer.flow.json': newer,
  },
  prepare(workspace) {
    const { folder } = workspace;
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...args], { cwd: folder, stdio: 'pipe' });
    git('init', '--quiet');
    git('add', 'committed.flow.json');
    git('commit', '--quiet', '--message', 'A flow');
    workspace.write('committed.flow.json', pretty({ ...committed, title: 'Changed' }));
  },
});
const read = (file: string) => readFileSync(vscode.workspace.path(file), 'utf8');

const tab = (page: Page, file: string) => page.locator('.tab', { hasText: file });

test('two graphs and the text of one flow follow each other, share one state of saving, and show the same run', async () => {
  const file = 'pair.flow.json';
  const { page } = await vscode.open(file, 'b');
  const original = read(file);
  await runCommand(page, 'View: Split Editor Right');
  await expect.poll(() => page.locator('iframe.webview.ready').count(), { timeout: 60_000 }).toBe(2);
  const first = new Graph(page, flowFrame(page, 0));
  const second = new Graph(page, flowFrame(page, 1));
  await second.ready('b');
  const graphs = [first, second];
  const titled = (title: string) => graphs.map((graph) => graph.frame.locator('.toolbar-title', { hasText: title }).waitFor());

  await first.node('b').click();
  await page.keyboard.press('Delete');
  await second.node('b').waitFor({ state: 'detached' });
  await expect.poll(() => tab(page, file).and(page.locator('.dirty')).count()).toBe(2);
  await second.node('a').click();
  await page.keyboard.press('Control+Z');
  for (const graph of graphs) await graph.ready('b');

  await second.node('a').click();
  await second.frame.getByRole('textbox', { name: 'Title' }).fill('From the second');
  await page.keyboard.press('Enter');
  await first.node('a').locator('.card-title', { hasText: 'From the second' }).waitFor();

  await runCommand(page, 'Belay: Open Text to the Side');
  const text = page.locator('.editor-instance .monaco-editor').last();
  await text.locator('.view-line', { hasText: 'From the second' }).waitFor();
  await text.click();
  await replaceInText(page, '"title": "Pair"', '"title": "From the text"');
  await Promise.all(titled('From the text'));
  await screenshot(page, 'two-graphs-and-text');

  await page.keyboard.press('Control+S');
  await expectFile(vscode.workspace.path(file), (saved) =>
    expect(JSON.parse(saved)).toEqual({
      ...pair,
      title: 'From the text',
      nodes: { ...pair.nodes, a: { ...pair.nodes.a, title: 'From the second' } },
    }),
  );
  await expect.poll(() => page.locator('.tab.dirty').count()).toBe(0);
  // From the outside too: git, another program.
  vscode.workspace.write(file, original);
  await Promise.all(titled('Pair'));
  expect(await page.locator('.tab.dirty').count()).toBe(0);

  await second.action('run').click();
  for (const graph of graphs) await graph.phase('Succeeded');
});

test('Ctrl+S with text still in a field saves that text, also where nothing else was changed, and as one undo step', async () => {
  const file = 'flush.flow.json';
  const graph = await vscode.open(file, 'b');
  const { page } = graph;
  const original = read(file);
  await graph.node('b').click();
  const field = graph.frame.locator('.inspector').getByRole('textbox', { name: 'Template', exact: true });
  await field.fill('not left yet');
  await page.keyboard.press('Control+S');
  await expectFile(vscode.workspace.path(file), (text) => expect(JSON.parse(text).nodes.b.with).toEqual({ template: 'not left yet' }));
  await expect.poll(() => page.locator('.tab.dirty').count()).toBe(0);
  expect(await field.inputValue()).toBe('not left yet');
  await graph.node('b').locator('.card-title').click();
  await page.keyboard.press('Control+Z');
  await page.keyboard.press('Control+S');
  await expectFile(vscode.workspace.path(file), (text) => expect(text).toBe(original));
});

test('an auto save does not take half a word out of a field', async () => {
  const file = 'half.flow.json';
  const graph = await vscode.open(file, 'b');
  const { page } = graph;
  await runCommand(page, 'File: Toggle Auto Save');
  try {
    await graph.drag(graph.node('a').locator('.card-title'), { dx: 0, dy: 60 });
    await graph.node('b').click();
    await graph.frame.locator('.inspector').getByRole('textbox', { name: 'Template', exact: true }).fill('half a wo');
    await expectFile(vscode.workspace.path(file), (text) => expect(JSON.parse(text).layout.a).not.toEqual(pair.layout.a));
    expect(JSON.parse(read(file)).nodes).toEqual(pair.nodes);
    // VS Code takes a save that is asked for while another one ends for that one.
    await expect.poll(() => page.locator('.tab.dirty', { hasText: file }).count()).toBe(0);
    await page.keyboard.press('Control+S');
    await expectFile(vscode.workspace.path(file), (text) => expect(JSON.parse(text).nodes.b.with).toEqual({ template: 'half a wo' }));
  } finally {
    await runCommand(page, 'File: Toggle Auto Save');
  }
});

test('renaming a node mends templates, conditions, edges and layout, and is one undo step', async () => {
  const file = 'rename.flow.json';
  const graph = await vscode.open(file, 'd');
  const { page } = graph;
  const original = read(file);
  await graph.node('a').click();
  await graph.frame.locator('.inspector').getByRole('textbox', { name: 'Id', exact: true }).fill('start');
  await page.keyboard.press('Enter');
  await graph.ready('start');
  await page.keyboard.press('Control+S');
  const { a, b, c, d } = rename.nodes;
  await expectFile(vscode.workspace.path(file), (text) =>
    expect(JSON.parse(text)).toEqual({
      ...rename,
      nodes: {
        start: a,
        b: {
          ...b,
          after: { start: 'success' },
          with: { template: '{{ steps.start.output.text | upcase }} and {{steps.start.output.text}}' },
        },
        c: { ...c, with: { cases: [{ name: 'long', when: 'steps.start.output.text.size() > 3 && steps.b.output.text != "steps.a"' }] } },
        d: { ...d, with: { value: { $expr: 'steps.start.output.text' }, schema: { type: 'string' } } },
      },
      layout: { start: [0, 0], b: [300, 0], c: [600, 0], d: [900, 0] },
    }),
  );
  await graph.node('start').locator('.card-title').click();
  await page.keyboard.press('Control+Z');
  await graph.ready('a');
  await page.keyboard.press('Control+S');
  await expectFile(vscode.workspace.path(file), (text) => expect(text).toBe(original));
});

test('a node and an input that are renamed in the graph are renamed in the prompt file, too', async () => {
  const graph = await vscode.open('asks.flow.json', 'b');
  const prompt = vscode.workspace.path('asks.prompt.md');
  const retype = async (label: string, name: string) => {
    await graph.frame.locator('.inspector').getByRole('textbox', { name: label, exact: true }).fill(name);
    await graph.page.keyboard.press('Enter');
  };
  await retype('Name of topic', 'subject');
  await expectFile(prompt, (text) => expect(text).toBe('About {{ inputs.subject }}: {{ steps.a.output.text }}'));
  await graph.node('a').click();
  await retype('Id', 'start');
  await graph.ready('start');
  await expectFile(prompt, (text) => expect(text).toBe('About {{ inputs.subject }}: {{ steps.start.output.text }}'));
  await expectFile(vscode.workspace.path('asks.flow.json'), (text) =>
    expect(JSON.parse(text)).toMatchObject({
      inputs: { subject: { default: 'Snow' } },
      nodes: { start: { with: { template: '{{ inputs.subject }}' } }, b: { after: { start: 'success' } } },
    }),
  );
  // One step of undo for all files, and VS Code does not ask: the suite sees what becomes of the others.
  await graph.node('start').click();
  await graph.page.keyboard.press('Control+Z');
  await graph.ready('a');
  // What it changed back elsewhere is not saved, and VS Code says so.
  await graph.page.locator('.tab.dirty', { hasText: 'asks.prompt.md' }).waitFor();
});

test('the buttons of the title reopen a flow as text and as graph; a diff of git is text', async () => {
  const file = 'committed.flow.json';
  const graph = await vscode.open(file, 'a');
  const { page } = graph;
  const tab = page.locator('.tab', { hasText: file });
  const dirty = page.locator('.tab.dirty', { hasText: file });
  const button = (name: string) => page.locator(`.editor-group-container.active .editor-actions .action-label[aria-label*="${name}"]`);
  await button('Reopen as Text').click();
  await page.locator('.editor-instance .monaco-editor .view-line', { hasText: '"title": "Changed"' }).waitFor();
  await expect.poll(() => page.locator('iframe.webview.ready').count()).toBe(0);
  expect(await tab.count()).toBe(1);
  await button('Reopen as Graph').click();
  await new Graph(page).ready('a');
  expect(await tab.count()).toBe(1);

  // With unsaved changes too, and nobody is asked whether to save them.
  await graph.drag(graph.node('a').locator('.card-title'), { dx: 0, dy: -60 });
  await dirty.waitFor();
  await button('Reopen as Text').click();
  await page.locator('.editor-instance .monaco-editor .view-line', { hasText: '"layout"' }).waitFor();
  await dirty.waitFor();
  expect(await page.locator('.monaco-dialog-box').count()).toBe(0);
  expect(await tab.count()).toBe(1);
  await button('Reopen as Graph').click();
  await graph.ready('a');
  await page.keyboard.press('Control+S');
  await dirty.waitFor({ state: 'detached' });

  await button('Open Changes').click();
  const diff = page.locator('.editor-instance .monaco-diff-editor');
  await diff.locator('.editor.original .view-line', { hasText: '"title": "Committed"' }).waitFor({ timeout: 60_000 });
  await diff.locator('.editor.modified .view-line', { hasText: '"title": "Changed"' }).waitFor();
  await screenshot(page, 'git-diff');
});

test('a flow of a newer format is shown read-only with the reason, and stays as it is', async () => {
  const file = 'newer.flow.json';
  const graph = await vscode.open(file, 'b');
  const { page } = graph;
  await graph.frame.locator('.banner', { hasText: 'format version 99' }).waitFor();
  await graph.frame.locator('.toolbar .pill', { hasText: 'read-only' }).waitFor();
  await graph.node('b').click();
  await page.keyboard.press('Delete');
  await page.keyboard.press('a');
  await graph.drag(graph.node('b').locator('.card-title'), { dx: 0, dy: 80 });
  await graph.drag(graph.handle('a', 'failure'), graph.entry('b'));
  await runCommand(page, 'Belay: Add Node');
  await graph.action('run').click();
  await page.locator('#status\\.notifications').waitFor();
  await screenshot(page, 'newer-format');
  expect(await graph.frame.locator('.palette').count()).toBe(0);
  expect(await page.locator('.tab.dirty').count()).toBe(0);
  expect(await graph.node('b').count()).toBe(1);
  await page.keyboard.press('Control+S');
  await openFile(page, 'pair.flow.json');
  expect(read(file)).toBe(newer);
});
