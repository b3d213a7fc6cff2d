/** A host in memory: nothing is started, asked or written outside of the test. */
import { BelayError } from '../errors.ts';
import { joinPath } from '../format/file-paths.ts';
import { assistantMessage, textOf, toolCallsOf } from '../messages.ts';
import { sha256 } from '../policy/hash.ts';
import { redactor } from '../policy/redact.ts';
import type {
  AssistantPart,
  CommandRequest,
  CommandResult,
  EnginePorts,
  Log,
  ModelCapabilities,
  ModelEvent,
  ModelRequest,
  Models,
  Tools,
} from '../ports.ts';
import { FakeClock } from './fake-clock.ts';
import { fakeModels } from './fake-models.ts';
import { type FakeTool, fakeTools } from './fake-tools.ts';
import { listed } from './listed.ts';
import { MemoryRuns } from './memory-runs.ts';
import { MemoryState } from './memory-state.ts';

export interface FakeHost {
  ports: EnginePorts;
  clock: FakeClock;
  runs: MemoryRuns;
  state: MemoryState;
  /** Absolute path → text. */
  files: Map<string, string>;
  /** What was logged as a warning or an error. */
  complaints: string[];
  requests: ModelRequest[];
  commands: CommandRequest[];
}

export interface FakeHostOptions {
  /** Replies of the model, in order. */
  replies?: (string | BelayError)[];
  /** Instead of `replies`: what the model answers, by the request alone, so that it goes on in another process where it was. */
  model?(request: ModelRequest): string | readonly AssistantPart[] | BelayError;
  capabilities?: Partial<ModelCapabilities>;
  /** Instead of the three: the real ones, against a server of the test. */
  models?: Models;
  command?: (request: CommandRequest, signal: AbortSignal) => Promise<CommandResult>;
  files?: Record<string, string>;
  /** Recorded replies by the text of the last message. */
  recorded?: Record<string, string>;
  secrets?: Record<string, string>;
  /** What the host has besides the built-in tools. */
  tools?: Record<string, FakeTool>;
  /** Instead of `tools`: a real source. */
  toolSource?: Tools;
  /** Shared with an earlier host: the same disk, another process. */
  runs?: MemoryRuns;
  state?: MemoryState;
  clock?: FakeClock;
}

export function fakeHost(options: FakeHostOptions = {}): FakeHost {
  const clock = options.clock ?? new FakeClock();
  const runs = options.runs ?? new MemoryRuns(() => clock.now());
  const state = options.state ?? new MemoryState();
  const files = new Map(Object.entries(options.files ?? {}));
  const host = { clock, runs, state, files, complaints: [] as string[], requests: [] as ModelRequest[], commands: [] as CommandRequest[] };
  const ports: EnginePorts = {
    clock,
    log: fakeLog(host.complaints),
    models: options.models ?? scriptedModels(options, host.requests),
    cassettes: recordedReplies(options.recorded),
    tools: options.toolSource ?? fakeTools(options.tools),
    commands: {
      run(request, { signal }) {
        host.commands.push(request);
        const done: CommandResult = { stdout: '', stderr: '', exitCode: 0, signal: null, truncated: false };
        return options.command ? options.command(request, signal) : Promise.resolve(done);
      },
    },
    http: { request: async ({ url }) => ({ url, status: 200, headers: {}, body: '' }) },
    files: memoryFiles(files),
    secrets: { get: async (name) => options.secrets?.[name], redact: redactor(Object.values(options.secrets ?? {})) },
    state,
    runs,
  };
  return { ...host, ports };
}

function fakeLog(complaints: string[]): Log {
  const complain = (message: string, data?: unknown): void => void complaints.push(`${message} ${JSON.stringify(data ?? {})}`);
  return { debug() {}, info() {}, warn: complain, error: complain };
}

function scriptedModels({ replies = [], model, capabilities = {} }: FakeHostOptions, requests: ModelRequest[]): EnginePorts['models'] {
  const left = [...replies];
  const stream = async function* (request: ModelRequest): AsyncGenerator<ModelEvent> {
    requests.push(request);
    const reply = model ? model(request) : left.shift();
    if (reply === undefined) throw new Error('the test has no more replies');
    if (reply instanceof BelayError) throw reply;
    const message = typeof reply === 'string' ? { role: 'assistant' as const, content: reply } : assistantMessage(reply);
    yield { type: 'start', model: request.model };
    yield { type: 'textDelta', text: textOf(message) };
    yield {
      type: 'finish',
      reason: toolCallsOf(message).length > 0 ? 'toolCalls' : 'stop',
      message,
      usage: { inputTokens: 1, outputTokens: 2, source: 'reported' },
    };
  };
  return fakeModels(stream, { capabilities });
}

function recordedReplies(recorded: Record<string, string> | undefined): EnginePorts['cassettes'] {
  return {
    async find(_flow, request) {
      const text = recorded?.[textOf(request.messages.at(-1) ?? { content: '' })];
      if (text === undefined) return undefined;
      return [
        { type: 'start', model: 'recorded/model' },
        { type: 'finish', reason: 'stop', message: { role: 'assistant', content: text } },
      ];
    },
    template: async () => undefined,
    record: async () => {},
    exists: async () => recorded !== undefined,
  };
}

function memoryFiles(files: Map<string, string>): EnginePorts['files'] {
  const root = '/workspace';
  const store = (absolute: string, text: string): { bytes: number; sha256: string } => {
    files.set(absolute, text);
    return { bytes: Buffer.byteLength(text), sha256: sha256(text) };
  };
  return {
    root,
    async resolve(path, from) {
      const relative = joinPath(from, path);
      if (relative.startsWith('..'))
        throw new BelayError('FILE_OUTSIDE', `"${path}" is outside.`, { hint: 'Stay inside.', kind: 'permission' });
      return { absolute: `${root}/${relative}`, relative: relative === '' ? '.' : relative, protected: relative.startsWith('.belay/') };
    },
    async read(absolute) {
      const text = files.get(absolute);
      if (text === undefined) throw new BelayError('FILE_NOT_FOUND', `${absolute} is not there.`, { hint: 'Create it.', kind: 'notFound' });
      return text;
    },
    readBytes: async (absolute) => Buffer.from(files.get(absolute) ?? '', 'latin1'),
    list: async (absolute) => listed(files, absolute),
    async hash(absolute) {
      const text = files.get(absolute);
      return text === undefined ? undefined : sha256(text);
    },
    write: async (absolute, text) => store(absolute, text),
    append: async (absolute, text) => store(absolute, (files.get(absolute) ?? '') + text),
  };
}
