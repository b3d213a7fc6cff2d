import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Host, Workspace } from '../host/index.ts';
import { launchBrowser, openWorkbench, screenshot, startHost, temporaryWorkspace } from '../host/index.ts';

let workspace: Workspace;
let host: Host;
let browser: Browser;

beforeAll(async () => {
  workspace = temporaryWorkspace({ files: { 'README.md': '# A workspace\n' } });
  host = await startHost({ folder: workspace.folder });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
  workspace?.remove();
});

test('the workbench opens with Belay in it', async () => {
  const page = await openWorkbench(browser, host, { theme: 'light' });
  await page.locator('.activitybar a.action-label[aria-label^="Belay"]').click();
  await page.locator('.sidebar .composite.title', { hasText: 'Belay' }).waitFor();
  expect(await page.locator('.notification-toast').count()).toBe(0);
  await screenshot(page, 'workbench-light');
  await page.context().close();
});

test('the end of an extension host is the end of that one process; reloading the window starts another', async () => {
  const page = await openWorkbench(browser, host);
  const killed = await host.killExtensionHost();
  expect(killed).toHaveLength(1);
  await page.reload();
  await expect.poll(() => host.extensionHosts(), { timeout: 60_000 }).not.toEqual([]);
  expect(await host.extensionHosts()).not.toEqual(killed);
  await page.context().close();
});
