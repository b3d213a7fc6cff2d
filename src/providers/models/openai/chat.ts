/**
 * Any service that speaks Chat Completions: gateways, local servers, everybody but OpenAI itself and Azure (`responses.ts`).
 */
import type { ChatCompletionChunk, ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import { isJsonObject } from '../../../engine/format/json.ts';
import type { FinishReason, ModelCallContext, ModelCapabilities, ModelEvent, ModelProvider, ModelRequest } from '../../../engine/ports.ts';
import type { Usage } from '../../../engine/run/events.ts';
import { checkByList, followed, notAStream } from '../call.ts';
import type { Connection } from '../connection.ts';
import { addressOf } from '../connection.ts';
import { NO_EFFORT, thinks } from '../effort.ts';
import { failureOf } from '../model-errors.ts';
import { Reply } from '../reply.ts';
import { capabilitiesOfEntry } from './capabilities.ts';
import { chatMessages } from './chat-messages.ts';
import type { Opened } from './client.ts';
import { listEntries, openClient } from './client.ts';

/** Parts of a request that a service may refuse although the reply is usable without them. */
interface Leniency {
  usage: boolean;
  schema: boolean;
  parallelTools: boolean;
  /** What the limit of the reply is called. */
  limit: 'max_completion_tokens' | 'max_tokens';
}

/** Of what stands behind an address nobody says what it can. */
const UNKNOWN: ModelCapabilities = {
  structuredOutput: 'prompted',
  systemRole: true,
  usage: 'reported',
  temperature: true,
  interactiveOnly: false,
};

/** Throws `CONNECTION_INVALID`. */
export function createChatCompletions(connection: Connection): ModelProvider {
  const { host } = addressOf(connection);
  const dialect = `chat ${connection.id}`;
  let leniency: Leniency = {
    usage: true,
    schema: true,
    parallelTools: true,
    limit: host === 'api.openai.com' ? 'max_completion_tokens' : 'max_tokens',
  };
  /** What the service said of its models when it listed them. */
  const listed = new Map<string, ModelCapabilities>();

  async function* stream(request: ModelRequest, context: ModelCallContext): AsyncGenerator<ModelEvent> {
    const opened = await openClient(connection);
    const model = request.model.slice(connection.id.length + 1);
    const reply = new Reply();
    const how = { reply, redact: opened.redact, wantsObject: request.schema !== undefined, signal: context.signal };
    yield* followed(connection, how, async function* () {
      const { chunks, requestId, warnings } = await begin(opened, model, request, context);
      for (const message of warnings) yield { type: 'warning', message };
      for await (const chunk of chunks) {
        yield* reply.start(typeof chunk.model === 'string' && chunk.model !== '' ? chunk.model : model, requestId);
        yield* take(chunk, reply, dialect);
      }
    });
  }

  /** Sends the request; what the service refuses, and can be done without, is left out from then on. Nothing of a reply was given on yet. */
  async function begin({ client }: Opened, model: string, request: ModelRequest, context: ModelCallContext) {
    const warnings = request.effort === undefined || thinks(model) ? [] : [NO_EFFORT];
    for (;;) {
      try {
        const { data, response, request_id } = await client.chat.completions
          .create(bodyOf(request, model, dialect, leniency), {
            signal: context.signal,
            headers: { 'Idempotency-Key': context.idempotencyKey },
          })
          .withResponse();
        const wrong = notAStream(connection, response);
        if (wrong) throw wrong;
        return { chunks: data, requestId: request_id ?? undefined, warnings };
      } catch (error) {
        const next = without(error, leniency, request);
        if (next === undefined) throw error;
        leniency = next.leniency;
        if (next.warning !== undefined) warnings.push(next.warning);
      }
    }
  }

  const capabilities = (model: string): ModelCapabilities => listed.get(model.slice(connection.id.length + 1)) ?? UNKNOWN;

  async function list(signal: AbortSignal | undefined): Promise<string[]> {
    const entries = await listEntries(connection, signal);
    for (const entry of entries) listed.set(entry.id, { ...UNKNOWN, ...capabilitiesOfEntry(entry) });
    return entries.map(({ id }) => id);
  }

  return {
    stream,
    capabilities,
    async listModels(signal) {
      const named = connection.models ?? [];
      const names = named.length > 0 ? named : await list(signal);
      return names.map((name) => {
        const id = `${connection.id}/${name}`;
        return { id, name, connection: connection.id, capabilities: capabilities(id) };
      });
    },
    check: (signal) => checkByList(() => list(signal)),
  };
}

function bodyOf(request: ModelRequest, model: string, dialect: string, leniency: Leniency): ChatCompletionCreateParamsStreaming {
  const { messages, tools = [], toolChoice, parallelTools, temperature, effort, maxOutputTokens, schema } = request;
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
  if (effort !== undefined && thinks(model)) body.reasoning_effort = effort;
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
