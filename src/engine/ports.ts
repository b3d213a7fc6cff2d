/** Everything the engine asks of its host. Implementations stand in `src/providers`; tests use `src/engine/testing`. */
import type { BelayError } from './errors.ts';
import type { Json, JsonObject, JsonSchema } from './format/json.ts';
import type { Effect } from './format/model.ts';
import type { Cassettes, ImagePart, Models, TextPart } from './model-ports.ts';
import type { StateAddress, StateChange, StateChanged, StateDocument, StateWriter } from './nodes/state/document.ts';
import type { NewRunEvent, Owner, RunEvent, RunHeader, SignalReply } from './run/events.ts';
import type { Tidied } from './run/retention.ts';
import type { RunSummary } from './run/view.ts';

export type * from './model-ports.ts';

export interface Disposable {
  dispose(): void;
}

// ── Clock ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`, or rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** 0 ≤ x < 1, for jitter. */
  random(): number;
}

export interface Log {
  debug(message: string, data?: unknown): void;
  info(message: string, data?: unknown): void;
  warn(message: string, data?: unknown): void;
  error(message: string, data?: unknown): void;
}

// ── Models ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Where a tool comes from: it says who vouches for its words. */
export type ToolSource = 'builtIn' | 'mcp' | 'vscode' | 'flow' | 'agent';

/** One tool as the registry knows it. */
export interface ToolInfo {
  /** How flows and agents name it: `files/read` (built in), `SERVER/TOOL` (MCP), `vscode/NAME`, `flow/PATH`, `agent/NAME`. */
  name: string;
  title?: string;
  /** For the model. Untrusted text where it comes from a server. */
  description: string;
  /** Of its arguments: an object. */
  parameters: JsonSchema;
  /** Of `structured`. */
  output?: JsonSchema;
  /** What it does to the world. What a server says of its own tools never lowers it: those are irreversible. */
  effect: Effect;
  source: ToolSource;
}

/** What a tool answered. `failed`: it says itself that it could not do it, and why; data for whoever called it. */
export interface ToolResult {
  content: readonly (TextPart | ImagePart)[];
  structured?: Json;
  failed?: true;
}

/** For whom tools are looked up and called. */
export interface ToolScope {
  /** The flow, relative to the root. */
  flow: string;
  /** The flow's own list of MCP servers, by name, as it is written there. */
  servers?: JsonObject;
}

export interface ToolProgress {
  message?: string;
  progress?: number;
  total?: number;
}

export interface ToolCallContext {
  scope: ToolScope;
  /** Aborting ends the call and rejects with the signal's reason. */
  signal: AbortSignal;
  idempotencyKey: string;
  onProgress?(progress: ToolProgress): void;
}

export interface ToolList {
  tools: ToolInfo[];
  /** What was asked for and is not there, with the reason: a server that cannot be reached, a name that nobody knows. */
  unavailable: { name: string; error: BelayError }[];
}

/** The tools that the host has besides the built-in ones: those of MCP servers and of VS Code. */
export interface Tools {
  /** `names`: `SERVER/TOOL`, or `SERVER/*` for all of a server; undefined: everything the host knows. Each name gives tools or is unavailable. Aborting rejects. */
  list(names: readonly string[] | undefined, options: { scope: ToolScope; signal: AbortSignal }): Promise<ToolList>;
  /** Throws `TOOL_UNKNOWN`, `TOOL_UNAVAILABLE`, `TOOL_FAILED`, `TOOL_…` for what is no answer of the tool itself. Arguments and results are checked by the caller. */
  call(name: string, args: JsonObject, context: ToolCallContext): Promise<ToolResult>;
}

// ── Commands and files ───────────────────────────────────────────────────────────────────────────────────────────────────

export interface CommandRequest {
  /** Program and arguments, no shell. Or one line for the platform's shell, where the flow asks for it. */
  command: { argv: readonly string[] } | { shell: string };
  /** Absolute. */
  cwd: string;
  env: Record<string, string>;
  stdin?: string;
  /** Names this piece of work over crashes: what a host that died left running under the same name is ended first, where the platform tells. */
  id?: string;
  /** At most so many bytes of each stream are kept (the first half and the last half, with a mark between). */
  maxOutputBytes: number;
}

export interface CommandResult {
  stdout: string;
  stderr: string;
  /** Null where a signal ended the process. */
  exitCode: number | null;
  signal: string | null;
  truncated: boolean;
}

export interface CommandRunner {
  /** Runs to the end. Aborting kills the whole process tree, then rejects with the signal's reason. */
  run(
    request: CommandRequest,
    context: { signal: AbortSignal; onOutput(stream: 'stdout' | 'stderr', text: string): void },
  ): Promise<CommandResult>;
}

/** Files of the workspace. Every path is confined to the root, links resolved; outside it: `FILE_OUTSIDE`. Text is UTF-8. */
export interface WorkspaceFiles {
  /** Absolute path of the root. */
  readonly root: string;
  /** `path` against `from` (a folder relative to the root), confined; returns the absolute path and the one relative to the root. */
  resolve(path: string, from: string): Promise<{ absolute: string; relative: string; protected: boolean }>;
  read(absolute: string, maxBytes: number): Promise<string>;
  readBytes(absolute: string, maxBytes: number): Promise<Uint8Array>;
  /** What stands in a folder, by name; links are `other` and lead nowhere. */
  list(absolute: string): Promise<{ name: string; kind: 'file' | 'folder' | 'other' }[]>;
  /** Undefined where there is no file. */
  hash(absolute: string): Promise<string | undefined>;
  /** Whole file at once (temporary file, rename); makes folders. Returns bytes written and sha256. */
  write(absolute: string, text: string): Promise<{ bytes: number; sha256: string }>;
  append(absolute: string, text: string): Promise<{ bytes: number; sha256: string }>;
}

export interface HttpRequest {
  method: string;
  /** http or https, without a user in it. */
  url: string;
  /** Sent to the origin of `url` and to no other. */
  headers: Readonly<Record<string, string>>;
  body?: string;
  /** A body that is longer is not taken in: `HTTP_TOO_LARGE`. */
  maxBytes: number;
}

export interface HttpResponse {
  /** Where it came from, after redirects. */
  url: string;
  status: number;
  /** By name in lower case. */
  headers: Record<string, string>;
  /** Decoded as the service says, else as UTF-8. */
  body: string;
  /** How long the service wants to be left alone (`Retry-After`), ms. */
  retryAfterMs?: number;
}

/** Web services. Any status is an answer; what is none throws `HTTP_…`. Never tries again by itself. */
export interface HttpClient {
  /** Follows redirects of GET and HEAD only. Aborting rejects with the signal's reason. */
  request(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
}

/** Secrets by name, from the host's store or the environment. Never journaled; redacted everywhere. */
export interface Secrets {
  get(name: string): Promise<string | undefined>;
  /** Replaces every known secret in the text by `•••`. */
  redact(text: string): string;
}

// ── What flows remember ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Values that outlive a run: `.belay/local/state/`. Throws `STATE_FAILED`, `STATE_CORRUPT`, `STATE_NEWER`. */
export interface State {
  read(address: StateAddress): Promise<StateDocument>;
  /**
   * Atomic against every other process, durable when it returns, and made once for each `id` of a writer: made again, it gives what
   * it gave. Throws `STATE_NOT_A_LIST`, `STATE_TOO_LARGE` too.
   */
  change(address: StateAddress, change: StateChange, writer: StateWriter): Promise<StateChanged>;
}

// ── Runs on disk ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A message to the owner of a run, published atomically; of several with the same `key` the first one wins. */
export type RunCommand =
  | { type: 'reply'; key: string; reply: SignalReply }
  | { type: 'cancel'; key: 'cancel'; by: string; reason?: string };

/** The one writer of a run. */
export interface RunJournal {
  readonly runId: string;
  readonly owner: Owner;
  /** What had been recorded when the journal was opened (torn tail left out). */
  readonly recorded: readonly RunEvent[];
  /** Numbers, stamps and writes the event; durable after the next `sync`. */
  append(event: NewRunEvent): RunEvent;
  sync(): Promise<void>;
  /** The run is about to sync so often, as far as its flow tells: what makes that cheaper may be made ready. */
  expectSyncs(count: number): void;
  /**
   * Keeps a large value beside the journal and returns its sha256 (hex, of the UTF-8 text). Whole on disk when it returns, so that an
   * event appended afterwards may name it; durable after the next `sync`. The same text is written once. Throws `JOURNAL_WRITE`.
   */
  store(text: string): string;
  /** Commands published by others: those waiting now and those that come. */
  onCommand(listener: (command: RunCommand) => void): Disposable;
  /** The cached line of the run. */
  summarize(summary: RunSummary): Promise<void>;
  /** Lets go: nothing can be appended afterwards. */
  release(reason: 'parked' | 'finished'): Promise<void>;
}

export interface RunRecord {
  events: readonly RunEvent[];
  /** The living owner; undefined: nobody has it. */
  owner: Owner | undefined;
  /** False for journals made on another machine. */
  local: boolean;
}

export interface RunStore {
  /** The journal root: the folder that holds `.belay`. */
  readonly root: string;
  /** `more`: what is recorded together with the header, in one piece. Throws `RUN_EXISTS`. */
  create(header: RunHeader, ...more: NewRunEvent[]): Promise<RunJournal>;
  /** Takes a run over to go on with it. Throws `RUN_OWNED` (details: the owner), `RUN_UNKNOWN`, `RUN_FOREIGN`, `JOURNAL_CORRUPT`, `JOURNAL_NEWER`. */
  acquire(runId: string, ...more: NewRunEvent[]): Promise<RunJournal>;
  read(runId: string): Promise<RunRecord>;
  /** What the run's journal stored beside itself. Throws `OBJECT_UNKNOWN`, `OBJECT_CORRUPT`, `RUN_UNKNOWN` for what is no id. */
  readObject(runId: string, sha256: string): Promise<string>;
  /** Newest first. `finished`: of the finished runs, only so many of the newest; the others are all there. */
  list(options?: { finished?: number }): Promise<RunSummary[]>;
  /** What finished runs take on disk, in bytes. Those that are not there are left out. */
  sizes(runIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Marks a run that is not to be removed as an old one. Throws `RUN_UNKNOWN`. */
  keep(runId: string, kept: boolean): Promise<void>;
  /** When old runs of this root were last looked for (epoch ms), and by which limits; undefined: never. */
  lastTidied(): Promise<Tidied | undefined>;
  noteTidied(tidied: Tidied): Promise<void>;
  /** Like `remove`, but only if the run is finished by its own journal and no one wants it kept. False: it stays. */
  removeOld(runId: string): Promise<boolean>;
  /** Throws `RUN_OWNED`, `RUN_UNKNOWN`. What only this run referred to stays until `collect`. */
  remove(runId: string): Promise<void>;
  /**
   * Content-addressed: returns the sha256 (hex) of the UTF-8 text. What no run refers to may be collected at any time, so whoever
   * creates a run for an object stores it before, and once more when the run is there.
   */
  putObject(text: string): Promise<string>;
  /** Deletes the objects that no run refers to. */
  collect(): Promise<void>;
  getObject(sha256: string): Promise<string>;
  /** False and the earlier command, where one with this key had been published before. */
  publish(runId: string, command: RunCommand): Promise<{ published: true } | { published: false; earlier: RunCommand }>;
  /** Does `work` while no other process of this root does any under the same name. A holder that died does not count. Throws `LOCK_BUSY`. */
  exclusive<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Tells that something changed in the runs of this root, whoever did it. May name runs that did not change. */
  watch(listener: (runId: string) => void): Disposable;
}

// ── All together ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface EnginePorts {
  clock: Clock;
  log: Log;
  models: Models;
  cassettes: Cassettes;
  tools: Tools;
  commands: CommandRunner;
  http: HttpClient;
  files: WorkspaceFiles;
  secrets: Secrets;
  state: State;
  runs: RunStore;
}
