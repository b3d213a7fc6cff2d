import * as vscode from 'vscode';
import { hasDefault, isJsonObject, type Json, type JsonObject } from '../../engine/format/json.ts';
import type { Flow } from '../../engine/format/model.ts';

/** What is wrong with a value, in a few words; undefined where it fits. */
type CheckInput = (schema: JsonObject, value: Json) => Promise<string | undefined>;

/**
 * Asks for the inputs that have neither a default nor are given; for all of them, if `all` says so. Undefined: the user thought better
 * of it.
 * @param how.remembered values of the run before: given, if `isGiven` says so, else only proposed
 */
export async function askInputs(
  flow: Flow,
  check: CheckInput,
  { remembered, isGiven, all }: { remembered: Readonly<Record<string, Json>>; isGiven: boolean; all: boolean },
): Promise<Record<string, Json> | undefined> {
  const given = isGiven ? remembered : {};
  const values: Record<string, Json> = { ...given };
  const missing = Object.entries(flow.inputs ?? {}).filter(([name, schema]) => all || (!Object.hasOwn(given, name) && !hasDefault(schema)));
  for (const [index, [name, rawSchema]] of missing.entries()) {
    const schema = isJsonObject(rawSchema) ? rawSchema : {};
    const step = missing.length > 1 ? ` (${index + 1} of ${missing.length})` : '';
    const title = `${flow.title ?? 'Run flow'}: ${typeof schema.title === 'string' ? schema.title : name}${step}`;
    const value = await askOne(title, schema, check, Object.hasOwn(remembered, name) ? remembered[name] : schema.default);
    if (value === undefined) return undefined;
    values[name] = value;
  }
  return values;
}

async function askOne(title: string, schema: JsonObject, check: CheckInput, present: Json | undefined): Promise<Json | undefined> {
  const prompt = typeof schema.description === 'string' ? schema.description : undefined;
  const choices = schema.type === 'boolean' ? [true, false] : Array.isArray(schema.enum) ? schema.enum : undefined;
  if (choices) {
    const picked = await vscode.window.showQuickPick(
      choices.map((value) => ({ label: typeof value === 'string' ? value : JSON.stringify(value), value })),
      { title, ...(prompt ? { placeHolder: prompt } : {}), ignoreFocusOut: true },
    );
    return picked?.value;
  }
  const text = await vscode.window.showInputBox({
    title,
    ...(prompt ? { prompt } : {}),
    ...(present === undefined ? {} : { value: typeof present === 'string' ? present : JSON.stringify(present) }),
    ignoreFocusOut: true,
    validateInput: (typed) => {
      const value = parseInput(schema, typed);
      return value === undefined ? `Expected ${expected(schema)}` : check(schema, value);
    },
  });
  return text === undefined ? undefined : parseInput(schema, text);
}

/** Text as typed → the value the schema wants: as it stands for strings, JSON for the rest. */
function parseInput(schema: JsonObject, text: string): Json | undefined {
  if (schema.type === 'string' || schema.type === undefined) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function expected(schema: JsonObject): string {
  switch (schema.type) {
    case 'number':
      return 'a number';
    case 'integer':
      return 'a whole number';
    case 'array':
      return 'a JSON list, such as ["a", "b"]';
    case 'object':
      return 'a JSON object, such as {"key": "value"}';
    default:
      return 'JSON';
  }
}
