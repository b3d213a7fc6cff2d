/** The syntax tree of a JSON text: every value with its place. What parsing, linting and edits find their ranges in. */

import type { Node, ParseError } from 'jsonc-parser';
import { parseTree } from 'jsonc-parser';
import type { Json, JsonPath } from './json.ts';
import type { Place } from './problem.ts';

/** A value, or a `property` whose children are the key (a string node) and, unless the text is broken, the value. */
export type JsonNode = Node;

export interface JsonTree {
  text: string;
  root: JsonNode;
  lines: LineIndex;
}

/** Finds lines and columns in a text. Line ends are LF, CRLF and CR, as in VS Code. */
export interface LineIndex {
  /** The place of a range, offsets in UTF-16 code units. Offsets beyond the text count as its end. */
  place(offset: number, length: number): Place;
}

export function lineIndex(text: string): LineIndex {
  let starts: number[] | undefined;
  const lineStarts = () => {
    starts ??= [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map((end) => end.index + end[0].length)];
    return starts;
  };
  const locate = (offset: number): { line: number; column: number } => {
    const all = lineStarts();
    let low = 0;
    let high = all.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((all[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (all[low] ?? 0) + 1 };
  };
  return {
    place(offset, length) {
      const from = Math.min(offset, text.length);
      const to = Math.min(offset + length, text.length);
      const start = locate(from);
      const end = locate(to);
      return { offset: from, length: to - from, ...start, endLine: end.line, endColumn: end.column };
    },
  };
}

/**
 * Reads strict JSON. A byte order mark is taken for white space. The text has to be shallow (`deepestAt`): reading recurses.
 *
 * @returns the tree, or the first syntax error.
 */
export function readTree(text: string): { ok: true; tree: JsonTree } | { ok: false; error: ParseError } {
  const errors: ParseError[] = [];
  const readable = text.startsWith(BYTE_ORDER_MARK) ? ` ${text.slice(1)}` : text;
  const root = parseTree(readable, errors, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false });
  const [error] = errors;
  if (error || !root) return { ok: false, error: error ?? { error: 4, offset: 0, length: 0 } };
  return { ok: true, tree: { text, root, lines: lineIndex(text) } };
}

/**
 * The tree of a text that is JSON without doubt, read when its root is asked for: only who looks for a place or edits does.
 *
 * @throws if it is none
 */
export function plainTree(text: string): JsonTree {
  let root: JsonNode | undefined;
  return {
    text,
    lines: lineIndex(text),
    get root() {
      if (!root) {
        const read = readTree(text);
        if (!read.ok) throw new Error(`What JSON.parse reads, jsonc-parser refuses at offset ${read.error.offset}.`);
        root = read.tree.root;
      }
      return root;
    },
  };
}

export const BYTE_ORDER_MARK = '\uFEFF';

/** The offset at which brackets are nested deeper than `limit`, or -1. Does not recurse, so that no text can exhaust the stack. */
export function deeperThan(text: string, limit: number): number {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === BACKSLASH) index += 1;
      else if (code === QUOTE || code === LINE_FEED) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
      if (depth > limit) return index;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
  }
  return -1;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LINE_FEED = 0x0a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** The parts of a property. `value` is there in every tree that `readTree` gives. */
export function keyOf(property: JsonNode): string {
  return String(property.children?.[0]?.value);
}

export function valueNodeOf(property: JsonNode): JsonNode | undefined {
  return property.children?.[1];
}

/** The properties of an object in the order of the text; none for any other node. */
export function propertiesOf(node: JsonNode | undefined): readonly JsonNode[] {
  return node?.type === 'object' ? (node.children ?? []) : [];
}

/** The property of an object with this key: the first one, where a key is doubled. */
export function propertyOf(node: JsonNode | undefined, key: string): JsonNode | undefined {
  const properties = propertiesOf(node);
  if (!node || properties.length < WORTH_AN_INDEX) return properties.find((property) => keyOf(property) === key);
  let index = indexes.get(node);
  if (!index) {
    index = new Map();
    for (const property of properties) if (!index.has(keyOf(property))) index.set(keyOf(property), property);
    indexes.set(node, index);
  }
  return index.get(key);
}

/** Keys of large objects, so that a thousand problems in a thousand nodes do not take a million comparisons. */
const indexes = new WeakMap<JsonNode, Map<string, JsonNode>>();
const WORTH_AN_INDEX = 32;

/** The path to a node of a tree; to a key, that of its property. */
export function pathTo(node: JsonNode): JsonPath {
  const path: (string | number)[] = [];
  for (let at = node; at.parent; at = at.parent) {
    if (at.parent.type === 'array') path.unshift(at.parent.children?.indexOf(at) ?? 0);
    else if (at.parent.type === 'property') path.unshift(keyOf(at.parent));
  }
  return path;
}

/** The value at a path below `node`. */
export function nodeAt(node: JsonNode | undefined, path: JsonPath): JsonNode | undefined {
  let at = node;
  for (const step of path) {
    if (!at) return undefined;
    if (typeof step === 'string') {
      const property = propertyOf(at, step);
      at = property && valueNodeOf(property);
    } else at = at.type === 'array' ? at.children?.[step] : undefined;
  }
  return at;
}

/**
 * The value of a node as plain data. Keys that would reach a prototype are left out, of doubled keys the first one counts;
 * both are problems that the parser reports.
 */
export function dataOf(node: JsonNode): Json {
  switch (node.type) {
    case 'object': {
      const value: { [key: string]: Json } = {};
      for (const property of node.children ?? []) {
        const key = keyOf(property);
        const child = valueNodeOf(property);
        if (child && key !== PROTOTYPE_KEY && !Object.hasOwn(value, key)) value[key] = dataOf(child);
      }
      return value;
    }
    case 'array':
      return (node.children ?? []).map(dataOf);
    default:
      return (node.value ?? null) as Json;
  }
}

export const PROTOTYPE_KEY = '__proto__';

/**
 * Where to show a problem of the value at `path`: a scalar as a whole; an object or a list by its key, or by its bracket where
 * it has none, because pages of underlined text help nobody. A path that leads nowhere shows the nearest value above it.
 */
export function placeOf(tree: JsonTree, path: JsonPath): Place {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node = nodeAt(tree.root, path.slice(0, depth));
    if (node) return placeOfNode(tree, node);
  }
  return placeOfNode(tree, tree.root);
}

function placeOfNode(tree: JsonTree, node: JsonNode): Place {
  if (node.type !== 'object' && node.type !== 'array') return tree.lines.place(node.offset, node.length);
  const key = node.parent?.type === 'property' ? node.parent.children?.[0] : undefined;
  return key ? tree.lines.place(key.offset, key.length) : tree.lines.place(node.offset, 1);
}

/** The place of the key of the property at `path`; where there is none, `placeOf` the path. */
export function placeOfKey(tree: JsonTree, path: JsonPath): Place {
  const last = path.at(-1);
  const parent = nodeAt(tree.root, path.slice(0, -1));
  const key = typeof last === 'string' ? propertyOf(parent, last)?.children?.[0] : undefined;
  return key ? tree.lines.place(key.offset, key.length) : placeOf(tree, path);
}

/** The value of a property of an object, by key. */
export function valueIn(object: JsonNode | undefined, key: string): JsonNode | undefined {
  const property = propertyOf(object, key);
  return property && valueNodeOf(property);
}
