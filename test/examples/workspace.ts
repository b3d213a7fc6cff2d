/** The examples in a copy, as a fresh clone has them: real files, real processes, real journal; replies from the recordings or from a server. */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { catalog } from '../../src/engine/nodes/catalog.ts';
import { executors } from '../../src/engine/nodes/executors.ts';
import type { RunHandle, StartRequest } from '../../src/engine/run/api.ts';
import type { SignalReply } from '../../src/engine/run/events.ts';
import { RunService } from '../../src/engine/run/service.ts';
import { openSignals } from '../../src/engine/run/view.ts';
import { createCassettes } from '../../src/providers/cassettes/cassettes.ts';
import { systemClock } from '../../src/providers/clock/system-clock.ts';
import { createWorkspaceFiles } from '../../src/providers/files/files.ts';
import { createHttpClient } from '../../src/providers/http/http-client.ts';
import { FileRunStore } from '../../src/providers/journal/file-run-store.ts';
import { createModels } from '../../src/providers/models/registry.ts';
import { createEnvironmentSecrets } from '../../src/providers/secrets/environment.ts';
import { createCommandRunner } from '../../src/providers/shell/runner.ts';
import { FileState } from '../../src/providers/state/file-state.ts';
import { joinTools } from '../../src/providers/tools/tools.ts';

export const EXAMPLES = join(import.meta.dirname, '../../examples');

export interface Examples {
  /** The copy of the test that runs. */
  readonly root: string;
  /** @param modelAt Where a model server answers: everything it is asked goes to `mock/…`. */
  service(modelAt?: string): RunService;
  start(runs: RunService, flow: string, more?: Partial<StartRequest>): Promise<RunHandle>;
  written(path: string): Promise<string>;
}

/** One copy for each test of the file. */
export function examples(): Examples {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'belay-examples-'));
    await cp(EXAMPLES, root, { recursive: true, filter: (path) => !/[\\/](out|local)$/.test(path) });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  const written = (path: string) => readFile(join(root, path), 'utf8');
  return {
    get root() {
      return root;
    },
    written,
    service: (modelAt) => serviceAt(root, modelAt),
    start: async (runs, flow, more = {}) =>
      runs.start({ flowPath: flow, flowText: await written(flow), inputs: {}, mode: 'recorded', readFile: written, ...more }),
  };
}

function serviceAt(root: string, modelAt: string | undefined): RunService {
  const secrets = createEnvironmentSecrets({});
  const complain = (message: string) => {
    throw new Error(message);
  };
  const log = { debug() {}, info() {}, warn: complain, error: complain };
  const connections = modelAt === undefined ? [] : [{ id: 'mock', baseUrl: modelAt, key: async () => undefined }];
  const aliases = { fast: 'mock/fast', smart: 'mock/smart', local: 'mock/local' };
  const ports = {
    clock: systemClock,
    log,
    models: createModels({ connections: async () => connections, aliases: () => aliases, defaultModel: () => 'mock/any' }),
    cassettes: createCassettes(root, secrets.redact),
    tools: joinTools(new Map()),
    commands: createCommandRunner(),
    http: createHttpClient(),
    files: createWorkspaceFiles(root),
    secrets,
    state: new FileState(root),
    runs: new FileRunStore({ root, kind: 'test', log, now: systemClock.now }),
  };
  return new RunService({ ports, catalog, executors, hostKind: 'test', version: '0.0.0' });
}

/** Waits until the run asks something (or fails the test when it ends first), and gives the one open question. */
export async function question(run: RunHandle) {
  const asked = new Promise<void>((resolve) => void run.onIdle(() => resolve()));
  const ended = run.done.then((outcome) => {
    throw new Error(`the run ${outcome} without asking: ${JSON.stringify(run.view().error)}`);
  });
  await Promise.race([asked, ended]);
  ended.catch(() => undefined);
  const [signal, ...others] = openSignals(run.view());
  expect(others).toEqual([]);
  return signal!;
}

export const answer = (decision: string, more: Partial<SignalReply> = {}): SignalReply => ({ decision, by: 'ada, test', at: 0, ...more });
