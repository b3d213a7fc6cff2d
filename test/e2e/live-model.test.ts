import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LLMock } from '@copilotkit/aimock';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Host, Workspace } from '../host/index.ts';
import { launchBrowser, openWorkbench, runCommand, screenshot, startHost, temporaryWorkspace } from '../host/index.ts';
import { Graph } from './graph.ts';

const KEY = 'sk-test-0123456789abcdef0123456789abcdef';
const flow = JSON.stringify({
  version: 1,
  title: 'One prompt',
  nodes: { ask: { type: 'prompt', title: 'Ask', with: { prompt: 'Say something about belaying.' } } },
});

let server: LLMock;
let workspace: Workspace;
let host: Host;
let browser: Browser;

beforeAll(async () => {
  server = new LLMock({ port: 0, chunkSize: 8 });
  server.onMessage(/belaying/, { content: 'A belayer holds the rope, so that a fall is only a pause.' });
  await server.start();
  browser = await launchBrowser();
});

beforeEach(async () => {
  workspace = temporaryWorkspace({ files: { 'one.flow.json': flow } });
  host = await startHost({ folder: workspace.folder });
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await host.stop();
  workspace.remove();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

async function answer(page: Page, title: string, text: string): Promise<void> {
  await page.locator('.quick-input-widget .quick-input-title', { hasText: title }).waitFor();
  await page.locator('.quick-input-widget input.input').fill(text);
  await page.keyboard.press('Enter');
}

test('with a key set the flow goes live, says so, and the key is written down nowhere', async () => {
  const page = await openWorkbench(browser, host, { file: 'one.flow.json' });
  const graph = new Graph(page);
  await graph.ready('ask');
  expect(await graph.action('mode').textContent()).toContain('hand');
  await runCommand(page, 'Belay: Set API Key');
  await answer(page, 'Which model service?', 'Another service');
  await answer(page, 'Address of the service', `${server.url}/v1`);
  await answer(page, 'A short name for it', 'mock');
  await answer(page, 'API key for mock', KEY);
  await page.locator('.quick-input-widget .quick-input-title', { hasText: 'Model to use by default' }).waitFor();
  await screenshot(page, 'choose-model');
  const list = page.locator('.quick-input-list .monaco-list-row');
  if ((await list.count()) > 0) await list.first().click();
  else await answer(page, 'Model to use by default', 'some-model');
  await graph.frame.locator('[data-action="mode"].mode-live').waitFor();
  await graph.action('run').click();
  await graph.phase('Succeeded');
  await graph.node('ask').click();
  await graph.frame.locator('.inspector', { hasText: 'only a pause' }).waitFor();
  expect(await graph.frame.locator('.run-banner .mode-badge').textContent()).toContain('Live');
  await screenshot(page, 'live-run');
  const written = ['**/*', '.belay/**/*']
    .flatMap((pattern) => globSync(join(workspace.folder, pattern)))
    .filter((path) => statSync(path).isFile());
  expect(written.length).toBeGreaterThan(3);
  const leaks = written.filter((path) => readFileSync(path, 'utf8').includes(KEY));
  expect(leaks).toEqual([]);
});
