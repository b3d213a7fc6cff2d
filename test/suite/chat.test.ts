import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';

const folder = (): vscode.Uri => {
  const [first] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(first);
  return first.uri;
};
const files = {
  'asks.flow.json': {
    version: 1,
    title: 'Asks first',
    inputs: { name: { type: 'string' } },
    nodes: { ask: { type: 'approval', title: 'Greet?', with: { message: 'Greet {{ inputs.name }}?' } } },
  },
  'adds.flow.json': {
    version: 1,
    title: 'Adds',
    inputs: { a: { type: 'integer' } },
    outputs: { sum: { value: { $expr: 'steps.add.output' } } },
    nodes: { add: { type: 'transform', with: { value: { $expr: 'inputs.a + 1' } } } },
  },
};

/** What a tool of VS Code answers, as its users get it. */
async function invoke(name: string, input: object): Promise<Record<string, unknown>> {
  const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
  const [part] = content;
  assert.ok(part instanceof vscode.LanguageModelTextPart);
  return JSON.parse(part.value) as Record<string, unknown>;
}

/** VS Code asks before each run; the runner of this suite says yes (main.ts). */
describe('flows as tools of VS Code', () => {
  before(async () => {
    for (const [name, flow] of Object.entries(files)) {
      await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(folder(), name), new TextEncoder().encode(JSON.stringify(flow)));
    }
  });
  after(async () => {
    for (const name of Object.keys(files)) await vscode.workspace.fs.delete(vscode.Uri.joinPath(folder(), name));
  });

  it('are known by their names', () => {
    const names = vscode.lm.tools.map(({ name }) => name);
    assert.ok(names.includes('belay_list_flows') && names.includes('belay_run_flow'), names.join());
  });

  it('are listed with their inputs and what they may do', async () => {
    const { flows } = (await invoke('belay_list_flows', {})) as { flows: { flow: string; mayDo: string; inputs?: object }[] };
    assert.deepEqual(
      flows.find(({ flow }) => flow === 'adds.flow.json'),
      { flow: 'adds.flow.json', title: 'Adds', inputs: files['adds.flow.json'].inputs, mayDo: 'none' },
    );
    assert.equal(flows.find(({ flow }) => flow === 'release-notes.flow.json')?.mayDo, 'write');
  });

  it('run to their end and give what came of them', async () => {
    const result = await invoke('belay_run_flow', { flow: 'adds.flow.json', inputs: { a: 2 } });
    assert.deepEqual({ ...result, run: '' }, { run: '', status: 'succeeded', outputs: { sum: 3 } });
  });

  it('that ask a person are told as waiting, and nobody answers for the person', async () => {
    const result = await invoke('belay_run_flow', { flow: 'Asks first', inputs: { name: 'Ada' } });
    assert.equal(result.status, 'waiting');
    assert.deepEqual(result.waitsFor, [{ title: 'Greet?', why: 'waits for approval', message: 'Greet Ada?' }]);
    assert.match(String(result.next), /Approvals/);
    const root = folder().fsPath;
    await vscode.commands.executeCommand('belay.cancelRun', { root, run: { id: result.run } });
  });

  it('that are not there, or are given what they do not take, say so', async () => {
    await assert.rejects(invoke('belay_run_flow', { flow: 'nothing.flow.json' }), /There is no flow "nothing\.flow\.json"/);
    await assert.rejects(invoke('belay_run_flow', { flow: 'adds.flow.json', inputs: { a: 'two' } }), /"a"/);
  });
});
