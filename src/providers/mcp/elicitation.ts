/** Questions of a server to its user: a form of flat fields, read from the schema that it sent. */
import type { Json, JsonObject } from '../../engine/format/json.ts';
import { isJsonObject } from '../../engine/format/json.ts';
import { checkSchema } from '../../engine/nodes/json-schema.ts';
import { safeSchema } from '../../engine/tools/safe-schema.ts';
import { visible } from './text.ts';

const MOST_FIELDS = 30;
const MOST_CHOICES = 200;

export interface Choice {
  value: string;
  label: string;
}

export interface Field {
  name: string;
  title: string;
  description: string | undefined;
  required: boolean;
  kind: 'text' | 'number' | 'integer' | 'boolean' | 'choice' | 'choices';
  choices: readonly Choice[];
  initial: Json | undefined;
  schema: JsonObject;
}

/** What a server wants to know. */
export interface Elicitation {
  /** Of the server. */
  server: string;
  /** The server's words: visible text only. */
  message: string;
  /** Empty: only a yes or a no is wanted. */
  fields: readonly Field[];
}

export type ElicitationAnswer =
  | { action: 'accept'; content: Record<string, string | number | boolean | string[]> }
  | { action: 'decline' | 'cancel' };

/** How people are asked. Rejects or is cancelled when `signal` is aborted. */
export type Elicit = (question: Elicitation, signal: AbortSignal) => Promise<ElicitationAnswer>;

/** The form; undefined where the schema asks for something else than flat fields. */
export function elicitationOf(server: string, message: string, schema: unknown): Elicitation | undefined {
  const safe = safeSchema(schema, 50_000);
  if (safe === undefined || !isJsonObject(safe)) return undefined;
  const properties = isJsonObject(safe.properties) ? safe.properties : {};
  const required = new Set(Array.isArray(safe.required) ? safe.required : []);
  const entries = Object.entries(properties);
  if (entries.length > MOST_FIELDS) return undefined;
  const fields = entries.map(([name, property]) => fieldOf(name, property, required.has(name)));
  if (!fields.every((field) => field !== undefined)) return undefined;
  return { server, message: visible(message, 2000), fields };
}

function fieldOf(name: string, property: Json, required: boolean): Field | undefined {
  if (!isJsonObject(property)) return undefined;
  const items = isJsonObject(property.items) ? property.items : undefined;
  const choices = choicesOf(items ?? property);
  const kind = kindOf(property, choices);
  if (kind === undefined || choices.length > MOST_CHOICES) return undefined;
  return {
    name,
    title: visible(typeof property.title === 'string' ? property.title : name, 200),
    description: typeof property.description === 'string' ? visible(property.description, 1000) : undefined,
    required,
    kind,
    choices,
    initial: property.default,
    schema: property,
  };
}

function kindOf({ type }: JsonObject, choices: readonly Choice[]): Field['kind'] | undefined {
  if (type === 'array') return choices.length > 0 ? 'choices' : undefined;
  if (choices.length > 0) return 'choice';
  if (type === 'string') return 'text';
  return type === 'number' || type === 'integer' || type === 'boolean' ? type : undefined;
}

/** `enum` with or without `enumNames`, `oneOf` or `anyOf` with `const` and `title`. */
function choicesOf(schema: JsonObject): Choice[] {
  const titled = schema.oneOf ?? schema.anyOf;
  if (Array.isArray(titled)) {
    return titled.flatMap((it) =>
      isJsonObject(it) && typeof it.const === 'string' ? [{ value: it.const, label: labelOf(it.title, it.const) }] : [],
    );
  }
  if (!Array.isArray(schema.enum)) return [];
  const names = Array.isArray(schema.enumNames) ? schema.enumNames : [];
  return schema.enum.flatMap((value, i) => (typeof value === 'string' ? [{ value, label: labelOf(names[i], value) }] : []));
}

function labelOf(title: Json | undefined, value: string): string {
  return visible(typeof title === 'string' && title !== '' ? title : value, 200);
}

/** What somebody typed, as the field wants it; a problem in words, where it does not fit. */
export async function readField(field: Field, typed: string): Promise<{ value: string | number | boolean } | { problem: string }> {
  const value = typedValue(field, typed.trim());
  if (value === undefined)
    return { problem: field.kind === 'boolean' ? 'Type yes or no.' : `Type ${field.kind === 'integer' ? 'a whole number' : 'a number'}.` };
  const [problem] = await checkSchema(field.schema, value, 'The schema of this field');
  return problem ? { problem: problem.message } : { value };
}

function typedValue({ kind }: Field, typed: string): string | number | boolean | undefined {
  switch (kind) {
    case 'text':
    case 'choice':
    case 'choices':
      return typed;
    case 'boolean':
      return /^(y|yes|true|1)$/i.test(typed) ? true : /^(n|no|false|0)$/i.test(typed) ? false : undefined;
    case 'number':
    case 'integer': {
      const number = typed === '' ? Number.NaN : Number(typed);
      return Number.isFinite(number) && (kind === 'number' || Number.isInteger(number)) ? number : undefined;
    }
    default:
      return kind satisfies never;
  }
}

/** Whether the answer is what was asked for, as a whole. */
export async function answerProblem(schema: unknown, content: JsonObject): Promise<string | undefined> {
  const safe = safeSchema(schema, 50_000);
  if (safe === undefined) return 'the question has no usable schema';
  const [problem] = await checkSchema(safe, content, 'The schema of the question');
  return problem?.message;
}
