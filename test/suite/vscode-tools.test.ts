import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { FormAnswers } from '../../src/extension/editor/answers.ts';
import { vscodeTools } from '../../src/extension/tools/vscode-tools.ts';
import type { Named } from '../../src/webview/protocol/ask.ts';

const scope = { flow: 'a.flow.json' };
const context = { scope, signal: new AbortController().signal, idempotencyKey: 'k' };

/** With the tool of an extension that is not Belay's (test/fixtures/test-model). */
describe("VS Code's tools for flows and agents", () => {
  before(async () => {
    while (!vscode.lm.tools.some(({ name }) => name === 'test_add')) await new Promise<void>((next) => setImmediate(next));
  });

  it('are listed by name, without those that are flows', async () => {
    const { tools } = await vscodeTools.list(['vscode/*'], context);
    assert.ok(tools.every(({ name, effect }) => !name.startsWith('vscode/belay_') && effect === 'irreversible'));
    assert.equal(tools.find(({ name }) => name === 'vscode/test_add')?.description, 'Adds two numbers.');
    const named = await vscodeTools.list(['vscode/test_add', 'vscode/nothing'], context);
    assert.deepEqual(
      named.tools.map(({ name }) => name),
      ['vscode/test_add'],
    );
    assert.deepEqual(
      named.unavailable.map(({ name, error }) => [name, error.code]),
      [['vscode/nothing', 'TOOL_UNKNOWN']],
    );
  });

  it('are offered where tools are named, with those of Belay and the other flows', async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, 'hello.flow.json'));
    const answers = new FormAnswers({} as ConstructorParameters<typeof FormAnswers>[0]);
    const offered = (await answers.answer(document, undefined, { about: 'tools', lists: true })) as Named[];
    const about = (name: string) => offered.find((it) => it.name === name)?.about;
    assert.equal(about('vscode/test_add'), 'Adds two numbers.');
    assert.equal(about('files/search'), 'read');
    assert.equal(about('flow/release-notes.flow.json'), 'flow');
    for (const not of ['vscode/belay_run_flow', 'flow/hello.flow.json']) assert.equal(about(not), undefined);
  });

  it('answer', async () => {
    assert.deepEqual(await vscodeTools.call('vscode/test_add', { a: 2, b: 3 }, context), { content: [{ type: 'text', text: '5' }] });
  });

  it('say what they could not do, are not there, or were stopped', async () => {
    assert.equal((await vscodeTools.call('vscode/test_add', { a: 'fail', b: 1 }, context)).failed, true);
    await assert.rejects(vscodeTools.call('vscode/nothing', {}, context), { code: 'TOOL_UNKNOWN' });
    await assert.rejects(vscodeTools.call('vscode/belay_run_flow', { flow: 'a' }, context), { code: 'TOOL_UNKNOWN' });
    const stopped = { ...context, signal: AbortSignal.abort(new Error('enough')) };
    await assert.rejects(vscodeTools.call('vscode/test_add', { a: 1, b: 1 }, stopped), { message: 'enough' });
  });
});
