/** The real engine on the real providers, with four node types of the bench's own. */
import * as z from 'zod';
import type { NodeCatalog } from '../../src/engine/format/manifest.ts';
import { defineManifest, field, SUCCESS } from '../../src/engine/format/manifest.ts';
import type { Effect } from '../../src/engine/format/model.ts';
import { catalog as builtCatalog } from '../../src/engine/nodes/catalog.ts';
import type { NodeExecutor } from '../../src/engine/nodes/executor.ts';
import { executors as builtExecutors } from '../../src/engine/nodes/executors.ts';
import { growingRedactor } from '../../src/engine/policy/redact.ts';
import type { EnginePorts, Log } from '../../src/engine/ports.ts';
import { RunService } from '../../src/engine/run/service.ts';
import { createCassettes } from '../../src/providers/cassettes/cassettes.ts';
import { systemClock } from '../../src/providers/clock/system-clock.ts';
import { createWorkspaceFiles } from '../../src/providers/files/files.ts';
import { createHttpClient } from '../../src/providers/http/http-client.ts';
import { FileRunStore } from '../../src/providers/journal/file-run-store.ts';
import { createModels } from '../../src/providers/models/registry.ts';
import { createCommandRunner } from '../../src/providers/shell/runner.ts';
import { FileState } from '../../src/providers/state/file-state.ts';
import { joinTools } from '../../src/providers/tools/tools.ts';
import { payloadText } from './flows.ts';
import { NullRuns } from './null-runs.ts';

/** Holds every run at a node until all are there, so that steps can be told from the making and the finishing of runs. */
export class Line {
  readonly #open: Promise<void>;
  /** When it opened, by `performance.now()`. */
  openedAt = Number.NaN;
  readonly #opening: (() => Promise<void>) | undefined;
  #missing: number;
  #release: () => void = () => undefined;

  /** @param opening is waited for when all have arrived */
  constructor(runs: number, opening?: () => Promise<void>) {
    this.#missing = runs;
    this.#opening = opening;
    this.#open = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  async arrive(): Promise<void> {
    this.#missing -= 1;
    if (this.#missing === 0) {
      await this.#opening?.();
      this.openedAt = performance.now();
      this.#release();
    }
    await this.#open;
  }
}

const nothing = z.strictObject({});
const value = z.strictObject({ value: field(z.json(), { title: 'Value', description: 'Its result.' }, { kind: 'value' }) });
const text = z.strictObject({
  bytes: field(z.int(), { title: 'Bytes', description: 'Of text that it makes.' }, { kind: 'literal' }),
  after: field(z.json().optional(), { title: 'After', description: 'A text that stands before it.' }, { kind: 'value' }),
});

function manifest(type: string, params: z.ZodType, effect: Effect) {
  return defineManifest({
    type,
    title: type,
    description: 'Of the bench.',
    icon: 'gear',
    category: 'Tools',
    params: () => params,
    built: true,
    outlets: () => [SUCCESS],
    effect: () => effect,
    lowestEffect: () => effect,
    resultTrust: 'derived',
    summary: () => '',
    output: () => ({}),
    initial: {},
    example: { title: type, with: {} },
  });
}

const catalog: NodeCatalog = new Map([
  ...builtCatalog,
  ['ready', manifest('ready', nothing, 'none')],
  ['over', manifest('over', nothing, 'none')],
  ['effect', manifest('effect', value, 'write')],
  ['payload', manifest('payload', text, 'none')],
]);

/** A step that changes the world, as far as the engine can tell; what it does takes no time. */
const effectExecutor: NodeExecutor = {
  type: 'effect',
  async run(params, context) {
    const output = await context.step('do', { effect: 'write', args: {} }, async () => params.value ?? null);
    return { outlet: 'success', output };
  },
};

const payloadExecutor: NodeExecutor = {
  type: 'payload',
  run: async ({ bytes, after }) => ({ outlet: 'success', output: `${after ?? ''}${payloadText(Number(bytes))}` }),
};

/** Before the first step, and after the last one where there are several runs. */
export interface Lines {
  ready: Line;
  over: Line;
}

function lineExecutor(type: keyof Lines, line: Line): NodeExecutor {
  return {
    type,
    async run() {
      await line.arrive();
      return { outlet: 'success', output: null };
    },
  };
}

const quiet = (): void => undefined;
/** What the engine complains about is a fault of the measurement: it is not hidden. */
const log: Log = { debug: quiet, info: quiet, warn: console.error, error: console.error };

/** @param journal `disk`, or `none`: nothing is kept */
export async function benchEngine(root: string, journal: 'disk' | 'none', { ready, over }: Lines): Promise<RunService> {
  const ports: EnginePorts = {
    clock: systemClock,
    log,
    models: createModels({ connections: async () => [], aliases: () => ({}), defaultModel: () => undefined }),
    cassettes: createCassettes(root, (text) => text),
    tools: joinTools(new Map()),
    commands: createCommandRunner({ environment: process.env }),
    http: createHttpClient(),
    files: await createWorkspaceFiles(root),
    // As in the editor, where secrets may come to be known at any time.
    secrets: { get: async () => undefined, redact: growingRedactor(() => []) },
    state: new FileState(root),
    runs: journal === 'none' ? new NullRuns(root) : new FileRunStore({ root, kind: 'cli', log, now: systemClock.now }),
  };
  const ours = [lineExecutor('ready', ready), lineExecutor('over', over), effectExecutor, payloadExecutor];
  const executors = new Map<string, NodeExecutor>([...builtExecutors, ...ours.map((it) => [it.type, it] as const)]);
  return new RunService({ ports, catalog, executors, hostKind: 'cli', version: 'bench' });
}
