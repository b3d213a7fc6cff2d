import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { DraftCommands, respond } from '../../src/extension/chat/chat.lazy.ts';
import type { ChatHost, Told, Turn } from '../../src/extension/chat/host.ts';
import { RunModes } from '../../src/extension/models/modes.ts';
import type { ModelSettings } from '../../src/extension/models/settings.ts';
import { OWN_VENDOR } from '../../src/extension/models/vscode-models.ts';
import { RunHub } from '../../src/extension/runs/hub.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

/** What the model answers to whatever it is asked; undefined: it begins and does not end. */
type Answer = (asked: string) => string | undefined;

/** A model service of a few lines. What it is in the middle of can be waited for. */
class Service {
  answer: Answer = () => 'Hm.';
  readonly asked: string[] = [];
  readonly #server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    this.asked.push(body);
    this.#say(response, this.answer(body));
  });

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  /** Resolves with a reply that was begun, when whoever asked for it has gone. */
  async abandoned(): Promise<void> {
    const [, response] = (await once(this.#server, 'request')) as [unknown, ServerResponse];
    await once(response, 'close');
  }

  #say(response: ServerResponse, text: string | undefined): void {
    const choice = (more: object) => `data: ${JSON.stringify({ choices: [more] })}\n\n`;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const content of (text ?? 'I begin').split(/(?<= )/)) response.write(choice({ delta: { content } }));
    if (text !== undefined) response.end(choice({ delta: {}, finish_reason: 'stop' }));
  }
}

/** What is seen of an answer, and what can be pressed under it. */
interface Answered {
  text: string;
  buttons: vscode.Command[];
  told: Told;
  error?: string;
}

const name = (flow: string): string => `chat-${flow}.flow.json`;
const FAILS = {
  version: 1,
  title: 'Reads what is not there',
  nodes: { read: { type: 'file', with: { action: 'read', path: 'out/nowhere.md' } } },
};

/** The answers themselves, as `@belay` gives them; how they look in the Chat view is for test/e2e/chat.test.ts. */
describe('answers in the chat', () => {
  const service = new Service();
  let drafts: string;
  let host: ChatHost;
  let hub: RunHub;
  let flow: vscode.Uri;

  before(async () => {
    await service.start();
    drafts = mkdtempSync(path.join(tmpdir(), 'belay-drafts-'));
    const settings = {
      forRegistry: () => ({
        connections: async () => [{ id: 'mock', baseUrl: service.base, key: async () => undefined }],
        aliases: () => ({}),
        defaultModel: () => 'mock/small',
      }),
      secret: async () => undefined,
      known: () => [],
      learn: async () => undefined,
    };
    hub = new RunHub(settings, log, '0.0.0', () => true);
    const extension = vscode.extensions.getExtension('belay.belay');
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(extension && folder);
    host = {
      hub,
      settings,
      log,
      modes: { choice: async () => ({ mode: 'live', model: 'mock/small', models: ['mock/small'], recorded: false }) },
      documents: { analyse: async ({ version }) => ({ version, problems: [], untrusted: [] }) },
      editors: { of: () => [], all: () => [], active: () => undefined, open: async () => undefined },
      // In files, as the window's own are not to be written to.
      virtual: {
        async addDraft(title, text) {
          const file = path.join(drafts, `${title}.json`);
          writeFileSync(file, text);
          return vscode.Uri.file(file);
        },
        draft: ({ fsPath }) => (existsSync(fsPath) ? readFileSync(fsPath, 'utf8') : undefined),
        discardDraft: async ({ fsPath }) => rmSync(fsPath),
      },
      extensionUri: extension.extensionUri,
      onDidLeave: new vscode.EventEmitter<never>().event,
    };
    flow = vscode.Uri.joinPath(folder.uri, name('fails'));
    await vscode.workspace.fs.writeFile(flow, new TextEncoder().encode(JSON.stringify(FAILS, null, 2)));
    // The search of VS Code finds a file that was just made only after a while; what is open is found at once.
    await vscode.workspace.openTextDocument(flow);
  });
  afterEach(() => {
    service.answer = () => 'Hm.';
    service.asked.length = 0;
  });
  after(async () => {
    hub.dispose();
    service.stop();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.workspace.fs.delete(flow);
    rmSync(drafts, { recursive: true, force: true });
  });

  /** @param said `/command words`, or words alone. */
  async function ask(said: string, { participant = 'belay.belay', stop = new vscode.CancellationTokenSource() } = {}): Promise<Answered> {
    const [, command, prompt = ''] = /^(?:\/(\w+) ?)?(.*)$/s.exec(said) ?? [];
    const answered: Answered = { text: '', buttons: [], told: {} };
    const stream = {
      markdown(text: string | vscode.MarkdownString) {
        answered.text += typeof text === 'string' ? text : text.value;
      },
      button: (button: vscode.Command) => void answered.buttons.push(button),
      progress: () => undefined,
    };
    const request = { command, prompt, references: [], model: { vendor: OWN_VENDOR, id: 'mock/small' } };
    const turn = { request, history: [], stream, token: stop.token } as unknown as Turn;
    const { metadata, errorDetails } = await respond(host, participant, turn);
    return { ...answered, told: (metadata ?? {}) as Told, ...(errorDetails ? { error: errorDetails.message } : {}) };
  }

  const press = { discard: 1, apply: 0 } as const;
  /** What the buttons of a proposal do. */
  async function choose({ buttons }: Answered, choice: keyof typeof press): Promise<void> {
    const [flowOrDraft = '', before = '', after = ''] = (buttons[press[choice]]?.arguments ?? []) as string[];
    const commands = new DraftCommands(host.virtual);
    await (choice === 'apply' ? commands.apply(flowOrDraft, before, after) : commands.discard(flowOrDraft));
  }

  const followups = ({ told }: Answered) => told.followups?.map(({ command, prompt }) => `/${command} ${prompt}`);

  it('/agent NAME is answered by the agent of that file, in a run', async () => {
    service.answer = (asked) => (asked.includes('You are Librarian.') ? 'It stands in data/a.md.' : 'Who am I?');
    const answered = await ask('/agent LIBRARIAN where is it?');
    assert.match(answered.text, /It stands in data\/a\.md\./);
    assert.match(service.asked.join(), /where is it\?/);
    assert.ok(answered.told.run);
    assert.equal((await hub.view(answered.told.run)).status, 'succeeded');
  });

  it('/agent says which agents there are, and what to type', async () => {
    const unknown = await ask('/agent nobody do it');
    assert.match(unknown.text, /There is no agent `nobody`\. There are: .*`librarian`.*`commander`/);
    assert.deepEqual(unknown.buttons[0], { command: 'belay.chat.begin', title: 'Ask librarian…', arguments: ['@belay /agent librarian '] });
    assert.match((await ask('/agent librarian')).text, /Say what `librarian` is to do/);
    assert.deepEqual(service.asked, []);
  });

  it("an agent's answer that is cancelled cancels its run, and the call of the model", async () => {
    service.answer = () => undefined;
    const stop = new vscode.CancellationTokenSource();
    const gone = service.abandoned();
    const answering = ask('take your time', { participant: 'belay.assistant', stop });
    while (service.asked.length === 0) await new Promise<void>((next) => setImmediate(next));
    stop.cancel();
    const answered = await answering;
    await gone;
    assert.match(answered.text, /\*\*Cancelled\*\*/);
    assert.ok(answered.told.run);
    assert.equal((await hub.view(answered.told.run)).status, 'cancelled');
  });

  it('an answer without a run that is cancelled ends, and is no fault', async () => {
    service.answer = () => undefined;
    const stop = new vscode.CancellationTokenSource();
    const gone = service.abandoned();
    const answering = ask('How do loops end?', { stop });
    while (service.asked.length === 0) await new Promise<void>((next) => setImmediate(next));
    stop.cancel();
    assert.equal((await answering).error, undefined);
    await gone;
  });

  it('/run asks the model of the chat where no other is configured, nothing is recorded and nobody chose to answer by hand', async () => {
    const asks = vscode.Uri.joinPath(flow, '..', name('asks'));
    await vscode.workspace.fs.writeFile(asks, Buffer.from('{"version":1,"nodes":{"it":{"type":"prompt","with":{"prompt":"Who?"}}}}'));
    await vscode.workspace.openTextDocument(asks);
    const unset = {
      onDidChange: () => ({ dispose() {} }),
      usable: async () => [],
      hosted: new Map(),
      aliases: {},
      knownVscodeModels: () => [],
    };
    const kept = new Map<string, unknown>();
    const memory = { get: (key: string) => kept.get(key), update: async (key: string, value: unknown) => void kept.set(key, value) };
    const modes = (recorded: boolean) =>
      new RunModes(memory as unknown as vscode.Memento, unset as unknown as ModelSettings, async () => recorded);
    const usual = host.modes;
    try {
      host.modes = modes(false);
      assert.match((await ask(`/run ${name('asks')}`)).text, /Live model · `mock\/small`[\s\S]*\*\*Succeeded\*\*/);
      assert.match(service.asked.join(), /Who\?/);
      // The Run button knows of no such model.
      assert.equal((await modes(false).choice(asks)).mode, 'byHand');
      assert.equal((await modes(true).choice(asks, 'mock/small')).mode, 'recorded');
      await modes(false).set(asks, { mode: 'byHand' });
      assert.equal((await modes(false).choice(asks, 'mock/small')).mode, 'byHand');
    } finally {
      host.modes = usual;
      await vscode.workspace.fs.delete(asks);
    }
  });

  /** Runs the flow that fails, once for all tests that look back at it. */
  let failing: ReturnType<typeof ask> | undefined;
  function failedRun() {
    failing ??= ask(`/run ${name('fails')}`);
    return failing;
  }

  it('a run that fails says why and what to do, and offers to look into it', async () => {
    const failed = await failedRun();
    assert.match(failed.text, /\*\*Failed\*\* at `read`\. .*nowhere\.md/);
    assert.deepEqual(followups(failed), [`/fix ${name('fails')}`]);
    assert.deepEqual(
      failed.buttons.map(({ title }) => title),
      ['Show Run'],
    );
  });

  it('/explain of a flow whose last run failed begins with why, and offers to mend it', async () => {
    await failedRun();
    service.answer = (asked) => (asked.includes('FILE_NOT_FOUND') ? 'The file is missing.' : 'All is well.');
    const explained = await ask(`/explain ${name('fails')}`);
    assert.match(explained.text, /its last run, which failed:\n\nThe file is missing\./);
    assert.deepEqual(followups(explained), [`/fix ${name('fails')}`]);
  });

  it('/fix of a failed run tells why in words; where no change of the flow helps, it offers to run it again', async () => {
    await failedRun();
    service.answer = () => 'The file is missing: write it first.';
    const fixed = await ask(`/fix ${name('fails')}`);
    assert.match(service.asked.join(), /FILE_NOT_FOUND/);
    assert.match(fixed.text, /last run of `chat-fails\.flow\.json` failed\. The file is missing: write it first\./);
    assert.deepEqual([fixed.buttons, followups(fixed)], [[], [`/run ${name('fails')}`]]);
  });

  it('/fix of a failed run shows a change as a comparison, which is thrown away or applied', async function () {
    this.timeout(60_000);
    await failedRun();
    const mended = JSON.stringify(FAILS).replace('out/nowhere.md', 'README.md');
    service.answer = () => `It reads the wrong file.\n\n\`\`\`json\n${mended}\n\`\`\``;
    const before = (await vscode.workspace.openTextDocument(flow)).getText();
    const discarded = await ask(`/fix ${name('fails')}`);
    assert.match(discarded.text, /It reads the wrong file\./);
    assert.ok(!discarded.text.includes('"version"'), discarded.text);
    assert.deepEqual(
      discarded.buttons.map(({ title }) => title),
      ['Apply', 'Discard'],
    );
    const compared = () =>
      vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).filter(({ input }) => input instanceof vscode.TabInputTextDiff);
    assert.equal(compared().length, 1);

    await choose(discarded, 'discard');
    assert.equal(compared().length, 0);
    assert.equal((await vscode.workspace.openTextDocument(flow)).getText(), before);
    await assert.rejects(choose(discarded, 'apply'), { code: 'DRAFT_GONE' });

    await choose(await ask(`/fix ${name('fails')}`), 'apply');
    assert.equal(readFileSync(flow.fsPath, 'utf8'), before.replace('out/nowhere.md', 'README.md'));
    assert.match((await ask(`/run ${name('fails')}`)).text, /\*\*Succeeded\*\*/);
  });
});
