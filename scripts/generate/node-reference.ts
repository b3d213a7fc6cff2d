import type { JsonObject, JsonSchema } from '../../src/engine/format/json.ts';
import { isJsonObject } from '../../src/engine/format/json.ts';
import type { FieldHint, NodeManifest, OutletSpec } from '../../src/engine/format/manifest.ts';
import { HINT, outletsOf } from '../../src/engine/format/manifest.ts';
import { expectation, jsonSchemaOf } from '../../src/engine/format/parse-words.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';
import { code, GENERATED, jsonBlock, table } from './markdown.ts';

/** The reference of all node types, from their manifests. */
export function nodeReference(): string {
  const all = [...catalog.values()];
  const built = all.filter((manifest) => manifest.built);
  const planned = all.filter((manifest) => !manifest.built);
  return [
    GENERATED,
    '# Node types',
    'What belongs to a type stands in the `with` of a node; the keys that every node has are in the [format reference](format.md#nodes). Every type has the outlet `failure` besides its own.',
    'How a field is read: *literal*: as it stands; *template*: Liquid, `{{ … }}`; *condition*: CEL; *value*: JSON in which `{"$expr": "CEL"}` is evaluated.',
    table(
      ['Type', 'What it does', 'Effect'],
      built.map((it) => [`[${code(it.type)}](#${it.type})`, it.description, effectOf(it)]),
    ),
    ...built.flatMap(typeSection),
    '## Not built yet',
    'These types are part of format 1: flows that use them can be opened and edited, and keep their meaning. They cannot be run yet.',
    table(
      ['Type', 'What it will do', 'Outlets', '`with`'],
      planned.map((it) => [code(it.type), it.description, outletNames(it).join(', '), fieldNames(it).join(', ')]),
    ),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function typeSection(manifest: NodeManifest): string[] {
  return [
    `## ${manifest.type}`,
    manifest.description,
    `Effect: ${effectOf(manifest)}. Its result is ${TRUST[manifest.resultTrust]}.`,
    fieldTable(manifest),
    table(['Outlet', 'Taken', 'Left unconnected'], outletsOfAll(manifest).map(outletRow)),
    ...outputsOf(manifest),
    'Example:',
    jsonBlock({ [camelCase(manifest.example.title)]: { type: manifest.type, ...(manifest.example as JsonObject) } }),
  ];
}

/** Besides the example and what the values of the type's own choices make of it: what brings another outlet. */
const MORE: Readonly<Record<string, readonly JsonObject[]>> = { wait: [{ signal: 'paid', timeout: '1d' }] };

interface Variant {
  params: JsonObject;
  /** The value of the type's choice, such as an action, that makes this variant. */
  choice?: string;
}

/** A type may do different things by one of its fields (`action`, `method`): one variant for each. */
function variantsOf(manifest: NodeManifest): Variant[] {
  const params = manifest.example.with as JsonObject;
  const field = fieldsOf(manifest).find(({ name }) => name === 'action' || name === 'method');
  const values = Array.isArray(field?.schema.enum) ? field.schema.enum : [];
  return [
    ...(field && values.length > 0
      ? values.map((value) => ({ params: { ...params, [field.name]: value }, choice: String(value) }))
      : [{ params }]),
    ...(MORE[manifest.type] ?? []).map((more) => ({ params: more })),
  ];
}

/** Those of the example, and those that other fields bring. */
function outletsOfAll(manifest: NodeManifest): OutletSpec[] {
  const all = variantsOf(manifest).flatMap(({ params }) => outletsOf(manifest, params));
  const unique = [...new Map(all.map((outlet) => [outlet.name, outlet])).values()];
  return [...unique.filter(({ name }) => name !== 'failure'), ...unique.filter(({ name }) => name === 'failure')];
}

const TRUST: Readonly<Record<NodeManifest['resultTrust'], string>> = {
  untrusted: 'never trusted: it comes from outside',
  trusted: 'trusted: a person or the engine itself made it',
  derived: 'as trusted as what it was made from',
};

const UNCONNECTED: Readonly<Record<OutletSpec['unconnected'], string>> = {
  ends: 'the path ends there',
  fails: 'fails the run',
  rejects: 'ends the run as rejected',
};

function outletRow(outlet: OutletSpec): string[] {
  const taken: Readonly<Record<string, string>> = { success: 'when the step is done', failure: 'when it fails, after all attempts' };
  return [code(outlet.name), taken[outlet.name] ?? `when the result is *${outlet.label}*`, UNCONNECTED[outlet.unconnected]];
}

function effectOf(manifest: NodeManifest): string {
  const all = [manifest.initial, ...variantsOf(manifest).map(({ params }) => params)];
  const effects = new Set(all.map((params) => manifest.effect(params)));
  const lowered = new Set(
    all.map((params) => manifest.lowestEffect(params)).filter((lowest, at) => lowest !== manifest.effect(all[at] ?? {})),
  );
  const may = lowered.size === 0 ? '' : ` (may be lowered to ${[...lowered].map(code).join(' or ')})`;
  return `${[...effects].map(code).join(' or ')}${may}`;
}

function fieldsOf(manifest: NodeManifest): { name: string; schema: JsonObject; required: boolean }[] {
  const schema = jsonSchemaOf(manifest.params);
  if (!isJsonObject(schema) || schema.properties === undefined || !isJsonObject(schema.properties)) return [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties).flatMap(([name, property]) =>
    isJsonObject(property) ? [{ name, schema: property, required: required.includes(name) }] : [],
  );
}

function fieldTable(manifest: NodeManifest): string {
  const rows = fieldsOf(manifest).map(({ name, schema, required }) => {
    const kind = (schema[HINT] as FieldHint | undefined)?.kind ?? 'literal';
    return [`${code(name)}${required ? ' (required)' : ''}`, formOf(schema), kind, String(schema.description ?? '')];
  });
  return table(['Field', 'Form', 'Read as', 'Meaning'], rows);
}

/** A list of objects names their keys, which `expectation` leaves to its own messages. */
function formOf(schema: JsonObject): string {
  const { items } = schema;
  if (items !== undefined && isJsonObject(items) && items.properties !== undefined && isJsonObject(items.properties)) {
    return `a list of objects with ${Object.keys(items.properties).map(code).join(' and ')}`;
  }
  return expectation(schema);
}

const outletNames = (manifest: NodeManifest) => outletsOf(manifest, manifest.example.with).map((outlet) => code(outlet.name));
const fieldNames = (manifest: NodeManifest) =>
  fieldsOf(manifest).map(({ name, required }) => `${code(name)}${required ? ' (required)' : ''}`);

/** One table for all that it may do, or one for each thing that gives something else. */
function outputsOf(manifest: NodeManifest): string[] {
  const choicesOf = new Map<string, string[]>();
  for (const { params, choice } of variantsOf(manifest)) {
    const section = outputSection(manifest.output(params));
    choicesOf.set(section, [...(choicesOf.get(section) ?? []), ...(choice === undefined ? [] : [choice])]);
  }
  const name = code('steps.ID.output');
  return [...choicesOf].map(([section, choices]) => {
    const of = choicesOf.size > 1 && choices.length > 0 ? ` of ${choices.map(code).join(', ')}` : '';
    return name + of + section;
  });
}

/** What follows the name of the output. */
function outputSection(output: JsonSchema): string {
  if (!isJsonObject(output) || output.properties === undefined || !isJsonObject(output.properties)) return ' is any JSON value.';
  const rows = Object.entries(output.properties).flatMap(([name, property]) =>
    isJsonObject(property) ? [[code(name), expectation(property), String(property.description ?? '')]] : [],
  );
  return `:\n\n${table(['Field', 'Form', 'Meaning'], rows)}`;
}

/** An id for the example, made of its title. */
function camelCase(title: string): string {
  const words = title
    .replace(/[^A-Za-z0-9 ]/g, '')
    .split(' ')
    .filter(Boolean);
  return words
    .map((word, index) => (index === 0 ? word.toLowerCase() : word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()))
    .join('');
}
