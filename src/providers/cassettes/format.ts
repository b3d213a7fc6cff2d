/**
 * A cassette as text: one recorded reply a line, made to be read in a review. What can be made again from the rest is left out:
 * the pieces in which a text arrived, and the model's name in the request.
 */
import * as z from 'zod';
import { BelayError } from '../../engine/errors.ts';
import type { Json } from '../../engine/format/json.ts';
import { lazily } from '../../engine/format/lazily.ts';
import { assistantMessage, parseJson, textOf } from '../../engine/messages.ts';
import { hashJson, sha256 } from '../../engine/policy/hash.ts';
import type { AssistantMessage, ImagePart, ModelEvent, ModelMessage, ModelRequest, TextPart } from '../../engine/ports.ts';
import { usageSchema } from '../../engine/run/events.ts';

const partSchema = lazily(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('text'), text: z.string() }),
    z.object({
      type: z.literal('reasoning'),
      text: z.string(),
      state: z.object({ dialect: z.string(), data: z.json() }).exactOptional(),
    }),
    z.object({ type: z.literal('toolCall'), id: z.string(), name: z.string(), arguments: z.string() }),
  ]),
);

const eventSchema = lazily(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('start'), model: z.string(), requestId: z.string().exactOptional() }),
    z.object({ type: z.literal('textDelta'), text: z.string() }),
    z.object({ type: z.literal('reasoningDelta'), text: z.string() }),
    z.object({ type: z.literal('warning'), message: z.string() }),
    z.object({
      type: z.literal('finish'),
      reason: z.enum(['stop', 'length', 'contentFilter', 'toolCalls', 'other']),
      text: z.string(),
      /** The whole message, where it is more than a text. */
      parts: z.array(partSchema()).exactOptional(),
      usage: usageSchema().exactOptional(),
    }),
  ]),
);
type Recorded = z.infer<ReturnType<typeof eventSchema>>;

const recordingSchema = lazily(() =>
  z.object({
    key: z.string().regex(/^[0-9a-f]{64}$/),
    node: z.string(),
    template: z.string(),
    request: z.record(z.string(), z.json()),
    events: z.array(eventSchema()).min(1),
  }),
);
export type Recording = z.infer<ReturnType<typeof recordingSchema>>;

/** sha256 (hex) of the canonical request. Recordings outlive models, so the model's name is no part of it. */
export function keyOf(request: ModelRequest): string {
  return hashJson(canonical(request));
}

/**
 * A request as it is hashed and kept: without the model and without the reasoning of earlier replies, which is for its service alone;
 * with the hash of an image in place of its bytes.
 */
export function canonical(request: ModelRequest): Record<string, Json> {
  const { model: _, messages, ...rest } = request;
  return { messages: messages.map(canonicalMessage), ...(rest as Record<string, Json>) };
}

function canonicalMessage(message: ModelMessage): Json {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.content };
    case 'user':
      return { role: 'user', content: canonicalContent(message.content) };
    case 'assistant': {
      const { content } = message;
      if (typeof content === 'string') return { role: 'assistant', content };
      return { ...assistantMessage(content.filter(({ type }) => type !== 'reasoning')) } as unknown as Json;
    }
    case 'tool': {
      const { callId, name, content, failed } = message;
      return { role: 'tool', callId, name, content: canonicalContent(content), ...(failed ? { failed } : {}) };
    }
    default:
      return message satisfies never;
  }
}

function canonicalContent(content: string | readonly (TextPart | ImagePart)[]): Json {
  if (typeof content === 'string') return content;
  return content.map((part) =>
    part.type === 'text' ? { ...part } : { type: 'image', mediaType: part.mediaType, sha256: sha256(Buffer.from(part.data, 'base64')) },
  );
}

/** @throws BelayError `CASSETTE_INVALID` with the file and the line. */
export function parseCassette(text: string, file: string): Recording[] {
  return text.split('\n').flatMap((line, index) => {
    const trimmed = line.trim();
    if (trimmed === '') return [];
    let value: unknown;
    try {
      value = JSON.parse(trimmed);
    } catch (cause) {
      throw invalid(file, index + 1, /^(<{7}|={7}|>{7})/.test(trimmed) ? 'a merge conflict is not resolved' : 'it is not JSON', cause);
    }
    const parsed = recordingSchema().safeParse(value);
    if (parsed.success) return [parsed.data];
    const [issue] = parsed.error.issues;
    throw invalid(file, index + 1, `"${issue?.path.join('.')}" is missing or wrong`, parsed.error);
  });
}

export function formatCassette(recordings: readonly Recording[]): string {
  return recordings.map((recording) => `${JSON.stringify(recording)}\n`).join('');
}

function invalid(file: string, line: number, why: string, cause: unknown): BelayError {
  return new BelayError('CASSETTE_INVALID', `${file}:${line} is no recorded reply: ${why}.`, {
    hint: 'Restore the file from git, or delete the line and record again.',
    kind: 'badRequest',
    details: { file, line },
    cause,
  });
}

/** Without the pieces of the reply, which the finish has whole. */
export function compact(events: readonly ModelEvent[]): Recording['events'] {
  const reasoning = events.flatMap((event) => (event.type === 'reasoningDelta' ? [event.text] : [])).join('');
  let thought = false;
  return events.flatMap((event): Recording['events'] => {
    switch (event.type) {
      case 'textDelta':
      case 'toolCallDelta':
      case 'part':
        return [];
      case 'reasoningDelta':
        if (thought) return [];
        thought = true;
        return [{ type: 'reasoningDelta', text: reasoning }];
      case 'finish': {
        const { reason, message, usage } = event;
        const parts = typeof message.content === 'string' ? undefined : message.content.map((part) => ({ ...part }));
        return [
          {
            type: 'finish',
            reason,
            text: textOf(message),
            ...(parts === undefined ? {} : { parts }),
            ...(usage === undefined ? {} : { usage }),
          },
        ];
      }
      default:
        return [event];
    }
  });
}

/** With the text in pieces again, a word each: it is shown as if it were just being written. */
export function expand(events: Recording['events'], wantsObject: boolean): ModelEvent[] {
  const inPieces = events.some(({ type }) => type === 'textDelta');
  return events.flatMap((event): ModelEvent[] => {
    if (event.type !== 'finish') return [event];
    const { reason, usage } = event;
    const message = messageOf(event);
    const object = wantsObject ? parseJson(event.text) : undefined;
    const finish: ModelEvent = {
      type: 'finish',
      reason,
      message,
      ...(object === undefined ? {} : { object }),
      ...(usage === undefined ? {} : { usage }),
    };
    return inPieces ? [finish] : [...piecesOf(message), finish];
  });
}

function messageOf({ text, parts }: Extract<Recorded, { type: 'finish' }>): AssistantMessage {
  return assistantMessage(parts ?? [{ type: 'text', text }]);
}

function piecesOf({ content }: AssistantMessage): ModelEvent[] {
  const parts = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content;
  let calls = 0;
  return parts.flatMap((part): ModelEvent[] => {
    if (part.type === 'text') return (part.text.match(/\s*\S+\s*/g) ?? []).map((text) => ({ type: 'textDelta', text }));
    if (part.type === 'reasoning') return [{ type: 'part', part }];
    const { id, name, arguments: args } = part;
    calls += 1;
    return [
      { type: 'toolCallDelta', index: calls - 1, id, name, arguments: args },
      { type: 'part', part },
    ];
  });
}
