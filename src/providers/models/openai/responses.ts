/** OpenAI's Responses API: api.openai.com and Azure. Nothing is kept there (`store: false`), so reasoning travels with the conversation. */
import type { ResponseCreateParamsStreaming, ResponseInputItem, ResponseStreamEvent } from 'openai/resources/responses/responses';
import type { Json } from '../../../engine/format/json.ts';
import { isJsonObject } from '../../../engine/format/json.ts';
import { imagesOf } from '../../../engine/messages.ts';
import type {
  AssistantMessage,
  ImagePart,
  ModelCallContext,
  ModelCapabilities,
  ModelEvent,
  ModelMessage,
  ModelProvider,
  ModelRequest,
  TextPart,
} from '../../../engine/ports.ts';
import type { Usage } from '../../../engine/run/events.ts';
import { checkByList, followed, notAStream } from '../call.ts';
import type { Connection } from '../connection.ts';
import { NO_EFFORT, thinks } from '../effort.ts';
import { failureOf } from '../model-errors.ts';
import { Reply } from '../reply.ts';
import { dataUrl, readableArguments, resultText } from './chat-messages.ts';
import type { Opened } from './client.ts';
import { listEntries, openClient } from './client.ts';

const CAPABILITIES: ModelCapabilities = {
  tools: true,
  parallelTools: true,
  forcedTool: true,
  structuredOutput: 'native',
  vision: true,
  systemRole: true,
  usage: 'reported',
  temperature: true,
  interactiveOnly: false,
};

/** What a model refuses although the reply is usable without it, by its name. */
interface Leniency {
  /** Models that do not think have no reasoning to give. */
  reasoning: boolean;
  schema: boolean;
}

export function createResponses(connection: Connection): ModelProvider {
  const dialect = `responses ${connection.id}`;
  const lenient = new Map<string, Leniency>();

  async function* stream(request: ModelRequest, context: ModelCallContext): AsyncGenerator<ModelEvent> {
    const opened = await openClient(connection);
    const model = request.model.slice(connection.id.length + 1);
    const reply = new Reply();
    const how = { reply, redact: opened.redact, wantsObject: request.schema !== undefined, signal: context.signal };
    yield* followed(connection, how, async function* () {
      const { events, requestId, warnings } = await begin(opened, model, request, context);
      for (const message of warnings) yield { type: 'warning', message };
      for await (const event of events) yield* take(event, reply, { model, requestId, dialect });
    });
  }

  async function begin({ client }: Opened, model: string, request: ModelRequest, context: ModelCallContext) {
    const warnings = request.effort === undefined || thinks(model) ? [] : [NO_EFFORT];
    for (;;) {
      const leniency = lenient.get(model) ?? { reasoning: true, schema: true };
      try {
        const { data, response, request_id } = await client.responses
          .create(bodyOf(request, model, dialect, leniency), {
            signal: context.signal,
            headers: { 'Idempotency-Key': context.idempotencyKey },
          })
          .withResponse();
        const wrong = notAStream(connection, response);
        if (wrong) throw wrong;
        return { events: data, requestId: request_id ?? undefined, warnings };
      } catch (error) {
        const { status, message } = failureOf(error);
        if (status !== 400) throw error;
        if (leniency.reasoning && /encrypted|include/i.test(message)) lenient.set(model, { ...leniency, reasoning: false });
        else if (leniency.schema && request.schema !== undefined && /text\.format|json_schema|structured output/i.test(message)) {
          lenient.set(model, { ...leniency, schema: false });
          warnings.push('The model refuses this JSON Schema; the reply is asked for in words and checked here.');
        } else throw error;
      }
    }
  }

  const capabilities = (id: string): ModelCapabilities => ({
    ...CAPABILITIES,
    // Models that think take none.
    temperature: !thinks(id.slice(connection.id.length + 1)),
  });

  return {
    stream,
    capabilities,
    async listModels(signal) {
      const named = connection.models ?? [];
      const names = named.length > 0 ? named : (await listEntries(connection, signal)).map(({ id }) => id);
      return names.map((name) => {
        const id = `${connection.id}/${name}`;
        return { id, name, connection: connection.id, capabilities: capabilities(id) };
      });
    },
    check: (signal) => checkByList(() => listEntries(connection, signal)),
  };
}

function bodyOf(request: ModelRequest, model: string, dialect: string, leniency: Leniency): ResponseCreateParamsStreaming {
  const { messages, tools = [], toolChoice, parallelTools, temperature, effort, maxOutputTokens, schema } = request;
  const body: ResponseCreateParamsStreaming = {
    model,
    input: messages.flatMap((message) => inputItems(message, dialect)),
    stream: true,
    store: false,
  };
  if (leniency.reasoning && thinks(model)) body.include = ['reasoning.encrypted_content'];
  if (tools.length > 0) {
    body.tools = tools.map(({ name, description, parameters }) => ({
      type: 'function',
      name,
      description,
      parameters: isJsonObject(parameters) ? parameters : { type: 'object' },
      strict: false,
    }));
    if (toolChoice !== undefined)
      body.tool_choice = typeof toolChoice === 'string' ? toolChoice : { type: 'function', name: toolChoice.tool };
    if (parallelTools !== undefined) body.parallel_tool_calls = parallelTools;
  }
  if (temperature !== undefined) body.temperature = temperature;
  if (effort !== undefined && thinks(model)) body.reasoning = { effort };
  if (maxOutputTokens !== undefined) body.max_output_tokens = maxOutputTokens;
  if (leniency.schema && isJsonObject(schema) && schema.type === 'object') {
    body.text = { format: { type: 'json_schema', name: 'output', schema, strict: false } };
  }
  return body;
}

function inputItems(message: ModelMessage, dialect: string): ResponseInputItem[] {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: message.content }];
    case 'user':
      return [{ role: 'user', content: typeof message.content === 'string' ? message.content : message.content.map(inputContent) }];
    case 'assistant':
      return assistantItems(message, dialect);
    case 'tool': {
      const text = resultText(message);
      const images = imagesOf(message);
      const output = images.length === 0 ? text : [{ type: 'input_text' as const, text }, ...images.map(inputContent)];
      return [{ type: 'function_call_output', call_id: message.callId, output }];
    }
    default:
      return message satisfies never;
  }
}

function inputContent(part: TextPart | ImagePart) {
  return part.type === 'text'
    ? { type: 'input_text' as const, text: part.text }
    : { type: 'input_image' as const, image_url: dataUrl(part), detail: 'auto' as const };
}

function assistantItems({ content }: AssistantMessage, dialect: string): ResponseInputItem[] {
  if (typeof content === 'string') return [{ role: 'assistant', content }];
  return content.flatMap((part): ResponseInputItem[] => {
    switch (part.type) {
      case 'text':
        return [{ role: 'assistant', content: part.text }];
      case 'toolCall':
        return [{ type: 'function_call', call_id: part.id, name: part.name, arguments: readableArguments(part) }];
      case 'reasoning':
        // An item as the service gave it.
        return part.state?.dialect === dialect ? [part.state.data as unknown as ResponseInputItem] : [];
      default:
        return part satisfies never;
    }
  });
}

/** Events come from outside: of those that are not known, nothing is taken. */
function* take(
  event: ResponseStreamEvent,
  reply: Reply,
  { model, requestId, dialect }: { model: string; requestId: string | undefined; dialect: string },
): Generator<ModelEvent> {
  switch (event.type) {
    case 'response.created':
      yield* reply.start(event.response?.model || model, requestId);
      break;
    case 'response.output_text.delta':
      yield* reply.start(model, requestId);
      yield* reply.text(String(event.delta ?? ''));
      break;
    case 'response.reasoning_summary_text.delta':
    case 'response.reasoning_text.delta':
      yield* reply.reasoning(String(event.delta ?? ''));
      break;
    case 'response.refusal.done':
      reply.reason = 'contentFilter';
      yield { type: 'warning', message: `The model refused: ${event.refusal}` };
      break;
    case 'response.output_item.added':
      if (event.item.type === 'function_call')
        yield* reply.toolCall(event.output_index, { id: event.item.call_id, name: event.item.name, arguments: '' });
      break;
    case 'response.function_call_arguments.delta':
      yield* reply.toolCall(event.output_index, { arguments: String(event.delta ?? '') });
      break;
    case 'response.output_item.done':
      if (event.item.type === 'reasoning') {
        const { id: _, status: __, ...item } = event.item as unknown as Record<string, Json>;
        if (item.encrypted_content) reply.keepReasoning(dialect, item);
        reply.endReasoning();
      }
      break;
    case 'response.completed':
    case 'response.incomplete': {
      yield* reply.start(event.response?.model || model, requestId);
      const why = event.response?.incomplete_details?.reason;
      reply.reason ??= event.type === 'response.completed' ? 'stop' : why === 'content_filter' ? 'contentFilter' : 'length';
      const usage = usageOf(event.response?.usage);
      if (usage) reply.usage = usage;
      break;
    }
    case 'response.failed':
      throw fault(event.response?.error ?? { message: 'The service gave up.' });
    case 'error':
      throw fault({ message: event.message, code: event.code });
    default:
  }
}

/** A failure told in mid-stream, in the shape of those the SDK throws. */
function fault(error: { message: string; code?: string | null }): Error {
  return Object.assign(new Error(error.message), { error });
}

function usageOf(usage: unknown): Usage | undefined {
  if (!isJsonObject(usage)) return undefined;
  const { input_tokens, output_tokens, input_tokens_details: input, output_tokens_details: output } = usage;
  const known: Usage = { source: 'reported' };
  if (typeof input_tokens === 'number') known.inputTokens = input_tokens;
  if (typeof output_tokens === 'number') known.outputTokens = output_tokens;
  if (isJsonObject(input) && typeof input.cached_tokens === 'number') known.cacheReadTokens = input.cached_tokens;
  if (isJsonObject(output) && typeof output.reasoning_tokens === 'number') known.reasoningTokens = output.reasoning_tokens;
  return Object.keys(known).length === 1 ? undefined : known;
}
