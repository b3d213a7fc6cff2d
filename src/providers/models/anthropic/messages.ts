/** Anthropic's Messages API, and whoever speaks it. */
import type {
  ContentBlockParam,
  ImageBlockParam,
  MessageParam,
  MessageStreamParams,
  RawMessageStreamEvent,
  TextBlockParam,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages/messages';
import type { Json } from '../../../engine/format/json.ts';
import { isJsonObject } from '../../../engine/format/json.ts';
import { toolArguments } from '../../../engine/messages.ts';
import type {
  AssistantMessage,
  FinishReason,
  ImagePart,
  ModelCallContext,
  ModelCapabilities,
  ModelEvent,
  ModelInfo,
  ModelMessage,
  ModelProvider,
  ModelRequest,
  TextPart,
} from '../../../engine/ports.ts';
import type { Usage } from '../../../engine/run/events.ts';
import { ANSWER_TIMEOUT, checkByList, followed, LIST_TIMEOUT, notAStream, toModelError } from '../call.ts';
import type { Connection } from '../connection.ts';
import { addressOf, connectionRedactor, keyHeaders, withoutHeadersOf } from '../connection.ts';
import { NO_EFFORT, takesEffort } from '../effort.ts';
import { failureOf } from '../model-errors.ts';
import { Reply } from '../reply.ts';

/** Names this dialect in what a message keeps of reasoning: signed by the service, of use to it alone. */
const DIALECT = 'anthropic';

/** The service insists on a limit of the reply (tokens). This one every model takes. */
const LONGEST_REPLY = 8192;

const CAPABILITIES: ModelCapabilities = {
  tools: true,
  parallelTools: true,
  forcedTool: true,
  structuredOutput: 'native',
  vision: true,
  systemRole: true,
  usage: 'reported',
  // The API has dropped it.
  temperature: false,
  interactiveOnly: false,
};

export function createAnthropic(connection: Connection): ModelProvider {
  addressOf(connection);
  /** Models that refused a schema: the reply is asked for in words. */
  const schemaRefused = new Set<string>();
  const listed = new Map<string, ModelCapabilities>();

  async function open() {
    const [{ Anthropic }, key] = await Promise.all([import('@anthropic-ai/sdk'), connection.key()]);
    const client = new Anthropic({
      // The SDK adds `/v1` itself.
      baseURL: connection.baseUrl.replace(/\/v1\/?$/, ''),
      // Without one the SDK would look for another in the environment and in the user's files.
      apiKey: key ?? 'none',
      webhookKey: null,
      defaultHeaders: {
        ...withoutHeadersOf(process.env.ANTHROPIC_CUSTOM_HEADERS),
        Authorization: null,
        'X-Api-Key': null,
        ...keyHeaders(connection, key),
        ...connection.headers,
      },
      logLevel: 'off',
      // Only the node retries: visibly, within its budget, honouring Retry-After.
      maxRetries: 0,
      timeout: ANSWER_TIMEOUT,
      // A redirect would carry the headers to another origin.
      fetchOptions: { redirect: 'error' },
    });
    return { client, redact: connectionRedactor(connection, key) };
  }

  async function* stream(request: ModelRequest, context: ModelCallContext): AsyncGenerator<ModelEvent> {
    const { client, redact } = await open();
    const model = nameOf(request.model);
    const reply = new Reply();
    const how = { reply, redact, wantsObject: request.schema !== undefined, signal: context.signal };
    yield* followed(connection, how, async function* () {
      for (;;) {
        const { body, warnings } = bodyOf(request, model, !schemaRefused.has(model));
        const answer = client.messages.stream(body, {
          signal: context.signal,
          headers: { 'Idempotency-Key': context.idempotencyKey },
        });
        // Before anything is awaited: what comes in the meantime would be lost.
        const events = answer[Symbol.asyncIterator]();
        try {
          const { response, request_id } = await answer.withResponse();
          const wrong = notAStream(connection, response);
          if (wrong) throw wrong;
          for (const message of warnings) yield { type: 'warning', message };
          for (let next = await events.next(); next.done !== true; next = await events.next()) {
            yield* take(next.value, reply, { model, requestId: request_id ?? undefined });
          }
          // A fault that comes while nobody waits for the next event ends them as if all were well; this tells it.
          await answer.done();
          return;
        } catch (error) {
          if (!refusesSchema(error, body)) throw error;
          schemaRefused.add(model);
          yield { type: 'warning', message: 'The model refuses this JSON Schema; the reply is asked for in words and checked here.' };
        } finally {
          answer.controller.abort();
        }
      }
    });
  }

  const nameOf = (id: string): string => id.slice(connection.id.length + 1);
  const capabilities = (id: string): ModelCapabilities => listed.get(nameOf(id)) ?? CAPABILITIES;

  async function list(signal: AbortSignal | undefined): Promise<ModelInfo[]> {
    const { client, redact } = await open();
    const models: ModelInfo[] = [];
    try {
      for await (const it of client.models.list({ limit: 100 }, { timeout: LIST_TIMEOUT, ...(signal === undefined ? {} : { signal }) })) {
        const { id, display_name, max_input_tokens, max_tokens } = it;
        listed.set(id, {
          ...CAPABILITIES,
          ...(typeof max_input_tokens === 'number' ? { contextWindow: max_input_tokens } : {}),
          ...(typeof max_tokens === 'number' ? { maxOutputTokens: max_tokens } : {}),
        });
        const full = `${connection.id}/${id}`;
        models.push({ id: full, name: display_name || id, connection: connection.id, capabilities: capabilities(full) });
      }
    } catch (error) {
      throw toModelError(connection, error, { signal, redact });
    }
    return models;
  }

  return {
    stream,
    capabilities,
    async listModels(signal) {
      const named = connection.models ?? [];
      if (named.length === 0) return list(signal);
      return named.map((name) => {
        const id = `${connection.id}/${name}`;
        return { id, name, connection: connection.id, capabilities: capabilities(id) };
      });
    },
    async countTokens(request, signal) {
      const { client, redact } = await open();
      const { model, messages, system, tools } = bodyOf(request, nameOf(request.model), false).body;
      const body = { model, messages, ...(system === undefined ? {} : { system }), ...(tools === undefined ? {} : { tools }) };
      try {
        return (await client.messages.countTokens(body, { timeout: LIST_TIMEOUT, ...(signal === undefined ? {} : { signal }) }))
          .input_tokens;
      } catch (error) {
        throw toModelError(connection, error, { signal, redact });
      }
    },
    check: (signal) => checkByList(() => list(signal)),
  };
}

function refusesSchema(error: unknown, body: MessageStreamParams): boolean {
  if (!body.output_config?.format) return false;
  const { status, message } = failureOf(error);
  return status === 400 && /output_config|output_format|schema|structured/i.test(message);
}

function bodyOf(request: ModelRequest, model: string, withSchema: boolean): { body: MessageStreamParams; warnings: string[] } {
  const { messages, tools = [], toolChoice, parallelTools, temperature, effort, maxOutputTokens, schema } = request;
  const warnings: string[] = [];
  const body: MessageStreamParams = {
    model,
    max_tokens: maxOutputTokens ?? LONGEST_REPLY,
    messages: conversation(messages.filter(({ role }) => role !== 'system')),
  };
  const system = messages.flatMap((message): TextBlockParam[] =>
    message.role === 'system' ? [{ type: 'text', text: message.content }] : [],
  );
  if (system.length > 0) body.system = system;
  if (tools.length > 0) {
    body.tools = tools.map(({ name, description, parameters }) => ({
      name,
      description,
      input_schema: { ...(isJsonObject(parameters) ? parameters : {}), type: 'object' },
    }));
    const alone = parallelTools === false ? { disable_parallel_tool_use: true } : {};
    if (toolChoice === 'none') body.tool_choice = { type: 'none' };
    else if (toolChoice === 'required') body.tool_choice = { type: 'any', ...alone };
    else if (typeof toolChoice === 'object') body.tool_choice = { type: 'tool', name: toolChoice.tool, ...alone };
    else if (parallelTools === false || toolChoice === 'auto') body.tool_choice = { type: 'auto', ...alone };
    // A conversation with tools is sent again and again: what was said is read from the cache. A single prompt would only pay for it.
    body.cache_control = { type: 'ephemeral' };
  }
  if (temperature !== undefined) warnings.push('This service takes no temperature any more; it was left out.');
  if (effort !== undefined && takesEffort(model)) body.output_config = { effort };
  else if (effort !== undefined) warnings.push(NO_EFFORT);
  if (withSchema && isJsonObject(schema) && schema.type === 'object') {
    body.output_config = { ...body.output_config, format: { type: 'json_schema', schema } };
  }
  return { body, warnings };
}

/** Results of tools belong into one message of the user; messages of the same role are put together. */
function conversation(messages: readonly ModelMessage[]): MessageParam[] {
  const said: { role: 'user' | 'assistant'; content: ContentBlockParam[] }[] = [];
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const blocks = blocksOf(message);
    if (blocks.length === 0) continue;
    const last = said.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else said.push({ role, content: blocks });
  }
  return said;
}

function blocksOf(message: ModelMessage): ContentBlockParam[] {
  switch (message.role) {
    case 'system':
      return [];
    case 'user':
      return contentBlocks(message.content);
    case 'assistant':
      return assistantBlocks(message);
    case 'tool': {
      const result: ToolResultBlockParam = {
        type: 'tool_result',
        tool_use_id: message.callId,
        content: contentBlocks(message.content),
        ...(message.failed ? { is_error: true } : {}),
      };
      return [result];
    }
    default:
      return message satisfies never;
  }
}

function contentBlocks(content: string | readonly (TextPart | ImagePart)[]): (TextBlockParam | ImageBlockParam)[] {
  const parts: readonly (TextPart | ImagePart)[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  return parts.flatMap((part): (TextBlockParam | ImageBlockParam)[] => {
    // The service refuses empty texts.
    if (part.type === 'text') return part.text === '' ? [] : [{ type: 'text', text: part.text }];
    const media_type = part.mediaType as 'image/png';
    return [{ type: 'image', source: { type: 'base64', media_type, data: part.data } }];
  });
}

function assistantBlocks({ content }: AssistantMessage): ContentBlockParam[] {
  if (typeof content === 'string') return contentBlocks(content);
  return content.flatMap((part): ContentBlockParam[] => {
    switch (part.type) {
      case 'text':
        return contentBlocks([part]);
      case 'toolCall': {
        const parsed = toolArguments(part);
        return [{ type: 'tool_use', id: part.id, name: part.name, input: parsed.ok ? parsed.value : { malformed: part.arguments } }];
      }
      case 'reasoning':
        // The block as the service gave it, signature and all.
        return part.state?.dialect === DIALECT ? [part.state.data as unknown as ContentBlockParam] : [];
      default:
        return part satisfies never;
    }
  });
}

const REASONS: { readonly [reason: string]: FinishReason } = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'toolCalls',
  refusal: 'contentFilter',
};

/** Events come from outside: of those that are not known, nothing is taken. */
function* take(
  event: RawMessageStreamEvent,
  reply: Reply,
  { model, requestId }: { model: string; requestId: string | undefined },
): Generator<ModelEvent> {
  switch (event.type) {
    case 'message_start':
      yield* reply.start(event.message?.model || model, requestId);
      reply.usage = usageOf(event.message?.usage, reply.usage);
      break;
    case 'content_block_start': {
      const block = event.content_block;
      if (block?.type === 'tool_use') yield* reply.toolCall(event.index, { id: block.id, name: block.name, arguments: '' });
      if (block?.type === 'text') yield* reply.text(block.text ?? '');
      if (block?.type === 'redacted_thinking') {
        reply.keepReasoning(DIALECT, { ...block } as unknown as Json);
        reply.endReasoning();
      }
      break;
    }
    case 'content_block_delta': {
      const { delta } = event;
      if (delta.type === 'text_delta') yield* reply.text(delta.text);
      if (delta.type === 'thinking_delta') yield* reply.reasoning(delta.thinking);
      if (delta.type === 'input_json_delta') yield* reply.toolCall(event.index, { arguments: delta.partial_json });
      if (delta.type === 'signature_delta') {
        reply.keepReasoning(DIALECT, { type: 'thinking', thinking: reply.thought, signature: delta.signature });
        reply.endReasoning();
      }
      break;
    }
    case 'message_delta':
      if (typeof event.delta?.stop_reason === 'string') reply.reason = REASONS[event.delta.stop_reason] ?? 'other';
      reply.usage = usageOf(event.usage, reply.usage);
      break;
    default:
  }
}

/** Counts come at the beginning and at the end, each as it stands then. Input here is without what the cache had to do with. */
function usageOf(usage: unknown, before: Usage | undefined): Usage | undefined {
  if (!isJsonObject(usage)) return before;
  const count = (name: string): number | undefined => (typeof usage[name] === 'number' ? usage[name] : undefined);
  const input = count('input_tokens');
  const read = count('cache_read_input_tokens') ?? before?.cacheReadTokens;
  const written = count('cache_creation_input_tokens') ?? before?.cacheWriteTokens;
  const output = count('output_tokens') ?? before?.outputTokens;
  const known: Usage = { ...before, source: 'reported' };
  if (input !== undefined) known.inputTokens = input + (read ?? 0) + (written ?? 0);
  if (output !== undefined) known.outputTokens = output;
  if (read) known.cacheReadTokens = read;
  if (written) known.cacheWriteTokens = written;
  return known;
}
