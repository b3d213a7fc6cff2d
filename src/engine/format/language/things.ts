/** What stands at a place of a flow: a node, an input, an outlet, a file, a word of an expression. What hovers and jumps are about. */
import { compileCondition, compileTemplate, type Reference } from '../expressions/index.ts';
import type { Standpoint } from '../flow-types.ts';
import { templateBody } from '../front-matter.ts';
import { hintsOf } from '../hints.ts';
import type { JsonPath } from '../json.ts';
import type { JsonNode } from '../json-tree.ts';
import { type ExpressionKind, scanReferences } from '../references.ts';
import { offsetInString, rangeInString, type TextRange } from '../string-offsets.ts';
import { type FlowText, nodePathOf } from './flow-text.ts';
import { jsonCursor } from './json-cursor.ts';

export type Thing = { range: TextRange } & (
  | { is: 'node'; id: string; as: 'key' | 'source' | 'layout' | 'reference' }
  | { is: 'input'; name: string; as: 'key' | 'reference' }
  /** A part of a reference: `path` from its root up to that part. */
  | { is: 'value'; root: string; path: readonly (string | number)[]; at: Standpoint }
  | { is: 'outlet'; source: string; outlet: string }
  | { is: 'prompt' | 'flow'; path: string }
  | { is: 'agent' | 'model' | 'tool' | 'filter' | 'function' | 'tag'; name: string }
);

export function thingAt(flow: FlowText, offset: number): Thing | undefined {
  const cursor = jsonCursor(flow.tree.root, flow.text, offset);
  if (!cursor?.string) return undefined;
  const { path, place, string } = cursor;
  const range = inside(string);
  if (place === 'key') return keyThing(path, range);
  const expression = flow.expressionAt(path);
  if (expression) {
    const { field, at } = expression;
    const found = thingInExpression(String(string.value), offsetInString(flow.text, string, offset), field.kind, at);
    return found && { ...found, range: rangeInString(flow.text, string, found.range) };
  }
  const name = String(string.value);
  if (path.length === 1 && path[0] === 'model') return { is: 'model', name, range };
  const node = nodePathOf(path);
  if (!node) return undefined;
  const [key, field] = node.rest;
  if (key === 'after' && typeof field === 'string') return { is: 'outlet', source: field, outlet: name, range };
  if (key === 'with' && field === 'cases' && node.rest[3] === 'name')
    return { is: 'outlet', source: node.id, outlet: `case:${name}`, range };
  return key === 'with' && typeof field === 'string' ? namedThing(flow, node.id, field, name, range) : undefined;
}

/** @param name of a file whose body is a template of the node `at`. */
export function thingInPrompt(name: string, text: string, offset: number, at: Standpoint): Thing | undefined {
  const body = templateBody(name, text);
  const skipped = text.length - body.length;
  const found = offset < skipped ? undefined : thingInExpression(body, offset - skipped, 'template', at);
  return found && { ...found, range: { offset: found.range.offset + skipped, length: found.range.length } };
}

function keyThing(path: JsonPath, range: TextRange): Thing | undefined {
  const last = path.at(-1);
  if (path.length === 2 && path[0] === 'inputs') return { is: 'input', name: String(last), as: 'key', range };
  if (path.length === 2 && path[0] === 'layout') return { is: 'node', id: String(last), as: 'layout', range };
  const node = nodePathOf(path);
  if (!node) return undefined;
  if (node.rest.length === 0) return { is: 'node', id: node.id, as: 'key', range };
  if (node.rest.length === 2 && node.rest[0] === 'after') return { is: 'node', id: String(last), as: 'source', range };
  return undefined;
}

function namedThing(flow: FlowText, id: string, field: string, name: string, range: TextRange): Thing | undefined {
  const spec = flow.reading.node(id);
  const manifest = spec && flow.catalog.get(spec.type);
  const hint = manifest && hintsOf(manifest)[field];
  if (!hint) return undefined;
  if (hint.names) return { is: hint.names, name, range };
  if (hint.kind !== 'literal') return undefined;
  if (hint.control === 'flow') return { is: 'flow', path: name, range };
  return hint.control === 'file' ? { is: 'prompt', path: name, range } : undefined;
}

/** Ranges are in the text of the expression. */
function thingInExpression(text: string, offset: number, kind: ExpressionKind, at: Standpoint): Thing | undefined {
  const word = wordAt(text, offset);
  const isInside = ({ offset: from, length }: TextRange) => offset >= from && offset <= from + length;
  const compiled = kind === 'template' ? compileTemplate(text) : compileCondition(text);
  if (!compiled.ok) {
    const step = scanReferences(text, kind).find(isInside);
    return step && { is: 'node', id: step.id, as: 'reference', range: { offset: step.offset, length: step.length } };
  }
  const { references } = 'template' in compiled ? compiled.template : compiled.condition;
  // Those inside of others are shorter.
  const reference = references.filter(isInside).toSorted((a, b) => a.length - b.length)[0];
  if (reference) return partOf(reference, text, offset, at);
  if (!word) return undefined;
  const before = text.slice(0, word.range.offset);
  const is =
    kind === 'condition'
      ? /^\s*\(/.test(text.slice(word.range.offset + word.range.length))
        ? 'function'
        : undefined
      : /\|\s*$/.test(before)
        ? 'filter'
        : /\{%-?\s*$/.test(before)
          ? 'tag'
          : undefined;
  return is && { is, name: word.text, range: word.range };
}

function partOf(reference: Reference, text: string, offset: number, at: Standpoint): Thing {
  const { root, path, idOffset, idLength } = reference;
  const range = { offset: idOffset, length: idLength };
  const isId = idLength > 0 && offset >= idOffset && offset <= idOffset + idLength;
  if (isId && root === 'steps') return { is: 'node', id: String(path[0]), as: 'reference', range };
  if (isId && root === 'inputs') return { is: 'input', name: String(path[0]), as: 'reference', range };
  const parts = partsOf(reference, text);
  const index = parts.findIndex((part) => offset >= part.offset && offset <= part.offset + part.length);
  if (index < 0) return { is: 'value', root, path, at, range: { offset: reference.offset, length: reference.length } };
  return { is: 'value', root, path: path.slice(0, index), at, range: parts[index] ?? range };
}

/** Where the root and the parts of a reference stand, as far as they are written as names or texts. */
function partsOf({ offset, length, root, path }: Reference, text: string): TextRange[] {
  const parts = [{ offset, length: root.length }];
  let from = offset + root.length;
  for (const step of path) {
    const name = String(step);
    const found = text.indexOf(name, from);
    if (found < 0 || found >= offset + length) break;
    parts.push({ offset: found, length: name.length });
    from = found + name.length;
  }
  return parts;
}

function wordAt(text: string, offset: number): { text: string; range: TextRange } | undefined {
  const [before = ''] = /[A-Za-z_]?\w*$/.exec(text.slice(0, offset)) ?? [];
  const [after = ''] = /^\w*/.exec(text.slice(offset)) ?? [];
  const word = before + after;
  return word === '' ? undefined : { text: word, range: { offset: offset - before.length, length: word.length } };
}

/** Without the quotes. */
export function inside({ offset, length }: Pick<JsonNode, 'offset' | 'length'>): TextRange {
  return { offset: offset + 1, length: Math.max(0, length - 2) };
}
