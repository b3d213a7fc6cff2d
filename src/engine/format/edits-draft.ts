/** A text under change: primitive changes of its tree, each found in the tree of the moment, and what they come to in all. */

import type { Style } from './edits-style.ts';
import { childrenOf, lineIndent, opens, startsLine, styleOf, write, writeInline } from './edits-style.ts';
import type { TextEdit } from './flow-edit.ts';
import type { Json, JsonPath } from './json.ts';
import { isJsonObject, sameJson } from './json.ts';
import type { JsonNode, JsonTree } from './json-tree.ts';
import { dataOf, keyOf, nodeAt, propertiesOf, readTree } from './json-tree.ts';

/** A stretch of the text as it was before, or of new text. */
type Piece = { kept: true; from: number; to: number } | { kept: false; text: string };

export class Draft {
  readonly style: Style;
  readonly #original: string;
  #pieces: Piece[];
  #tree: JsonTree;

  /** @param tree the tree of the text before the edits. */
  constructor(tree: JsonTree) {
    this.#original = tree.text;
    this.#tree = tree;
    this.#pieces = [{ kept: true, from: 0, to: tree.text.length }];
    this.style = styleOf(tree);
  }

  get text(): string {
    return this.#tree.text;
  }

  get tree(): JsonTree {
    return this.#tree;
  }

  get root(): JsonNode {
    return this.#tree.root;
  }

  at(path: JsonPath): JsonNode | undefined {
    return nodeAt(this.#tree.root, path);
  }

  /** Applies replacements, offsets in the text of the moment, never overlapping. What they make has to be JSON again. */
  replace(edits: readonly TextEdit[]): void {
    // Of two at one place the later goes first. Put together at once: a layout is a thousand edits of a long text.
    const sorted = edits.toReversed().toSorted((a, b) => a.offset - b.offset);
    const parts: string[] = [];
    let at = 0;
    for (const { offset, length, newText } of sorted) {
      parts.push(this.text.slice(at, offset), newText);
      at = offset + length;
    }
    parts.push(this.text.slice(at));
    for (const edit of sorted.toReversed()) this.#splice(edit);
    const read = readTree(parts.join(''));
    if (!read.ok) throw new Error('An edit of a flow made a text that is not JSON.');
    this.#tree = read.tree;
  }

  /** All changes so far, as replacements in the text before the edits: sorted, apart from each other, none without effect. */
  edits(): TextEdit[] {
    const edits: TextEdit[] = [];
    let offset = 0;
    let newText = '';
    const close = (from: number) => {
      if (this.#original.slice(offset, from) !== newText) edits.push({ offset, length: from - offset, newText });
      newText = '';
    };
    for (const piece of this.#pieces) {
      if (!piece.kept) newText += piece.text;
      else {
        close(piece.from);
        offset = piece.to;
      }
    }
    close(this.#original.length);
    return edits;
  }

  /** Adds a property to an object: behind the property with the key `behind`, first if that is null, else last. */
  addProperty(object: JsonNode, key: string, value: Json, behind?: string | null, options: { open?: boolean } = {}): void {
    const open = options.open ?? opens(key);
    const written = (indent: string | undefined) =>
      `${JSON.stringify(key)}${this.style.colon}${indent === undefined ? writeInline(value, this.style) : write(value, this.style, indent, open)}`;
    const properties = propertiesOf(object);
    const at = behind === null ? -1 : behind === undefined ? properties.length - 1 : properties.findIndex((it) => keyOf(it) === behind);
    this.#addChild(object, at < 0 && behind !== null ? properties.length - 1 : at, written);
  }

  /** Adds an entry to a list so that it has this index. */
  addEntry(list: JsonNode, index: number, value: Json): void {
    this.#addChild(list, index - 1, (indent) => (indent === undefined ? writeInline(value, this.style) : write(value, this.style, indent)));
  }

  /** Removes a property or an entry, and the comma that it leaves over. */
  removeChild(parent: JsonNode, index: number): void {
    const children = childrenOf(parent);
    const child = children[index];
    const before = children[index - 1];
    const next = children[index + 1];
    if (!child) return;
    if (before) this.replace([range(end(before), end(child), '')]);
    else if (next) this.replace([range(child.offset, next.offset, '')]);
    else this.replace([range(parent.offset + 1, end(parent) - 1, '')]);
  }

  removeProperty(object: JsonNode | undefined, key: string): void {
    const index = propertiesOf(object).findIndex((property) => keyOf(property) === key);
    if (object && index >= 0) this.removeChild(object, index);
  }

  /** Makes the value at a path (which exists) this one, touching only what differs. */
  setValue(path: JsonPath, value: Json): void {
    const node = this.at(path);
    if (!node) return;
    const old = dataOf(node);
    if (isJsonObject(old) && isJsonObject(value)) this.#setObject(path, old, value);
    else if (Array.isArray(old) && Array.isArray(value)) this.#setList(path, old, value);
    else if (!sameJson(old, value)) {
      const key = path.at(-1);
      const text = write(value, this.style, lineIndent(this.text, node.offset), typeof key === 'string' && opens(key));
      this.replace([range(node.offset, end(node), text)]);
    }
  }

  #setObject(path: JsonPath, old: { [key: string]: Json }, value: { [key: string]: Json }): void {
    for (const key of Object.keys(old)) if (!Object.hasOwn(value, key)) this.removeProperty(this.at(path), key);
    let behind: string | null = null;
    for (const [key, entry] of Object.entries(value)) {
      const object = this.at(path);
      if (!object) return;
      if (Object.hasOwn(old, key)) this.setValue([...path, key], entry);
      else this.addProperty(object, key, entry, behind);
      behind = key;
    }
  }

  /** Entries at both ends that stay the same stay untouched, so that adding or removing one is a change of its own lines. */
  #setList(path: JsonPath, old: readonly Json[], value: readonly Json[]): void {
    const shorter = Math.min(old.length, value.length);
    let head = 0;
    while (head < shorter && sameJson(old[head], value[head])) head += 1;
    let tail = 0;
    while (tail < shorter - head && sameJson(old[old.length - 1 - tail], value[value.length - 1 - tail])) tail += 1;
    const common = shorter - tail;
    for (let index = head; index < common; index += 1) this.setValue([...path, index], value[index] ?? null);
    for (let count = old.length - shorter; count > 0; count -= 1) {
      const list = this.at(path);
      if (list) this.removeChild(list, common);
    }
    for (let index = common; index < common + value.length - shorter; index += 1) {
      const list = this.at(path);
      if (list) this.addEntry(list, index, value[index] ?? null);
    }
  }

  /** @param written the child's text, given the indentation of its line, or undefined if it shares a line. */
  #addChild(parent: JsonNode, behind: number, written: (indent: string | undefined) => string): void {
    const { text, style } = this;
    const children = childrenOf(parent);
    const before = children[behind];
    const next = children[behind + 1];
    const neighbour = before ?? next;
    if (!neighbour) {
      const outer = lineIndent(text, parent.offset);
      const inner = outer + style.unit;
      const wrapped = this.#opensWhenFilled(parent)
        ? `${style.eol}${inner}${written(inner)}${style.eol}${outer}`
        : pad(parent.type === 'array' ? style.arrayPad : style.objectPad, written(undefined));
      this.replace([range(parent.offset + 1, end(parent) - 1, wrapped)]);
      return;
    }
    const lined = [neighbour, ...children].find((child) => startsLine(text, child));
    const indent = lined && lineIndent(text, lined.offset);
    const separator = indent === undefined ? style.comma : `,${style.eol}${indent}`;
    if (before) this.replace([range(end(before), end(before), `${separator}${written(indent)}`)]);
    else this.replace([range(neighbour.offset, neighbour.offset, `${written(indent)}${separator}`)]);
  }

  /** An empty `after` or list is filled on its line; the objects that hold many things get lines. */
  #opensWhenFilled(parent: JsonNode): boolean {
    if (!this.style.multiline) return false;
    if (!this.style.foldsSmall) return true;
    const property = parent.parent?.type === 'property' ? parent.parent : undefined;
    return parent === this.root || (property !== undefined && (opens(keyOf(property)) || property.parent === this.root));
  }

  #splice(edit: TextEdit): void {
    const from = this.#cut(edit.offset);
    const to = this.#cut(edit.offset + edit.length);
    this.#pieces.splice(from, to - from, ...(edit.newText === '' ? [] : [{ kept: false, text: edit.newText } as const]));
  }

  /** Makes a piece begin at this offset of the text of the moment, and gives its index. */
  #cut(offset: number): number {
    let at = 0;
    for (const [index, piece] of this.#pieces.entries()) {
      if (at === offset) return index;
      const length = piece.kept ? piece.to - piece.from : piece.text.length;
      if (offset < at + length) {
        const inside = offset - at;
        const halves: Piece[] = piece.kept
          ? [
              { ...piece, to: piece.from + inside },
              { ...piece, from: piece.from + inside },
            ]
          : [
              { kept: false, text: piece.text.slice(0, inside) },
              { kept: false, text: piece.text.slice(inside) },
            ];
        this.#pieces.splice(index, 1, ...halves);
        return index + 1;
      }
      at += length;
    }
    return this.#pieces.length;
  }
}

export function end(node: JsonNode): number {
  return node.offset + node.length;
}

export function range(from: number, to: number, newText: string): TextEdit {
  return { offset: from, length: to - from, newText };
}

const pad = (padding: string, text: string) => `${padding}${text}${padding}`;
