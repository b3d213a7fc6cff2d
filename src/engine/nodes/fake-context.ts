/** A node's context for tests of executors: everything in memory, every call kept. The runner has its own tests. */

import { BelayError } from '../errors.ts';
import type { Json, JsonObject, JsonSchema } from '../format/json.ts';
import { textOf } from '../messages.ts';
import { sha256 } from '../policy/hash.ts';
import type {
  CommandRequest,
  CommandResult,
  EnginePorts,
  HttpRequest,
  HttpResponse,
  ModelCapabilities,
  ModelEvent,
  ModelRequest,
} from '../ports.ts';
import type { RunMode, SignalReply, SignalRequest, Trust } from '../run/events.ts';
import { ABLE } from '../testing/fake-models.ts';
import { type FakeTool, fakeTools } from '../testing/fake-tools.ts';
import { listed } from '../testing/listed.ts';
import { MemoryState } from '../testing/memory-state.ts';
import type { LiveUpdate, NodeContext, PassEnd, PassRequest, StepNotes, StepOptions } from './executor.ts';

export interface FakeWorld {
  source?: JsonObject;
  outputSchema?: JsonSchema;
  mode?: RunMode;
  trust?: Trust;
  /** Replies of the live model, in order: a text, or an error. */
  replies?: (string | BelayError | Extract<ModelEvent, { type: 'finish' }>)[];
  /** Recorded replies by the last message of the request. */
  recorded?: Record<string, string>;
  recordedTemplate?: string;
  models?: Record<string, string>;
  capabilities?: Partial<ModelCapabilities>;
  answers?: Record<string, SignalReply | undefined>;
  files?: Record<string, string>;
  bundle?: Record<string, string>;
  expressions?: Record<string, Json>;
  secrets?: Record<string, string>;
  /** What the host has besides the built-in tools. */
  tools?: Record<string, FakeTool>;
  /** Whether the node is tried again as a whole. */
  retried?: boolean;
  command?: (request: CommandRequest) => CommandResult;
  http?: (request: HttpRequest) => Partial<HttpResponse>;
  /** How passes end, in order. */
  passEnds?: PassEnd[];
}

export interface Seen {
  steps: { name: string; options: StepOptions; notes: StepNotes }[];
  asked: { name: string; request: SignalRequest }[];
  live: LiveUpdate[];
  requests: ModelRequest[];
  commands: CommandRequest[];
  http: HttpRequest[];
  recordings: { node: string; template: string; request: ModelRequest; events: readonly ModelEvent[] }[];
  slept: { name: string; until: number }[];
  passes: PassRequest[];
  cancelled: string[];
  modes: { mode: RunMode; model: string | undefined }[];
}

export const reply = (decision: string, more: Partial<SignalReply> = {}): SignalReply => ({ decision, by: 'ada, test', at: 0, ...more });

/** `files` is the disk: read and written by the fake ports. */
export function fakeContext(world: FakeWorld): { context: NodeContext; seen: Seen; files: Map<string, string> } {
  const seen: Seen = {
    steps: [],
    asked: [],
    live: [],
    requests: [],
    commands: [],
    http: [],
    recordings: [],
    modes: [],
    slept: [],
    passes: [],
    cancelled: [],
  };
  const files = new Map(Object.entries(world.files ?? {}));
  const passEnds = [...(world.passEnds ?? [])];
  const replies = [...(world.replies ?? [])];
  let mode = world.mode ?? 'live';
  let model: string | undefined = mode !== 'recorded' && mode !== 'byHand' ? 'test/default' : undefined;

  const ports: EnginePorts = {
    clock: { now: () => 0, sleep: async () => {}, random: () => 0 },
    log: { debug() {}, info() {}, warn() {}, error() {} },
    models: {
      resolve: async (name) => (name === undefined || name.includes('/') ? name : world.models?.[name]),
      listModels: async () => [],
      capabilities: async () => ({ ...ABLE, ...world.capabilities }),
      countTokens: async () => ({ tokens: 1, source: 'estimated' }),
      async *stream(request) {
        seen.requests.push(request);
        const next = replies.shift();
        if (next === undefined) throw new Error('the test has no more replies');
        if (next instanceof BelayError) throw next;
        yield { type: 'start', model: request.model };
        if (typeof next !== 'string') {
          yield next;
          return;
        }
        for (const text of next.split(/(?<= )/)) yield { type: 'textDelta', text };
        yield {
          type: 'finish',
          reason: 'stop',
          message: { role: 'assistant', content: next },
          usage: { inputTokens: 1, outputTokens: 2, source: 'reported' },
        };
      },
    },
    cassettes: {
      async find(_flow, request) {
        const text = world.recorded?.[textOf(request.messages.at(-1) ?? { content: '' })];
        return text === undefined
          ? undefined
          : [
              { type: 'start', model: 'recorded/model' },
              { type: 'finish', reason: 'stop', message: { role: 'assistant', content: text } },
            ];
      },
      template: async () => world.recordedTemplate,
      async record(_flow, node, template, request, events) {
        seen.recordings.push({ node, template, request, events });
      },
      exists: async () => world.recorded !== undefined,
    },
    tools: fakeTools(world.tools),
    commands: {
      async run(request, { onOutput }) {
        seen.commands.push(request);
        const result = world.command?.(request) ?? { stdout: '', stderr: '', exitCode: 0, signal: null, truncated: false };
        if (result.stdout !== '') onOutput('stdout', result.stdout);
        return result;
      },
    },
    http: {
      async request(request) {
        seen.http.push(request);
        return { url: request.url, status: 200, headers: {}, body: '', ...world.http?.(request) };
      },
    },
    files: {
      root: '/project',
      async resolve(path, from) {
        const relative = [from, path].filter((part) => part !== '' && part !== '.').join('/');
        return { absolute: `/project/${relative}`, relative: relative === '' ? '.' : relative, protected: relative.startsWith('.belay') };
      },
      async read(absolute) {
        const text = files.get(absolute);
        if (text === undefined) throw new BelayError('FILE_NOT_FOUND', `${absolute} is not there.`, { hint: 'x', kind: 'notFound' });
        return text;
      },
      readBytes: async (absolute) => Buffer.from(files.get(absolute) ?? '', 'latin1'),
      list: async (absolute) => listed(files, absolute),
      async hash(absolute) {
        const text = files.get(absolute);
        return text === undefined ? undefined : sha256(text);
      },
      async write(absolute, text) {
        files.set(absolute, text);
        return { bytes: Buffer.byteLength(text), sha256: sha256(text) };
      },
      async append(absolute, text) {
        files.set(absolute, (files.get(absolute) ?? '') + text);
        return { bytes: Buffer.byteLength(text), sha256: sha256(files.get(absolute) ?? '') };
      },
    },
    secrets: {
      get: async (name) => world.secrets?.[name],
      redact: (text) => Object.values(world.secrets ?? {}).reduce((it, secret) => it.replaceAll(secret, '•••'), text),
    },
    state: new MemoryState(),
    runs: new Proxy({} as EnginePorts['runs'], {
      get() {
        throw new Error('executors do not touch the journal');
      },
    }),
  };

  const context: NodeContext = {
    node: 'node',
    id: 'node',
    title: 'The node',
    runId: 'run',
    flowDir: 'flows',
    flowPath: 'flows/test.flow.json',
    recordedAs: { flow: 'flows/test.flow.json', node: 'node' },
    flowModel: undefined,
    mcpServers: undefined,
    outputSchema: world.outputSchema,
    source: world.source ?? {},
    trust: world.trust ?? 'trusted',
    ports,
    signal: new AbortController().signal,
    mode: () => mode,
    model: () => model,
    setMode(next, nextModel) {
      mode = next;
      model = nextModel;
      seen.modes.push({ mode: next, model: nextModel });
    },
    evaluate(expression) {
      const value = world.expressions?.[expression];
      if (value === undefined) throw new Error(`the test has no value for ${expression}`);
      return value;
    },
    bundled: (path) => world.bundle?.[path],
    render: (template) => template.replaceAll('{{ who }}', 'Ada'),
    async step(name, options, perform) {
      const notes: StepNotes = {};
      seen.steps.push({ name, options, notes });
      return perform({
        attempt: 1,
        idempotencyKey: `run/${name}`,
        signal: context.signal,
        note: (more) => void Object.assign(notes, more),
      });
    },
    isRetried: () => world.retried ?? false,
    async ask(name, request) {
      seen.asked.push({ name, request });
      if (!(name in (world.answers ?? {}))) throw new Error(`the test has no answer to ${name}`);
      return world.answers?.[name];
    },
    sleep: async (name, until) => void seen.slept.push({ name, until }),
    now: async () => ports.clock.now(),
    passes: {
      lastRecorded: () => undefined,
      begin(request) {
        seen.passes.push(request);
      },
      async next() {
        const end = passEnds.shift();
        if (!end) throw new Error('the test has no more ends of passes');
        return end;
      },
      cancel: (reason) => void seen.cancelled.push(reason),
    },
    live: (event) => void seen.live.push(event),
    hash: (value) => sha256(JSON.stringify(value)),
  };
  return { context, seen, files };
}
