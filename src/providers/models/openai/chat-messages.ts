/** Conversations in the words of Chat Completions. */
import type { ChatCompletionContentPart, ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { imagesOf, textOf, toolArguments, toolCallsOf } from '../../../engine/messages.ts';
import type { AssistantMessage, ImagePart, ModelMessage, TextPart, ToolCallPart } from '../../../engine/ports.ts';

/** @param dialect Names the service in the state of reasoning that it wants back. */
export function chatMessages(messages: readonly ModelMessage[], dialect: string): ChatCompletionMessageParam[] {
  const said: ChatCompletionMessageParam[] = [];
  /** A result can only be text here: images follow as a message of the user, after the last result. */
  let images: ImagePart[] = [];
  const flush = (): void => {
    if (images.length > 0) said.push({ role: 'user', content: images.map(contentPart) });
    images = [];
  };
  for (const message of messages) {
    if (message.role !== 'tool') flush();
    switch (message.role) {
      case 'system':
        said.push({ role: 'system', content: message.content });
        break;
      case 'user':
        said.push({ role: 'user', content: typeof message.content === 'string' ? message.content : message.content.map(contentPart) });
        break;
      case 'assistant':
        said.push(assistant(message, dialect));
        break;
      case 'tool':
        said.push({ role: 'tool', tool_call_id: message.callId, content: resultText(message) });
        images.push(...imagesOf(message));
        break;
      default:
        message satisfies never;
    }
  }
  flush();
  return said;
}

/** What a tool answered, in words: none of these services has a sign for failure. */
export function resultText(message: Extract<ModelMessage, { role: 'tool' }>): string {
  const text = textOf(message);
  return message.failed ? `Error: ${text}` : text;
}

/** Arguments that are no object would be refused by services that read them; as an object they can still be talked about. */
export function readableArguments(call: ToolCallPart): string {
  const parsed = toolArguments(call);
  return JSON.stringify(parsed.ok ? parsed.value : { malformed: call.arguments });
}

export function dataUrl({ mediaType, data }: ImagePart): string {
  return `data:${mediaType};base64,${data}`;
}

function contentPart(part: TextPart | ImagePart): ChatCompletionContentPart {
  return part.type === 'text' ? { type: 'text', text: part.text } : { type: 'image_url', image_url: { url: dataUrl(part) } };
}

function assistant(message: AssistantMessage, dialect: string): ChatCompletionMessageParam {
  if (typeof message.content === 'string') return { role: 'assistant', content: message.content };
  const text = textOf(message);
  const calls = toolCallsOf(message);
  const thoughts = message.content.flatMap((part) => (part.type === 'reasoning' && part.state?.dialect === dialect ? [part] : []));
  const field = thoughts[0]?.state?.data;
  return {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    ...(calls.length === 0
      ? {}
      : {
          tool_calls: calls.map((call) => ({
            id: call.id,
            type: 'function' as const,
            function: { name: call.name, arguments: readableArguments(call) },
          })),
        }),
    // DeepSeek's dialect: reasoning between tool calls has to be handed back, in the field it came in.
    ...(field === 'reasoning_content' && calls.length > 0 ? { [field]: thoughts.map((part) => part.text).join('') } : {}),
  };
}
