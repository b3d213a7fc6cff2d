/** What has happened between an agent and its tools, apart from how it is put to a model: as calls of tools, or in words only. */
import type { Json, JsonObject } from '../../format/json.ts';
import { assistantMessage } from '../../messages.ts';
import type { AssistantMessage, ImagePart, ModelMessage, TextPart, ToolCallPart, ToolOffer } from '../../ports.ts';

/** What the model wants to be done. */
export interface Action {
  /** Of the call, unique in the conversation. */
  id: string;
  /** As it was offered. */
  offer: string;
  args: JsonObject;
  /** Why it cannot be done at all: it is malformed. For the model to read. */
  problem?: string;
}

export type Entry =
  | { is: 'told'; text: string }
  | { is: 'model'; text: string; actions: readonly Action[]; message?: AssistantMessage }
  | { is: 'result'; action: Action; text: string; images: readonly ImagePart[]; failed: boolean };

/** As calls of tools. */
export function asCalls(system: string, entries: readonly Entry[]): ModelMessage[] {
  return [{ role: 'system', content: system }, ...entries.map(callMessage)];
}

function callMessage(entry: Entry): ModelMessage {
  switch (entry.is) {
    case 'told':
      return { role: 'user', content: entry.text };
    case 'model':
      return entry.message ?? writtenAsCalls(entry.text, entry.actions);
    case 'result': {
      const { id, offer } = entry.action;
      const content = withImages(entry.text, entry.images);
      return { role: 'tool', callId: id, name: offer, content, ...(entry.failed ? { failed: true as const } : {}) };
    }
    default:
      return entry satisfies never;
  }
}

/** What was said in words, for a model that has tools: the history may have begun with another one. */
function writtenAsCalls(text: string, actions: readonly Action[]): AssistantMessage {
  const calls = actions.map(
    ({ id, offer, args }): ToolCallPart => ({ type: 'toolCall', id, name: offer, arguments: JSON.stringify(args) }),
  );
  return assistantMessage(calls.length > 0 ? calls : [{ type: 'text', text }]);
}

/** In words only: actions are JSON, results are told. */
export function inWords(system: string, offers: readonly ToolOffer[], entries: readonly Entry[]): ModelMessage[] {
  const messages = entries.map(wordMessage);
  const merged: ModelMessage[] = [];
  for (const message of messages) {
    const last = merged.at(-1);
    // Several results in a row are one message: some models take no two of one side.
    if (last?.role === 'user' && message.role === 'user')
      merged[merged.length - 1] = { role: 'user', content: joined(last.content, message.content) };
    else merged.push(message);
  }
  return [{ role: 'system', content: `${system}\n\n${protocol(offers)}` }, ...merged];
}

type Content = string | readonly (TextPart | ImagePart)[];

function joined(a: Content, b: Content): Content {
  if (typeof a === 'string' && typeof b === 'string') return `${a}\n\n${b}`;
  const parts = (it: Content): readonly (TextPart | ImagePart)[] => (typeof it === 'string' ? [{ type: 'text', text: it }] : it);
  return [...parts(a), ...parts(b)];
}

function wordMessage(entry: Entry): ModelMessage {
  switch (entry.is) {
    case 'told':
      return { role: 'user', content: entry.text };
    case 'model': {
      const [action] = entry.actions;
      const written = action === undefined || action.problem !== undefined ? undefined : { action: action.offer, arguments: action.args };
      return { role: 'assistant', content: written === undefined ? entry.text : JSON.stringify(written) };
    }
    case 'result': {
      const head = entry.failed ? `"${entry.action.offer}" failed` : `Result of "${entry.action.offer}"`;
      return { role: 'user', content: withImages(`${head}:\n${entry.text}`, entry.images) };
    }
    default:
      return entry satisfies never;
  }
}

function withImages(text: string, images: readonly ImagePart[]): Content {
  return images.length === 0 ? text : [{ type: 'text', text }, ...images];
}

/** How a model without tools says what it wants. */
function protocol(offers: readonly ToolOffer[]): string {
  const listed = offers.map(({ name, description, parameters }) => `- ${name}: ${description}\n  arguments: ${JSON.stringify(parameters)}`);
  return [
    'You act by replying with one JSON object and nothing else.',
    ...(offers.length === 0
      ? []
      : [`To use a tool: {"action": "NAME", "arguments": {…}}. Its result comes with the next message. The tools:\n${listed.join('\n')}`]),
    'When you are done: {"final": …}, with your answer as a text, or as the JSON that was asked for.',
  ].join('\n\n');
}

/** For a summary: who said and did what, results shortened. */
export function transcript(entries: readonly Entry[], longest: number): string {
  const short = (text: string): string => (text.length > longest ? `${text.slice(0, longest)} […]` : text);
  return entries
    .map((entry) => {
      if (entry.is === 'told') return `Told: ${short(entry.text)}`;
      if (entry.is === 'result') return `${entry.failed ? 'Failed' : 'Result'} (${entry.action.offer}): ${short(entry.text)}`;
      const actions = entry.actions.map(({ offer, args }) => `\n  ${offer} ${short(JSON.stringify(args as Json))}`);
      return `Agent: ${short(entry.text)}${actions.join('')}`;
    })
    .join('\n');
}
