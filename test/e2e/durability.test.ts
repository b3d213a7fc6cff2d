import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { root } from '../../scripts/lib/paths.mjs';
import type { Host, Workspace } from '../host/index.ts';
import { launchBrowser, openWorkbench, startHost, temporaryWorkspace, workbenchReady } from '../host/index.ts';
import { expectFile, Graph, journal, openSideBar } from './graph.ts';

/** Appends its name to log.txt; waits, where told so, for a file that the test makes. */
const TOOL = `
import { appendFileSync, existsSync, watch } from 'node:fs';
const [name, gate] = process.argv.slice(2);
appendFileSync('log.txt', name + '\\n');
if (gate) {
  while (!existsSync(gate)) await new Promise((resolve) => {
    const watcher = watch('.', () => { watcher.close(); resolve(); });
    if (existsSync(gate)) { watcher.close(); resolve(); }
  });
}
console.log(name + ' done');
`;

const step = (name: string, gate?: string) => ({
  type: 'command',
  effect: 'read',
  with: { run: ['node', 'tool.mjs', name, ...(gate ? [gate] : [])] },
});

const steps = JSON.stringify(
  {
    version: 1,
    title: 'Three steps',
    nodes: {
      one: step('one'),
      two: { ...step('two', 'go.txt'), after: { one: 'success' } },
      ask: { type: 'approval', after: { two: 'success' }, with: { message: 'Go on?' } },
      three: { ...step('three'), after: { ask: 'approved' } },
    },
  },
  null,
  2,
);

let workspace: Workspace;
let host: Host;
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

beforeEach(async () => {
  workspace = temporaryWorkspace({ files: { 'steps.flow.json': steps, 'tool.mjs': TOOL } });
  host = await startHost({ folder: workspace.folder });
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await host.stop();
  workspace.remove();
});

afterAll(async () => {
  await browser?.close();
});

function log(): string[] {
  const path = workspace.path('log.txt');
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
}

/** The built CLI, without a terminal, in the workspace. */
function belay(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'dist', 'cli.mjs'), ...args], {
      cwd: workspace.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

function onlyRun(): string {
  const created = journal(workspace.folder).find(({ type }) => type === 'run.created') as unknown as { run: { id: string } };
  return created.run.id;
}

test('kill -9 in the middle of a run: opening VS Code again goes on, and no finished step runs twice', async () => {
  const page = await openWorkbench(browser, host, { file: 'steps.flow.json' });
  const graph = new Graph(page);
  await graph.ready('two');
  await graph.action('run').click();
  await expect.poll(log, { timeout: 30_000 }).toEqual(['one', 'two']);
  await host.killExtensionHost();
  workspace.write('go.txt', '');
  await page.reload();
  await workbenchReady(page);
  await graph.state('ask', 'awaiting');
  expect(log().filter((name) => name === 'one')).toHaveLength(1);
  await graph.node('ask').locator('[data-action="approve"]').click();
  await graph.phase('Succeeded');
  expect(log().filter((name) => name === 'one')).toHaveLength(1);
  expect(log().at(-1)).toBe('three');
  expect(journal(workspace.folder).filter(({ type, node }) => type === 'node.finished' && node === 'one')).toHaveLength(1);
});

test('a run that waits in VS Code is released by an approval given in the CLI, and a CLI that wants the run is told who has it', async () => {
  workspace.write('go.txt', '');
  const page = await openWorkbench(browser, host, { file: 'steps.flow.json' });
  const graph = new Graph(page);
  await graph.ready('two');
  await graph.action('run').click();
  await graph.state('ask', 'awaiting');
  const resumed = await belay('resume', onlyRun());
  expect(resumed.code).toBe(6);
  expect(resumed.err + resumed.out).toMatch(/RUN_OWNED/);
  const approved = await belay('approve', onlyRun(), 'ask');
  expect(approved.err).toBe('');
  expect(approved.code).toBe(0);
  await graph.phase('Succeeded');
  expect(log()).toEqual(['one', 'two', 'three']);
});

test('a run that the CLI parked waits in the Approvals view, and an approval there finishes it', async () => {
  workspace.write('go.txt', '');
  const page = await openWorkbench(browser, host, { file: 'steps.flow.json' });
  const graph = new Graph(page);
  await graph.ready('two');
  const parked = await belay('run', 'steps.flow.json');
  expect(parked.code).toBe(3);
  await openSideBar(page);
  const row = page.locator('.pane-body .monaco-list-row', { hasText: 'waits for approval' });
  await row.waitFor({ timeout: 30_000 });
  await row.hover();
  await row.locator('.action-label[aria-label^="Approve"]').click();
  await expectFile(workspace.path('log.txt'), (text) => expect(text).toBe('one\ntwo\nthree\n'));
  await page.locator('.pane-body .monaco-list-row', { hasText: 'succeeded' }).waitFor();
});
