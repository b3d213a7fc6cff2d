/**
 * A cassette as text: one recorded reply a line, made to be read in a review. What can be made again from the rest is left out:
 * the pieces in which a text arrived, and the model's name in the request.
 */
import * as z from 'zod';
import { BelayError } from '../../engine/errors.ts';
import type { Json } from '../../engine/format/json.ts';
import { hashJson } from '../../engine/policy/hash.ts';
import type { ModelEvent, ModelRequest } from '../../engine/ports.ts';
import { usageSchema } from '../../engine/run/events.ts';

const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), model: z.string(), requestId: z.string().exactOptional() }),
  z.object({ type: z.literal('textDelta'), text: z.string() }),
  z.object({ type: z.literal('reasoningDelta'), text: z.string() }),
  z.object({ type: z.literal('warning'), message: z.string() }),
  z.object({
    type: z.literal('finish'),
    reason: z.enum(['stop', 'length', 'contentFilter', 'toolCalls', 'other']),
    text: z.string(),
    object: z.json().exactOptional(),
    usage: usageSchema.exactOptional(),
  }),
]);

const recordingSchema = z.object({
  key: z.string().regex(/^[0-9a-f]{64}$/),
  node: z.string(),
  template: z.string(),
  request: z.record(z.string(), z.json()),
  events: z.array(eventSchema).min(1),
});
export type Recording = z.infer<typeof recordingSchema>;

/** sha256 (hex) of the canonical request. Recordings outlive models, so the model's name is no part of it. */
export function keyOf(request: ModelRequest): string {
  return hashJson(withoutModel(request));
}

export function withoutModel(request: ModelRequest): Record<string, Json> {
  const { model: _, messages, ...rest } = request;
  return { messages: messages.map(({ role, content }) => ({ role, content })), ...rest };
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
    const parsed = recordingSchema.safeParse(value);
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

/** Without the pieces of the text, which the finish has whole. */
export function compact(events: readonly ModelEvent[]): Recording['events'] {
  const reasoning = events.flatMap((event) => (event.type === 'reasoningDelta' ? [event.text] : [])).join('');
  return events.flatMap((event, index): Recording['events'] => {
    if (event.type === 'textDelta') return [];
    if (event.type !== 'reasoningDelta') return [event];
    const first = events.findIndex(({ type }) => type === 'reasoningDelta') === index;
    return first ? [{ type: 'reasoningDelta' as const, text: reasoning }] : [];
  });
}

/** With the text in pieces again, a word each: it is shown as if it were just being written. */
export function expand(events: Recording['events']): ModelEvent[] {
  if (events.some(({ type }) => type === 'textDelta')) return events;
  return events.flatMap((event): ModelEvent[] => {
    if (event.type !== 'finish') return [event];
    const pieces = event.text.match(/\s*\S+\s*/g) ?? [];
    return [...pieces.map((text) => ({ type: 'textDelta' as const, text })), event];
  });
}
