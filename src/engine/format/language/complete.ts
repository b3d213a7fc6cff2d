/** What may be written at a place of a flow's text, as far as a JSON Schema cannot know it: that adds the keys and words of the format. */
import { describeType, typeOfSchema } from '../expressions/types.ts';
import { templateBody } from '../front-matter.ts';
import { ancestryOf } from '../graph.ts';
import { hintsOf } from '../hints.ts';
import { isJsonObject } from '../json.ts';
import { keyOf, nodeAt, propertiesOf } from '../json-tree.ts';
import { outletsOf } from '../manifest.ts';
import type { ReadExpression } from '../reading.ts';
import { offsetInString, rangeInString } from '../string-offsets.ts';
import { knownTools } from '../tool-names.ts';
import { completeExpression } from './complete-expression.ts';
import type { Completion, CompletionKind } from './completion.ts';
import { type FlowText, nodePathOf } from './flow-text.ts';
import { type JsonCursor, jsonCursor } from './json-cursor.ts';

/** What a host knows of the flow's surroundings. Paths are as the flow would write them: relative, with forward slashes. */
export interface Surroundings {
  prompts: readonly string[];
  flows: readonly string[];
  agents: readonly string[];
  models: readonly { name: string; detail: string }[];
  secrets: readonly string[];
}

/** @param offset of the cursor, in UTF-16 code units. */
export function completionsAt(flow: FlowText, offset: number, around: Surroundings): Completion[] {
  const cursor = jsonCursor(flow.tree.root, flow.text, offset);
  if (!cursor) return [];
  const { place, path, string } = cursor;
  if (place === 'value' && string) {
    const found = inExpression(flow, cursor, offset, around);
    if (found) return found;
  }
  if (path.length === 1 && path[0] === 'model' && place === 'value') return models(cursor, around);
  const node = nodePathOf(path);
  if (!node) return [];
  const { id, scope, rest } = node;
  const [key, field] = rest;
  if (key === 'after') {
    if (place === 'key' && rest.length <= 2) return sources(flow, cursor, id);
    if (place === 'value' && typeof field === 'string') return outlets(flow, cursor, field);
  }
  if (key !== 'with' || typeof field !== 'string') return [];
  const spec = flow.reading.node(id);
  const manifest = spec && flow.catalog.get(spec.type);
  const hint = manifest && hintsOf(manifest)[field];
  if (!spec || !hint) return [];
  if (place === 'key')
    return spec.type === 'flow' && field === 'inputs' && rest.length <= 3 ? flowInputs(flow, cursor, [...scope, id], spec.with?.flow) : [];
  if (hint.names === 'model') return models(cursor, around);
  if (hint.names === 'tool' && rest.length <= 3) return tools(flow, cursor, rest.length > 2);
  if (rest.length > 2) return [];
  if (hint.names === 'agent') return around.agents.map((name) => value(cursor, name, 'agent'));
  if (hint.control === 'flow') return around.flows.map((name) => value(cursor, name, 'flow'));
  if (hint.control === 'file' && hint.kind === 'literal') return around.prompts.map((name) => value(cursor, name, 'file'));
  return [];
}

/**
 * What may be written in a prompt file.
 *
 * @param uses where flows name the file; what any of them offers is offered, once.
 */
export function completionsInPrompt(
  name: string,
  text: string,
  offset: number,
  uses: readonly { flow: FlowText; expression: Pick<ReadExpression, 'node' | 'inBody'> }[],
): Completion[] {
  const skipped = text.length - templateBody(name, text).length;
  if (offset < skipped) return [];
  const found = new Map<string, Completion>();
  for (const { flow, expression: at } of uses) {
    for (const item of completeExpression(text.slice(skipped), offset - skipped, {
      reading: flow.reading,
      at,
      kind: 'template',
      secrets: false,
    })) {
      const { offset: from, length } = item.replace;
      if (!found.has(item.label)) found.set(item.label, { ...item, replace: { offset: from + skipped, length } });
    }
  }
  return [...found.values()];
}

function inExpression(flow: FlowText, { path, string }: JsonCursor, offset: number, around: Surroundings): Completion[] | undefined {
  const expression = flow.expressionAt(path);
  if (!expression || !string) return undefined;
  const { field, at } = expression;
  const { kind, secrets } = field;
  const within = offsetInString(flow.text, string, offset);
  return completeExpression(String(string.value), within, { reading: flow.reading, at, kind, secrets, secretNames: around.secrets }).map(
    (item) => ({
      ...item,
      insert: JSON.stringify(item.insert).slice(1, -1),
      replace: rangeInString(flow.text, unclosed(flow.text, string), item.replace),
    }),
  );
}

/** A string that is not closed ends where its line does, which is one character more than `rangeInString` would look at. */
function unclosed(text: string, { offset, length }: { offset: number; length: number }): { offset: number; length: number } {
  const closed = length > 1 && text[offset + length - 1] === '"';
  return { offset, length: closed ? length : length + 1 };
}

/** @param lists one of a list of tools */
function tools(flow: FlowText, cursor: JsonCursor, lists: boolean): Completion[] {
  return knownTools(Object.keys(flow.flow.mcpServers ?? {}), lists).map(({ name, about }) => ({
    ...value(cursor, name, 'tool'),
    detail: about,
  }));
}

function sources(flow: FlowText, cursor: JsonCursor, id: string): Completion[] {
  const home = flow.reading.homeOf(id);
  if (!home) return [];
  const isBefore = ancestryOf(home.nodes);
  const taken = new Set(propertiesOf(cursor.object).map(keyOf));
  const written = cursor.string && String(cursor.string.value);
  return Object.entries(home.nodes).flatMap(([source, node]) => {
    if (source === id || (taken.has(source) && source !== written) || isBefore(source, id)) return [];
    const [first] = outletsOfNode(flow, source);
    if (first === undefined) return [];
    const detail = [node.type, node.title].filter((word) => word !== undefined).join(' · ');
    return [{ ...property(flow, cursor, source, 'step', JSON.stringify(first)), detail }];
  });
}

function outlets(flow: FlowText, cursor: JsonCursor, source: string): Completion[] {
  const list = typeof cursor.path.at(-1) === 'number' ? nodeAt(flow.tree.root, cursor.path.slice(0, -1)) : undefined;
  const taken = (list?.children ?? []).filter((node) => node !== cursor.string).map((node) => String(node.value));
  return outletsOfNode(flow, source)
    .filter((name) => !taken.includes(name))
    .map((name) => ({ ...value(cursor, name, 'outlet'), detail: `of ${source}` }));
}

function outletsOfNode(flow: FlowText, id: string): string[] {
  const node = flow.reading.node(id);
  const manifest = node && flow.catalog.get(node.type);
  return node && manifest ? outletsOf(manifest, node.with ?? {}).map(({ name }) => name) : [];
}

/** The inputs of the flow that a node runs. */
function flowInputs(flow: FlowText, cursor: JsonCursor, path: readonly (string | number)[], file: unknown): Completion[] {
  const sub = typeof file === 'string' ? flow.reading.subFlow(file) : undefined;
  const inputs = sub?.found && sub.reading ? (sub.reading.flow.inputs ?? {}) : {};
  const given = new Set(propertiesOf(nodeAt(flow.tree.root, [...path, 'with', 'inputs'])).map(keyOf));
  const written = cursor.string && String(cursor.string.value);
  return Object.entries(inputs).flatMap(([name, schema]) => {
    if (given.has(name) && name !== written) return [];
    const item = property(flow, cursor, name, 'input', '{ "$expr": "" }');
    const about = isJsonObject(schema) && typeof schema.description === 'string' ? schema.description : undefined;
    const caret = item.insert.endsWith('" }') ? item.insert.length - 3 : undefined;
    return [
      { ...item, detail: describeType(typeOfSchema(schema)), ...(about !== undefined && { about }), ...(caret !== undefined && { caret }) },
    ];
  });
}

function models(cursor: JsonCursor, around: Surroundings): Completion[] {
  return around.models.map(({ name, detail }) => ({ ...value(cursor, name, 'model'), detail }));
}

/** A text as a whole, in its quotes. */
function value({ replace }: JsonCursor, text: string, kind: CompletionKind): Completion {
  const written = JSON.stringify(text);
  return { label: text, kind, insert: written, replace, filter: written };
}

/** A key, with a value where there is none yet. */
function property(flow: FlowText, { replace }: JsonCursor, name: string, kind: CompletionKind, first: string): Completion {
  const key = JSON.stringify(name);
  const hasValue = /^\s*:/.test(flow.text.slice(replace.offset + replace.length, replace.offset + replace.length + 100));
  return { label: name, kind, insert: hasValue ? key : `${key}: ${first}`, replace, filter: key };
}
