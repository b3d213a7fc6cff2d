/**
 * Any service that speaks OpenAI's Chat Completions: OpenAI itself, gateways, local servers. The Responses API, which only OpenAI and
 * Azure serve faithfully, comes when something needs it (it is where tools and reasoning items live); prompts do not, and one dialect
 * means one set of traps.
 */
import type OpenAI from 'openai';
import type { ChatCompletionChunk, ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import { BelayError } from '../../engine/errors.ts';
import type { Json } from '../../engine/format/json.ts';
import { isJsonObject } from '../../engine/format/json.ts';
import { redactJson, redactor } from '../../engine/policy/redact.ts';
import type {
  AssistantMessage,
  FinishReason,
  ModelCallContext,
  ModelCapabilities,
  ModelEvent,
  ModelInfo,
  ModelProvider,
  ModelRequest,
} from '../../engine/ports.ts';
import type { Usage } from '../../engine/run/events.ts';
import { chatMessages } from './chat-messages.ts';
import type { ConnectionLimits } from './connection-gate.ts';
import type { Failure } from './model-errors.ts';
import { isRedirect, kindOf, modelError, networkFailure, retryAfter } from './model-errors.ts';
import { Reply } from './reply.ts';

/** A service with its address. The key belongs to the origin of that address and is sent nowhere else. */
export interface Connection {
  /** Names it in `connection/model`. */
  id: string;
  /** Up to and including `/v1`. */
  baseUrl: string;
  /** Asked for at every call. Undefined: the server needs none. */
  key(): Promise<string | undefined>;
  /** Models to offer, besides or instead of those the service lists. */
  models?: readonly string[];
  /** Sent with every request. */
  headers?: Readonly<Record<string, string>>;
  /** Kept by the registry, for all calls of this process. */
  limits?: ConnectionLimits;
}

/** How long, in ms, the beginning of an answer may take: local servers first load the model. */
const ANSWER_TIMEOUT = 600_000;
const LIST_TIMEOUT = 15_000;
/** Characters of a service's own words that an error keeps. Cut when they are redacted, never before. */
const LONGEST_MESSAGE = 2000;

/** Parts of a request that a service may refuse although the reply is usable without them. */
interface Leniency {
  usage: boolean;
  schema: boolean;
  parallelTools: boolean;
  /** What the limit of the reply is called. */
  limit: 'max_completion_tokens' | 'max_tokens';
}

export function createOpenAiCompatible(connection: Connection): ModelProvider {
  const { origin, host } = addressOf(connection);
  const isOpenAi = host === 'api.openai.com';
  const dialect = `chat ${connection.id}`;
  let leniency: Leniency = { usage: true, schema: true, parallelTools: true, limit: isOpenAi ? 'max_completion_tokens' : 'max_tokens' };

  /** OpenAI's are known; of what stands behind another address nobody says. */
  const capabilities: ModelCapabilities = {
    ...(isOpenAi ? { tools: true, parallelTools: true, forcedTool: true, vision: true } : {}),
    structuredOutput: isOpenAi ? 'native' : 'prompted',
    systemRole: true,
    usage: 'reported',
    temperature: true,
    interactiveOnly: false,
  };

  async function open(): Promise<{ client: OpenAI; redact(text: string): string }> {
    const [{ OpenAI }, key] = await Promise.all([import('openai'), connection.key()]);
    const client = new OpenAI({
      baseURL: connection.baseUrl,
      // The SDK insists on a key; a server without one gets no Authorization header at all.
      apiKey: key ?? 'none',
      defaultHeaders: { ...notFromEnvironment(), Authorization: key === undefined ? null : `Bearer ${key}`, ...connection.headers },
      // What the SDK would otherwise take from the environment belongs to OpenAI, and not to whoever has this address.
      organization: null,
      project: null,
      adminAPIKey: null,
      webhookSecret: null,
      logLevel: 'off',
      // Only the node retries: visibly, within its budget, honouring Retry-After.
      maxRetries: 0,
      timeout: ANSWER_TIMEOUT,
      // A redirect would carry the headers to another origin.
      fetchOptions: { redirect: 'error' },
    });
    const secretHeaders = Object.entries(connection.headers ?? {}).filter(([name]) => /key|auth|token|secret|cookie/i.test(name));
    return { client, redact: redactor([...(key === undefined ? [] : [key]), ...secretHeaders.map(([, value]) => value)]) };
  }

  async function* stream(request: ModelRequest, context: ModelCallContext): AsyncGenerator<ModelEvent> {
    const { client, redact } = await open();
    const model = request.model.slice(connection.id.length + 1);
    const reply = new Reply();
    try {
      const { chunks, requestId, warnings } = await begin(client, model, request, context);
      for (const message of warnings) yield { type: 'warning', message };
      for await (const chunk of chunks) {
        yield* reply.start(typeof chunk.model === 'string' && chunk.model !== '' ? chunk.model : model, requestId);
        yield* take(chunk, reply, dialect);
        if (context.signal.aborted) break;
      }
    } catch (error) {
      // The reply was whole; only the count of tokens was still to come.
      if (reply.reason === undefined || context.signal.aborted) throw toModelError(error, context.signal, redact, reply.partial);
    }
    // An aborted stream of the SDK ends as if it were complete.
    if (context.signal.aborted) throw toModelError(context.signal.reason, context.signal, redact, reply.partial);
    if (reply.reason === undefined) {
      const message = `The reply of ${connection.id}/${model} broke off before its end.`;
      throw modelError('network', { message, cause: undefined }, redacted(reply.partial, redact));
    }
    yield* reply.finish(request.schema !== undefined);
  }

  /** Sends the request; what the service refuses, and can be done without, is left out from then on. */
  async function begin(client: OpenAI, model: string, request: ModelRequest, context: ModelCallContext) {
    const warnings: string[] = [];
    for (;;) {
      try {
        const { data, response, request_id } = await client.chat.completions
          .create(bodyOf(request, model, dialect, leniency), {
            signal: context.signal,
            headers: { 'Idempotency-Key': context.idempotencyKey },
          })
          .withResponse();
        const type = response.headers.get('content-type') ?? '';
        if (/^(text\/html|application\/json)/i.test(type)) throw notAStream(type, response.status);
        return { chunks: data, requestId: request_id ?? undefined, warnings };
      } catch (error) {
        const next = without(error, leniency, request);
        if (next === undefined) throw error;
        leniency = next.leniency;
        if (next.warning !== undefined) warnings.push(next.warning);
      }
    }
  }

  function notAStream(type: string, status: number): BelayError {
    return new BelayError('MODEL_BAD_REQUEST', `${origin} answered with ${type.split(';')[0]} instead of a stream.`, {
      hint: 'Check the address of the service: it mostly ends in /v1.',
      kind: 'badRequest',
      details: { status },
    });
  }

  function toModelError(
    error: unknown,
    signal: AbortSignal,
    redact: (text: string) => string,
    partial: AssistantMessage | undefined,
  ): BelayError {
    const more = redacted(partial, redact);
    if (signal.aborted) return modelError('cancelled', { message: 'The call of the model was cancelled.', cause: signal.reason }, more);
    if (error instanceof BelayError) return error;
    if (isRedirect(error)) return modelError('badRequest', { message: `${origin} redirects to another address.`, cause: error }, more);
    const failure = failureOf(error);
    const network = failure.status === undefined && failure.code === undefined ? networkFailure(error, origin) : undefined;
    if (network) return modelError(network.kind, { message: network.message, cause: error }, more);
    if (error instanceof SyntaxError) return modelError('network', { message: `${origin} sent a garbled reply.`, cause: error }, more);
    return modelError(
      kindOf(failure),
      { ...failure, message: redact(`${connection.id}: ${failure.message}`).slice(0, LONGEST_MESSAGE) },
      more,
    );
  }

  async function list(signal: AbortSignal | undefined): Promise<string[]> {
    const { client, redact } = await open();
    const names: string[] = [];
    try {
      for await (const { id } of client.models.list({ timeout: LIST_TIMEOUT, ...(signal === undefined ? {} : { signal }) })) names.push(id);
    } catch (error) {
      throw toModelError(error, signal ?? new AbortController().signal, redact, undefined);
    }
    return names.sort();
  }

  return {
    stream,

    async listModels(signal) {
      const named = connection.models ?? [];
      const names = named.length > 0 ? named : await list(signal);
      return names.map(
        (name): ModelInfo => ({
          id: `${connection.id}/${name}`,
          name,
          connection: connection.id,
          capabilities,
        }),
      );
    },

    capabilities: () => capabilities,

    async check(signal) {
      try {
        await list(signal);
        return { ok: true };
      } catch (error) {
        if (!(error instanceof BelayError)) throw error;
        // Some servers list no models and serve them all the same.
        return error.kind === 'modelNotFound' ? { ok: true } : { ok: false, error };
      }
    },
  };
}

/** The SDK adds the headers of this variable to whatever it sends; they were written for one service, and may hold its key. */
function notFromEnvironment(): Record<string, null> {
  const lines = (process.env.OPENAI_CUSTOM_HEADERS ?? '').split('\n').filter((line) => line.includes(':'));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).trim(), null]));
}

function redacted(partial: AssistantMessage | undefined, redact: (text: string) => string): AssistantMessage | undefined {
  if (partial === undefined) return undefined;
  return { role: 'assistant', content: redactJson(partial.content as Json, redact) as AssistantMessage['content'] };
}

function addressOf({ id, baseUrl }: Connection): { origin: string; host: string } {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return { origin: url.origin, host: url.hostname };
  throw new BelayError('CONNECTION_INVALID', `The address of the connection "${id}" is not usable.`, {
    hint: 'Give an http or https address without a user name, such as https://api.openai.com/v1.',
    kind: 'badRequest',
  });
}

function bodyOf(request: ModelRequest, model: string, dialect: string, leniency: Leniency): ChatCompletionCreateParamsStreaming {
  const { messages, tools = [], toolChoice, parallelTools, temperature, maxOutputTokens, schema } = request;
  const body: ChatCompletionCreateParamsStreaming = { model, messages: chatMessages(messages, dialect), stream: true };
  if (leniency.usage) body.stream_options = { include_usage: true };
  if (tools.length > 0) {
    body.tools = tools.map(({ name, description, parameters }) => ({
      type: 'function',
      function: { name, description, parameters: isJsonObject(parameters) ? parameters : { type: 'object' } },
    }));
    if (toolChoice !== undefined) {
      body.tool_choice = typeof toolChoice === 'string' ? toolChoice : { type: 'function', function: { name: toolChoice.tool } };
    }
    if (parallelTools !== undefined && leniency.parallelTools) body.parallel_tool_calls = parallelTools;
  }
  if (temperature !== undefined) body.temperature = temperature;
  if (maxOutputTokens !== undefined) body[leniency.limit] = maxOutputTokens;
  // Not strict: strict mode forbids most of what JSON Schema offers. Whoever asked checks the reply in any case.
  if (leniency.schema && isJsonObject(schema) && schema.type === 'object') {
    body.response_format = { type: 'json_schema', json_schema: { name: 'output', schema, strict: false } };
  }
  return body;
}

/** The next, more modest request after a refusal; undefined where the refusal was about something else. */
function without(error: unknown, now: Leniency, request: ModelRequest): { leniency: Leniency; warning?: string } | undefined {
  const { status, message } = failureOf(error);
  if (status !== 400 && status !== 422) return undefined;
  if (now.usage && /stream_options|include_usage/.test(message)) return { leniency: { ...now, usage: false } };
  if (now.parallelTools && /parallel_tool_calls/.test(message)) return { leniency: { ...now, parallelTools: false } };
  if (now.schema && request.schema !== undefined && /response_format|json_schema/.test(message)) {
    return {
      leniency: { ...now, schema: false },
      warning: 'The service refuses JSON Schemas; the reply is asked for in words and checked here.',
    };
  }
  if (request.maxOutputTokens !== undefined && message.includes(now.limit)) {
    const other = now.limit === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
    // Services that want the other one name both; one that names only this one refuses the number.
    if (message.includes(other)) return { leniency: { ...now, limit: other } };
  }
  return undefined;
}

/** An error of the SDK (or anything else) reduced to what can be told of it. Recognised by shape: the class may come from another copy. */
function failureOf(error: unknown): Failure {
  const it = (typeof error === 'object' && error !== null ? error : {}) as {
    status?: unknown;
    error?: { message?: unknown; code?: unknown; type?: unknown };
    code?: unknown;
    type?: unknown;
    requestID?: unknown;
    headers?: unknown;
  };
  const headers = it.headers instanceof Headers ? it.headers : undefined;
  const code = it.code ?? it.error?.code;
  const type = it.type ?? it.error?.type;
  // Some gateways put the status into the body, because in mid-stream there is no other place for it.
  const status = typeof it.status === 'number' ? it.status : typeof code === 'number' ? code : undefined;
  const wait = retryAfter(headers, Date.now());
  const ofBody = it.error?.message;
  const message = typeof ofBody === 'string' && ofBody !== '' ? ofBody : error instanceof Error ? error.message : String(error);
  const isNetwork = status === undefined && typeof code === 'string' && /^(E[A-Z]+|UND_ERR_\w+)$/.test(code);
  return {
    message,
    cause: error,
    ...(status === undefined ? {} : { status }),
    ...(typeof code === 'string' && !isNetwork ? { code } : {}),
    ...(typeof type === 'string' ? { type } : {}),
    ...(typeof it.requestID === 'string' ? { requestId: it.requestID } : {}),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
}

const REASONS: { readonly [reason: string]: FinishReason } = {
  stop: 'stop',
  eos: 'stop',
  end_turn: 'stop',
  length: 'length',
  max_tokens: 'length',
  content_filter: 'contentFilter',
  tool_calls: 'toolCalls',
  function_call: 'toolCalls',
};

/** Chunks come from outside: nothing in them is taken for granted. */
function* take(chunk: ChatCompletionChunk, reply: Reply, dialect: string): Generator<ModelEvent> {
  const usage = usageOf(chunk.usage);
  if (usage) reply.usage = usage;
  const choice = chunk.choices?.[0];
  if (!choice) return;
  const delta = (choice.delta ?? {}) as {
    content?: unknown;
    refusal?: unknown;
    reasoning_content?: unknown;
    reasoning?: unknown;
    tool_calls?: unknown;
  };
  // Not in OpenAI's own dialect: `reasoning_content` (DeepSeek, vLLM, llama.cpp), `reasoning` (OpenRouter).
  const reasoning = delta.reasoning_content ?? delta.reasoning;
  if (typeof reasoning === 'string' && reasoning !== '') {
    yield* reply.reasoning(reasoning);
    reply.keepReasoning(dialect, delta.reasoning_content === undefined ? 'reasoning' : 'reasoning_content');
  }
  if (typeof delta.content === 'string') yield* reply.text(delta.content);
  for (const piece of Array.isArray(delta.tool_calls) ? delta.tool_calls : []) yield* takeCall(piece, reply);
  if (typeof delta.refusal === 'string' && delta.refusal !== '') {
    reply.reason = 'contentFilter';
    yield { type: 'warning', message: `The model refused: ${delta.refusal}` };
  }
  if (typeof choice.finish_reason === 'string') reply.reason ??= REASONS[choice.finish_reason] ?? 'other';
}

/** Some servers send whole calls without a number, some the name with every piece, some the arguments as an object. */
function* takeCall(piece: unknown, reply: Reply): Generator<ModelEvent> {
  if (!isJsonObject(piece) || !isJsonObject(piece.function)) return;
  const { id, index } = piece;
  const { name, arguments: args } = piece.function;
  const known = typeof id === 'string' ? reply.indexOf(id) : undefined;
  const at = typeof index === 'number' ? index : (known ?? (typeof name === 'string' ? reply.callCount : reply.callCount - 1));
  yield* reply.toolCall(Math.max(0, at), {
    id: typeof id === 'string' ? id : undefined,
    name: typeof name === 'string' ? name : undefined,
    arguments: typeof args === 'string' ? args : isJsonObject(args) ? JSON.stringify(args) : '',
  });
}

function usageOf(usage: unknown): Usage | undefined {
  if (!isJsonObject(usage)) return undefined;
  const known: Usage = { source: 'reported' };
  const { prompt_tokens, completion_tokens, prompt_tokens_details: input, completion_tokens_details: output, cost } = usage;
  if (typeof prompt_tokens === 'number') known.inputTokens = prompt_tokens;
  if (typeof completion_tokens === 'number') known.outputTokens = completion_tokens;
  if (isJsonObject(input) && typeof input.cached_tokens === 'number') known.cacheReadTokens = input.cached_tokens;
  if (isJsonObject(output) && typeof output.reasoning_tokens === 'number') known.reasoningTokens = output.reasoning_tokens;
  // `cost` is OpenRouter's and LiteLLM's, in US dollars: better than any price list.
  if (typeof cost === 'number') Object.assign(known, { cost, costSource: 'reported' });
  return Object.keys(known).length === 1 ? undefined : known;
}
