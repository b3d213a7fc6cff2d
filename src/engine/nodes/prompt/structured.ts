/** Structured replies: asked for in words (services ignore schemas silently), parsed, checked. */
import type { Json, JsonSchema } from '../../format/json.ts';
import { checkSchema } from '../json-schema.ts';

/** Said to every model, also to those that are given the schema natively: it costs little and never harms. */
export function instruction(schema: JsonSchema): string {
  return `Reply with JSON only, without any other text. It has to match this JSON Schema:\n${JSON.stringify(schema)}`;
}

export type Parsed = { ok: true; value: Json } | { ok: false; problems: string[] };

/** The JSON of a reply: the whole text, or the one fenced block in it; checked against the schema. */
export async function parseReply(text: string, schema: JsonSchema): Promise<Parsed> {
  const value = jsonIn(text);
  if (value === undefined) return { ok: false, problems: ['the reply is not JSON'] };
  const problems = await checkSchema(schema, value, 'The output schema of this step');
  return problems.length === 0 ? { ok: true, value } : { ok: false, problems: problems.map(({ message }) => message) };
}

/** Fed back to the model after a reply that cannot be used. */
export function complaint(problems: readonly string[]): string {
  return `That reply cannot be used:\n${problems.map((problem) => `- ${problem}`).join('\n')}\nReply again, with the corrected JSON only.`;
}

/** The JSON that a reply is, or that stands in its one fenced block. */
export function jsonIn(text: string): Json | undefined {
  const whole = tryParse(text);
  if (whole !== undefined) return whole;
  const blocks = [...text.matchAll(/^```[a-zA-Z0-9]*[ \t]*\r?\n([\s\S]*?)\r?\n```[ \t]*$/gm)];
  return blocks.length === 1 ? tryParse(blocks[0]?.[1] ?? '') : undefined;
}

function tryParse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
