/** Reading resolved parameters. They are valid against the manifest, but their static type is JSON: these say what each one is. */
import { BelayError } from '../errors.ts';
import type { Json } from '../format/json.ts';
import { isJsonObject } from '../format/json.ts';

export function optionalText(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function optionalNumber(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** @throws BelayError `PARAM_INVALID`: the runner let something through that the manifest forbids. */
export function text(value: Json | undefined, name: string): string {
  if (typeof value === 'string') return value;
  throw new BelayError('PARAM_INVALID', `"${name}" has to be a text.`, { hint: `Correct "${name}" of the node.`, kind: 'badRequest' });
}

export function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

export function textList(value: Json | undefined): string[] {
  return list(value).filter((item) => typeof item === 'string');
}

export function textRecord(value: Json | undefined): Record<string, string> {
  if (value === undefined || !isJsonObject(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
