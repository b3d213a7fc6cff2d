/** The chat, with the models of an extension that is not Belay's (test/fixtures/test-model). */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { LLMock } from '@copilotkit/aimock';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/lib/paths.mjs';
import { flowFrame, openFile, runCommand, screenshot, showTheme } from '../host/index.ts';
import { expectFile, Graph } from './graph.ts';
import { guardedServer } from './guarded-server.ts';
import { oneWindow } from './window.ts';

const letter = {
  version: 1,
  title: 'Answer a letter',
  description: 'Drafts an answer, and writes it down once a person has agreed.',
  inputs: { letter: { type: 'string', title: 'Letter', default: 'Dear all, when do we climb?' } },
  nodes: {
    draft: { type: 'prompt', title: 'Draft it', with: { prompt: 'Answer this letter: {{ inputs.letter }}' } },
    agree: {
      type: 'approval',
      title: 'Write it down?',
      after: { draft: 'success' },
      with: { message: 'Write down this answer?', show: { $expr: 'steps.draft.output.text' } },
    },
    save: {
      type: 'file',
      title: 'Save it',
      after: { agree: 'approved' },
      with: { action: 'write', path: 'out/answer.md', content: '{{ steps.draft.output.text }}' },
    },
  },
};
/** The model misreads a step at first; only thinking mends that. */
const misread = JSON.stringify(letter).replaceAll('steps.draft.output.text', 'steps.draft.output.subject');
const broken = {
  version: 1,
  title: 'Broken',
  nodes: {
    ask: { type: 'prompt', title: 'Ask', with: { prompt: 'Name a colour.' } },
    tell: { type: 'template', title: 'Tell', after: { ask: 'success' }, with: { template: 'It is {{ steps.ask.output.colour }}.' } },
  },
};
const mended = JSON.stringify(broken).replace('output.colour', 'output.text');

const guarded = await guardedServer();
const window = oneWindow({
  installed: [join(root, 'test', 'fixtures', 'test-model')],
  settings: {
    'testModel.replies': [
      { when: '\\(result\\)', reply: 'The flag is up.' },
      { when: 'plant the flag', tool: { name: 'command_run', input: { run: ['touch', 'flag.txt'] } } },
      { when: 'The flow has these problems', reply: JSON.stringify(letter) },
      // Told of the draft before, or it would not be "the same".
      {
        when: 'The draft so far[\\s\\S]*Draft it[\\s\\S]*more of the mountain',
        reply: JSON.stringify({ ...letter, title: 'Up the mountain' }),
      },
      { when: 'answers letters', reply: `Gladly:\n\n\`\`\`json\n${misread}\n\`\`\`\n` },
      { when: 'Mend its problems', reply: mended },
      { when: 'Answer this letter', reply: 'We climb on Sunday, at eight.' },
      { when: 'Explain to somebody', reply: 'It drafts an answer and asks before it writes.' },
      { when: 'who are you', reply: 'I am the one who holds the rope.' },
      { when: 'How do loops end', reply: 'A loop ends when **until** is true.' },
    ],
  },
  files: {
    'parrot.flow.json': {
      version: 1,
      title: 'Parrot',
      nodes: { ask: { type: 'prompt', title: 'Ask', with: { prompt: 'Say it.', model: 'vscode/test-model/private' } } },
    },
    'broken.flow.json': broken,
    'plain.flow.json': { version: 1, title: 'Plain words', nodes: { say: { type: 'template', with: { template: 'Hello' } } } },
    'empty.flow.json': { version: 1, nodes: {} },
    'inner.flow.json': { version: 1, title: 'Inner', nodes: { agree: { type: 'approval', with: { message: 'Climb on Sunday?' } } } },
    'guarded.flow.json': {
      version: 1,
      title: 'Guarded',
      mcpServers: { hut: { url: guarded.url } },
      nodes: { look: { type: 'tool', effect: 'read', with: { tool: 'hut/look' } } },
    },
    'outer.flow.json': {
      version: 1,
      title: 'Outer',
      mcpServers: { flows: { command: process.execPath, args: [join(root, 'dist', 'cli.cjs'), 'mcp', '--root', '.'] } },
      nodes: { say: { type: 'tool', effect: 'read', with: { tool: 'flows/inner' } } },
    },
  },
});

const server = new LLMock({ port: 0 });
/** Knows no key. */
const refusing = Object.assign(
  createServer((_request, response) => {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: 'Incorrect API key provided.', type: 'authentication_error' } }));
  }),
  { base: '' },
);
beforeAll(async () => {
  await server.start();
  await new Promise<void>((resolve) => void refusing.listen(0, '127.0.0.1', resolve));
  refusing.base = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`;
});
afterAll(async () => {
  guarded.stop();
  refusing.closeAllConnections();
  refusing.close();
  await server.stop();
});

/** The chat of the window, in its side bar. */
class Chat {
  readonly page: Page;
  readonly view: Locator;

  constructor(page: Page) {
    this.page = page;
    this.view = page.locator('.interactive-session').last();
  }

  /** What is written in the input, as it is seen. */
  get written(): Promise<string | null> {
    return this.view.locator('.interactive-input-part .monaco-editor .view-lines').first().textContent();
  }

  async open(): Promise<void> {
    await runCommand(this.page, 'Chat: Open Chat');
    await this.view.locator('.interactive-input-part').waitFor();
  }

  /** Sends a request and waits until its answer has this text. `begun`: what stands in the input already. */
  async say(text: string, until: string, begun = ''): Promise<Locator> {
    // The list shows only what is in view and uses its rows again: neither their number nor their order says anything.
    const rows = this.view.locator('.interactive-list .monaco-list-row');
    const index = () => rows.evaluateAll((all) => Math.max(-1, ...all.map((row) => Number(row.getAttribute('data-index') ?? -1))));
    for (let tries = 1; ; tries += 1) {
      const before = await index();
      await this.view.locator('.interactive-input-part .monaco-editor').first().click();
      const goesOn = begun !== '' && tries === 1;
      await this.page.keyboard.press(goesOn ? 'Control+End' : 'Control+A');
      await this.page.keyboard.insertText(goesOn ? text : begun + text);
      await this.page.keyboard.press('Enter');
      await expect.poll(index, { timeout: 30_000 }).toBeGreaterThan(before + 1);
      const last = this.view.locator(`.interactive-list .monaco-list-row[data-index="${before + 2}"]`);
      const unavailable = last.getByText('Language model unavailable');
      await last.getByText(until).first().or(unavailable).first().waitFor({ timeout: 60_000 });
      // The picker of models has none yet: VS Code itself says no to the first request.
      if (tries === 5 || !(await unavailable.isVisible())) return last;
    }
  }
}

const button = (answer: Locator, name: string) => answer.locator('.chat-command-button, .monaco-button', { hasText: name }).last();

async function chatOf(page: Page): Promise<Chat> {
  const chat = new Chat(page);
  await chat.open();
  return chat;
}

test('each agent answers in the chat, by a run of its own', async () => {
  const page = await window.page();
  const chat = await chatOf(page);
  for (const name of ['assistant', 'filesurfer', 'websurfer']) {
    const answer = await chat.say(`@${name} who are you`, 'holds the rope');
    await button(answer, 'Show Run').waitFor();
  }
  const planted = await chat.say('@commander plant the flag', 'flag.txt');
  await screenshot(page, 'chat-agent-asks');
  expect(existsSync(join(window.workspace.folder, 'flag.txt'))).toBe(false);
  await button(planted, 'Approve').click();
  await planted.getByText('The flag is up.').waitFor();
  expect(existsSync(join(window.workspace.folder, 'flag.txt'))).toBe(true);
  await screenshot(page, 'chat-agents');
  await button(chat.view, 'Show Run').click();
  const graph = new Graph(page);
  await graph.ready('answer');
  await graph.phase('Succeeded');
  await screenshot(page, 'chat-agent-run');
});

test('a flow is drafted until it lints clean, shown, created, run, and approved in the chat', async () => {
  const page = await window.page();
  const chat = await chatOf(page);
  const drafted = await chat.say('@belay /new a flow that answers letters', 'lints clean');
  const graph = new Graph(page);
  await graph.ready('agree');
  await screenshot(page, 'chat-draft');
  expect(existsSync(join(window.workspace.folder, 'answer-a-letter.flow.json'))).toBe(false);
  await button(drafted, 'Create Flow File').click();
  await page.locator('.quick-input-widget .quick-input-title', { hasText: 'Create the flow' }).waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.tab', { hasText: 'answer-a-letter.flow.json' }).waitFor();
  const run = await chat.say('@belay /run answer-a-letter', 'Write down this answer?');
  await screenshot(page, 'chat-approval');
  await button(run, 'Approve').click();
  await run.getByText('Succeeded').waitFor();
  await screenshot(page, 'chat-run');
  expect(readFileSync(join(window.workspace.folder, 'out', 'answer.md'), 'utf8')).toBe('We climb on Sunday, at eight.');
});

test('an empty flow is described in the chat; its draft is changed, and thrown away', async () => {
  const page = await window.page();
  await openFile(page, 'empty.flow.json');
  const chat = new Chat(page);
  await flowFrame(page).locator('[data-action="start-describe"]').click();
  await chat.view.locator('.interactive-input-part').waitFor();
  await expect.poll(() => chat.written).toMatch(/^@belay\s\/new\s*$/);
  const first = await chat.say('a flow that answers letters', 'lints clean', '@belay /new ');
  await button(first, 'Put It into empty.flow.json').waitFor();
  await button(first, 'Change It…').click();
  await expect.poll(() => chat.written).toMatch(/^@belay\s\/new\sthe\ssame,\sbut\s*$/);
  const second = await chat.say('with more of the mountain', 'Up the mountain', '@belay /new the same, but ');
  const tab = page.locator('.tab', { hasText: 'up-the-mountain' });
  await tab.waitFor();
  for (const theme of ['light', 'highContrast', 'dark'] as const) {
    await showTheme(page, theme);
    await screenshot(page, `chat-view-${theme}`);
  }
  await button(second, 'Discard').click();
  await tab.waitFor({ state: 'detached' });
  expect(readFileSync(join(window.workspace.folder, 'empty.flow.json'), 'utf8')).toContain('"nodes": {}');
});

test('problems are mended as a comparison that is applied, and flows and Belay are explained', async () => {
  const page = await window.page();
  const chat = await chatOf(page);
  const fixed = await chat.say('@belay /fix broken', 'Nothing is written yet');
  await page.locator('.monaco-diff-editor').waitFor();
  await screenshot(page, 'chat-fix');
  await button(fixed, 'Apply').click();
  await expectFile(join(window.workspace.folder, 'broken.flow.json'), (text) => expect(text).toContain('steps.ask.output.text'));
  await chat.say('@belay /explain broken', 'asks before it writes');
  // A follow-up is a whole request, which VS Code sends as it is.
  await chat.say('@belay /explain plain', 'asks before it writes');
  await chat.view.locator('.interactive-input-followups').getByText('Run it').last().click();
  await chat.view.locator('.monaco-list-row', { hasText: 'Plain words' }).filter({ hasText: 'Succeeded' }).waitFor();
  await chat.say('@belay How do loops end', 'A loop ends when');
});

test("a flow runs on a model of another extension once its user has agreed, by VS Code's own way", async () => {
  const graph = await window.open('parrot.flow.json', 'ask');
  await graph.frame.locator('[data-action="mode"].mode-live').waitFor();
  await graph.action('run').click();
  const dialog = graph.page.locator('.monaco-dialog-box');
  await dialog.waitFor();
  await screenshot(graph.page, 'model-consent');
  await dialog.locator('.monaco-button', { hasText: 'Allow' }).click();
  await graph.phase('Succeeded');
  await graph.node('ask').click();
  await graph.frame.locator('.inspector', { hasText: 'You said: Say it.' }).waitFor();
  await screenshot(graph.page, 'model-vscode-run');
});

test("an MCP server starts after a yes to what it is, and its question is answered by VS Code's own prompts", async () => {
  const graph = await window.open('outer.flow.json', 'say');
  const { page } = graph;
  await graph.action('run').click();
  const dialog = page.locator('.monaco-dialog-box');
  await dialog.getByText('wants to start a program on your machine').waitFor();
  await dialog.getByText('cli.cjs mcp --root .').waitFor();
  await screenshot(page, 'mcp-consent');
  await dialog.locator('.monaco-button', { hasText: 'Allow' }).click();
  await dialog.getByText('The MCP server "flows" asks').waitFor();
  await dialog.getByText('Climb on Sunday?').waitFor();
  await screenshot(page, 'mcp-asks');
  await dialog.locator('.monaco-button', { hasText: 'Answer' }).click();
  const form = page.locator('.quick-input-widget');
  await form.locator('.monaco-list-row', { hasText: 'approved' }).click();
  await form.locator('.quick-input-title', { hasText: 'flows (2 of 2)' }).waitFor();
  await page.keyboard.press('Enter');
  await graph.phase('Succeeded');
});

test('a person signs in to an MCP server on its own page, which the browser opens', async () => {
  const graph = await window.open('guarded.flow.json', 'look');
  const { page } = graph;
  await graph.action('run').click();
  const dialog = page.locator('.monaco-dialog-box');
  await dialog.getByText('wants to connect to an address').waitFor();
  await dialog.locator('.monaco-button', { hasText: 'Allow' }).click();
  await dialog.getByText('The MCP server "hut" wants to know who you are.').waitFor();
  await screenshot(page, 'mcp-sign-in');
  const opened = page.context().waitForEvent('page');
  await dialog.locator('.monaco-button', { hasText: 'Sign In' }).click();
  const theirs = await opened;
  await theirs.close();
  await graph.phase('Succeeded');
  expect(guarded.calls()).toBe(1);
});

test('the Models view says what works, what does not, and why', async () => {
  const page = await window.page();
  // Connections are settings of the machine, which a workbench with a server reads from here.
  const machine = join(window.host.userDataDir, 'Machine');
  mkdirSync(machine, { recursive: true });
  const connections = [
    { id: 'mock', baseUrl: `${server.url}/v1`, models: ['small-1', 'large-1'] },
    { id: 'wrong-key', baseUrl: `${refusing.base}/v1` },
    { id: 'nowhere', baseUrl: 'http://127.0.0.1:9/v1' },
  ];
  const names = { 'belay.defaultModel': 'mock/small-1', 'belay.modelAliases': { smart: 'mock/large-1' } };
  writeFileSync(join(machine, 'settings.json'), JSON.stringify({ 'belay.connections': connections, ...names }));
  await runCommand(page, 'Belay: Focus on Models View');
  for (const pane of ['Approvals', 'Runs']) await page.locator('.pane-header', { hasText: pane }).click();
  const row = (text: string) => page.locator('.pane .monaco-list-row', { hasText: text }).first();
  await row('nowhere').waitFor();
  await runCommand(page, 'Belay: Check Model Connections');
  await row('unreachable').waitFor();
  await row('key rejected').waitFor();
  await row('works').waitFor();
  await row('nowhere').click();
  await page.keyboard.press('ArrowRight');
  await row('Check that the service runs').waitFor();
  for (const theme of ['light', 'highContrast', 'dark'] as const) {
    await showTheme(page, theme);
    await screenshot(page, `models-view-${theme}`);
  }
});
