/** Questions about the messages of a conversation with a model. */
import type { Json, JsonObject } from './format/json.ts';
import { isJsonObject } from './format/json.ts';
import type { AssistantMessage, AssistantPart, ImagePart, ModelMessage, ToolCallPart } from './ports.ts';

/** The text of a message, without images, reasoning and calls. */
export function textOf({ content }: Pick<ModelMessage, 'content'>): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

export function toolCallsOf({ content }: AssistantMessage): ToolCallPart[] {
  return typeof content === 'string' ? [] : content.filter((part) => part.type === 'toolCall');
}

export function imagesOf({ content }: Pick<ModelMessage, 'content'>): ImagePart[] {
  return typeof content === 'string' ? [] : content.filter((part) => part.type === 'image');
}

/** A message of the model from its parts, in its one spelling: what is only text is a string, and no text is empty. */
export function assistantMessage(parts: readonly AssistantPart[]): AssistantMessage {
  const kept = parts.filter((part) => part.type !== 'text' || part.text !== '');
  if (kept.every((part) => part.type === 'text')) return { role: 'assistant', content: kept.map(({ text }) => text).join('') };
  return { role: 'assistant', content: kept };
}

/** The arguments of a call as the object they have to be; else why they are none, for the model to read. No arguments at all are `{}`. */
export function toolArguments({ arguments: text }: ToolCallPart): { ok: true; value: JsonObject } | { ok: false; problem: string } {
  if (text.trim() === '') return { ok: true, value: {} };
  const value = parseJson(text);
  if (value === undefined) return { ok: false, problem: 'the arguments are not JSON' };
  return isJsonObject(value) ? { ok: true, value } : { ok: false, problem: 'the arguments are not an object' };
}

/** Undefined where the text is no JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** About, for most languages and models: for limits, budgets and compaction where nothing counts. An image is taken for 1000 tokens. */
export function estimatedTokens({ messages, tools = [] }: { messages: readonly ModelMessage[]; tools?: readonly object[] }): number {
  const chars = messages.reduce((sum, message) => {
    const calls = message.role === 'assistant' ? toolCallsOf(message) : [];
    return sum + textOf(message).length + calls.reduce((all, call) => all + call.name.length + call.arguments.length, 0);
  }, 0);
  const images = messages.reduce((sum, message) => sum + imagesOf(message).length, 0);
  return charsToTokens(chars + (tools.length === 0 ? 0 : JSON.stringify(tools).length)) + images * 1000;
}

export function charsToTokens(chars: number): number {
  return Math.ceil(chars / 4);
}
