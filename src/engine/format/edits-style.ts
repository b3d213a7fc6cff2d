/** How an author formats a document, found in its tree; and values written that way. */
import type { Json } from './json.ts';
import { isJsonObject } from './json.ts';
import type { JsonNode, JsonTree } from './json-tree.ts';
import { keyOf, propertiesOf, valueNodeOf } from './json-tree.ts';

export interface Style {
  /** The line end. */
  eol: string;
  /** One step of indentation. */
  unit: string;
  /** Between a key and its value, the colon included. */
  colon: string;
  /** Between values on one line, the comma included. */
  comma: string;
  /** Inside the braces of an object, and inside the brackets of a list, on one line. */
  objectPad: string;
  arrayPad: string;
  /** False if everything stands on one line. */
  multiline: boolean;
  /** Objects and lists of plain values stand on one line while they are short. */
  foldsSmall: boolean;
}

export function styleOf(tree: JsonTree): Style {
  const { text, root } = tree;
  const eol = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
  const multiline = childrenOf(root).some((child) => startsLine(text, child));
  const inline = containersIn(root).filter((node) => !breaksLine(text, node));
  const colon = firstColon(text, root) ?? (multiline ? ': ' : ':');
  const loose = multiline || colon.endsWith(' ');
  return {
    eol,
    unit: unitOf(text, root) ?? '  ',
    colon,
    comma: `,${commaOf(text, inline) ?? (loose ? ' ' : '')}`,
    objectPad: padOf(text, inline, 'object') ?? (loose ? ' ' : ''),
    arrayPad: padOf(text, inline, 'array') ?? '',
    multiline,
    foldsSmall: foldsSmall(text, root),
  };
}

/** Lines longer than this are broken where they can be. */
const LINE_WIDTH = 100;

/**
 * @param indent the white space before the line on which the value begins.
 * @param open true to give an object or list lines of its own however short it is.
 */
export function write(value: Json, style: Style, indent: string, open = false): string {
  if (!isContainer(value)) return JSON.stringify(value);
  const entries = Array.isArray(value) ? value : Object.entries(value);
  if (entries.length === 0) return Array.isArray(value) ? '[]' : '{}';
  if (!style.multiline || (!open && folds(value, style, indent))) return writeInline(value, style);
  const inner = indent + style.unit;
  const lines = Array.isArray(value)
    ? value.map((entry) => write(entry, style, inner))
    : Object.entries(value).map(([key, entry]) => `${JSON.stringify(key)}${style.colon}${write(entry, style, inner, opens(key))}`);
  const [left, right] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return `${left}${style.eol}${lines.map((line) => inner + line).join(`,${style.eol}`)}${style.eol}${indent}${right}`;
}

/** Parameters get lines of their own, so that a change of one is a change of one line. */
export function opens(key: string): boolean {
  return key === 'with' || key === 'nodes' || key === 'layout';
}

/** The value on one line. */
export function writeInline(value: Json, style: Style): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[${style.arrayPad}${value.map((entry) => writeInline(entry, style)).join(style.comma)}${style.arrayPad}]`;
  }
  if (!isJsonObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, entry]) => `${JSON.stringify(key)}${style.colon}${writeInline(entry, style)}`);
  return entries.length === 0 ? '{}' : `{${style.objectPad}${entries.join(style.comma)}${style.objectPad}}`;
}

/** The children whose order is that of the text: properties of an object, entries of a list. */
export function childrenOf(node: JsonNode): readonly JsonNode[] {
  return node.type === 'object' || node.type === 'array' ? (node.children ?? []) : [];
}

/** True if nothing but white space stands before the node on its line. */
export function startsLine(text: string, node: JsonNode): boolean {
  let at = node.offset;
  while (text[at - 1] === ' ' || text[at - 1] === '\t') at -= 1;
  return text[at - 1] === '\n' || text[at - 1] === '\r';
}

/** The white space at the start of the line on which `offset` stands. */
export function lineIndent(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? '';
}

function lineStart(text: string, offset: number): number {
  let at = offset;
  while (at > 0 && text[at - 1] !== '\n' && text[at - 1] !== '\r') at -= 1;
  return at;
}

function breaksLine(text: string, node: JsonNode): boolean {
  return /[\r\n]/.test(text.slice(node.offset, node.offset + node.length));
}

const isContainer = (value: Json): value is Json[] | { [key: string]: Json } => typeof value === 'object' && value !== null;

function folds(value: Json[] | { [key: string]: Json }, style: Style, indent: string): boolean {
  return style.foldsSmall && !Object.values(value).some(isContainer) && indent.length + writeInline(value, style).length <= LINE_WIDTH;
}

/** All objects and lists that are not empty, in the order of the text, up to a number that shows the style well enough. */
function containersIn(root: JsonNode): JsonNode[] {
  const found: JsonNode[] = [];
  const open = [root];
  for (let node = open.pop(); node && found.length < ENOUGH; node = open.pop()) {
    const children = childrenOf(node);
    if (children.length > 0) found.push(node);
    for (const child of children.toReversed()) {
      const value = child.type === 'property' ? valueNodeOf(child) : child;
      if (value && (value.type === 'object' || value.type === 'array')) open.push(value);
    }
  }
  return found;
}

const ENOUGH = 500;

function unitOf(text: string, root: JsonNode): string | undefined {
  for (const node of containersIn(root)) {
    const child = childrenOf(node).find((it) => startsLine(text, it));
    if (!child) continue;
    const outer = lineIndent(text, node.offset);
    const inner = lineIndent(text, child.offset);
    if (inner.length > outer.length && inner.startsWith(outer)) return inner.slice(outer.length);
  }
  return undefined;
}

function firstColon(text: string, root: JsonNode): string | undefined {
  const [key, value] = propertiesOf(root)[0]?.children ?? [];
  if (!key || !value) return undefined;
  const between = text.slice(key.offset + key.length, value.offset);
  return /[\r\n]/.test(between) ? undefined : between;
}

function commaOf(text: string, inline: readonly JsonNode[]): string | undefined {
  const spaces = inline.flatMap((node) => {
    const [first, second] = childrenOf(node);
    if (!first || !second) return [];
    const between = text.slice(first.offset + first.length, second.offset);
    return [between.slice(between.indexOf(',') + 1)];
  });
  return mostCommon(spaces);
}

function padOf(text: string, inline: readonly JsonNode[], type: 'object' | 'array'): string | undefined {
  const pads = inline.flatMap((node) => {
    const [first] = childrenOf(node);
    return first && node.type === type && (type === 'object' || isScalar(first)) ? [text.slice(node.offset + 1, first.offset)] : [];
  });
  return mostCommon(pads);
}

/** Of equals the first. */
function mostCommon(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}

const isScalar = (node: JsonNode | undefined) => node?.type !== 'object' && node?.type !== 'array';

function foldsSmall(text: string, root: JsonNode): boolean {
  const layout = propertiesOf(root).find((property) => keyOf(property) === 'layout');
  const isSmall = (node: JsonNode) => childrenOf(node).every((child) => isScalar(child.type === 'property' ? valueNodeOf(child) : child));
  const outsideLayout = (node: JsonNode) => !layout || node.offset < layout.offset || node.offset >= layout.offset + layout.length;
  const small = containersIn(root).filter((node) => node !== root && isSmall(node) && outsideLayout(node) && !isOpened(node));
  const open = small.filter((node) => breaksLine(text, node)).length;
  return open * 2 <= small.length;
}

function isOpened(node: JsonNode): boolean {
  return node.parent?.type === 'property' && opens(keyOf(node.parent));
}
