/** Where in a JSON text that need not be whole a place is: in which value, and whether a key or a value is written there. */
import type { JsonPath } from '../json.ts';
import { type JsonNode, keyOf, propertiesOf, valueNodeOf } from '../json-tree.ts';
import type { TextRange } from '../string-offsets.ts';

export interface JsonCursor {
  place: 'key' | 'value';
  /** Of the value; of a key, the path of the property it names, or of the object where there is no key yet. */
  path: JsonPath;
  /** The string that the place is in, between its quotes. */
  string?: JsonNode;
  /** What a new key or value takes the place of: the whole string, or nothing. */
  replace: TextRange;
  /** Of a key: the object it stands in. */
  object?: JsonNode;
}

export function jsonCursor(root: JsonNode, text: string, offset: number): JsonCursor | undefined {
  const path: (string | number)[] = [];
  let node = root;
  for (;;) {
    if (node.type === 'object') {
      if (!isInside(node, offset)) return undefined;
      const property = propertiesOf(node).findLast((it) => it.offset <= offset);
      const key = property?.children?.[0];
      if (!property || !key) return { place: 'key', path, object: node, replace: nothing(offset) };
      if (isInString(key, text, offset)) {
        return { place: 'key', path: [...path, keyOf(property)], object: node, string: key, replace: rangeOf(key) };
      }
      const value = valueNodeOf(property);
      if (!value) {
        const between = text.slice(key.offset + key.length, offset);
        if (/^\s*:\s*$/.test(between)) return { place: 'value', path: [...path, keyOf(property)], replace: nothing(offset) };
        return { place: 'key', path, object: node, replace: nothing(offset) };
      }
      if (offset < value.offset)
        return /:/.test(text.slice(key.offset + key.length, offset))
          ? { place: 'value', path: [...path, keyOf(property)], replace: nothing(offset) }
          : undefined;
      if (offset > value.offset + value.length) return { place: 'key', path, object: node, replace: nothing(offset) };
      path.push(keyOf(property));
      node = value;
    } else if (node.type === 'array') {
      if (!isInside(node, offset)) return undefined;
      const items = node.children ?? [];
      const index = items.findIndex((item) => offset >= item.offset && offset <= item.offset + item.length);
      const item = items[index];
      if (!item) return { place: 'value', path: [...path, items.filter((it) => it.offset < offset).length], replace: nothing(offset) };
      path.push(index);
      node = item;
    } else if (node.type === 'string') {
      if (!isInString(node, text, offset)) return undefined;
      return { place: 'value', path, string: node, replace: rangeOf(node) };
    } else return undefined;
  }
}

function isInside({ offset, length }: JsonNode, at: number): boolean {
  return at > offset && at <= offset + length;
}

/** Between the quotes. A string that is not closed ends with its line, its end included. */
function isInString(node: JsonNode, text: string, at: number): boolean {
  const end = node.offset + node.length;
  return at > node.offset && (at < end || (at === end && (node.length < 2 || text[end - 1] !== '"')));
}

function rangeOf({ offset, length }: JsonNode): TextRange {
  return { offset, length };
}

function nothing(offset: number): TextRange {
  return { offset, length: 0 };
}
