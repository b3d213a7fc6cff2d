/**
 * "Collect from three sites, summarise each, vote, approve, save", from an empty file: in the graph by mouse, half in the text and half
 * in the graph by keyboard, and in the text alone. Each runs to the yes, and on.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFile, pressUntilShown, runCommand, screenshot } from '../host/index.ts';
import { expectFile, Graph } from './graph.ts';
import { oneWindow } from './window.ts';

const EMPTY = '{\n  "version": 1,\n  "title": "Empty",\n  "nodes": {}\n}\n';
const vscode = oneWindow({
  // What is typed here comes as a whole: nothing is closed, indented or taken from a list on the way.
  settings: {
    'editor.autoClosingBrackets': 'never',
    'editor.autoClosingQuotes': 'never',
    'editor.autoIndent': 'none',
    'editor.autoSurround': 'never',
    'editor.acceptSuggestionOnCommitCharacter': false,
  },
  files: { 'graph.flow.json': EMPTY, 'text.flow.json': EMPTY, 'half.flow.json': EMPTY, 'walk.flow.json': EMPTY },
});

let sites: Server;
let model: LLMock;
let address: string;
beforeAll(async () => {
  sites = createServer((request, response) => response.setHeader('content-type', 'text/plain').end(`News of ${request.url?.slice(1)}`));
  await new Promise<void>((resolve) => sites.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(sites.address() as AddressInfo).port}`;
  model = new LLMock({ port: 0 });
  for (const site of ['a', 'b', 'c']) model.onMessage(new RegExp(`News of ${site}`), { content: site === 'c' ? 'no' : 'yes' });
  await model.start();
  const settings = {
    'belay.connections': [{ id: 'mock', baseUrl: `${model.url}/v1`, models: ['small'] }],
    'belay.defaultModel': 'mock/small',
  };
  mkdirSync(join(vscode.host.userDataDir, 'Machine'), { recursive: true });
  writeFileSync(join(vscode.host.userDataDir, 'Machine', 'settings.json'), JSON.stringify(settings));
});
afterAll(async () => {
  await model?.stop();
  sites?.close();
});

const PROMPT = 'Is this worth reading?';
const VOTES = '.output.text, steps.prompt2.output.text, steps.prompt3.output.text].filter(vote, vote == "yes").size()';

const showAll = (graph: Graph) => graph.frame.locator('.react-flow__controls-fitview').click();

/** What all three come to, however it was built. */
async function runs(graph: Graph, file: string): Promise<void> {
  await graph.page.keyboard.press('Control+S');
  await expectFile(vscode.workspace.path(file), (text) => {
    const { nodes } = JSON.parse(text);
    const names = ['approval', 'file', 'http', 'http2', 'http3', 'prompt', 'prompt2', 'prompt3', 'transform'];
    expect(Object.keys(nodes).sort()).toEqual(names);
    expect(nodes.transform.after).toEqual({ prompt: 'success', prompt2: 'success', prompt3: 'success' });
  });
  await graph.frame.locator('[data-action="mode"].mode-live').waitFor();
  await showAll(graph);
  await graph.action('run').click();
  await graph.state('approval', 'awaiting');
  await graph.node('approval').locator('[data-action="approve"]').click();
  await graph.phase('Succeeded');
  await screenshot(graph.page, `newcomer-${file.split('.')[0]}`);
  const votes = vscode.workspace.path('out/votes.txt');
  expect(readFileSync(votes, 'utf8')).toBe('Votes: 2');
  rmSync(votes);
}

const selected = (graph: Graph, id: string) => graph.node(id).and(graph.frame.locator('.selected')).waitFor();
const field = (graph: Graph, label: string) =>
  graph.frame.locator('#inspector').getByLabel(label, { exact: true }).and(graph.frame.locator('input, textarea'));

/** In the inspector: writes into a field of the selected node. */
async function fill(graph: Graph, label: string, text: string): Promise<void> {
  await field(graph, label).fill(text);
  await field(graph, label).blur();
  await expect.poll(() => field(graph, label).inputValue()).toBe(text);
}

/** The end of a flow, once the three votes are connected to it: `add` puts a node behind the one that is selected. */
async function approveAndSave(graph: Graph, add: (type: string, id: string) => Promise<void>): Promise<void> {
  await fill(graph, 'Value', `[steps.prompt${VOTES}`);
  await add('Approval', 'approval');
  await fill(graph, 'Question', 'Save {{ steps.transform.output }} votes?');
  await add('File', 'file');
  await graph.frame.locator('#inspector').getByLabel('Action', { exact: true }).selectOption('write');
  await fill(graph, 'Path', 'out/votes.txt');
  await fill(graph, 'Content', 'Votes: {{ steps.transform.output }}');
}

test('in the graph alone, by mouse', async () => {
  const page = await vscode.page();
  await openFile(page, 'graph.flow.json');
  const graph = new Graph(page);
  const pick = async (title: string, id: string) => {
    await graph.frame.locator('.palette-list').getByRole('option', { name: title }).first().click();
    await selected(graph, id);
  };
  /** Draws an edge into the void, and takes what it is to lead to from the palette that comes. */
  const behind = (source: string, outlet: string) => async (title: string, id: string) => {
    await showAll(graph);
    await graph.drag(graph.handle(source, outlet), { dx: 50, dy: 0 });
    await pick(title, id);
  };
  await graph.action('add-first').click();
  await pick('HTTP', 'http');
  await fill(graph, 'Address', `${address}/a`);
  await behind('http', 'success')('Prompt', 'prompt');
  await fill(graph, 'Prompt', `${PROMPT} {{ steps.http.output.body }}`);
  // The two others are copies of the first.
  for (const [site, copy] of [
    ['b', '2'],
    ['c', '3'],
  ]) {
    await graph.node('http').locator('.card-title').click();
    await graph
      .node('prompt')
      .locator('.card-title')
      .click({ modifiers: ['Shift'] });
    await graph.frame.locator('#inspector', { hasText: '2 nodes selected' }).waitFor();
    await graph.node('http').locator('.card-title').click({ button: 'right' });
    const item = page.locator('.monaco-menu .action-item', { hasText: /^Duplicate/ });
    await item.waitFor();
    if (copy === '2') await screenshot(page, 'menu-of-nodes');
    // A menu of VS Code takes no click in its first moment.
    await expect
      .poll(async () => {
        await item.click({ timeout: 2000 }).catch(() => undefined);
        return item.isVisible();
      })
      .toBe(false);
    await selected(graph, `prompt${copy}`);
    await showAll(graph);
    await graph.node(`http${copy}`).locator('.card-title').click();
    await fill(graph, 'Address', `${address}/${site}`);
  }
  await behind('prompt', 'success')('Transform', 'transform');
  await showAll(graph);
  for (const prompt of ['prompt2', 'prompt3']) {
    await graph.drag(graph.handle(prompt, 'success'), graph.entry('transform'));
    await graph.frame.locator(`.react-flow__edge[data-id="${prompt}|success|transform"]`).waitFor({ state: 'attached' });
  }
  await graph.node('transform').locator('.card-title').click();
  let last = ['transform', 'success'] as const;
  await approveAndSave(graph, async (title, id) => {
    await behind(...last)(title, id);
    last = [id, 'approved'] as never;
  });
  await runs(graph, 'graph.flow.json');
});

test('the walkthrough ticks off what is done, also what was done before it was first opened', async () => {
  const page = await vscode.page();
  const step = page.locator('.getting-started-step', { hasText: 'Give it steps' });
  const walkthrough = async () => {
    await runCommand(page, 'Welcome: Open Walkthrough...');
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Your first flow' }).first().click();
    await step.waitFor();
  };
  const add = async (button: string, id: string) => {
    await openFile(page, 'walk.flow.json');
    const graph = new Graph(page);
    await graph.action(button).click();
    await graph.frame.locator('.palette-list').getByRole('option', { name: 'Template' }).first().click();
    await graph.ready(id);
  };
  await add('add-first', 'template');
  await walkthrough();
  await add('add', 'template2');
  await walkthrough();
  await step.locator('.codicon-getting-started-step-checked').waitFor();
});

/** One of the three, as it is written in the text. */
const part = (site: string, number: string) => ({
  [`http${number}`]: { type: 'http', with: { url: `${address}/${site}` } },
  [`prompt${number}`]: {
    type: 'prompt',
    after: { [`http${number}`]: 'success' },
    with: { prompt: `${PROMPT} {{ steps.http${number}.output.body }}` },
  },
});
const parts = () => ({ ...part('a', ''), ...part('b', '2'), ...part('c', '3') });

test('half and half: the sites in the text, the rest in the graph by keyboard', async () => {
  const page = await vscode.page();
  await openFile(page, 'half.flow.json');
  const graph = new Graph(page);
  await graph.action('add-first').waitFor();
  await runCommand(page, 'Belay: Open Text to the Side');
  await page.locator('.editor-instance .monaco-editor .view-line', { hasText: '"nodes"' }).click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(`${JSON.stringify({ version: 1, title: 'Half', nodes: parts() }, null, 2)}\n`);
  await graph.ready('prompt3');
  await screenshot(page, 'newcomer-beside');
  await page.keyboard.press('Control+S');
  await runCommand(page, 'View: Close Editor');
  const add = async (title: string, id: string) => {
    await graph.node((await graph.frame.locator('.react-flow__node.selected').getAttribute('data-id')) ?? '').focus();
    const search = graph.frame.getByRole('combobox', { name: 'Search node types' });
    await pressUntilShown(page, 'n', search);
    await search.fill(title);
    await page.keyboard.press('Enter');
    await selected(graph, id);
  };
  await graph.node('prompt').locator('.card-title').click();
  await selected(graph, 'prompt');
  await add('Transform', 'transform');
  for (const prompt of ['prompt2', 'prompt3']) {
    await graph.drag(graph.handle(prompt, 'success'), graph.entry('transform'));
    await graph.frame.locator(`.react-flow__edge[data-id="${prompt}|success|transform"]`).waitFor({ state: 'attached' });
  }
  await graph.node('transform').locator('.card-title').click();
  await approveAndSave(graph, add);
  await runs(graph, 'half.flow.json');
});

test('in the text alone, with what completion offers', async () => {
  const page = await vscode.page();
  await openFile(page, 'text.flow.json');
  await new Graph(page).action('add-first').waitFor();
  await runCommand(page, 'Belay: Reopen as Text');
  await page.locator('.editor-instance .monaco-editor .view-line', { hasText: '"nodes"' }).click();
  await page.keyboard.press('Control+A');
  /** Writes on, takes what is offered between the last quotes, and goes to the end of the line, which is the whole text. */
  const complete = async (text: string, back: number, label: string) => {
    await page.keyboard.insertText(text);
    for (let pressed = 0; pressed < back; pressed += 1) await page.keyboard.press('ArrowLeft');
    const row = page
      .locator('.suggest-widget.visible .monaco-list-row')
      .filter({ has: page.locator('.label-name', { hasText: new RegExp(`^"?${label}"?$`) }) })
      .first();
    await pressUntilShown(page, 'Control+Space', row, 3000);
    await row.click();
    await page.keyboard.press('End');
  };
  const nodes = JSON.stringify(parts()).slice(1, -1);
  const head = `{ "version": 1, "title": "Text", "nodes": { ${nodes}, "transform": { "type": "transform", "after": { "prompt": ""`;
  await complete(head, 1, 'success');
  await complete(', "prompt2": ""', 1, 'success');
  await complete(', "prompt3": ""', 1, 'success');
  await complete(' }, "with": { "value": { "$expr": "[steps."', 1, 'prompt');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.insertText(JSON.stringify(VOTES).slice(1, -1));
  await page.keyboard.press('End');
  await complete(' } } }, "approval": { "type": ""', 1, 'approval');
  await page.keyboard.insertText(
    ', "after": { "transform": "success" }, "with": { "message": "Save {{ steps.transform.output }} votes?" } }',
  );
  await page.keyboard.insertText(
    ', "file": { "type": "file", "after": { "approval": "approved" }, "with": { "action": "write", "path": "out/votes.txt", ',
  );
  await page.keyboard.insertText('"content": "Votes: {{ steps.transform.output }}" } } } }');
  await runCommand(page, 'Belay: Format Flow');
  await pressUntilShown(page, 'Control+Home', page.locator('.editor-instance .view-line', { hasText: '"title": "Text"' }));
  await screenshot(page, 'newcomer-written');
  await runCommand(page, 'Belay: Reopen as Graph');
  const graph = new Graph(page);
  await graph.ready('file');
  await runs(graph, 'text.flow.json');
});
