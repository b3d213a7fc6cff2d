import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { Log } from '../../src/engine/ports.ts';
import { RunHub } from '../../src/extension/runs/hub.ts';
import { rootOf } from '../../src/extension/runs/roots.ts';
import type { RunRef } from '../../src/extension/runs/run-ref.ts';

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
const settings = {
  forRegistry: () => ({ connections: async () => [], aliases: () => ({}), defaultModel: () => undefined }),
  secret: async () => undefined,
  known: () => [],
  learn: async () => undefined,
};
const FLOW = JSON.stringify({
  version: 1,
  nodes: {
    ask: { type: 'approval', with: { message: 'Go?' } },
    act: { type: 'file', after: { ask: 'approved' }, with: { action: 'write', path: 'out.txt', content: 'x' } },
  },
});
const yes = { decision: 'approved', by: 'suite', at: 1 };

/** What the hub does for a window, on a flow outside of the workspace: its own folder is the root. */
describe('the runs of a window', () => {
  let folder: string;
  let flow: vscode.Uri;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'belay-hub-'));
    flow = vscode.Uri.file(path.join(folder, 'ask.flow.json'));
    writeFileSync(flow.fsPath, FLOW);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const start = (hub: RunHub): Promise<RunRef> => hub.start(flow, FLOW, { inputs: {}, mode: 'live' });
  const asked = (hub: RunHub, { id }: RunRef): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!hub.questions().some(({ runId }) => runId === id)) return;
        listener.dispose();
        resolve();
      };
      const listener = hub.onDidChange(look);
      look();
    });

  it('are neither started, resumed nor answered in a workspace that is not trusted', async () => {
    const trusted = new RunHub(settings, quiet, '0.0.0', () => true);
    const ref = await start(trusted);
    await asked(trusted, ref);
    await trusted.park();
    const untrusted = new RunHub(settings, quiet, '0.0.0', () => false);
    const refused = { code: 'WORKSPACE_UNTRUSTED' };
    await assert.rejects(start(untrusted), refused);
    await assert.rejects(untrusted.resume(ref), refused);
    await assert.rejects(untrusted.decide(ref, 'ask/approval', yes), refused);
    assert.deepEqual(
      (await untrusted.source(ref)).events.filter(({ type }) => type === 'signal.received'),
      [],
    );
    assert.equal(existsSync(path.join(folder, 'out.txt')), false);

    assert.deepEqual(await trusted.decide(ref, 'ask/approval', yes), { accepted: true });
    await ended(trusted, ref);
    assert.equal(existsSync(path.join(folder, 'out.txt')), true);
    for (const hub of [trusted, untrusted]) hub.dispose();
  });

  it('go on by the way for a time that was up while nobody had them, when somebody answers too late', async () => {
    const nodes = { ask: { ...JSON.parse(FLOW).nodes.ask, timeout: '2s' }, late: { type: 'end', after: { ask: 'timedOut' }, with: {} } };
    const hub = new RunHub(settings, quiet, '0.0.0', () => true);
    const ref = await hub.start(flow, JSON.stringify({ version: 1, nodes }), { inputs: {}, mode: 'live' });
    await asked(hub, ref);
    await hub.park();
    const question = (await hub.source(ref)).events.find((event) => event.type === 'signal.requested');
    const until = question?.type === 'signal.requested' ? (question.until ?? 0) : 0;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, until - Date.now())));
    assert.equal((await hub.decide(ref, 'ask/approval', yes)).accepted, false);
    await ended(hub, ref);
    const end = (await hub.source(ref)).events.find((event) => event.type === 'run.finished');
    assert.deepEqual(end?.type === 'run.finished' ? end.outcome : undefined, 'succeeded');
    hub.dispose();
  });

  it('go on by themselves when one of their branches waits and another one was under way', async () => {
    const both = JSON.stringify({
      version: 1,
      nodes: { ask: JSON.parse(FLOW).nodes.ask, hurry: { ...JSON.parse(FLOW).nodes.ask, timeout: '1h' } },
    });
    const first = new RunHub(settings, quiet, '0.0.0', () => true);
    const [resting, moving] = [await start(first), await first.start(flow, both, { inputs: {}, mode: 'live' })];
    await asked(first, resting);
    await asked(first, moving);
    await first.park();
    first.dispose();

    const second = new RunHub(settings, quiet, '0.0.0', () => true);
    await second.source(resting);
    assert.deepEqual(await second.resumeInterrupted(), [moving]);
    assert.deepEqual([second.owns(folder, resting.id), second.owns(folder, moving.id)], [false, true]);
    for (const ref of [moving, resting]) await second.cancel(ref, 'suite');
    second.dispose();
  });

  it('that can no longer be written are told, and no rejection is left unheard', async () => {
    const unheard: unknown[] = [];
    const hear = (reason: unknown): void => void unheard.push(reason);
    process.on('unhandledRejection', hear);
    const hub = new RunHub(settings, quiet, '0.0.0', () => true);
    const ref = await start(hub);
    await asked(hub, ref);
    const stopped = new Promise<unknown>((resolve) => hub.onDidStop(({ error }) => resolve(error)));
    // Another process has taken the run over: this one must not write any more.
    writeFileSync(path.join(folder, '.belay', 'local', 'runs', ref.id, '0002.jsonl'), '');
    await hub.decide(ref, 'ask/approval', yes).catch(() => undefined);
    assert.equal(((await stopped) as { code?: string }).code, 'RUN_LOST');
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', hear);
    assert.deepEqual(unheard, []);
    hub.dispose();
  });

  it('are kept where a terminal keeps them, but never outside of the opened folder', () => {
    const workspace = vscode.workspace.workspaceFolders?.[0]?.uri;
    assert.ok(workspace);
    const nested = vscode.Uri.joinPath(workspace, 'team', 'flows', 'x.flow.json');
    assert.equal(rootOf(nested), workspace.fsPath);
    mkdirSync(path.join(workspace.fsPath, 'team', '.belay'), { recursive: true });
    assert.equal(rootOf(nested), path.join(workspace.fsPath, 'team'));
    assert.equal(rootOf(flow), folder);
  });

  /** Resolves when the journal says that the run is finished. */
  async function ended(hub: RunHub, ref: RunRef): Promise<void> {
    const source = await hub.source(ref);
    const isOver = (): boolean => source.events.some(({ type }) => type === 'run.finished');
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (isOver()) resolve();
      };
      source.onDidAppend(look);
      source.onDidReset(look);
      look();
    });
    source.dispose();
  }
});
