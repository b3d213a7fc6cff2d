import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { Log } from '../../src/engine/ports.ts';
import { RunHub } from '../../src/extension/runs/hub.ts';
import type { RunRef } from '../../src/extension/runs/run-ref.ts';
import { flowServers } from '../../src/extension/tools/flow-servers.ts';

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
const settings = {
  forRegistry: () => ({ connections: async () => [], aliases: () => ({}), defaultModel: () => undefined }),
  secret: async () => undefined,
  known: () => [],
  learn: async () => undefined,
};

/** One flow uses another by the server that VS Code is offered: both ends in their real places. */
describe('MCP in the editor', () => {
  it('a server starts after a yes to exactly what it is, and the flows of the folder are such a server', async function () {
    this.timeout(60_000);
    const extension = vscode.extensions.getExtension('belay.belay');
    assert.ok(extension);
    const [server] = await flowServers(path.join(extension.extensionPath, 'dist', 'cli.cjs'), '0.0.0');
    assert.ok(server);
    const text = JSON.stringify({
      version: 1,
      mcpServers: { flows: { command: server.command, args: server.args, env: server.env } },
      nodes: { say: { type: 'tool', effect: 'read', with: { tool: 'flows/hello', arguments: { name: 'Ada' } } } },
    });
    const folder = mkdtempSync(path.join(tmpdir(), 'belay-mcp-'));
    const flow = vscode.Uri.file(path.join(folder, 'outer.flow.json'));
    const asked: string[] = [];
    const questions: string[] = [];
    let answer = false;
    const servers = {
      of: () => ({
        note: () => undefined,
        howToAllow: () => 'Say yes.',
        elicit: async ({ message }: { message: string }) => {
          questions.push(message);
          return { action: 'accept' as const, content: { decision: 'approved' } };
        },
        allow: async ({ name, what }: { name: string; what: string }) => {
          asked.push(`${name}: ${what}`);
          return answer;
        },
      }),
    };
    const hub = new RunHub(settings, quiet, '0.0.0', () => true, servers);
    try {
      const refused = await ended(hub, await hub.start(flow, text, { inputs: {}, mode: 'live' }));
      assert.equal(refused.status, 'failed');
      assert.match(JSON.stringify(refused.error), /has not been allowed/);
      answer = true;
      const view = await ended(hub, await hub.start(flow, text, { inputs: {}, mode: 'live' }));
      assert.equal(view.status, 'succeeded', JSON.stringify(view.error));
      assert.match(JSON.stringify(view.nodes.say?.output), /"succeeded"/);
      // The inner flow asks before it writes: by elicitation, with what it is about to write.
      assert.match(questions.join(), /Hello Ada/);
      assert.equal(asked.length, 2);
      assert.match(asked[0] ?? '', /^flows: .*cli\.cjs mcp --root/);
    } finally {
      hub.dispose();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

async function ended(hub: RunHub, ref: RunRef) {
  for (;;) {
    const changed = new Promise<void>((resolve) => {
      const listener = hub.onDidChange(() => {
        listener.dispose();
        resolve();
      });
    });
    const view = await hub.view(ref);
    if (view.finishedAt !== undefined) return view;
    await changed;
  }
}
