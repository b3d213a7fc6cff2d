/**
 * The models that VS Code offers, GitHub Copilot's among them, as one connection: `vscode/VENDOR/ID`. They have no system role, no
 * structured output, no reason to finish and count nothing; the first use needs a person's consent.
 */
import * as vscode from 'vscode';
import type { JsonObject } from '../../engine/format/json.ts';
import type { ErrorKind } from '../../engine/format/model.ts';
import { textOf, toolArguments, toolCallsOf } from '../../engine/messages.ts';
import type {
  ImagePart,
  ModelCallContext,
  ModelCapabilities,
  ModelCheck,
  ModelEvent,
  ModelInfo,
  ModelMessage,
  ModelProvider,
  ModelRequest,
  TextPart,
} from '../../engine/ports.ts';
import { modelError } from '../../providers/models/model-errors.ts';
import { Reply } from '../../providers/models/reply.ts';
import { LM_HINT, lmErrorKind } from './lm-errors.ts';

export const VSCODE = 'vscode';
/** Under which Belay's own models are offered to VS Code: they are not offered back. */
export const OWN_VENDOR = 'belay';

const MOST_TOOLS = 128;

export class VsCodeModels implements ModelProvider {
  readonly #access: vscode.LanguageModelAccessInformation;

  constructor(access: vscode.LanguageModelAccessInformation) {
    this.#access = access;
  }

  async listModels(): Promise<ModelInfo[]> {
    const chats = (await vscode.lm.selectChatModels()).filter(({ vendor }) => vendor !== OWN_VENDOR);
    return chats.map((chat) => ({
      id: `${VSCODE}/${chat.vendor}/${chat.id}`,
      name: `${chat.name} (${chat.vendor})`,
      connection: VSCODE,
      capabilities: this.#capabilitiesOf(chat),
    }));
  }

  async capabilities(model: string): Promise<ModelCapabilities> {
    return this.#capabilitiesOf(await find(model));
  }

  #capabilitiesOf(chat: vscode.LanguageModelChat | undefined): ModelCapabilities {
    return {
      structuredOutput: 'prompted',
      systemRole: false,
      usage: 'estimated',
      temperature: false,
      // Undefined: nobody has been asked yet.
      interactiveOnly: chat !== undefined && this.#access.canSendRequest(chat) === undefined,
      ...(chat ? { contextWindow: chat.maxInputTokens } : {}),
    };
  }

  async check(): Promise<ModelCheck> {
    if ((await this.listModels()).length > 0) return { ok: true };
    const message = 'VS Code offers no language model.';
    return { ok: false, error: modelError('modelNotFound', { message, cause: undefined }) };
  }

  async countTokens(request: ModelRequest): Promise<number> {
    const chat = await existing(request.model);
    const counts = await Promise.all(conversation(request.messages).map((message) => chat.countTokens(message)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async *stream(request: ModelRequest, context: ModelCallContext): AsyncGenerator<ModelEvent> {
    const chat = await existing(request.model);
    const { options, warnings } = optionsOf(request);
    const reply = new Reply();
    const stop = new vscode.CancellationTokenSource();
    const onAbort = (): void => stop.cancel();
    context.signal.addEventListener('abort', onAbort, { once: true });
    if (context.signal.aborted) stop.cancel();
    try {
      const messages = conversation(request.messages);
      const response = await chat.sendRequest(messages, options, stop.token);
      yield* reply.start(`${chat.vendor}/${chat.id}`, undefined);
      for (const message of warnings) yield { type: 'warning', message };
      for await (const part of response.stream) {
        if (part instanceof vscode.LanguageModelTextPart) yield* reply.text(part.value);
        else if (part instanceof vscode.LanguageModelToolCallPart) {
          yield* reply.toolCall(reply.callCount, { id: part.callId, name: part.name, arguments: JSON.stringify(part.input) });
        }
        if (context.signal.aborted) break;
      }
      if (!context.signal.aborted) {
        reply.reason = 'stop';
        const said = reply.partial;
        const written = said
          ? `${textOf(said)}${toolCallsOf(said)
              .map((call) => call.arguments)
              .join('')}`
          : '';
        const counts = await Promise.all([...messages, written].map((it) => chat.countTokens(it)));
        const outputTokens = counts.at(-1) ?? 0;
        reply.usage = { inputTokens: counts.reduce((sum, it) => sum + it, 0) - outputTokens, outputTokens, source: 'estimated' };
      }
    } catch (error) {
      // The reply was whole; only the count of tokens was still to come.
      if (reply.reason === undefined || context.signal.aborted) throw failure(error, reply, chat, context.signal);
    } finally {
      context.signal.removeEventListener('abort', onAbort);
      stop.dispose();
    }
    if (context.signal.aborted) throw failure(context.signal.reason, reply, chat, context.signal);
    yield* reply.finish(request.schema !== undefined);
  }
}

function failure(error: unknown, reply: Reply, chat: vscode.LanguageModelChat, signal: AbortSignal): Error {
  const kind = signal.aborted ? 'cancelled' : lmErrorKind(error);
  const words = error instanceof Error && error.message !== '' ? error.message : kind;
  const message = kind === 'cancelled' ? 'The call of the model was cancelled.' : `${chat.name}: ${words}`;
  return modelError(kind, { message, ...hintOf(kind), cause: signal.aborted ? signal.reason : error }, reply.partial);
}

function hintOf(kind: ErrorKind): { hint?: string } {
  const hint = LM_HINT[kind];
  return hint === undefined ? {} : { hint };
}

async function find(model: string): Promise<vscode.LanguageModelChat | undefined> {
  const [, vendor = '', ...rest] = model.split('/');
  const id = rest.join('/');
  if (vendor === '' || vendor === OWN_VENDOR || id === '') return undefined;
  return (await vscode.lm.selectChatModels({ vendor, id }))[0];
}

async function existing(model: string): Promise<vscode.LanguageModelChat> {
  const chat = await find(model);
  if (chat) return chat;
  throw modelError('modelNotFound', {
    ...hintOf('modelNotFound'),
    message: `VS Code offers no model "${model.slice(VSCODE.length + 1)}".`,
    cause: undefined,
  });
}

function optionsOf(request: ModelRequest): { options: vscode.LanguageModelChatRequestOptions; warnings: string[] } {
  const { tools = [], toolChoice, temperature, effort } = request;
  const warnings = [
    ...(temperature === undefined ? [] : ['Models of VS Code take no temperature; it was left out.']),
    ...(effort === undefined ? [] : ['Models of VS Code cannot be told how much to think; it was left out.']),
  ];
  const options: vscode.LanguageModelChatRequestOptions = { justification: 'A flow that you run in Belay asks this model.' };
  const chosen = typeof toolChoice === 'object' ? tools.filter(({ name }) => name === toolChoice.tool) : toolChoice === 'none' ? [] : tools;
  if (chosen.length === 0) return { options, warnings };
  if (chosen.length > MOST_TOOLS) {
    const message = `Models of VS Code take at most ${MOST_TOOLS} tools, and not ${chosen.length}.`;
    throw modelError('badRequest', { message, cause: undefined });
  }
  options.tools = chosen.map(({ name, description, parameters }) => ({
    name,
    description,
    inputSchema: typeof parameters === 'object' ? parameters : { type: 'object' },
  }));
  const forced = toolChoice === 'required' || typeof toolChoice === 'object';
  if (forced && chosen.length === 1) options.toolMode = vscode.LanguageModelChatToolMode.Required;
  else if (forced) warnings.push('Models of VS Code can be made to use one certain tool only; this one may use none.');
  return { options, warnings };
}

/** System messages go in front of the first one of the user. */
function conversation(messages: readonly ModelMessage[]): vscode.LanguageModelChatMessage[] {
  const system = messages.flatMap((message) => (message.role === 'system' ? [message.content] : []));
  const said = messages.flatMap((message): vscode.LanguageModelChatMessage[] => {
    switch (message.role) {
      case 'system':
        return [];
      case 'user':
        return [
          vscode.LanguageModelChatMessage.User(typeof message.content === 'string' ? message.content : message.content.map(inputPart)),
        ];
      case 'assistant': {
        const text = textOf(message);
        const parts: (vscode.LanguageModelTextPart | vscode.LanguageModelToolCallPart)[] =
          text === '' ? [] : [new vscode.LanguageModelTextPart(text)];
        for (const call of toolCallsOf(message)) {
          const parsed = toolArguments(call);
          const input: JsonObject = parsed.ok ? parsed.value : { malformed: call.arguments };
          parts.push(new vscode.LanguageModelToolCallPart(call.id, call.name, input));
        }
        return [vscode.LanguageModelChatMessage.Assistant(parts)];
      }
      case 'tool': {
        const parts = typeof message.content === 'string' ? [{ type: 'text' as const, text: message.content }] : message.content;
        const content = message.failed ? [{ type: 'text' as const, text: 'Error:' }, ...parts] : parts;
        return [vscode.LanguageModelChatMessage.User([new vscode.LanguageModelToolResultPart(message.callId, content.map(inputPart))])];
      }
      default:
        return message satisfies never;
    }
  });
  if (system.length === 0) return said;
  return [vscode.LanguageModelChatMessage.User(system.join('\n\n')), ...said];
}

function inputPart(part: TextPart | ImagePart): vscode.LanguageModelTextPart | vscode.LanguageModelDataPart {
  if (part.type === 'text') return new vscode.LanguageModelTextPart(part.text);
  return vscode.LanguageModelDataPart.image(Buffer.from(part.data, 'base64'), part.mediaType);
}
