/** Belay's configured models, offered to VS Code: its chat works with them, and so does whoever uses `vscode.lm`. */
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Json, JsonSchema } from '../../engine/format/json.ts';
import { assistantMessage, charsToTokens, toolArguments } from '../../engine/messages.ts';
import type { AssistantPart, ImagePart, ModelMessage, ModelRequest, TextPart } from '../../engine/ports.ts';
import { dialectOf } from '../../providers/models/connection.ts';
import { loadRuntime } from '../lazy.ts';
import type { ModelSettings } from './settings.ts';
import { VSCODE } from './vscode-models.ts';

/** Tokens, where nobody says: small enough for most, large enough for a conversation. */
const USUAL_WINDOW = 128_000;
const USUAL_REPLY = 8192;

export class BelayChatProvider implements vscode.LanguageModelChatProvider {
  readonly #settings: ModelSettings;
  readonly onDidChangeLanguageModelChatInformation: vscode.Event<void>;

  constructor(settings: ModelSettings) {
    this.#settings = settings;
    this.onDidChangeLanguageModelChatInformation = settings.onDidChange;
  }

  /** Those that the user named: the default, the aliases, and the models of connections. No service is asked for more. */
  async provideLanguageModelChatInformation(): Promise<vscode.LanguageModelChatInformation[]> {
    const usable = await this.#settings.usable();
    const names = new Set<string>();
    for (const name of [this.#settings.defaultModel, ...Object.values(this.#settings.aliases)]) {
      const connection = name?.split('/', 1)[0];
      if (name && connection !== VSCODE && usable.some(({ id }) => id === connection)) names.add(name);
    }
    for (const { id, models } of usable) for (const model of models ?? []) names.add(`${id}/${model}`);
    return [...names].map((id) => {
      const [connection = '', ...rest] = id.split('/');
      const setting = usable.find((it) => it.id === connection);
      const name = rest.join('/');
      return {
        id,
        name,
        family: name,
        version: '1',
        detail: connection,
        tooltip: `${id}, configured in Belay`,
        maxInputTokens: USUAL_WINDOW,
        maxOutputTokens: USUAL_REPLY,
        // Of tools, what nobody knows is tried: a service that cannot says so.
        capabilities: { toolCalling: true, imageInput: setting !== undefined && dialectOf(setting) !== 'chat' },
      };
    });
  }

  async provideLanguageModelChatResponse(
    model: vscode.LanguageModelChatInformation,
    messages: readonly vscode.LanguageModelChatRequestMessage[],
    options: vscode.ProvideLanguageModelChatResponseOptions,
    progress: vscode.Progress<vscode.LanguageModelResponsePart>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const models = (await loadRuntime()).createModelRegistry(this.#settings.forRegistry());
    const stop = new AbortController();
    const listener = token.onCancellationRequested(() => stop.abort(new vscode.CancellationError()));
    try {
      const call = { signal: stop.signal, idempotencyKey: `chat/${randomUUID()}` };
      for await (const event of models.stream(requestOf(model.id, messages, options), call)) {
        if (event.type === 'textDelta') progress.report(new vscode.LanguageModelTextPart(event.text));
        else if (event.type === 'part' && event.part.type === 'toolCall') {
          const parsed = toolArguments(event.part);
          progress.report(new vscode.LanguageModelToolCallPart(event.part.id, event.part.name, parsed.ok ? parsed.value : {}));
        }
      }
    } finally {
      listener.dispose();
    }
  }

  async provideTokenCount(
    _model: vscode.LanguageModelChatInformation,
    text: string | vscode.LanguageModelChatRequestMessage,
  ): Promise<number> {
    if (typeof text === 'string') return charsToTokens(text.length);
    return charsToTokens(
      text.content.reduce<number>((sum, part) => sum + (part instanceof vscode.LanguageModelTextPart ? part.value.length : 0), 0),
    );
  }
}

function requestOf(
  model: string,
  messages: readonly vscode.LanguageModelChatRequestMessage[],
  { tools = [], toolMode }: vscode.ProvideLanguageModelChatResponseOptions,
): ModelRequest {
  const names = new Map<string, string>();
  return {
    model,
    messages: messages.flatMap((message) => messagesOf(message, names)),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, inputSchema }) => ({
            name,
            description,
            parameters: (inputSchema ?? { type: 'object' }) as JsonSchema,
          })),
          toolChoice: toolMode === vscode.LanguageModelChatToolMode.Required ? ('required' as const) : ('auto' as const),
        }),
  };
}

/** @param names Of the tools that were called, by the ids of the calls: results do not say it. */
function messagesOf({ role, content }: vscode.LanguageModelChatRequestMessage, names: Map<string, string>): ModelMessage[] {
  if (role === vscode.LanguageModelChatMessageRole.Assistant) {
    const parts = content.flatMap((part): AssistantPart[] => {
      if (part instanceof vscode.LanguageModelTextPart) return [{ type: 'text', text: part.value }];
      if (!(part instanceof vscode.LanguageModelToolCallPart)) return [];
      names.set(part.callId, part.name);
      return [{ type: 'toolCall', id: part.callId, name: part.name, arguments: JSON.stringify(part.input) }];
    });
    return parts.length === 0 ? [] : [assistantMessage(parts)];
  }
  const results = content.flatMap((part): ModelMessage[] => {
    if (!(part instanceof vscode.LanguageModelToolResultPart)) return [];
    return [{ role: 'tool', callId: part.callId, name: names.get(part.callId) ?? 'tool', content: inputs(part.content) }];
  });
  const rest = inputs(content.filter((part) => !(part instanceof vscode.LanguageModelToolResultPart)));
  if (rest.length === 0) return results;
  const only = rest[0];
  return [...results, { role: 'user', content: rest.length === 1 && only?.type === 'text' ? only.text : rest }];
}

function inputs(parts: readonly unknown[]): (TextPart | ImagePart)[] {
  return parts.flatMap((part): (TextPart | ImagePart)[] => {
    if (part instanceof vscode.LanguageModelTextPart) return [{ type: 'text', text: part.value }];
    if (part instanceof vscode.LanguageModelDataPart) {
      if (part.mimeType.startsWith('image/'))
        return [{ type: 'image', mediaType: part.mimeType, data: Buffer.from(part.data).toString('base64') }];
      return /^text\/|json/.test(part.mimeType) ? [{ type: 'text', text: Buffer.from(part.data).toString('utf8') }] : [];
    }
    return typeof part === 'string' ? [{ type: 'text', text: part }] : jsonText(part);
  });
}

function jsonText(part: unknown): TextPart[] {
  const text = JSON.stringify(part as Json) as string | undefined;
  return text === undefined ? [] : [{ type: 'text', text }];
}
