import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { ModelEvent, ModelRequest } from '../../src/engine/ports.ts';
import { OWN_VENDOR, VsCodeModels } from '../../src/extension/models/vscode-models.ts';

const allowed: vscode.LanguageModelAccessInformation = { onDidChange: new vscode.EventEmitter<void>().event, canSendRequest: () => true };
const unasked = { ...allowed, canSendRequest: () => undefined };
const request = (model: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  model: `vscode/test-model/${model}`,
  messages: [
    { role: 'system', content: 'Be kind.' },
    { role: 'user', content: 'Hello there' },
  ],
  ...more,
});

async function all(provider: VsCodeModels, asked: ModelRequest, signal = new AbortController().signal): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of provider.stream(asked, { signal, idempotencyKey: 'k' })) events.push(event);
  return events;
}

const tools = ['look', 'leap'].map((name) => ({ name, description: name, parameters: { type: 'object' } }));

/** Against the models of an extension that is not Belay's (test/fixtures/test-model). */
describe("VS Code's models", () => {
  const models = new VsCodeModels(allowed);
  before(async () => {
    while ((await vscode.lm.selectChatModels({ vendor: 'test-model' })).length === 0)
      await new Promise<void>((resolve) => {
        const listener = vscode.lm.onDidChangeChatModels(() => {
          listener.dispose();
          resolve();
        });
      });
  });

  it('are listed, without those that Belay offers itself', async () => {
    const ids = (await models.listModels()).map(({ id }) => id);
    assert.ok(ids.includes('vscode/test-model/parrot'));
    assert.ok(ids.every((id) => !id.startsWith(`vscode/${OWN_VENDOR}/`)));
    assert.deepEqual(await models.check(), { ok: true });
  });

  it('stream, with the system message in front, and their tokens are estimated', async () => {
    const events = await all(models, request('parrot'));
    assert.equal(events[0]?.type, 'start');
    assert.ok(events.filter(({ type }) => type === 'textDelta').length > 2);
    const finish = events.at(-1);
    assert.ok(finish?.type === 'finish');
    assert.equal(finish.message.content, 'You said: Be kind. | Hello there');
    assert.equal(finish.usage?.source, 'estimated');
    assert.ok((finish.usage?.inputTokens ?? 0) > 0 && (finish.usage?.outputTokens ?? 0) > 0);
  });

  it('call tools; one is forced, several cannot be', async () => {
    const forced = await all(models, request('caller', { tools, toolChoice: { tool: 'leap' } }));
    const finish = forced.at(-1);
    assert.ok(finish?.type === 'finish');
    assert.equal(finish.reason, 'toolCalls');
    assert.deepEqual(finish.message.content, [
      { type: 'toolCall', id: 'call-1', name: 'leap', arguments: `{"mode":${vscode.LanguageModelChatToolMode.Required}}` },
    ]);
    const several = await all(models, request('caller', { tools, toolChoice: 'required' }));
    assert.equal(several.filter(({ type }) => type === 'warning').length, 1);
    const messages = [
      ...request('caller').messages,
      finish.message,
      { role: 'tool', callId: 'call-1', name: 'leap', content: 'done' } as const,
    ];
    const answered = (await all(models, request('caller', { tools, messages }))).at(-1);
    assert.ok(answered?.type === 'finish' && String(answered.message.content).includes('(result)'));
  });

  it('take so many tools and no more', async () => {
    const many = Array.from({ length: 129 }, (_, n) => ({ name: `t${n}`, description: '', parameters: { type: 'object' } }));
    await assert.rejects(all(models, request('caller', { tools: many })), { kind: 'badRequest' });
  });

  it('fail by their names', async () => {
    await assert.rejects(all(models, request('limited')), { kind: 'rateLimit' });
    await assert.rejects(all(models, request('nobody')), { kind: 'modelNotFound' });
    await assert.rejects(all(models, request('parrot'), AbortSignal.abort(new Error('enough'))), { kind: 'cancelled' });
  });

  it('are for runs that are watched until somebody has agreed', async () => {
    assert.equal((await new VsCodeModels(unasked).capabilities('vscode/test-model/parrot')).interactiveOnly, true);
    assert.equal((await models.capabilities('vscode/test-model/parrot')).interactiveOnly, false);
  });
});

describe("Belay's models in VS Code", () => {
  it('are offered when they are configured, stream, and are not offered back', async () => {
    const server = createServer((_incoming, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const content of ['Hello', ' from', ' Belay'])
        response.write(`data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`);
      response.end(`data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: 'stop' }] })}\n\n`);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const configuration = vscode.workspace.getConfiguration('belay');
    const changed = new Promise<void>((resolve) => {
      const listener = vscode.lm.onDidChangeChatModels(() => {
        listener.dispose();
        resolve();
      });
    });
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    try {
      await configuration.update('connections', [{ id: 'mock', baseUrl, models: ['small'] }], vscode.ConfigurationTarget.Global);
      await changed;
      const [chat] = await vscode.lm.selectChatModels({ vendor: OWN_VENDOR });
      assert.equal(chat?.id, 'mock/small');
      const answer = await chat.sendRequest([vscode.LanguageModelChatMessage.User('Hi')]);
      let text = '';
      for await (const piece of answer.text) text += piece;
      assert.equal(text, 'Hello from Belay');
      assert.ok((await new VsCodeModels(allowed).listModels()).every(({ id }) => !id.includes('mock/small')));
    } finally {
      await configuration.update('connections', undefined, vscode.ConfigurationTarget.Global);
      server.close();
    }
  });

  it('one of them becomes the default, and what a name stands for, from the view', async () => {
    const configuration = () => vscode.workspace.getConfiguration('belay');
    const item = { kind: 'model', connection: 'mock', info: { id: 'mock/small' }, price: undefined };
    try {
      await vscode.commands.executeCommand('belay.setDefaultModel', item);
      assert.equal(configuration().get('defaultModel'), 'mock/small');
      const asked = vscode.commands.executeCommand('belay.setModelAlias', item);
      let isOver = false;
      void Promise.resolve(asked).finally(() => {
        isOver = true;
      });
      // An acceptance that comes before the question is lost.
      while (!isOver) await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      assert.deepEqual(configuration().get('modelAliases'), { fast: 'mock/small' });
    } finally {
      for (const name of ['defaultModel', 'modelAliases']) await configuration().update(name, undefined, vscode.ConfigurationTarget.Global);
    }
  });
});
