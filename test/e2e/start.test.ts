import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/lib/paths.mjs';
import { endTree } from '../../scripts/lib/process.mjs';
import { flowFrame, launchBrowser, screenshot } from '../host/index.ts';

let data: string;
let browser: Browser;
let started: ChildProcess;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'belay-start-'));
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  if (started?.pid !== undefined) await endTree(started.pid);
  rmSync(data, { recursive: true, force: true, maxRetries: 5 });
});

test('npm start prints an address and a password that show the sample flow as a graph, until Ctrl+C', async () => {
  const script = join(root, 'scripts', 'start.mjs');
  started = spawn(process.execPath, [script, '--host', 'code-server', '--port', '0', '--data', data], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { address, password } = await printed(started);
  expect(password.length).toBeGreaterThanOrEqual(16);

  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(address);
  expect(new URL(page.url()).pathname).toBe('/login');
  await page.locator('input[type=password]').fill(password);
  await page.keyboard.press('Enter');
  await flowFrame(page).locator('.react-flow__node').first().waitFor({ timeout: 60_000 });
  await screenshot(page, 'npm-start');
  await context.close();

  const ended = once(started, 'exit');
  started.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  await expect(fetch(address)).rejects.toThrow();
});

/** What `npm start` tells the person at the terminal. */
async function printed({ stdout }: ChildProcess): Promise<{ address: string; password: string }> {
  let text = '';
  for await (const chunk of stdout ?? []) {
    text += chunk;
    const match = /Open\s+(\S+)\s+Password\s+(\S+)\s/.exec(text);
    if (match?.[1] !== undefined && match[2] !== undefined) return { address: match[1], password: match[2] };
  }
  throw new Error(`npm start ended without an address:\n${text}`);
}
