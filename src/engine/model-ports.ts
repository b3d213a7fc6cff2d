/** What the engine asks of models: messages, calls and their events, the port of one service and that of all, and recorded replies. */
import type { BelayError } from './errors.ts';
import type { Json, JsonSchema } from './format/json.ts';
import type { Usage } from './run/events.ts';

export interface TextPart {
  type: 'text';
  text: string;
}

export interface ImagePart {
  type: 'image';
  /** `image/png`, `image/jpeg`, `image/gif`, `image/webp`. */
  mediaType: string;
  /** The bytes, base64. */
  data: string;
}

/** What a model wants to be done. */
export interface ToolCallPart {
  type: 'toolCall';
  /** Of the service, unique in the conversation: the answer names it. */
  id: string;
  name: string;
  /** JSON as the model wrote it, which may be malformed or not fit the tool's schema: `toolArguments` (messages.ts) reads it. */
  arguments: string;
}

/** What a model thought. Shown, never part of the reply; handed back only to the service that it came from. */
export interface ReasoningPart {
  type: 'reasoning';
  text: string;
  /** What this service wants back with the next request (signatures, items); nobody else reads it. */
  state?: { dialect: string; data: Json };
}

export type AssistantPart = TextPart | ReasoningPart | ToolCallPart;

export interface AssistantMessage {
  role: 'assistant';
  content: string | readonly AssistantPart[];
}

/** Results of tools follow the assistant's message that called them, one message for each call. Content of one text part is written as a string. */
export type ModelMessage =
  | { role: 'system'; content: string }
  | { role: 'user'; content: string | readonly (TextPart | ImagePart)[] }
  | AssistantMessage
  | { role: 'tool'; callId: string; name: string; content: string | readonly (TextPart | ImagePart)[]; failed?: true };

/** A tool that is offered to a model. */
export interface ToolOffer {
  /** `[a-zA-Z0-9_-]{1,64}`: what every service takes. */
  name: string;
  description: string;
  /** Of its arguments: an object. */
  parameters: JsonSchema;
}

/** `required`: some tool, by all means. Without a choice: `auto`. Needs the capability `forcedTool`, but for `auto` and `none`. */
export type ToolChoice = 'auto' | 'none' | 'required' | { tool: string };

export type Effort = 'low' | 'medium' | 'high';

/** One call of a model. Canonical JSON of it without `model` (and without what only a service reads) is a cassette's key. */
export interface ModelRequest {
  /** `connection/model`, resolved: never an alias. */
  model: string;
  messages: readonly ModelMessage[];
  tools?: readonly ToolOffer[];
  toolChoice?: ToolChoice;
  /** Whether the model may call several tools at once. Without it: as the service likes. */
  parallelTools?: boolean;
  temperature?: number;
  /** How much a model that thinks is to think. Left out, with a warning, where the service or the model knows no such thing. */
  effort?: Effort;
  maxOutputTokens?: number;
  /** Wanted structure of the reply. Providers pass it natively where the service can; the caller validates in any case. */
  schema?: JsonSchema;
}

export type FinishReason = 'stop' | 'length' | 'contentFilter' | 'toolCalls' | 'other';

/**
 * `start` first, exactly one `finish` last, or a thrown `ModelError`. Deltas are for showing: what counts is whole in `finish`. `part`: a
 * tool call or a piece of reasoning is complete.
 */
export type ModelEvent =
  | { type: 'start'; model: string; requestId?: string }
  | { type: 'textDelta'; text: string }
  | { type: 'reasoningDelta'; text: string }
  /** `id` and `name` come with the first one of each `index`; `arguments` is a piece of the JSON, and may be empty. */
  | { type: 'toolCallDelta'; index: number; id?: string; name?: string; arguments: string }
  | { type: 'part'; part: ReasoningPart | ToolCallPart }
  | { type: 'warning'; message: string }
  /** `object`: the text as JSON, where a schema was asked for and the text is JSON. Not checked against the schema. */
  | { type: 'finish'; reason: FinishReason; message: AssistantMessage; object?: Json; usage?: Usage };

/** What a model can do. Undefined: nobody says; it is tried, and the service refuses what it cannot. */
export interface ModelCapabilities {
  tools?: boolean;
  /** Several calls in one reply. */
  parallelTools?: boolean;
  /** `toolChoice` `required` and by name. */
  forcedTool?: boolean;
  /** `prompted`: the schema is asked for in words only. */
  structuredOutput: 'native' | 'prompted';
  /** Images as input. */
  vision?: boolean;
  /** False: system messages go in front of the first one of the user. */
  systemRole: boolean;
  /** Whether the service counts tokens; else they are estimated. */
  usage: 'reported' | 'estimated';
  temperature: boolean;
  /** Only after a person agreed to it in the editor: a run that nobody watches waits for that. */
  interactiveOnly: boolean;
  /** Tokens, input and reply together. */
  contextWindow?: number;
  maxOutputTokens?: number;
}

export interface ModelInfo {
  /** `connection/model`. */
  id: string;
  /** As people call it. */
  name: string;
  connection: string;
  capabilities: ModelCapabilities;
}

export interface ModelCallContext {
  signal: AbortSignal;
  idempotencyKey: string;
}

/** Works / key rejected / unreachable, with the reason. */
export type ModelCheck = { ok: true } | { ok: false; error: BelayError };

/** One service. It classifies errors and never tries again: only a node does, and nobody after a delta of the reply was given on. */
export interface ModelProvider {
  listModels(signal?: AbortSignal): Promise<ModelInfo[]>;
  /** Of one model, without asking the service. `model`: `connection/model`. */
  capabilities(model: string): ModelCapabilities | Promise<ModelCapabilities>;
  stream(request: ModelRequest, context: ModelCallContext): AsyncIterable<ModelEvent>;
  /** Of the request, as the service counts. */
  countTokens?(request: ModelRequest, signal?: AbortSignal): Promise<number>;
  check(signal?: AbortSignal): Promise<ModelCheck>;
}

/** All the models of the host: resolves aliases and defaults, and knows which provider serves what. */
export interface Models {
  /** The `connection/model` a flow's name (alias, full name, or undefined for the default) stands for; undefined: none is configured. */
  resolve(name: string | undefined): Promise<string | undefined>;
  listModels(signal?: AbortSignal): Promise<ModelInfo[]>;
  /** Of a resolved model; listed ones as the service said. Throws `CONNECTION_UNKNOWN`. */
  capabilities(model: string): Promise<ModelCapabilities>;
  stream(request: ModelRequest, context: ModelCallContext): AsyncIterable<ModelEvent>;
  /** Counted by the service where it can, else estimated. Throws `CONNECTION_UNKNOWN`. */
  countTokens(request: ModelRequest, signal?: AbortSignal): Promise<{ tokens: number; source: 'reported' | 'estimated' }>;
}

/** Recorded replies of a flow: `.belay/cassettes/NAME.jsonl`. A miss is told, never turned into a live call. */
export interface Cassettes {
  /** The events recorded for the request, or undefined. The model's name is not part of the key: recordings outlive models. */
  find(flow: string, request: ModelRequest): Promise<readonly ModelEvent[] | undefined>;
  /** What was recorded for a node, to offer it back when the prompt has been edited: the template text. */
  template(flow: string, node: string): Promise<string | undefined>;
  record(flow: string, node: string, template: string, request: ModelRequest, events: readonly ModelEvent[]): Promise<void>;
  /** Whether the flow has any recording. */
  exists(flow: string): Promise<boolean>;
}

// ── Tools ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
