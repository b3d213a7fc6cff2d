import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, expect, test } from 'vitest';
import { isAlive } from '../../scripts/lib/process.mjs';
import { openFile, runCommand, screenshot } from '../host/index.ts';
import { expectFile, Graph, openSideBar } from './graph.ts';
import { oneWindow } from './window.ts';

/** Starts a child that starts a child; each writes its pid down, does not mind SIGTERM, and goes on until it is killed. */
const TREE = `
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
const depth = Number(process.argv[2]);
process.on('SIGTERM', () => undefined);
if (depth > 0) spawn(process.execPath, ['tree.mjs', String(depth - 1)], { stdio: 'inherit', detached: depth === 1 });
appendFileSync('pids.txt', process.pid + '\\n');
setInterval(() => undefined, 1000);
`;

const STORY = 'A belayer holds the rope, so that a fall is only a pause; and the pause is what the next step is made of.';
const one = (node: object) => ({ version: 1, title: 'One step', nodes: { step: node } });

const asking = {
  version: 1,
  title: 'Asking',
  nodes: {
    ask: { type: 'approval', with: { message: 'Go on?' } },
    write: { type: 'file', after: { ask: 'approved' }, with: { action: 'write', path: 'went-on.txt', content: 'yes' } },
  },
};

const vscode = oneWindow({
  files: {
    'tree.mjs': TREE,
    'tree.flow.json': one({ type: 'command', effect: 'read', with: { run: ['node', 'tree.mjs', '2'] } }),
    'failing.flow.json': one({
      type: 'command',
      effect: 'read',
      retry: { attempts: 2, delay: '10ms' },
      with: { run: ['node', '-e', 'console.error("the rope is too short"); process.exit(3)'] },
    }),
    'story.flow.json': one({ type: 'prompt', with: { prompt: 'Say something about belaying.' } }),
    'asking.flow.json': asking,
    'team/notes/brief.flow.json': one({ type: 'prompt', with: { file: 'brief.prompt.md' } }),
    'team/notes/brief.prompt.md': 'The old words.\n',
  },
});
const path = (name: string) => vscode.workspace.path(name);

async function openRunTab(graph: Graph, node: string): Promise<void> {
  await graph.node(node).click();
  await graph.frame.getByRole('tab', { name: 'Run' }).click();
}

test('cancelling ends a command with the children of its children, and the node says so', async () => {
  const graph = await vscode.open('tree.flow.json', 'step');
  await graph.action('run').click();
  const pids = () => (existsSync(path('pids.txt')) ? readFileSync(path('pids.txt'), 'utf8').split('\n').filter(Boolean).map(Number) : []);
  await expect.poll(() => pids().length, { timeout: 30_000 }).toBe(3);
  expect(pids().map((pid) => isAlive(pid))).toEqual([true, true, true]);
  await graph.action('stop').click();
  await graph.phase('Cancelled');
  await graph.state('step', 'cancelled');
  await expect.poll(() => pids().filter((pid) => isAlive(pid)), { timeout: 30_000 }).toEqual([]);
});

test('a failed command shows how often it was tried, its exit code, its error output and what to do; also when opened again', async () => {
  const graph = await vscode.open('failing.flow.json', 'step');
  const { page } = graph;
  const told = async () => {
    await graph.phase('Failed');
    await graph.state('step', 'failed');
    await openRunTab(graph, 'step');
    const error = graph.frame.locator('.inspector .run-error').first();
    await error.locator('p', { hasText: 'exit code 3' }).waitFor();
    await error.locator('p', { hasText: 'allowedExitCodes' }).waitFor();
    await error.locator('pre', { hasText: 'the rope is too short' }).waitFor();
    expect(await graph.frame.locator('.inspector .attempt').count()).toBe(2);
    await graph.node('step').locator('.card-state', { hasText: '×2' }).waitFor();
  };
  await graph.action('run').click();
  await told();
  await screenshot(page, 'failed-command');
  await runCommand(page, 'View: Close All Editors');
  await openSideBar(page);
  await page.locator('.pane-body .monaco-list-row', { hasText: 'failed' }).first().click();
  await told();
});

let model: LLMock | undefined;
afterAll(() => model?.stop());

test('the reply of a model grows in the Run tab while it streams', async () => {
  model = new LLMock({ port: 0, chunkSize: 4, latency: 150 });
  model.onMessage(/belaying/, { content: STORY });
  await model.start();
  // Which services are asked is a setting of the machine that the extensions run on.
  const settings = {
    'belay.connections': [{ id: 'mock', baseUrl: `${model.url}/v1`, models: ['story'] }],
    'belay.defaultModel': 'mock/story',
  };
  mkdirSync(join(vscode.host.userDataDir, 'Machine'), { recursive: true });
  writeFileSync(join(vscode.host.userDataDir, 'Machine', 'settings.json'), JSON.stringify(settings));

  const graph = await vscode.open('story.flow.json', 'step');
  await graph.frame.locator('[data-action="mode"].mode-live').waitFor();
  await graph.action('run').click();
  await graph.state('step', 'running');
  await openRunTab(graph, 'step');
  const reply = graph.frame.locator('.inspector [aria-label="Reply, as it arrives"] pre');
  const lengths: number[] = [];
  await expect
    .poll(
      async () => {
        const text = (await reply.textContent().catch(() => null)) ?? '';
        expect(STORY.startsWith(text)).toBe(true);
        if (text !== '' && text.length < STORY.length && text.length !== lengths.at(-1)) lengths.push(text.length);
        return lengths.length;
      },
      { timeout: 30_000, interval: 50 },
    )
    .toBeGreaterThanOrEqual(2);
  expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
  await graph.phase('Succeeded');
  await graph.frame.locator('.inspector [aria-label="Output"]', { hasText: STORY }).waitFor();
});

test('a window closed while its run waits for a yes: opened again, the question is still there and the yes finishes the run', async () => {
  const graph = await vscode.open('asking.flow.json', 'write');
  await graph.action('run').click();
  await graph.state('ask', 'awaiting');
  await graph.page.context().close();
  expect(existsSync(path('went-on.txt'))).toBe(false);

  const page = await vscode.page();
  await openFile(page, 'asking.flow.json');
  const again = new Graph(page);
  await again.state('ask', 'awaiting');
  await again.node('ask').locator('[data-action="approve"]').click();
  await again.phase('Succeeded');
  await expectFile(path('went-on.txt'), (text) => expect(text).toBe('yes'));
});

test('by hand: the person is shown the prompt as it was saved from its unsaved file, and writes the reply', async () => {
  const graph = await vscode.open('team/notes/brief.flow.json', 'step');
  const { page } = graph;
  await graph.action('mode').click();
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Answered by hand' }).click();
  await graph.frame.locator('[data-action="mode"].mode-byHand').waitFor();

  await openFile(page, 'brief.prompt.md');
  await page.locator('.editor-instance .monaco-editor .view-line', { hasText: 'The old words.' }).click();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('The new words, not saved yet.');
  await page.locator('.tab.dirty', { hasText: 'brief.prompt.md' }).waitFor();
  await openFile(page, 'brief.flow.json');
  await graph.ready('step');
  await graph.action('run').click();
  await graph.state('step', 'awaiting');
  expect(readFileSync(path('team/notes/brief.prompt.md'), 'utf8')).toBe('The new words, not saved yet.');
  expect(await page.locator('.tab.dirty').count()).toBe(0);

  await graph.node('step').locator('[data-action="answer"]').click();
  await graph.frame.locator('.inspector [aria-label="Prompt"]', { hasText: 'The new words, not saved yet.' }).waitFor();
  await graph.frame.locator('.inspector').getByLabel('Your reply').fill('By my own hand.');
  await graph.action('reply').click();
  await graph.phase('Succeeded');
  await graph.frame.locator('.inspector [aria-label="Output"]', { hasText: 'By my own hand.' }).waitFor();
  expect(await graph.frame.locator('.run-banner .mode-badge').textContent()).toContain('hand');

  // A sub-folder is no root of its own: its journals stand with those of the workspace folder.
  expect(existsSync(path('team/notes/.belay'))).toBe(false);
  expect(existsSync(path('team/.belay'))).toBe(false);
  expect(readdirSync(path('.belay/local/runs')).length).toBeGreaterThan(0);
  await openSideBar(page);
  await page.locator('.pane-body .monaco-list-row', { hasText: 'succeeded' }).first().waitFor();
});
