import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { root } from '../../scripts/lib/paths.mjs';
import type { Host, WorkbenchOptions, Workspace } from '../host/index.ts';
import { launchBrowser, openWorkbench, runCommand, screenshot, startHost, temporaryWorkspace } from '../host/index.ts';
import { expectFile, Graph, notification, openSideBar } from './graph.ts';

const flow = 'release-notes.flow.json';
let workspace: Workspace;
let host: Host;
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
  host = await startHost({ folder: root });
});

beforeEach(() => {
  workspace = temporaryWorkspace({ source: join(root, 'examples') });
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  workspace.remove();
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
});

function open(options: WorkbenchOptions = {}): Promise<Page> {
  return openWorkbench(browser, host, { file: flow, folder: workspace.folder, ...options });
}

test.for(['dark', 'light', 'highContrast', 'highContrastLight'] as const)(
  'the sample runs to the end and waits for a yes (%s)',
  async (theme) => {
    const page = await open({ theme });
    const graph = new Graph(page);
    await graph.ready('approve');
    await screenshot(page, `sample-${theme}`);
    expect(await graph.action('mode').textContent()).toContain('Recorded');
    await graph.action('run').click();
    await graph.state('approve', 'awaiting');
    await graph.state('redraft', 'succeeded');
    await openSideBar(page);
    await page.locator('.pane-body .monaco-list-row', { hasText: 'waits for approval' }).waitFor();
    await screenshot(page, `sample-approval-${theme}`);
    await graph.node('approve').locator('[data-action="approve"]').click();
    await graph.phase('Succeeded');
    await graph.state('publish', 'succeeded');
    await expectFile(workspace.path('out/release-notes.md'), (text) => expect(text).toMatch(/^# /));
    await graph.node('draft').click();
    await screenshot(page, `sample-finished-${theme}`);
  },
);

test('whichever answer comes first wins, and a late click on the notification says who decided', async () => {
  const page = await open();
  const graph = new Graph(page);
  await graph.ready('approve');
  await runCommand(page, 'Belay: Run Flow');
  await graph.state('approve', 'awaiting');
  const asked = await notification(page, 'waits for approval');
  await graph.node('approve').locator('[data-action="approve"]').click();
  await graph.phase('Succeeded');
  await asked.locator('.monaco-button', { hasText: 'Approve' }).click();
  await notification(page, 'already approved by');
});

test('rejecting asks for the reason and ends the run as rejected', async () => {
  const page = await open();
  const graph = new Graph(page);
  await graph.ready('approve');
  await graph.action('run').click();
  await graph.state('approve', 'awaiting');
  const asked = await notification(page, 'waits for approval');
  await asked.locator('.monaco-button', { hasText: 'Reject' }).click();
  const reason = page.locator('.quick-input-widget input.input');
  await reason.waitFor();
  await reason.fill('The tone is wrong.');
  await page.keyboard.press('Enter');
  await graph.phase('Rejected');
  expect(() => readFileSync(workspace.path('out/release-notes.md'))).toThrow();
});

test('an edited prompt is not in the recording: the run offers a model, the old prompt, or answering by hand', async () => {
  const page = await open();
  const graph = new Graph(page);
  await graph.ready('draft');
  const original = readFileSync(workspace.path(flow), 'utf8');
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
  expect(readFileSync(workspace.path(flow), 'utf8')).not.toBe(original);
});

test('a run asks for the inputs that have no default, and takes only values that fit', async () => {
  workspace.write(
    'greet.flow.json',
    JSON.stringify({
      version: 1,
      title: 'Greet',
      inputs: {
        name: { type: 'string', title: 'Name', minLength: 3 },
        times: { type: 'integer', title: 'How often' },
        sign: { type: 'string', default: '!' },
      },
      nodes: { greet: { type: 'template', with: { template: '{{ inputs.name }}{{ inputs.sign }} {{ inputs.times }}' } } },
    }),
  );
  const page = await open({ file: 'greet.flow.json' });
  const graph = new Graph(page);
  await graph.ready('greet');
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
  const page = await open();
  const graph = new Graph(page);
  await graph.ready('publish');
  const before = readFileSync(workspace.path(flow), 'utf8').split('\n');
  await graph.drag(graph.node('draft').locator('.card-title'), { dx: 10, dy: 120 });
  await page.keyboard.press('Control+S');
  await expectFile(workspace.path(flow), (text) => {
    const after = text.split('\n');
    expect(after).toHaveLength(before.length);
    const changed = after.filter((line, index) => line !== before[index]);
    expect(changed).toHaveLength(1);
    expect(changed[0]).toContain('"draft": [');
  });
  await page.keyboard.press('Control+Z');
  await page.keyboard.press('Control+S');
  await expectFile(workspace.path(flow), (text) => expect(text).toBe(before.join('\n')));
});

test('a node is added, connected, renamed and deleted by keyboard and mouse, and the file says so', async () => {
  const page = await open();
  const graph = new Graph(page);
  await graph.ready('publish');
  const before = readFileSync(workspace.path(flow), 'utf8');
  await graph.node('publish').click();
  await page.keyboard.press('a');
  await page.keyboard.type('template');
  await page.keyboard.press('Enter');
  await graph.ready('template');
  await page.keyboard.press('Control+S');
  await expectFile(workspace.path(flow), (text) => {
    const flowNow = JSON.parse(text);
    expect(flowNow.nodes.template).toMatchObject({ type: 'template', after: { publish: 'success' } });
    expect(flowNow.layout.template).toHaveLength(2);
  });
  await graph.node('template').click();
  await page.keyboard.press('Delete');
  await expect.poll(() => graph.node('template').count()).toBe(0);
  await page.keyboard.press('Control+S');
  await expectFile(workspace.path(flow), (text) => expect(JSON.parse(text)).toEqual(JSON.parse(before)));
});

test('graph and text side by side follow each other', async () => {
  const page = await open();
  const graph = new Graph(page);
  await graph.ready('draft');
  await runCommand(page, 'Belay: Open Text to the Side');
  const text = page.locator('.editor-instance .monaco-editor').last();
  await text.locator('.view-line', { hasText: '"version": 1' }).first().waitFor();
  await text.click();
  await page.keyboard.press('Control+H');
  await page.locator('.find-widget textarea[aria-label^="Find"]').fill('"title": "Release notes"');
  await page.locator('.find-widget textarea[aria-label^="Replace"]').fill('"title": "Side by side"');
  await page.keyboard.press('Control+Alt+Enter');
  await graph.frame.locator('.toolbar-title', { hasText: 'Side by side' }).waitFor();
  await page.keyboard.press('Escape');
  await screenshot(page, 'side-by-side');
});

test('the graph survives invalid JSON: greyed, read-only, and with the reason', async () => {
  const page = await open();
  const graph = new Graph(page);
  await graph.ready('draft');
  workspace.write(flow, `${readFileSync(workspace.path(flow), 'utf8').trimEnd().slice(0, -1)}`);
  await graph.frame.locator('.banner', { hasText: 'cannot be edited until the text is mended' }).first().waitFor();
  expect(await graph.node('draft').count()).toBe(1);
  await screenshot(page, 'invalid-json');
});

test('the Runs view lists the run and opens it on its graph', async () => {
  const page = await open();
  const graph = new Graph(page);
  await graph.ready('approve');
  await graph.action('run').click();
  await graph.state('approve', 'awaiting');
  await graph.node('approve').locator('[data-action="approve"]').click();
  await graph.phase('Succeeded');
  await runCommand(page, 'View: Close All Editors');
  await openSideBar(page);
  await page.locator('.pane-body .monaco-list-row', { hasText: 'succeeded' }).first().click();
  await graph.phase('Succeeded');
  await graph.state('publish', 'succeeded');
});

test('a workspace that is not trusted shows flows and runs nothing', async () => {
  const wary = await startHost({ folder: workspace.folder, trust: false, settings: { 'security.workspace.trust.startupPrompt': 'never' } });
  const page = await openWorkbench(browser, wary, { file: flow });
  const graph = new Graph(page);
  await graph.ready('draft');
  await graph.action('run').click();
  await notification(page, 'Flows run only in a workspace you trust');
  expect(existsSync(workspace.path('.belay/local'))).toBe(false);
  await page.context().close();
  await wary.stop();
});
