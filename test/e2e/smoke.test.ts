import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/lib/paths.mjs';
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

const extension = join(root, 'dist', 'extension.cjs');
const node = (...args: string[]): unknown => JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
const activated = () => node(join(import.meta.dirname, 'activate.ts'), extension) as { cpu: number; files: string[]; workers: number };

test('where no flow is open, activation reads one file and starts no worker: no parser, no engine, no library', () => {
  const { files, workers } = activated();
  expect(files).toEqual([extension]);
  expect(workers).toBe(0);
  // Bytes as built for tests, not minified: what registers everything, with room for more of it.
  expect(statSync(extension).size).toBeLessThan(300_000);
});

// The goal is 100 ms where Node itself starts in about as long. Counted is CPU time, against that of a bare start of Node in turn with
// it: both take longer on a slow or busy machine.
test('activation takes less than the start of Node', () => {
  const ratios = [0, 1, 2, 3, 4].map(() => {
    const bare = node('--eval', 'const { user, system } = process.cpuUsage(); console.log((user + system) / 1000)') as number;
    return activated().cpu / bare;
  });
  expect(ratios.toSorted((a, b) => a - b)[2], `measured ${ratios.map((it) => it.toFixed(2)).join(', ')}`).toBeLessThan(0.9);
});

test('the end of an extension host is not the end of its server: reloading the window starts another', async () => {
  const page = await openWorkbench(browser, host);
  const killed = await host.killExtensionHost();
  expect(killed).not.toEqual([]);
  await page.reload();
  await expect.poll(() => host.extensionHosts(), { timeout: 60_000 }).not.toEqual([]);
  expect(killed).not.toContain((await host.extensionHosts())[0]);
  await page.context().close();
});
