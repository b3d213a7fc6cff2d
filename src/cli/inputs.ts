/** `--input name=value`: text from the command line as the values a flow's schemas want. */
import { BelayError } from '../engine/errors.ts';
import type { Json, JsonSchema } from '../engine/format/json.ts';
import { hasDefault, isJsonObject } from '../engine/format/json.ts';
import type { FlowInputs, Values } from '../engine/format/model.ts';

/**
 * Reads `name=value`, `name=@file` (the file's content) and `name=@@text` (a text that begins with @). A value is JSON, except
 * where the schema takes a string: then it is the text itself. Where the schema names no type, what cannot be read as JSON is a text.
 *
 * @param readFile text of a file named on the command line.
 * @throws `INPUT_SYNTAX`, `INPUT_UNKNOWN`, `INPUT_INVALID`.
 */
export function parseInputs(options: readonly string[], inputs: FlowInputs, readFile: (path: string) => string): Values {
  const values: Values = {};
  for (const option of options) {
    const equals = option.indexOf('=');
    if (equals < 1)
      throw usage(
        'INPUT_SYNTAX',
        `--input ${option} is not of the form name=value.`,
        'Write --input topic="the sea", or --input topic=@file.txt.',
      );
    const name = option.slice(0, equals);
    const schema = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    if (schema === undefined) throw usage('INPUT_UNKNOWN', `The flow has no input "${name}".`, namesOf(inputs));
    values[name] = parseInput(name, contentOf(option.slice(equals + 1), readFile), schema);
  }
  return values;
}

/** The text of one input as a value. Throws `INPUT_INVALID`. */
export function parseInput(name: string, text: string, schema: JsonSchema): Json {
  const types = typesOf(schema) ?? ANY_TYPE;
  if (types.length === 1 && types[0] === 'string') return text;
  const value = jsonOf(text);
  if (value !== undefined && !(typeof value === 'string' && types.includes('string'))) return value;
  if (types.includes('string')) return text;
  const hint = `Give JSON of the type ${types.join(' or ')}, such as ${example(types[0] ?? '')}.`;
  throw usage('INPUT_INVALID', `"${text}" is no value for the input "${name}".`, hint);
}

const ANY_TYPE: readonly string[] = ['string', 'object'];

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Inputs that have neither a value nor a default. */
export function missingInputs(inputs: FlowInputs, values: Values): [name: string, schema: JsonSchema][] {
  return Object.entries(inputs).filter(([name, schema]) => !Object.hasOwn(values, name) && !hasDefault(schema));
}

function contentOf(text: string, readFile: (path: string) => string): string {
  if (text.startsWith('@@')) return text.slice(1);
  return text.startsWith('@') ? readFile(text.slice(1)) : text;
}

/** The JSON types the schema names; undefined: it does not say. */
function typesOf(schema: JsonSchema): readonly string[] | undefined {
  if (!isJsonObject(schema)) return undefined;
  const named = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter((type) => typeof type === 'string');
  if (named.length > 0) return named;
  const values = Array.isArray(schema.enum) ? schema.enum : undefined;
  return values && [...new Set(values.map((value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)))];
}

function example(type: string): string {
  if (type === 'array') return '\'["a", "b"]\'';
  if (type === 'object') return '\'{"key": "value"}\'';
  return type === 'boolean' ? 'true' : '12';
}

function namesOf(inputs: FlowInputs): string {
  const names = Object.keys(inputs);
  return names.length === 0 ? 'It takes no inputs.' : `It takes: ${names.join(', ')}.`;
}

function usage(code: string, message: string, hint: string): BelayError {
  return new BelayError(code, message, { hint, kind: 'badRequest' });
}
