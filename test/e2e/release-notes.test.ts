import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/lib/paths.mjs';
import { openWorkbench, runCommand, screenshot, showTheme, startHost, temporaryWorkspace } from '../host/index.ts';
import { expectFile, Graph, notification, openSideBar } from './graph.ts';
import { oneWindow } from './window.ts';

const SAMPLE = 'release-notes.flow.json';

/** The sample under other names, with its recording: each test has a flow of its own, which writes a file of its own. */
const COPIES = ['first', 'rejected', 'edited', 'moved', 'built', 'beside', 'broken', 'listed'];

const greet = {
  version: 1,
  title: 'Greet',
  inputs: {
    name: { type: 'string', title: 'Name', minLength: 3 },
    times: { type: 'integer', title: 'How often' },
    sign: { type: 'string', default: '!' },
  },
  nodes: { greet: { type: 'template', with: { template: '{{ inputs.name }}{{ inputs.sign }} {{ inputs.times }}' } } },
};

const vscode = oneWindow({
  files: { 'greet.flow.json': greet },
  prepare(workspace) {
    cpSync(join(root, 'examples'), workspace.folder, { recursive: true });
    const text = readFileSync(workspace.path(SAMPLE), 'utf8');
    const cassette = readFileSync(workspace.path('.belay/cassettes/release-notes.jsonl'), 'utf8');
    for (const name of COPIES) {
      workspace.write(
        `${name}.flow.json`,
        text.replace('"title": "Release notes"', `"title": "Notes ${name}"`).replaceAll('out/release-notes.md', `out/${name}.md`),
      );
      workspace.write(`.belay/cassettes/${name}.jsonl`, cassette);
    }
  },
});

const read = (file: string) => readFileSync(vscode.workspace.path(file), 'utf8');

test('the sample runs, waits for a yes and ends with its file, in every theme', async () => {
  const graph = await vscode.open(SAMPLE, 'approve');
  const { page } = graph;
  const inEveryTheme = async (moment: string) => {
    for (const theme of ['light', 'highContrast', 'highContrastLight', 'dark'] as const) {
      await showTheme(page, theme);
      await screenshot(page, `${moment}-${theme}`);
    }
  };
  expect(await graph.action('mode').textContent()).toContain('Recorded');
  await graph.action('run').click();
  await graph.state('approve', 'awaiting');
  await graph.state('redraft', 'succeeded');
  await openSideBar(page);
  await page.locator('.pane-body .monaco-list-row', { hasText: 'waits for approval' }).waitFor();
  await inEveryTheme('sample-approval');
  await graph.node('approve').locator('[data-action="approve"]').click();
  await graph.phase('Succeeded');
  await graph.state('publish', 'succeeded');
  await expectFile(vscode.workspace.path('out/release-notes.md'), (text) => expect(text).toMatch(/^# /));
  await graph.node('draft').click();
  await inEveryTheme('sample-finished');
});

test('whichever answer comes first wins, and a late click on the notification says who decided', async () => {
  const graph = await vscode.open('first.flow.json', 'approve');
  await runCommand(graph.page, 'Belay: Run Flow');
  await graph.state('approve', 'awaiting');
  const asked = await notification(graph.page, 'in Notes first waits for approval');
  await graph.node('approve').locator('[data-action="approve"]').click();
  await graph.phase('Succeeded');
  await asked.locator('.monaco-button', { hasText: 'Approve' }).click();
  await notification(graph.page, 'already approved by');
});

test('rejecting asks for the reason and ends the run as rejected', async () => {
  const graph = await vscode.open('rejected.flow.json', 'approve');
  const { page } = graph;
  await graph.action('run').click();
  await graph.state('approve', 'awaiting');
  const asked = await notification(page, 'in Notes rejected waits for approval');
  await asked.locator('.monaco-button', { hasText: 'Reject' }).click();
  const reason = page.locator('.quick-input-widget input.input');
  await reason.waitFor();
  await reason.fill('The tone is wrong.');
  await page.keyboard.press('Enter');
  await graph.phase('Rejected');
  expect(existsSync(vscode.workspace.path('out/rejected.md'))).toBe(false);
});

test('an edited prompt is not in the recording: the run offers a model, the old prompt, or answering by hand', async () => {
  const graph = await vscode.open('edited.flow.json', 'draft');
  const { page } = graph;
  const original = read('edited.flow.json');
  await graph.node('draft').click();
  const prompt = graph.frame.locator('.inspector textarea').first();
  await prompt.fill('Write a haiku about {{ inputs.version }}.');
  await graph.action('run').click();
  await graph.state('draft', 'awaiting');
  await screenshot(page, 'recording-missing');
  await graph.action('by-hand').first().click();
  await graph.frame.locator('.inspector').getByLabel('Your reply').fill('# Written by hand');
  await screenshot(page, 'reply-by-hand');
  await graph.action('reply').first().click();
  await graph.state('draft', 'succeeded');
  await runCommand(page, 'Belay: Reopen as Text');
  await page.locator('.monaco-editor').first().waitFor();
  expect(read('edited.flow.json')).not.toBe(original);
});

test('a run asks for the inputs that have no default, and takes only values that fit', async () => {
  const graph = await vscode.open('greet.flow.json', 'greet');
  const { page } = graph;
  await graph.action('run').click();
  const title = page.locator('.quick-input-widget .quick-input-title');
  const input = page.locator('.quick-input-widget input.input');
  const message = page.locator('.quick-input-widget .quick-input-message');
  await title.filter({ hasText: 'Name (1 of 2)' }).waitFor();
  await input.fill('Al');
  await message.filter({ hasText: '3' }).waitFor();
  await input.fill('Alma');
  await page.keyboard.press('Enter');
  await title.filter({ hasText: 'How often (2 of 2)' }).waitFor();
  await input.fill('many');
  await message.filter({ hasText: 'a whole number' }).waitFor();
  await screenshot(page, 'ask-input');
  await input.fill('2');
  await page.keyboard.press('Enter');
  await graph.phase('Succeeded');
  await graph.node('greet').click();
  await graph.frame.locator('.inspector', { hasText: 'Alma! 2' }).waitFor();
});

test('moving a node changes one line, undo takes it back, and the text beside the graph follows', async () => {
  const flow = 'moved.flow.json';
  const graph = await vscode.open(flow, 'publish');
  const { page } = graph;
  const before = read(flow).split('\n');
  await graph.drag(graph.node('draft').locator('.card-title'), { dx: 10, dy: 120 });
  // The card moves at once, the document when the host has heard of it: what has not changed yet is not saved.
  const unsaved = page.locator('.tab.dirty', { hasText: flow });
  await unsaved.waitFor();
  await page.keyboard.press('Control+S');
  await expectFile(vscode.workspace.path(flow), (text) => {
    const after = text.split('\n');
    expect(after).toHaveLength(before.length);
    const changed = after.filter((line, index) => line !== before[index]);
    expect(changed).toHaveLength(1);
    expect(changed[0]).toContain('"draft": [');
  });
  await unsaved.waitFor({ state: 'detached' });
  await page.keyboard.press('Control+Z');
  await unsaved.waitFor();
  await page.keyboard.press('Control+S');
  await expectFile(vscode.workspace.path(flow), (text) => expect(text).toBe(before.join('\n')));
});

test('a node is added, connected, renamed and deleted by keyboard and mouse, and the file says so', async () => {
  const flow = 'built.flow.json';
  const graph = await vscode.open(flow, 'publish');
  const { page } = graph;
  const before = read(flow);
  await graph.node('publish').click();
  await page.keyboard.press('a');
  await page.keyboard.type('template');
  await page.keyboard.press('Enter');
  await graph.ready('template');
  await page.keyboard.press('Control+S');
  await expectFile(vscode.workspace.path(flow), (text) => {
    const flowNow = JSON.parse(text);
    expect(flowNow.nodes.template).toMatchObject({ type: 'template', after: { publish: 'success' } });
    expect(flowNow.layout.template).toHaveLength(2);
  });
  await graph.node('template').click();
  await page.keyboard.press('Delete');
  await expect.poll(() => graph.node('template').count()).toBe(0);
  await page.keyboard.press('Control+S');
  await expectFile(vscode.workspace.path(flow), (text) => expect(JSON.parse(text)).toEqual(JSON.parse(before)));
});

test('graph and text side by side follow each other', async () => {
  const flow = 'beside.flow.json';
  const graph = await vscode.open(flow, 'draft');
  const { page } = graph;
  await runCommand(page, 'Belay: Open Text to the Side');
  const text = page.locator('.editor-instance .monaco-editor').last();
  await text.locator('.view-line', { hasText: '"version": 1' }).first().waitFor();
  await text.click();
  await page.keyboard.press('Control+H');
  await page.locator('.find-widget textarea[aria-label^="Find"]').fill('"title": "Notes beside"');
  await page.locator('.find-widget textarea[aria-label^="Replace"]').fill('"title": "Side by side"');
  await page.keyboard.press('Control+Alt+Enter');
  await graph.frame.locator('.toolbar-title', { hasText: 'Side by side' }).waitFor();
  await page.keyboard.press('Escape');
  await screenshot(page, 'side-by-side');
});

test('the graph survives invalid JSON: greyed, read-only, and with the reason', async () => {
  const flow = 'broken.flow.json';
  const graph = await vscode.open(flow, 'draft');
  const { page } = graph;
  vscode.workspace.write(flow, `${read(flow).trimEnd().slice(0, -1)}`);
  await graph.frame.locator('.banner', { hasText: 'cannot be edited until the text is mended' }).first().waitFor();
  expect(await graph.node('draft').count()).toBe(1);
  await screenshot(page, 'invalid-json');
});

test('the Runs view lists the run and opens it on its graph', async () => {
  const flow = 'listed.flow.json';
  const graph = await vscode.open(flow, 'approve');
  const { page } = graph;
  await graph.action('run').click();
  await graph.state('approve', 'awaiting');
  await graph.node('approve').locator('[data-action="approve"]').click();
  await graph.phase('Succeeded');
  await runCommand(page, 'View: Close All Editors');
  await openSideBar(page);
  await page.locator('.pane-body .monaco-list-row', { hasText: 'Notes listed' }).first().click();
  await graph.phase('Succeeded');
  await graph.state('publish', 'succeeded');
});

test('a workspace that is not trusted shows flows and runs nothing', async () => {
  const workspace = temporaryWorkspace({ source: join(root, 'examples') });
  const wary = await startHost({ folder: workspace.folder, trust: false, settings: { 'security.workspace.trust.startupPrompt': 'never' } });
  try {
    const page = await openWorkbench(vscode.browser, wary, { file: SAMPLE });
    const graph = new Graph(page);
    await graph.ready('draft');
    await graph.action('run').click();
    await notification(page, 'Flows run only in a workspace you trust');
    expect(existsSync(workspace.path('.belay/local'))).toBe(false);
    await page.context().close();
  } finally {
    await wary.stop();
    workspace.remove();
  }
});
