import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/lib/paths.mjs';
import { workbenchReady } from '../host/index.ts';
import { expectFile, journal, openSideBar } from './graph.ts';
import { oneWindow } from './window.ts';

/** Appends its name to a log; waits, where told so, for a file that the test makes. */
const TOOL = `
import { appendFileSync, existsSync, watch } from 'node:fs';
const [log, name, gate] = process.argv.slice(2);
appendFileSync(log, name + '\\n');
if (gate) {
  while (!existsSync(gate)) await new Promise((resolve) => {
    const watcher = watch('.', () => { watcher.close(); resolve(); });
    if (existsSync(gate)) { watcher.close(); resolve(); }
  });
}
console.log(name + ' done');
`;

/** A flow with a log and a gate of its own. */
function threeSteps(flow: string) {
  const step = (name: string, ...gate: string[]) => ({
    type: 'command',
    effect: 'read',
    with: { run: ['node', 'tool.mjs', `${flow}.log`, name, ...gate] },
  });
  return {
    version: 1,
    title: `Three steps, ${flow}`,
    nodes: {
      one: step('one'),
      two: { ...step('two', `${flow}.go`), after: { one: 'success' } },
      ask: { type: 'approval', after: { two: 'success' }, with: { message: 'Go on?' } },
      three: { ...step('three'), after: { ask: 'approved' } },
    },
  };
}

// A second try begins where nothing was done yet.
const TRIES = ['', '-again'];
const flows = ['killed', 'released', 'parked'].flatMap((name) => TRIES.map((again) => name + again));
const vscode = oneWindow({
  files: { 'tool.mjs': TOOL, ...Object.fromEntries(flows.map((flow) => [`${flow}.flow.json`, threeSteps(flow)])) },
});

/** The flow of this try of a test. */
const flowOf = (name: string, tries: number | undefined) => name + (TRIES[tries ?? 0] ?? '');
const path = (name: string) => vscode.workspace.path(name);
const log = (flow: string) =>
  existsSync(path(`${flow}.log`))
    ? readFileSync(path(`${flow}.log`), 'utf8')
        .split('\n')
        .filter(Boolean)
    : [];

/** The journal of the only run of a flow. */
const journalOf = (flow: string) => journal(vscode.workspace.folder, `${flow}.flow.json`);
const onlyRun = (flow: string) => (journalOf(flow).find(({ type }) => type === 'run.created') as unknown as { run: { id: string } }).run.id;

/** The built CLI, without a terminal, in the workspace. */
function belay(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'dist', 'cli.cjs'), ...args], {
      cwd: vscode.workspace.folder,
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

test('kill -9 in the middle of a run: opening VS Code again goes on, and no finished step runs twice', async ({ task }) => {
  const flow = flowOf('killed', task.result?.retryCount);
  const graph = await vscode.open(`${flow}.flow.json`, 'two');
  const { page } = graph;
  await graph.action('run').click();
  await expect.poll(() => log(flow), { timeout: 30_000 }).toEqual(['one', 'two']);
  await vscode.host.killExtensionHost();
  vscode.workspace.write(`${flow}.go`, '');
  await page.reload();
  await workbenchReady(page);
  await graph.state('ask', 'awaiting');
  expect(log(flow).filter((name) => name === 'one')).toHaveLength(1);
  await graph.node('ask').locator('[data-action="approve"]').click();
  await graph.phase('Succeeded');
  expect(log(flow).filter((name) => name === 'one')).toHaveLength(1);
  expect(log(flow).at(-1)).toBe('three');
  expect(journalOf(flow).filter(({ type, node }) => type === 'node.finished' && node === 'one')).toHaveLength(1);
});

test('a run that waits in VS Code is released by an approval given in the CLI, and a CLI that wants the run is told who has it', async ({
  task,
}) => {
  const flow = flowOf('released', task.result?.retryCount);
  vscode.workspace.write(`${flow}.go`, '');
  const graph = await vscode.open(`${flow}.flow.json`, 'two');
  await graph.action('run').click();
  await graph.state('ask', 'awaiting');
  const resumed = await belay('resume', onlyRun(flow));
  expect(resumed.code).toBe(6);
  expect(resumed.err + resumed.out).toMatch(/RUN_OWNED/);
  const approved = await belay('approve', onlyRun(flow), 'ask');
  expect(approved.err).toBe('');
  expect(approved.code).toBe(0);
  await graph.phase('Succeeded');
  expect(log(flow)).toEqual(['one', 'two', 'three']);
});

test('a run that the CLI parked waits in the Approvals view, and an approval there finishes it', async ({ task }) => {
  const flow = flowOf('parked', task.result?.retryCount);
  vscode.workspace.write(`${flow}.go`, '');
  const { page } = await vscode.open(`${flow}.flow.json`, 'two');
  const parked = await belay('run', `${flow}.flow.json`);
  expect(parked.code).toBe(3);
  await openSideBar(page);
  const row = page.locator('.pane-body .monaco-list-row', { hasText: 'waits for approval' });
  await row.waitFor({ timeout: 30_000 });
  await row.hover();
  await row.locator('.action-label[aria-label^="Approve"]').click();
  await expectFile(path(`${flow}.log`), (text) => expect(text).toBe('one\ntwo\nthree\n'));
  const ended = page.locator('.pane-body .monaco-list-row', { hasText: 'succeeded' });
  await ended.filter({ hasText: `Three steps, ${flow}` }).waitFor();
});
