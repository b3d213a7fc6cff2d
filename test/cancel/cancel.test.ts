/**
 * Cancelling a run in the middle of everything that can be under way, with the real providers. What is measured is order, not time:
 * the engine's clock never comes to any moment, so that nothing can end by a grace or a time-out, but only because it was told to.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/engine/format/json.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';
import { executors } from '../../src/engine/nodes/executors.ts';
import { presentValue } from '../../src/engine/nodes/state/document.ts';
import type { Clock } from '../../src/engine/ports.ts';
import type { LiveEvent, RunEvent } from '../../src/engine/run/events.ts';
import { RunService } from '../../src/engine/run/service.ts';
import { createCassettes } from '../../src/providers/cassettes/cassettes.ts';
import { createWorkspaceFiles } from '../../src/providers/files/files.ts';
import { createHttpClient } from '../../src/providers/http/http-client.ts';
import { FileRunStore } from '../../src/providers/journal/file-run-store.ts';
import { createModels } from '../../src/providers/models/registry.ts';
import { createEnvironmentSecrets } from '../../src/providers/secrets/environment.ts';
import { createCommandRunner } from '../../src/providers/shell/runner.ts';
import { FileState } from '../../src/providers/state/file-state.ts';
import { joinTools } from '../../src/providers/tools/tools.ts';

const standing: Clock = {
  now: () => Date.now(),
  random: () => 0.5,
  sleep: (_ms, signal) =>
    new Promise((_resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    }),
};

function later(): { promise: Promise<void>; resolve(): void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** A process with two children that have one each, all of which would stay for ever. Says every pid. */
const TREE = `
const depth = Number(process.argv[1]);
for (let i = 0; i < depth; i += 1) require('node:child_process').spawn(process.execPath, ['-e', process.env.CODE, String(depth - 1)], { stdio: 'inherit' });
console.log('pid ' + process.pid + ';');
setInterval(() => {}, 1000);
`;
const PROCESSES = 5;

/** A model that begins to speak and never ends. */
async function endlessModel() {
  const hung = later();
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"choices":[{"delta":{"content":"Once upon"}}]}\n\n');
    request.once('close', () => hung.resolve());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, hungUp: hung.promise };
}

/** The real state, which tells when a change is under way. */
class TellingState extends FileState {
  onChange = (): void => undefined;

  override change(...args: Parameters<FileState['change']>): ReturnType<FileState['change']> {
    const change = super.change(...args);
    this.onChange();
    return change;
  }
}

async function lives(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) [ZX] /.test(stat);
}

test.runIf(process.platform === 'linux')(
  'everything that is under way ends because it was told to, and nothing begins any more',
  async () => {
    const root = await mkdtemp(join(tmpdir(), 'belay-cancel-'));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    const model = await endlessModel();
    const secrets = createEnvironmentSecrets({});
    const log = { debug() {}, info() {}, warn() {}, error: (message: string) => expect.fail(message) };
    const state = new TellingState(root);
    const connections = async () => [{ id: 'm', baseUrl: model.baseUrl, key: async () => undefined }];
    const service = new RunService({
      ports: {
        clock: standing,
        log,
        models: createModels({ connections, aliases: () => ({}), defaultModel: () => 'm/x' }),
        cassettes: createCassettes(root, secrets.redact),
        tools: joinTools(new Map()),
        commands: createCommandRunner({ graceMs: 3_600_000 }),
        http: createHttpClient(),
        files: createWorkspaceFiles(root),
        secrets,
        state,
        runs: new FileRunStore({ root, kind: 'test', log, now: standing.now }),
      },
      catalog,
      executors,
      hostKind: 'test',
      version: '0.0.0',
    });
    const nodes: JsonObject = {
      tree: { type: 'command', effect: 'read', with: { run: [process.execPath, '-e', TREE, '2'], env: { CODE: TREE } } },
      stream: { type: 'prompt', with: { prompt: 'Tell me a story.' } },
      hour: { type: 'wait', with: { for: '1h' } },
      sign: { type: 'wait', with: { signal: 'never' } },
      go: { type: 'wait', with: { signal: 'go' } },
      remember: { type: 'state', after: { go: 'success' }, with: { action: 'set', key: 'k', value: 'remembered' } },
      never: { type: 'template', after: { remember: 'success', tree: 'success' }, with: { template: 'x' } },
    };
    const handle = await service.start({
      flowPath: 'all.flow.json',
      flowText: JSON.stringify({ version: 1, nodes }),
      inputs: {},
      mode: 'live',
      readFile: async () => undefined,
    });

    let output = '';
    let text = '';
    const pids = () => [...output.matchAll(/pid (\d+);/g)].map((match) => Number(match[1]));
    onTestFinished(async () => {
      for (const pid of pids()) if (await lives(pid)) process.kill(pid, 'SIGKILL');
    });
    const ready = later();
    const look = (event: RunEvent | LiveEvent): void => {
      if (event.type === 'live.output') output += event.text;
      if (event.type === 'live.text') text += event.text;
      const { hour, sign, go } = handle.view().nodes;
      const waiting = hour?.state === 'waiting' && sign?.state === 'awaiting' && go?.state === 'awaiting';
      if (waiting && text !== '' && pids().length === PROCESSES) ready.resolve();
    };
    handle.onEvent(look);
    await ready.promise;
    expect(await Promise.all(pids().map(lives))).not.toContain(false);

    state.onChange = () => handle.cancel('ada, test', 'enough');
    await service.decide(handle.id, 'go/signal', { decision: 'received', by: 'ada, test', at: 0 });
    expect(await handle.done).toBe('cancelled');

    // Over means over: what was started is not there any more when the run says that it has ended.
    expect(await Promise.all(pids().map(lives))).not.toContain(true);
    await model.hungUp;
    const { nodes: seen, reason } = handle.view();
    expect(reason).toBe('enough');
    for (const id of ['tree', 'stream', 'hour', 'sign']) expect([id, seen[id]?.state]).toEqual([id, 'cancelled']);

    const events = handle.events().map((event) => event.type);
    const after = events.slice(events.indexOf('run.cancelRequested'));
    const begun = after.filter((type) => ['node.started', 'step.started', 'timer.set', 'signal.requested'].includes(type));
    expect(begun).toEqual([]);
    expect(after.filter((type) => !type.startsWith('segment.')).at(-1)).toBe('run.finished');
    // A change that was under way is whole, the journal knows of it, and nothing followed from it.
    expect([seen.remember?.state, seen.never]).toEqual(['succeeded', undefined]);
    const written = handle.events().find((event) => event.type === 'step.finished' && event.step === 'remember/write');
    expect(written).toMatchObject({ output: { value: 'remembered' } });
    expect(presentValue(await state.read({ scope: { flow: 'all.flow.json' }, key: 'k' }))).toBe('remembered');
  },
  30_000,
);
